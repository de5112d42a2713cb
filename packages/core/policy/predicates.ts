import type { Act, Reason } from './decision.ts'
import type { Contract, Facts, Instant, Representative } from '../base/index.ts'
import type { Declarations, Predicate } from './model.ts'

/** How a predicate fell, and the next instant at which it may fall otherwise (`Infinity` where time cannot change it). */
export interface Outcome {
  readonly holds: boolean
  readonly until: Instant
}

const NEVER = Number.POSITIVE_INFINITY

/** Predicates that the act alone answers; they are judged before any fact is looked at. */
type ByAct = Extract<Predicate, { readonly is: 'ticket' | 'recipient' | 'not-recipient' | 'in-force' }>

const BY_ACT: ReadonlySet<Predicate['is']> = new Set<ByAct['is']>(['ticket', 'recipient', 'not-recipient', 'in-force'])

export function needsNoFacts(predicate: Predicate): predicate is ByAct {
  return BY_ACT.has(predicate.is)
}

/** What a permit rule that fails on this predicate says. */
export function reasonOf(predicate: Predicate): Reason {
  switch (predicate.is) {
    case 'ground':
    case 'without-ground':
    case 'contract-for':
      return 'no-ground'
    case 'confirmed':
    case 'unconfirmed':
    case 'unconfirmed-longer-than':
      return 'not-confirmed'
    case 'ticket':
      return 'ticket-needed'
    case 'proved':
      return 'not-proved'
    case 'not-retained':
      return 'retained'
    case 'blocked':
    case 'blocked-for':
      return 'blocked'
    case 'closed-by-subject':
      return 'closed-by-subject'
    case 'minor':
    case 'represented':
    case 'unrepresented':
      return 'no-representative'
    case 'on-hold':
      return 'legal-hold'
    case 'recipient':
    case 'not-recipient':
      return 'wrong-recipient'
    case 'in-force':
      return 'not-in-force'
  }
}

/** What of a policy predicates look at. */
type Known = Pick<Declarations, 'services' | 'recipients'>

/** Judges a predicate that the act alone answers. */
export function judgeAct(predicate: ByAct, act: Act, { recipients }: Pick<Known, 'recipients'>): Outcome {
  switch (predicate.is) {
    case 'ticket':
      return { holds: act.ticket, until: NEVER }
    case 'recipient':
      return { holds: goesTo(act, recipients, predicate.names), until: NEVER }
    case 'not-recipient':
      return { holds: !goesTo(act, recipients, predicate.names), until: NEVER }
    case 'in-force':
      return { holds: act.now >= predicate.from, until: later(predicate.from, act.now) }
  }
}

/** Judges a predicate of the whole act. Those of single fields are judged by `isClosed` and by `retained`. */
export function judge(predicate: Predicate, act: Act, facts: Facts, known: Known): Outcome {
  switch (predicate.is) {
    case 'ground':
      return grounded(predicate.kind, act, facts)
    case 'without-ground':
      return opposite(grounded(predicate.kind, act, facts))
    case 'contract-for':
      return contracted(
        act,
        facts,
        ({ service }) =>
          service === predicate.service || (known.services.get(service)?.traits.includes(predicate.service) ?? false),
      )
    case 'confirmed':
      return confirmed(act, facts)
    case 'unconfirmed':
      return opposite(confirmed(act, facts))
    case 'unconfirmed-longer-than': {
      if (confirmed(act, facts).holds) return { holds: false, until: NEVER }
      const end = facts.collectedAt + predicate.milliseconds
      return { holds: act.now >= end, until: Math.min(later(end, act.now), confirmed(act, facts).until) }
    }
    case 'blocked':
      return { holds: facts.blocked !== null, until: NEVER }
    case 'blocked-for':
      return { holds: facts.blocked !== null && predicate.reasons.includes(facts.blocked.reason), until: NEVER }
    case 'ticket':
    case 'recipient':
    case 'not-recipient':
    case 'in-force':
      return judgeAct(predicate, act, known)
    case 'minor':
      return { holds: facts.age === 'minor', until: NEVER }
    case 'represented':
      return represented(act, facts)
    case 'unrepresented':
      return opposite(represented(act, facts))
    case 'on-hold':
      return { holds: isOnHold(facts), until: NEVER }
    case 'proved':
      return { holds: facts.proved.includes(predicate.identifier), until: NEVER }
    case 'closed-by-subject':
    case 'not-retained':
      return { holds: false, until: NEVER }
  }
}

