import { setTimeout as delay } from 'node:timers/promises'

/** How a long run of steps shares the machine with those who read meanwhile: it runs each step, and decides when the next may begin. */
export type Pace = <T>(step: () => Promise<T>) => Promise<T>

/** One step after the other: for a machine that nobody waits for. */
export const AT_ONCE: Pace = (step) => step()

/** What a run of work beside readers rests: it has a sixth of the time at most. */
export const GENTLY = 5

/**
 * After each step it rests so many times as long as the step took: whatever the machine, and however busy, the run takes at most
 * one part in `times + 1` of the time. A step that takes long under load is followed by as much longer a rest.
 */
export function resting(times: number): Pace {
  if (times === 0) return AT_ONCE
  return async (step) => {
    const begun = performance.now()
    const outcome = await step()
    await delay(times * (performance.now() - begun))
    return outcome
  }
}
