import type { SessionStep } from '../../guard/caller.ts'

/** What a session of staff notes when acting as the officer's deputy begins and ends in it. */
export const ON = 'deputy'
export const OFF = 'oneself'

/** True in a session in which its member of staff said last that they act as the officer's deputy. Whether they may, their appointment says. */
export function saysDeputy(steps: readonly SessionStep[]): boolean {
  return steps.findLast(({ method }) => method === ON || method === OFF)?.method === ON
}
