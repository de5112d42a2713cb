import type { Person } from '../people/people.ts'
import { compartmentOf, COMPARTMENTS } from './grants.ts'

/** One act on a person as its answer told it: it must stand in their history like this, and only what was told may. */
export interface Told {
  readonly id: string
  readonly leaf: string
  readonly act: string
  readonly actor: { readonly kind: 'service' | 'staff' | 'subject'; readonly name: string }
  readonly purpose: string
  readonly entity: string
  readonly fields: readonly string[]
  readonly effect: 'permit' | 'refuse'
  readonly clauses: readonly string[]
}

interface KnownContract {
  readonly id: string
  readonly service: string
  readonly entity: string
  active: boolean
}

/** What the tour knows of one person by what it did, and therefore expects of every answer about them. */
export interface PersonState {
  readonly person: Person
  subject: string
  /** Field to the value last collected, in its kept form; of lists their items. */
  readonly values: Map<string, string | readonly string[]>
  readonly held: Set<string>
  readonly contracts: KnownContract[]
  /** `purpose entity` */
  readonly consents: Set<string>
  readonly closed: Map<string, ReadonlySet<string>>
  confirmed: boolean
  blocked: boolean
  destroyed: boolean
  /** Compartments destroyed while the person stays. */
  readonly lost: Set<string>
  readonly told: Told[]
  /** Acts of the vault's own in the history, with their number. */
  readonly untold: Map<string, number>
  /** True once an answer was lost to a crash: the history may then hold acts of which nothing was told. */
  uncertain: boolean
  readonly codes: Set<string>
  /** Records of consents given. */
  evidence: number
  /** Identifiers by which they can be found: proved, or confirmed with all the data. */
  readonly findable: Set<string>
}

export function newState(person: Person): PersonState {
  return {
    person,
    subject: '',
    values: new Map(),
    held: new Set(),
    contracts: [],
    consents: new Set(),
    closed: new Map(),
    confirmed: false,
    blocked: false,
    destroyed: false,
    lost: new Set(),
    told: [],
    untold: new Map(),
    uncertain: false,
    codes: new Set(),
    evidence: 0,
    findable: new Set(),
  }
}

export function countUntold(state: PersonState, act: string, times = 1): void {
  state.untold.set(act, (state.untold.get(act) ?? 0) + times)
}

/** Takes collected values into account. */
export function keepValues(state: PersonState, values: Readonly<Record<string, string | readonly string[]>>): void {
  for (const [field, value] of Object.entries(values)) {
    state.values.set(field, value)
    state.held.add(compartmentOf(field))
    state.lost.delete(compartmentOf(field))
  }
}

/** Takes into account that compartments are gone. */
export function loseCompartments(state: PersonState, compartments: readonly string[]): void {
  for (const compartment of compartments) {
    state.held.delete(compartment)
    state.lost.add(compartment)
    for (const field of COMPARTMENTS[compartment] ?? []) state.values.delete(field)
  }
}
