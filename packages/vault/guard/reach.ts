import { DoverieError, type Instant, type Uuid } from '@doverie/core/base'
import type { ServiceCaller } from './caller.ts'

const HOUR = 3_600_000

/**
 * How many different people a credential reaches in an hour: a stolen one cannot walk the whole register unseen. Counted in
 * this process; several servers each allow the number.
 */
export class Reach {
  readonly #seen = new Map<Uuid, { readonly hour: number; readonly people: Set<Uuid> }>()

  /** Throws `reach-exceeded` where this person would be one more than the credential may reach this hour. */
  admit(caller: ServiceCaller, subject: Uuid, now: Instant): void {
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
