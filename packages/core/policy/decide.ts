import type { Facts, Instant } from '../base/index.ts'
import { answer, keptBy, lacking, noLiveData, noRule, refusal } from './answer.ts'
import { type Candidate, type FieldPlan, type Plan, planFor } from './compile.ts'
import type { Act, Cause, Decision } from './decision.ts'
import { PERSON } from './model.ts'
import type { Policy } from './policy.ts'
import { isClosed } from './predicates.ts'
import { type Retained, retained } from './retained.ts'

/** Operations that bring data in, so nothing need be held yet; the first two may also begin a person. */
const BRING_IN: ReadonlySet<string> = new Set(['collect', 'record', 'clarify:update', 'clarify:change'])
const BEGIN: ReadonlySet<string> = new Set(['collect', 'record'])

const NEVER: Instant = Number.POSITIVE_INFINITY
const WHOLE: readonly string[] = [PERSON]

/**
 * Judges one act on one person. Pure: the same policy, act and facts give the same decision. `facts` is null where the
 * person is unknown. An act that names no field concerns the person as a whole.
 *
 * INVARIANT: what no rule permits is refused; a refusing rule wins; one refused field refuses the act.
 * INVARIANT: for whoever may not act at all, and for data that are not there (an unknown person, a destroyed one, a
 * compartment destroyed or never filled), the decision is the same, so it tells nobody which of these it was.
 */
export function decide(policy: Policy, act: Act, facts: Facts | null): Decision {
  const plan = planFor(policy.index, act) ?? NO_PLAN
  const asked = plansOfFields(plan, act.fields.length === 0 ? WHOLE : act.fields)
  const { bits, until } = plan.byAct.length === 0 ? NOTHING_BY_ACT : judgeByAct(plan, act)
  const unmet = plan.factless & ~bits
  if (!areOpen(asked, unmet)) return refusal(policy, withoutFacts(policy, asked, unmet), until)
  if (!isThere(act, facts, asked)) return refusal(policy, [noLiveData(policy)], NEVER)
  return judgeFields(policy, plan, act, facts ?? NOBODY, asked, bits, until)
}

/** What no rule speaks of. */
const NO_PLAN: Plan = { fields: new Map(), byAct: [], byFacts: [], factless: 0, closed: 0, unretained: 0 }

function unruled(datum: string): FieldPlan {
  return { datum, compartment: null, permits: [], refuses: [], always: [], ruleset: -1 }
}

function plansOfFields({ fields }: Plan, names: readonly string[]): readonly FieldPlan[] {
  const asked: FieldPlan[] = []
  for (const name of names) asked.push(fields.get(name) ?? unruled(name))
  return asked
}

const NOTHING_BY_ACT = { bits: 0, until: NEVER }

/** What the act alone decides: the bits that hold, and when time changes one of them. */
function judgeByAct({ byAct }: Plan, act: Act): { readonly bits: number; readonly until: Instant } {
  let bits = 0
  let until = NEVER
  for (const { bit, test } of byAct) {
    const outcome = test(act)
    if (outcome.holds) bits |= bit
    if (outcome.until < until) until = outcome.until
  }
  return { bits, until }
}

/** True where somebody may be permitted the field: the act alone does not refuse it. */
function isOpen({ permits, always }: FieldPlan, unmet: number): boolean {
  return isMet(permits, unmet) && !isMet(always, unmet)
}

function areOpen(asked: readonly FieldPlan[], unmet: number): boolean {
  for (const own of asked) if (!isOpen(own, unmet)) return false
  return true
}

/** True where one of the rules asks nothing of what is not met. */
function isMet(rules: readonly Candidate[], unmet: number): boolean {
  for (const { needs } of rules) if ((needs & unmet) === 0) return true
  return false
}

/** The refusals that hold whoever the person is. */
function withoutFacts(policy: Policy, asked: readonly FieldPlan[], unmet: number): readonly Cause[] {
  const causes: Cause[] = []
  for (const own of asked) {
    if (isOpen(own, unmet)) continue
    const before = causes.length
    for (const { needs, cause } of own.always) if ((needs & unmet) === 0) causes.push(cause)
    for (const permit of own.permits) if ((permit.needs & unmet) !== 0) causes.push(lacking(permit, unmet))
    if (causes.length === before) causes.push(noRule(policy, own.datum))
  }
  return causes
}

