import type {
  AgeBand,
  AskedErasure,
  BlockReason,
  Facts,
  Instant,
  LegalHold,
  PublicBan,
  RepresentativeAct,
  RepresentativeKind,
  Uuid,
} from '../base/index.ts'

/**
 * What can happen to a person's data and grounds. Events are append-only; `Facts` is their fold.
 * INVARIANT: an event names compartments, purposes, entities and ids, never a personal value.
 */
export type PersonEvent =
  | {
      readonly kind: 'collected'
      readonly compartments: readonly string[]
      /** Which fields each of them holds from then on; absent in one of before this was noted. */
      readonly fields?: Readonly<Record<string, readonly string[]>>
      readonly at: Instant
    }
  /** Which fields compartments hold was found out as they were put under other keys. */
  | {
      readonly kind: 'fields-noted'
      readonly fields: Readonly<Record<string, readonly string[]>>
      readonly at: Instant
    }
  /** Single fields of a compartment were destroyed: nothing asks for them any more. */
  | {
      readonly kind: 'fields-destroyed'
      readonly compartment: string
      readonly fields: readonly string[]
      readonly at: Instant
    }
  | { readonly kind: 'confirmed'; readonly at: Instant }
  /** The person looked at their data and said that they are still right. */
  | { readonly kind: 'reviewed'; readonly at: Instant }
  /** They were asked to, by a letter. */
  | { readonly kind: 'review-asked'; readonly at: Instant }
  /** The person was here, and signed in. */
  | { readonly kind: 'seen'; readonly at: Instant }
  /** A letter to the identifier was turned away: nobody is there (any more). */
  | { readonly kind: 'identifier-bounced'; readonly identifier: string; readonly at: Instant }
  | { readonly kind: 'identifier-proved'; readonly identifier: string; readonly at: Instant }
  | { readonly kind: 'identifier-changed'; readonly identifier: string; readonly at: Instant }
  | {
      readonly kind: 'consent-given'
      readonly purpose: string
      readonly entity: string
      readonly until: Instant | null
      readonly at: Instant
    }
  | {
      readonly kind: 'consent-withdrawn'
      readonly purpose: string
      readonly entity: string | null
      readonly at: Instant
    }
  | {
      readonly kind: 'contract-began'
      readonly id: Uuid
      readonly entity: string
      readonly service: string
      readonly at: Instant
    }
  | { readonly kind: 'contract-ended'; readonly id: Uuid; readonly at: Instant }
  /** `by` is the request that holds the stop; without one the operator or the person does. */
  | { readonly kind: 'blocked'; readonly reason: BlockReason; readonly by?: Uuid; readonly at: Instant }
  /** Lifts the stop of that holder, and no other's. */
  | { readonly kind: 'unblocked'; readonly by?: Uuid; readonly at: Instant }
  | {
      readonly kind: 'field-closed'
      readonly field: string
      readonly purposes: readonly string[]
      readonly at: Instant
    }
  /** What is public for a purpose from now on, in place of what was; with no field nothing is (152-FZ art. 10.1). */
  | {
      readonly kind: 'made-public'
      readonly purpose: string
      readonly entity: string
      readonly fields: Readonly<Record<string, readonly PublicBan[]>>
      readonly at: Instant
    }
  /** `corrects` is there where something may have rested on another age, or on none known. */
  | { readonly kind: 'age-declared'; readonly age: AgeBand; readonly corrects?: boolean; readonly at: Instant }
  | {
      readonly kind: 'representative-verified'
      readonly id: Uuid
      readonly representative: RepresentativeKind
      readonly until: Instant | null
      /** What the authority covers; absent where it covers everything. */
      readonly scope?: readonly RepresentativeAct[]
      readonly at: Instant
    }
  | { readonly kind: 'representative-ended'; readonly id: Uuid; readonly at: Instant }
  /** Without `hold` it is one of before holds were told apart. */
  | { readonly kind: 'hold-set'; readonly hold?: Omit<LegalHold, 'since'>; readonly at: Instant }
  /** Another than who set it says that it stands; whoever wants it lifted asks anew. */
  | { readonly kind: 'hold-confirmed'; readonly id: Uuid; readonly by: string; readonly at: Instant }
  | { readonly kind: 'hold-lift-asked'; readonly id: Uuid; readonly by: string; readonly at: Instant }
  /** Lifts that hold; without `id` all of them. */
  | { readonly kind: 'hold-lifted'; readonly id?: Uuid; readonly at: Instant }
  /** Asked for, or put off while something keeps the data. */
  | { readonly kind: 'erasure-asked'; readonly erasure: AskedErasure; readonly at: Instant }
  /** Cancelled, or carried out. */
  | { readonly kind: 'erasure-ended'; readonly id: Uuid; readonly at: Instant }
  | {
      readonly kind: 'destruction-begun'
      readonly compartments: readonly string[]
      readonly person: boolean
      readonly at: Instant
    }
  | {
      readonly kind: 'destruction-done'
      readonly compartments: readonly string[]
      readonly person: boolean
      readonly at: Instant
    }

/** Of every kind of event, whether one of it can take a permission away. */
const NARROWS: Readonly<Record<PersonEvent['kind'], boolean>> = {
  'consent-withdrawn': true,
  'contract-ended': true,
  blocked: true,
  'field-closed': true,
  // It may end what was public, or forbid what was allowed.
  'made-public': true,
  'identifier-changed': true,
  'destruction-begun': true,
  'fields-destroyed': true,
  'representative-ended': true,
  // What a restore of older data may not lose: destruction is what it takes away.
  'hold-set': true,
  // That from now on two lift it is taken from each of them.
  'hold-confirmed': true,
  // Nor may it bring back what was cancelled, or lose what was asked.
  'erasure-asked': true,
  'erasure-ended': true,
  'age-declared': true,
  collected: false,
  'fields-noted': false,
  confirmed: false,
  reviewed: false,
  'review-asked': false,
  seen: false,
  'identifier-bounced': false,
  'identifier-proved': false,
  'consent-given': false,
  'contract-began': false,
  unblocked: false,
  'representative-verified': false,
  'hold-lift-asked': false,
  'hold-lifted': false,
  'destruction-done': false,
}

/** The kinds of which an event can take a permission away. */
export const NARROWING_KINDS: readonly string[] = Object.entries(NARROWS).flatMap(([kind, may]) => (may ? [kind] : []))

/**
 * True where the event can take a permission away; what only gives any does not. After such an event no read that it forbids may commit once it is
 * acknowledged, and the key store's journal must know of it.
 */
export function isNarrowing(event: PersonEvent): boolean {
  // A minor needs a representative; for who comes of age no parent acts any more. Who begins of age loses nothing by it.
  if (event.kind === 'age-declared') return event.age === 'minor' || event.corrects === true
  return NARROWS[event.kind]
}

/** The facts of a person at the moment of the first collection. */
export function newFacts(at: Instant): Facts {
  return {
    state: 'live',
    held: [],
    dying: [],
    collectedAt: at,
    confirmedAt: null,
    proved: [],
    blocked: null,
    contracts: [],
    consents: [],
    closed: {},
    opened: [],
  }
}
