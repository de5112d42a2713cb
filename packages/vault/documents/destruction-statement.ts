import type { Instant, Localised, Uuid } from '@doverie/core/base'

/** Something of a person that went. */
export interface DestroyedCategory {
  readonly id: string
  readonly label: Localised
  readonly fields: readonly Localised[]
}

/** A line of the event log's export (order 179, item 5). */
export interface DestructionEvent {
  readonly at: Instant
  readonly what: 'begun' | 'gone' | 'root-destroyed'
  /** Id, place and commitment of its ledger entry, where it is one: the place is null until it is integrated. */
  readonly entry: { readonly id: Uuid; readonly place: number | null; readonly leaf: string } | null
}

/**
 * All that an act of destruction and its log export say (Roskomnadzor's order 179 of 28.10.2022, items 3 and 5). The person
 * is named by an id only, as the order allows: evidence that is kept for years should name nobody.
 */
export interface DestructionStatement {
  readonly number: string
  readonly issuedAt: Instant
  readonly operator: { readonly name: string; readonly address: Localised; readonly email: string }
  /** The information system (ИСПДн). */
  readonly system: string
  readonly subject: Uuid
  readonly person: boolean
  readonly categories: readonly DestroyedCategory[]
  readonly reason: Localised
  /** How the one who asked stands in the ledger: a kind, and staff's pseudonym; null where the entry is not kept. */
  readonly by: { readonly kind: string; readonly name: string; readonly id: string | null } | null
  readonly begunAt: Instant
  readonly goneAt: Instant
  readonly epoch: number
  readonly rootDestroyedAt: Instant | null
  readonly irrecoverableFrom: Instant | null
  readonly remanence: Localised
  readonly tool: { readonly name: string; readonly version: string; readonly certificate: string | null }
  readonly log: readonly DestructionEvent[]
  /** The last day on which it must be kept (order 179, item 8), where the policy's law has such a term. */
  readonly keptUntil: string | null
}
