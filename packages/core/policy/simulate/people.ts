import { dayAt, type Facts, formatDay, type Instant } from '../../base/index.ts'
import type { Declarations } from '../model.ts'
import type { Policy } from '../policy.ts'
import { type AgainReason, type ConsentNeeded, consentsNeeded } from './consents.ts'
import { keptUntil } from './data.ts'

/** How many people need a consent again, by what and why. */
export interface ConsentsAgain {
  readonly purpose: string
  readonly entity: string
  readonly reasons: readonly AgainReason[]
  readonly people: number
}

/** Data that something keeps before and nothing after: from that day on they are to be destroyed. */
export interface LostData {
  readonly compartment: string
  /** The first day, in the operator's zone, on which nothing keeps them any more. */
  readonly day: string
  /** True where that is the very day on which the other policy comes into force. */
  readonly atOnce: boolean
  readonly people: number
}

/** People with a contract that the other policy offers no more. */
export interface OrphanedContracts {
  readonly service: string
  readonly entity: string
  readonly people: number
}

export interface PeopleAffected {
  /** Whose data are live. */
  readonly people: number
  readonly consentAgain: number
  readonly consents: readonly ConsentsAgain[]
  readonly losingData: number
  readonly data: readonly LostData[]
  readonly contracts: readonly OrphanedContracts[]
}

/** Counts what a change of policy means for people, by their facts alone. */
export class PeopleTally {
  readonly #before: Policy
  readonly #after: Policy
  readonly #givenUnder: (at: Instant) => Declarations
  readonly #at: Instant
  readonly #consents = new Map<string, { readonly needed: ConsentNeeded; people: number }>()
  readonly #data = new Map<string, { readonly compartment: string; readonly until: Instant; people: number }>()
  readonly #contracts = new Map<string, { readonly service: string; readonly entity: string; people: number }>()
  #people = 0
  #again = 0
  #losing = 0

  /** `at` is when `after` comes into force; `givenUnder` the policy by which a consent was given. */
  constructor(before: Policy, after: Policy, givenUnder: (at: Instant) => Declarations, at: Instant) {
    this.#before = before
    this.#after = after
    this.#givenUnder = givenUnder
    this.#at = at
  }

  /** Counts one person and gives the consents they have to be asked for. */
  add(facts: Facts): readonly ConsentNeeded[] {
    if (facts.state !== 'live') return []
    this.#people += 1
    this.#addContracts(facts)
    this.#addData(facts)
    const needed = consentsNeeded(this.#before, this.#after, this.#givenUnder, facts, this.#at)
    if (needed.length > 0) this.#again += 1
    for (const one of needed) {
      const key = `${one.purpose}\n${one.entity}\n${one.reasons.join(' ')}`
      const counted = this.#consents.get(key) ?? { needed: one, people: 0 }
      counted.people += 1
      this.#consents.set(key, counted)
    }
    return needed
  }

  result(): PeopleAffected {
    const dayOf = (at: Instant): string => formatDay(dayAt(this.#after.zone, at))
    const byDay = new Map<string, LostData & { people: number }>()
    for (const { compartment, until, people } of this.#data.values()) {
      const row = { compartment, day: dayOf(until), atOnce: until === this.#at, people: 0 }
      const key = `${compartment}\n${row.day}\n${row.atOnce}`
      const known = byDay.get(key) ?? row
      known.people += people
      byDay.set(key, known)
    }
    return {
      people: this.#people,
      consentAgain: this.#again,
      consents: ordered(this.#consents, ({ needed, people }) => ({ ...needed, people })),
      losingData: this.#losing,
      data: ordered(byDay, (row) => row),
      contracts: ordered(this.#contracts, (row) => row),
    }
  }

  #addData(facts: Facts): void {
    const before = keptUntil(this.#before, facts, this.#at)
    const after = keptUntil(this.#after, facts, this.#at)
    let loses = false
    for (const [compartment, was] of before) {
      // What nothing keeps under the one policy either is lost by no change of policy.
      const is = after.has(compartment) ? (after.get(compartment) ?? null) : this.#at
      if (is === null || (was !== null && is >= was)) continue
      loses = true
      const key = `${compartment}\n${is}`
      const counted = this.#data.get(key) ?? { compartment, until: is, people: 0 }
      counted.people += 1
      this.#data.set(key, counted)
    }
    if (loses) this.#losing += 1
  }

  #addContracts({ contracts }: Facts): void {
    const seen = new Set<string>()
    for (const { service, entity, since, endedAt } of contracts) {
      const live = since <= this.#at && (endedAt === null || endedAt > this.#at)
      const key = `${service}\n${entity}`
      if (!live || seen.has(key) || this.#after.services.get(service)?.entities.includes(entity) === true) continue
      seen.add(key)
      const counted = this.#contracts.get(key) ?? { service, entity, people: 0 }
      counted.people += 1
      this.#contracts.set(key, counted)
    }
  }
}

function ordered<T, U>(map: ReadonlyMap<string, T>, show: (value: T) => U): readonly U[] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => show(value))
}
