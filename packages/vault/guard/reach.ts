import { DoverieError, type Instant, type Uuid } from '@doverie/core/base'
import type { ServiceCaller } from './caller.ts'

const HOUR = 3_600_000

/**
 * How many different people a credential reaches in an hour: a stolen one cannot walk the whole register unseen. Counted in
 * this process; several servers each allow the number. A value searched for counts as a person.
 */
export class Reach {
  readonly #seen = new Map<Uuid, { readonly hour: number; readonly people: Set<string> }>()

  /** Throws `reach-exceeded` where this person would be one more than the credential may reach this hour. */
  admit(caller: ServiceCaller, subject: string, now: Instant): void {
    const hour = Math.floor(now / HOUR)
    let reached = this.#seen.get(caller.credential)
    if (reached?.hour !== hour) {
      reached = { hour, people: new Set() }
      this.#seen.set(caller.credential, reached)
    }
    if (reached.people.has(subject)) return
    if (reached.people.size >= caller.peoplePerHour) throw new DoverieError('reach-exceeded')
    reached.people.add(subject)
  }
}

/** Wrong guesses at one field of one person that one caller may make in an hour. */
const MISSES = 10
/** Counters kept at a time; beyond it the oldest hour's are dropped together. */
const COUNTERS = 100_000

/** Bounds comparing: without it whoever may compare could read a value by guessing it. Counted in this process. */
export class Guesses {
  #hour = 0
  readonly #misses = new Map<string, number>()

  /** Throws `rate-limited` where the caller has guessed wrong too often this hour. */
  admit(guesser: string, now: Instant): void {
    const hour = Math.floor(now / HOUR)
    if (hour !== this.#hour || this.#misses.size > COUNTERS) {
      this.#hour = hour
      this.#misses.clear()
    }
    if ((this.#misses.get(guesser) ?? 0) >= MISSES) throw new DoverieError('rate-limited')
  }

  miss(guesser: string): void {
    this.#misses.set(guesser, (this.#misses.get(guesser) ?? 0) + 1)
  }
}
