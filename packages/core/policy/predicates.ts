import type { Act, Reason } from './decision.ts'
import type { Facts, GroundKind, Instant, Representative } from '../base/index.ts'
import type { Declarations, Predicate } from './model.ts'

/** How a predicate fell, and the next instant at which it may fall otherwise (`Infinity` where time cannot change it). */
export interface Outcome {
  readonly holds: boolean
  readonly until: Instant
}

const NEVER = Number.POSITIVE_INFINITY

/** What no time changes; most outcomes are one of these two. Of several terms none lasts longer than the first. */
const HOLDS: Outcome = { holds: true, until: NEVER }
const FAILS: Outcome = { holds: false, until: NEVER }

function lasts(holds: boolean, until: Instant = NEVER): Outcome {
  if (until !== NEVER) return { holds, until }
  return holds ? HOLDS : FAILS
}

/** Predicates that the act alone answers; they are judged before any fact is looked at. */
type ByAct = Extract<Predicate, { readonly is: 'ticket' | 'recipient' | 'not-recipient' | 'in-force' }>

const BY_ACT: ReadonlySet<Predicate['is']> = new Set<ByAct['is']>(['ticket', 'recipient', 'not-recipient', 'in-force'])

export function needsNoFacts(predicate: Predicate): predicate is ByAct {
  return BY_ACT.has(predicate.is)
}

