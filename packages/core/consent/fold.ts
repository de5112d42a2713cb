import type { Facts, HeldBlock, LegalHold, Publication, Representative, Uuid } from '../base/index.ts'
import type { PersonEvent } from './events.ts'

/**
 * The facts after one event. Pure and total: an event that changes nothing (a withdrawal of what was never given) gives
 * equal facts. A destroyed person stays destroyed whatever comes after.
 */
export function applyEvent(facts: Facts, event: PersonEvent): Facts {
  if (facts.state === 'destroyed') return facts
  switch (event.kind) {
    case 'collected':
    case 'fields-noted':
    case 'fields-destroyed':
      return afterNoting(facts, event)
    case 'confirmed':
      return { ...facts, confirmedAt: facts.confirmedAt ?? event.at }
    case 'reviewed':
      return { ...facts, reviewedAt: event.at }
    case 'review-asked':
      return { ...facts, reviewAskedAt: event.at }
    case 'seen':
      return { ...facts, seenAt: event.at }
    case 'identifier-bounced':
      return { ...facts, bounced: union(facts.bounced ?? [], [event.identifier]) }
    case 'identifier-proved':
      return { ...reached(facts, event.identifier), proved: union(facts.proved, [event.identifier]) }
    case 'identifier-changed':
      return { ...reached(facts, event.identifier), proved: facts.proved.filter((kind) => kind !== event.identifier) }
    case 'consent-given':
      return { ...facts, consents: withConsent(facts, event) }
    case 'consent-withdrawn':
      return withoutConsent(facts, event)
    case 'contract-began': {
      const contract = { id: event.id, entity: event.entity, service: event.service, since: event.at, endedAt: null }
      return { ...facts, contracts: [...facts.contracts.filter(({ id }) => id !== event.id), contract] }
    }
    case 'contract-ended':
      return {
        ...facts,
        contracts: facts.contracts.map((contract) =>
          contract.id === event.id && contract.endedAt === null ? { ...contract, endedAt: event.at } : contract,
        ),
      }
    case 'blocked':
      return withBlock(facts, { since: event.at, reason: event.reason, by: event.by ?? null })
    case 'unblocked':
      return withBlocks(
        facts,
        blocksOf(facts).filter(({ by }) => by !== (event.by ?? null)),
      )
    case 'field-closed':
      return { ...facts, closed: withClosed(facts, event.field, event.purposes) }
    case 'made-public':
      return madePublic(facts, event)
    case 'age-declared':
      return { ...facts, age: event.age }
    case 'representative-verified':
      return { ...facts, representatives: withRepresentative(facts, event) }
    case 'representative-ended':
      return withoutRepresentative(facts, event.id)
    case 'hold-set':
      return withHold(facts, event)
    case 'hold-confirmed':
      return withHeld(facts, event.id, ({ liftAskedBy: _, ...hold }) => ({
        ...hold,
        confirmedBy: hold.confirmedBy ?? event.by,
      }))
    case 'hold-lift-asked':
      return withHeld(facts, event.id, (hold) => ({ ...hold, liftAskedBy: event.by }))
    case 'hold-lifted':
      return withoutHold(facts, event.id)
    case 'erasure-asked':
      return { ...facts, erasure: event.erasure }
    case 'erasure-ended':
      return facts.erasure?.id === event.id ? { ...facts, erasure: null } : facts
    case 'destruction-begun':
      return {
        ...facts,
        state: event.person ? 'destroying' : facts.state,
        dying: union(facts.dying, event.compartments),
      }
    case 'destruction-done':
      return afterDestruction(facts, event.compartments, event.person)
  }
}

/** Nothing is known against an identifier that came back, or is another. */
function reached({ bounced, ...facts }: Facts, identifier: string): Facts {
  const left = bounced?.filter((kind) => kind !== identifier) ?? []
  return left.length === 0 ? facts : { ...facts, bounced: left }
}

