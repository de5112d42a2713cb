import type { Act, Reason } from './decision.ts'
import type { Contract, Facts, Instant } from '../base/index.ts'
import type { Predicate, Service } from './model.ts'

/** How a predicate fell, and the next instant at which it may fall otherwise (`Infinity` where time cannot change it). */
export interface Outcome {
  readonly holds: boolean
  readonly until: Instant
}

const NEVER = Number.POSITIVE_INFINITY

/** Predicates that the act alone answers; they are judged before any fact is looked at. */
export function needsNoFacts(predicate: Predicate): boolean {
  return predicate.is === 'ticket'
}

/** Predicates whose answer differs from field to field. */
export function isPerField(predicate: Predicate): boolean {
  return predicate.is === 'closed-by-subject' || predicate.is === 'not-retained'
}

/** What a permit rule that fails on this predicate says. */
export function reasonOf(predicate: Predicate): Reason {
  switch (predicate.is) {
    case 'ground':
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
  }
}

/** Judges a predicate of the whole act. Those of single fields are judged by `isClosed` and by `retained`. */
export function judge(predicate: Predicate, act: Act, facts: Facts, services: ReadonlyMap<string, Service>): Outcome {
  switch (predicate.is) {
    case 'ground':
      if (predicate.kind === 'law') return { holds: true, until: NEVER }
      if (predicate.kind === 'consent') return consented(act, facts)
      return contracted(act, facts, () => true)
    case 'contract-for':
      return contracted(
        act,
        facts,
        ({ service }) =>
          service === predicate.service || (services.get(service)?.traits.includes(predicate.service) ?? false),
      )
    case 'confirmed':
      return confirmed(act, facts)
    case 'unconfirmed': {
      const { holds, until } = confirmed(act, facts)
      return { holds: !holds, until }
    }
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
      return { holds: act.ticket, until: NEVER }
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

function confirmed({ now }: Act, { confirmedAt }: Facts): Outcome {
  return confirmedAt === null
    ? { holds: false, until: NEVER }
    : { holds: confirmedAt <= now, until: later(confirmedAt, now) }
}

/** A live consent for this very purpose and entity; of several the one that lasts longest. */
function consented({ purpose, entity, now }: Act, facts: Facts): Outcome {
  let holds = false
  let end = 0
  let begin = NEVER
  for (const consent of facts.consents) {
    if (consent.purpose !== purpose || consent.entity !== entity) continue
    const until = consent.until ?? NEVER
    if (consent.since > now) begin = Math.min(begin, consent.since)
    else if (until > now) {
      holds = true
      end = Math.max(end, until)
    }
  }
  return { holds, until: holds ? end : begin }
}

function contracted({ entity, now }: Act, facts: Facts, fits: (contract: Contract) => boolean): Outcome {
  let holds = false
  let end = 0
  let begin = NEVER
  for (const contract of facts.contracts) {
    if (contract.entity !== entity || !fits(contract)) continue
    const until = contract.endedAt ?? NEVER
    if (contract.since > now) begin = Math.min(begin, contract.since)
    else if (until > now) {
      holds = true
      end = Math.max(end, until)
    }
  }
  return { holds, until: holds ? end : begin }
}

function later(instant: Instant, now: Instant): Instant {
  return instant > now ? instant : NEVER
}