function isThere(act: Act, facts: Facts | null, asked: readonly FieldPlan[]): boolean {
  if (facts === null) return BEGIN.has(act.operation)
  if (facts.state !== 'live') return false
  const mayBeEmpty = BRING_IN.has(act.operation)
  let last: string | null = null
  for (const { compartment } of asked) {
    if (compartment === null || compartment === last) continue
    if (facts.dying.includes(compartment) || !(mayBeEmpty || facts.held.includes(compartment))) return false
    last = compartment
  }
  return true
}

/** A person about whom nothing is known yet. */
const NOBODY: Facts = {
  state: 'live',
  held: [],
  dying: [],
  collectedAt: Number.MAX_SAFE_INTEGER,
  confirmedAt: null,
  proved: [],
  blocked: null,
  contracts: [],
  consents: [],
  closed: {},
  opened: [],
}

function judgeFields(
  policy: Policy,
  plan: Plan,
  act: Act,
  facts: Facts,
  asked: readonly FieldPlan[],
  byAct: number,
  untilByAct: Instant,
): Decision {
  const { closed, unretained } = plan
  let bits = byAct
  let until = untilByAct
  for (const { bit, test } of plan.byFacts) {
    const outcome = test(act, facts)
    if (outcome.holds) bits |= bit
    if (outcome.until < until) until = outcome.until
  }
  const kept = unretained === 0 ? NOTHING : retained(policy, facts, act.now)
  if (unretained !== 0) until = Math.min(until, keptUntil(kept, facts, act.now))

  const mayBeClosed = closed !== 0 && hasSome(facts.closed)
  const permitted: Cause[] = []
  const refused: Cause[] = []
  // Fields of the same rules follow one another, and fall alike.
  let ruleset = -1
  let judged = 0
  let speaking: number | null = null
  for (const own of asked) {
    let mine = bits
    if (mayBeClosed && isClosed(facts, own.datum, act.purpose)) mine |= closed
    if (unretained !== 0 && keepers(kept, own).length === 0) mine |= unretained
    if (own.ruleset !== ruleset || mine !== judged) speaking = permitting(own, ~mine)
    ruleset = own.ruleset
    judged = mine
    const permit = speaking === null ? undefined : own.permits[speaking]
    if (permit !== undefined) permitted.push(permit.cause)
    else whyNot(policy, own, ~mine, unretained, kept, refused)
  }
  // INVARIANT: a permit needs a rule for every field; whatever slipped through above is refused here.
  const permits = refused.length === 0 && permitted.length === asked.length
  return permits ? answer(policy, 'permit', permitted, until) : refusal(policy, refused, until)
}

const NOTHING: readonly Retained[] = []

/** Which of a field's permits opens it; null where none does, or where a rule refuses it. */
function permitting({ permits, refuses }: FieldPlan, unmet: number): number | null {
  if (isMet(refuses, unmet)) return null
  for (let i = 0; i < permits.length; i++) if (((permits[i]?.needs ?? unmet) & unmet) === 0) return i
  return null
}

/** Says why a field is refused: the rules that refuse it, or what each of its permits lacks. */
function whyNot(
  policy: Policy,
  own: FieldPlan,
  unmet: number,
  unretained: number,
  kept: readonly Retained[],
  causes: Cause[],
): void {
  let fell = false
  for (const { needs, cause } of own.refuses) {
    if ((needs & unmet) !== 0) continue
    causes.push(cause)
    fell = true
  }
  if (fell) return
  for (const permit of own.permits) {
    if ((permit.needs & unmet & unretained) === 0) causes.push(lacking(permit, unmet))
    else for (const row of keepers(kept, own)) causes.push(keptBy(policy, row, own.datum))
  }
}

/** What keeps a field from destruction; for the person as a whole, everything that is kept. */
function keepers(kept: readonly Retained[], { compartment }: FieldPlan): readonly Retained[] {
  return compartment === null ? kept : kept.filter((row) => row.compartment === compartment)
}

function keptUntil(kept: readonly Retained[], facts: Facts, now: Instant): Instant {
  let until = NEVER
  for (const row of kept) until = Math.min(until, row.until ?? NEVER)
  const ends = [
    ...facts.contracts.flatMap(({ since, endedAt }) => [since, endedAt]),
    ...facts.consents.map((consent) => consent.until),
  ]
  for (const end of ends) if (end !== null && end > now) until = Math.min(until, end)
  return until
}

/** True where it has a member at all; most people close nothing. */
function hasSome(record: object): boolean {
  for (const _ in record) return true
  return false
}