function withHold(facts: Facts, { hold, at }: Extract<PersonEvent, { kind: 'hold-set' }>): Facts {
  const since = facts.hold ?? at
  if (hold === undefined) return { ...facts, hold: since }
  const others = (facts.holds ?? []).filter(({ id }) => id !== hold.id)
  return { ...facts, hold: since, holds: [...others, { ...hold, since: at }] }
}

function withHeld(facts: Facts, id: Uuid, changed: (hold: LegalHold) => LegalHold): Facts {
  const holds = facts.holds?.map((hold) => (hold.id === id ? changed(hold) : hold))
  return holds === undefined ? facts : { ...facts, holds }
}

/** The person's data are kept until the last of their holds is lifted. */
function withoutHold(facts: Facts, id: Uuid | undefined): Facts {
  if (facts.hold === undefined) return facts
  const { holds: before = [], ...rest } = facts
  const left = id === undefined ? [] : before.filter((one) => one.id !== id)
  if (left.length === 0) return { ...rest, hold: null }
  return { ...rest, hold: Math.min(...left.map(({ since }) => since)), holds: left }
}

/** A holder's stop; where it held one before, the one that goes further stays, and its beginning does. */
function withBlock(facts: Facts, block: HeldBlock): Facts {
  const before = blocksOf(facts)
  const own = before.find(({ by }) => by === block.by)
  if (own === undefined) return withBlocks(facts, [...before, block])
  const stronger = own.reason === 'claimed' && block.reason !== 'claimed'
  return stronger
    ? withBlocks(
        facts,
        before.map((one) => (one === own ? { ...own, reason: block.reason } : one)),
      )
    : facts
}

function blocksOf({ blocked, blocks }: Facts): readonly HeldBlock[] {
  return blocks ?? (blocked === null ? [] : [{ ...blocked, by: null }])
}

/** What goes furthest counts: any stop before one that is only claimed, the older before the younger. */
function withBlocks(facts: Facts, held: readonly HeldBlock[]): Facts {
  const { blocks: _, ...others } = facts
  const first = held.find(({ reason }) => reason !== 'claimed') ?? held[0]
  const blocked = first === undefined ? null : { since: first.since, reason: first.reason }
  const plain = held.length === 0 || (held.length === 1 && first?.by === null)
  return plain ? { ...others, blocked } : { ...others, blocked, blocks: held }
}

function withConsent(facts: Facts, event: Extract<PersonEvent, { kind: 'consent-given' }>): Facts['consents'] {
  const given = { purpose: event.purpose, entity: event.entity, since: event.at, until: event.until }
  const others = facts.consents.filter(({ purpose, entity }) => purpose !== event.purpose || entity !== event.entity)
  return [...others, given].sort((a, b) => compare(a.purpose, b.purpose) || compare(a.entity, b.entity))
}

function withRepresentative(
  facts: Facts,
  event: Extract<PersonEvent, { kind: 'representative-verified' }>,
): readonly Representative[] {
  const { id, representative: kind, until, scope, at: since } = event
  const others = (facts.representatives ?? []).filter((one) => one.id !== id)
  return [...others, { id, kind, since, until, ...(scope === undefined ? {} : { scope }) }].sort((a, b) =>
    compare(a.id, b.id),
  )
}

function withoutRepresentative(facts: Facts, ended: Uuid): Facts {
  const left = facts.representatives?.filter(({ id }) => id !== ended) ?? []
  return left.length === (facts.representatives?.length ?? 0) ? facts : { ...facts, representatives: left }
}

/** The evidence of consents is kept for a term from the end of the last one, so that end is remembered. */
function withoutConsent(facts: Facts, event: Extract<PersonEvent, { kind: 'consent-withdrawn' }>): Facts {
  const kept = facts.consents.filter(
    ({ purpose, entity }) => purpose !== event.purpose || (event.entity !== null && entity !== event.entity),
  )
  if (kept.length === facts.consents.length) return facts
  const gone = facts.publications?.filter(({ purpose, entity }) => isConsented(kept, purpose, entity))
  const rest = gone === undefined ? facts : withPublications(facts, gone)
  // What somebody did under another name comes later than it happened: an end is never moved back.
  return { ...rest, consents: kept, consentEndedAt: Math.max(facts.consentEndedAt ?? event.at, event.at) }
}