/** True where the person has closed the field to the purpose (clauses 3.1 and 5.2 of the shipped policy). */
export function isClosed(facts: Facts, field: string, purpose: string): boolean {
  if (!Object.hasOwn(facts.closed, field)) return false
  const closed = facts.closed[field] ?? []
  return closed.includes('*') || closed.includes(purpose)
}

/** True while a legal hold keeps the person's data. */
export function isOnHold({ hold }: Facts): boolean {
  return hold !== null && hold !== undefined
}

function opposite({ holds, until }: Outcome): Outcome {
  return { holds: !holds, until }
}

/** True where the act names one of these, by id or kind. An entity hands nothing to itself. */
function goesTo({ recipient, entity }: Act, recipients: Known['recipients'], names: readonly string[]): boolean {
  const to = recipient === undefined ? undefined : recipients.get(recipient)
  if (to === undefined || (to.kind === 'entity' && to.id === entity)) return false
  return names.includes(to.id) || names.includes(to.kind)
}

function grounded(kind: 'consent' | 'contract' | 'law', act: Act, facts: Facts): Outcome {
  if (kind === 'law') return { holds: true, until: NEVER }
  return kind === 'consent' ? consented(act, facts) : contracted(act, facts, () => true)
}

/** Somebody's verified authority holds now; of several the one that lasts longest. */
function represented({ actor, now }: Act, facts: Facts): Outcome {
  const mayBe = (one: Representative): boolean =>
    (actor.kind !== 'representative' || actor.name === '' || actor.name === one.id) && suits(one, facts)
  return lasting((facts.representatives ?? []).filter(mayBe), now)
}

/** A power of attorney does not make up for a minor's legal representative; parenthood ends when the person is of age. */
function suits({ kind }: Representative, { age }: Facts): boolean {
  if (age === 'minor') return kind !== 'attorney'
  return age !== 'adult' || kind === 'guardian' || kind === 'attorney'
}

function confirmed({ now }: Act, { confirmedAt }: Facts): Outcome {
  return confirmedAt === null
    ? { holds: false, until: NEVER }
    : { holds: confirmedAt <= now, until: later(confirmedAt, now) }
}

/** A live consent for this very purpose and entity; of several the one that lasts longest. */
function consented({ purpose, entity, now }: Act, facts: Facts): Outcome {
  return lasting(
    facts.consents.filter((consent) => consent.purpose === purpose && consent.entity === entity),
    now,
  )
}

function contracted({ entity, now }: Act, facts: Facts, fits: (contract: Contract) => boolean): Outcome {
  const fitting = facts.contracts.filter((contract) => contract.entity === entity && fits(contract))
  return lasting(
    fitting.map(({ since, endedAt }) => ({ since, until: endedAt })),
    now,
  )
}

/** Holds while one of the terms runs: until the last of those that do ends, or the first of those to come begins. */
function lasting(terms: readonly { readonly since: Instant; readonly until: Instant | null }[], now: Instant): Outcome {
  let holds = false
  let end = 0
  let begin = NEVER
  for (const { since, until } of terms) {
    const last = until ?? NEVER
    if (since > now) begin = Math.min(begin, since)
    else if (last > now) {
      holds = true
      end = Math.max(end, last)
    }
  }
  return { holds, until: holds ? end : begin }
}

function later(instant: Instant, now: Instant): Instant {
  return instant > now ? instant : NEVER
}