/** Predicates that are judged field by field, by `isClosed` and by `retained`. */
export function isOfField({ is }: Predicate): boolean {
  return is === 'closed-by-subject' || is === 'not-retained'
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

/** Judges an act by what is known of the person; `TestOfAct` by itself. */
export type Test = (act: Act, facts: Facts) => Outcome
export type TestOfAct = (act: Act) => Outcome

/** What of a policy predicates look at; `serving` is that of its index. */
export interface Known {
  readonly recipients: Declarations['recipients']
  readonly serving: ReadonlyMap<string, readonly string[]>
}

/** The test of a predicate that the act alone answers. */
export function testOfAct(predicate: ByAct, { recipients }: Known): TestOfAct {
  switch (predicate.is) {
    case 'ticket':
      return ({ ticket }) => lasts(ticket)
    case 'recipient':
      return (act) => lasts(goesTo(act, recipients, predicate.names))
    case 'not-recipient':
      return (act) => lasts(!goesTo(act, recipients, predicate.names))
    case 'in-force':
      return ({ now }) => lasts(now >= predicate.from, later(predicate.from, now))
  }
}

/** The test of a predicate of the whole act; those of single fields never hold of it. */
export function testOf(predicate: Predicate, known: Known): Test {
  switch (predicate.is) {
    case 'ground':
      return GROUNDED[predicate.kind]
    case 'without-ground':
      return not(GROUNDED[predicate.kind])
    case 'contract-for':
      return contractFor(known.serving.get(predicate.service) ?? [])
    case 'confirmed':
      return confirmed
    case 'unconfirmed':
      return not(confirmed)
    case 'unconfirmed-longer-than':
      return unconfirmedFor(predicate.milliseconds)
    case 'blocked':
      return (_, { blocked }) => lasts(blocked !== null)
    case 'blocked-for':
      return (_, { blocked }) => lasts(blocked !== null && predicate.reasons.includes(blocked.reason))
    case 'ticket':
    case 'recipient':
    case 'not-recipient':
    case 'in-force':
      return testOfAct(predicate, known)
    case 'minor':
      return (_, { age }) => lasts(age === 'minor')
    case 'represented':
      return represented
    case 'unrepresented':
      return not(represented)
    case 'on-hold':
      return (_, facts) => lasts(isOnHold(facts))
    case 'proved':
      return (_, { proved }) => lasts(proved.includes(predicate.identifier))
    case 'closed-by-subject':
    case 'not-retained':
      return () => FAILS
  }
}

/** Judges a predicate once, as its test would. */
export function judge(
  predicate: Predicate,
  act: Act,
  facts: Facts,
  { recipients, index }: Pick<Known, 'recipients'> & { readonly index: Pick<Known, 'serving'> },
): Outcome {
  return testOf(predicate, { recipients, serving: index.serving })(act, facts)
}

/** True where the person has closed the field to the purpose (clauses 3.1 and 5.2 of the shipped policy). */
export function isClosed({ closed }: Facts, field: string, purpose: string): boolean {
  if (!Object.hasOwn(closed, field)) return false
  const purposes = closed[field] ?? []
  return purposes.includes('*') || purposes.includes(purpose)
}

/** True while a legal hold keeps the person's data. */
export function isOnHold({ hold }: Facts): boolean {
  return hold !== null && hold !== undefined
}

function not(test: Test): Test {
  return (act, facts) => {
    const { holds, until } = test(act, facts)
    return lasts(!holds, until)
  }
}

/** True where the act names one of these, by id or kind. An entity hands nothing to itself. */
function goesTo({ recipient, entity }: Act, recipients: Known['recipients'], names: readonly string[]): boolean {
  const to = recipient === undefined ? undefined : recipients.get(recipient)
  if (to === undefined || (to.kind === 'entity' && to.id === entity)) return false
  return names.includes(to.id) || names.includes(to.kind)
}

/** Somebody's verified authority holds now; of several the one that lasts longest. */
const represented: Test = ({ actor, now }, facts) => {
  let found = FAILS
  for (const one of facts.representatives ?? []) {
    const acts = actor.kind !== 'representative' || actor.name === '' || actor.name === one.id
    if (acts && suits(one, facts)) found = withTerm(found, one.since, one.until, now)
    if (found === HOLDS) break
  }
  return found
}

/**
 * A power of attorney does not make up for a minor's legal representative; parenthood ends when the person is of age, and is
 * nothing where the age is not known.
 */
function suits({ kind }: Representative, { age }: Facts): boolean {
  if (age === 'minor') return kind !== 'attorney'
  return kind === 'attorney' || (kind === 'guardian' && age === 'adult')
}

const confirmed: Test = ({ now }, { confirmedAt }) =>
  confirmedAt === null ? FAILS : lasts(confirmedAt <= now, later(confirmedAt, now))

function unconfirmedFor(milliseconds: number): Test {
  return (act, facts) => {
    const known = confirmed(act, facts)
    if (known.holds) return FAILS
    const end = facts.collectedAt + milliseconds
    return lasts(act.now >= end, Math.min(later(end, act.now), known.until))
  }
}

/** A live consent for this very purpose and entity; of several the one that lasts longest. */
const consented: Test = ({ purpose, entity, now }, { consents }) => {
  let found = FAILS
  for (const one of consents) {
    if (one.purpose === purpose && one.entity === entity) found = withTerm(found, one.since, one.until, now)
    if (found === HOLDS) break
  }
  return found
}

/** A contract in force with this entity; for one of these services, where they are named. */
function contractFor(services: readonly string[] | null): Test {
  return ({ entity, now }, { contracts }) => {
    let found = FAILS
    for (const { entity: other, service, since, endedAt } of contracts) {
      if (other !== entity || services?.includes(service) === false) continue
      found = withTerm(found, since, endedAt, now)
      if (found === HOLDS) break
    }
    return found
  }
}

const GROUNDED: Readonly<Record<GroundKind, Test>> = {
  consent: consented,
  contract: contractFor(null),
  law: () => HOLDS,
}

/** What holds of some terms and one more: until the last of those that run ends, or the first of those to come begins. */
function withTerm(found: Outcome, since: Instant, until: Instant | null, now: Instant): Outcome {
  const last = until ?? NEVER
  if (since > now) return found.holds || found.until <= since ? found : lasts(false, since)
  if (last <= now || (found.holds && found.until >= last)) return found
  return lasts(true, last)
}

function later(instant: Instant, now: Instant): Instant {
  return instant > now ? instant : NEVER
}
