import { DoverieError, type Instant, type Uuid } from '@doverie/core/base'
import type { ServiceCaller } from './caller.ts'

const HOUR = 3_600_000
/** A credential's number is taken in so many parts: a read asks the database for another part, not for itself. */
const PARTS = 20
const LARGEST_PART = 1_000

/**
 * Counts `by` more of something in the hour that ends at `endsAt`, durably and for all processes: how many it are then, or null
 * where that would be beyond the limit.
 */
export type CountUp = (what: string, endsAt: Instant, by: number, limit: number) => Promise<number | null>

/** What this process knows of a credential in the present hour. */
interface Reached {
  readonly hour: number
  readonly people: Set<string>
  /** How many more it may reach before another part must be taken. */
  left: number
  /** True once there is no part any more. */
  full: boolean
  taking: Promise<void> | null
}

/**
 * How many different people a credential reaches in an hour: a stolen one cannot walk the whole register unseen. The number
 * holds for all processes together, and across restarts: it lies in the database, and each process takes parts of it. So who
 * is reached through two processes, or again after a restart, counts twice, and what a process has taken and not used is
 * lost for the hour: never more people than the number, perhaps a few less. A value searched for counts as a person.
 */
export class Reach {
  readonly #countUp: CountUp
  readonly #seen = new Map<Uuid, Reached>()

  constructor(countUp: CountUp) {
    this.#countUp = countUp
  }

  /** Null where the person may be reached; else what to wait for first. Throws or rejects with `reach-exceeded` beyond the number. */
  admit(caller: ServiceCaller, subject: string, now: Instant): Promise<void> | null {
    const hour = Math.floor(now / HOUR)
    let reached = this.#seen.get(caller.credential)
    if (reached?.hour !== hour) {
      reached = { hour, people: new Set(), left: 0, full: false, taking: null }
      this.#seen.set(caller.credential, reached)
    }
    if (reached.people.has(subject)) return null
    if (reached.left > 0) {
      reached.left -= 1
      reached.people.add(subject)
      return null
    }
    if (reached.full) throw new DoverieError('reach-exceeded')
    reached.taking ??= this.#take(caller, reached)
    return reached.taking.then(() => this.admit(caller, subject, now) ?? undefined)
  }

  async #take({ credential, peoplePerHour }: ServiceCaller, reached: Reached): Promise<void> {
    const part = Math.max(1, Math.min(LARGEST_PART, Math.floor(peoplePerHour / PARTS)))
    const endsAt = (reached.hour + 1) * HOUR
    try {
      // The last people of the number, where a whole part is not left.
      for (const by of new Set([part, 1])) {
        if ((await this.#countUp(`reach ${credential}`, endsAt, by, peoplePerHour)) === null) continue
        reached.left += by
        return
      }
      reached.full = true
    } finally {
      reached.taking = null
    }
  }
}

/** Wrong guesses at one field of one person that one caller may make in an hour. */
const MISSES = 10

/**
 * Bounds comparing: without it whoever may compare could read a value by guessing it. Every guess is counted in the database as a
 * wrong one before a value is opened, so that the number holds for all processes and for guesses made at once; one that was not
 * wrong is given back. A crash between the two leaves it counted.
 */
export class Guesses {
  readonly #countUp: CountUp

  constructor(countUp: CountUp) {
    this.#countUp = countUp
  }

  /** Takes one guess, and gives what gives it back. Rejects with `rate-limited` where none is left in this hour. */
  async take(guesser: string, now: Instant): Promise<() => Promise<unknown>> {
    const endsAt = (Math.floor(now / HOUR) + 1) * HOUR
    const count = (by: number): Promise<number | null> => this.#countUp(`guess ${guesser}`, endsAt, by, MISSES)
    if ((await count(1)) === null) throw new DoverieError('rate-limited')
    return () => count(-1)
  }
}