/** INVARIANT: without a live consent to the purpose nothing is made public; with a consent given anew nothing is public of itself. */
function madePublic(
  facts: Facts,
  { purpose, entity, fields, at }: Extract<PersonEvent, { kind: 'made-public' }>,
): Facts {
  const others = (facts.publications ?? []).filter((one) => one.purpose !== purpose || one.entity !== entity)
  const names = Object.keys(fields).sort(compare)
  if (names.length === 0) return facts.publications === undefined ? facts : withPublications(facts, others)
  if (!isConsented(facts.consents, purpose, entity)) return facts
  const sorted = Object.fromEntries(names.map((name) => [name, [...new Set(fields[name])].sort(compare)]))
  const all = [...others, { purpose, entity, since: at, fields: sorted }]
  return withPublications(
    facts,
    all.sort((a, b) => compare(a.purpose, b.purpose) || compare(a.entity, b.entity)),
  )
}

function withPublications(facts: Facts, publications: readonly Publication[]): Facts {
  return {
    ...facts,
    publications,
    opened: union(
      publications.flatMap(({ fields }) => Object.keys(fields)),
      [],
    ),
  }
}

function isConsented(consents: Facts['consents'], purpose: string, entity: string): boolean {
  return consents.some((one) => one.purpose === purpose && one.entity === entity)
}

/** An empty list of purposes opens the field again. */
function withClosed(facts: Facts, field: string, purposes: readonly string[]): Facts['closed'] {
  const { [field]: _, ...others } = facts.closed
  return purposes.length === 0 ? others : { ...others, [field]: union(purposes, []) }
}

function afterDestruction(facts: Facts, compartments: readonly string[], person: boolean): Facts {
  const gone = new Set(compartments)
  const held = facts.held.filter((compartment) => !gone.has(compartment))
  const dying = facts.dying.filter((compartment) => !gone.has(compartment))
  if (!person) return withFields({ ...facts, held, dying }, without(facts.fields, compartments))
  // Nothing is kept of a destroyed person but the word itself: not even what they had consented to.
  return {
    state: 'destroyed',
    held: [],
    dying: [],
    collectedAt: 0,
    confirmedAt: null,
    proved: [],
    blocked: null,
    contracts: [],
    consents: [],
    closed: {},
    opened: [],
  }
}

type Noting = Extract<PersonEvent, { readonly kind: 'collected' | 'fields-noted' | 'fields-destroyed' }>

/** What compartments hold, after something was written into them, found out or taken out. */
function afterNoting(facts: Facts, event: Noting): Facts {
  switch (event.kind) {
    case 'collected': {
      const held = union(facts.held, event.compartments)
      return withFields({ ...facts, held }, without(facts.fields, event.compartments), event.fields)
    }
    case 'fields-noted':
      return withFields(facts, facts.fields, event.fields)
    case 'fields-destroyed': {
      const { compartment, fields } = event
      const left = facts.fields?.[compartment]?.filter((name) => !fields.includes(name))
      return left === undefined ? facts : withFields(facts, facts.fields, { [compartment]: left })
    }
  }
}

type Fields = NonNullable<Facts['fields']>

/** What is noted of the fields of compartments; of nothing, nothing is noted. */
function withFields(facts: Facts, known: Fields = {}, more: Fields = {}): Facts {
  const { fields: _, ...others } = facts
  const fields = { ...known, ...more }
  return Object.keys(fields).length === 0 ? others : { ...others, fields }
}

function without(fields: Fields = {}, compartments: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !compartments.includes(name)))
}

function union(a: readonly string[], b: readonly string[]): readonly string[] {
  return [...new Set([...a, ...b])].sort(compare)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
