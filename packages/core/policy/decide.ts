import type { Facts, Instant } from '../base/index.ts'
import { actorKey, type Candidate, type FieldPlan, type Plan } from './compile.ts'
import type { Act, Cause, Decision } from './decision.ts'
import { PERSON } from './model.ts'
import type { Policy } from './policy.ts'
import { isClosed, judge, judgeAct, needsNoFacts, reasonOf } from './predicates.ts'
import { type Retained, retained } from './retained.ts'

/** Operations that bring data in, so nothing need be held yet; the first two may also begin a person. */
const BRING_IN: ReadonlySet<string> = new Set(['collect', 'record', 'clarify:update', 'clarify:change'])
const BEGIN: ReadonlySet<string> = new Set(['collect', 'record'])

/**
 * Judges one act on one person. Pure: the same policy, act and facts give the same decision. `facts` is null where the
 * person is unknown. An act that names no field concerns the person as a whole.
 *
 * INVARIANT: what no rule permits is refused; a refusing rule wins; one refused field refuses the act.
 * INVARIANT: for whoever may not act at all, and for data that are not there (an unknown person, a destroyed one, a
 * compartment destroyed or never filled), the decision is the same, so it tells nobody which of these it was.
 */
export function decide(policy: Policy, act: Act, facts: Facts | null): Decision {
  const fields = act.fields.length === 0 ? [PERSON] : act.fields
  const actor = actorKey({ kind: act.actor.kind, id: act.actor.name })
  const plan = policy.index.plans.get(actor)?.get(act.operation)?.get(act.purpose)?.get(act.entity)

  const { unmet, until } = plan === undefined ? NOTHING_ASKED : unmetByAct(policy, plan, act)
  const factless = withoutFacts(policy, plan, unmet, fields)
  if (plan === undefined || factless.length > 0) return refusal(policy, factless, until)
  if (!isThere(policy, act, facts, fields)) {
    return refusal(policy, [{ reason: 'no-live-data', clauses: policy.defaults.noLiveData }], null)
  }
  return judgeFields(policy, plan, act, facts, fields)
}

const NOTHING_ASKED = { unmet: 0, until: null }

/** The bits that the act alone leaves unmet, and when time changes one of them. */
function unmetByAct(policy: Policy, plan: Plan, act: Act): { readonly unmet: number; readonly until: Instant | null } {
  let unmet = 0
  let until: Instant | null = null
  for (let i = 0, left = plan.factless; left !== 0; i++, left >>>= 1) {
    const predicate = plan.predicates[i]
    if (predicate === undefined || !needsNoFacts(predicate)) continue
    const outcome = judgeAct(predicate, act, policy)
    if (!outcome.holds) unmet |= 1 << i
    if (outcome.until !== Number.POSITIVE_INFINITY) until = Math.min(until ?? outcome.until, outcome.until)
  }
  return { unmet, until }
}

/** The refusals that hold whoever the person is. */
function withoutFacts(
  policy: Policy,
  plan: Plan | undefined,
  unmet: number,
  fields: readonly string[],
): readonly Cause[] {
  const causes: Cause[] = []
  for (const field of fields) {
    const own = plan?.fields.get(field)
    const permits = own?.permits ?? []
    const always = (own?.always ?? []).filter(({ needs }) => (needs & unmet) === 0)
    if (always.length === 0 && permits.some(({ needs }) => (needs & unmet) === 0)) continue
    for (const { cause } of always) causes.push(cause)
    for (const candidate of permits) {
      if ((candidate.needs & unmet) !== 0) causes.push(lacking(policy, plan, candidate, field, candidate.needs & unmet))
    }
    if (permits.length + always.length === 0) {
      causes.push({ reason: 'no-rule', ...named(policy, field), clauses: policy.defaults.noRule })
    }
  }
  return causes
}

function isThere(policy: Policy, act: Act, facts: Facts | null, fields: readonly string[]): facts is Facts {
  if (facts === null) return BEGIN.has(act.operation)
  if (facts.state !== 'live') return false
  for (const field of fields) {
    const compartment = policy.fields.get(field)?.compartment
    if (compartment === undefined) continue
    if (facts.dying.includes(compartment)) return false
    if (!BRING_IN.has(act.operation) && !facts.held.includes(compartment)) return false
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

function judgeFields(policy: Policy, plan: Plan, act: Act, known: Facts | null, fields: readonly string[]): Decision {
  const facts = known ?? NOBODY
  const { predicates, closed, unretained } = plan
  const perField = closed | unretained
  let bits = 0
  let until: Instant = Number.POSITIVE_INFINITY
  for (const [i, predicate] of predicates.entries()) {
    if ((perField & (1 << i)) !== 0) continue
    const outcome = judge(predicate, act, facts, policy)
    if (outcome.holds) bits |= 1 << i
    if (outcome.until < until) until = outcome.until
  }
  const kept = unretained === 0 ? [] : retained(policy, facts, act.now)
  if (unretained !== 0) until = Math.min(until, keptUntil(kept, facts, act.now))

  const permitted: Cause[] = []
  const refused: Cause[] = []
  for (const field of fields) {
    const own = plan.fields.get(field)
    if (own === undefined) continue
    let mine = bits
    if (closed !== 0 && isClosed(facts, field, act.purpose)) mine |= closed
    if (unretained !== 0 && keepers(policy, kept, field).length === 0) mine |= unretained
    judgeField(policy, plan, own, field, mine, kept, permitted, refused)
  }
  const end = until === Number.POSITIVE_INFINITY ? null : until
  // INVARIANT: a permit needs a rule for every field; whatever slipped through above is refused here.
  const permits = refused.length === 0 && permitted.length === fields.length
  return permits ? answer(policy, 'permit', permitted, end) : refusal(policy, refused, end)
}

function judgeField(
  policy: Policy,
  plan: Plan,
  own: FieldPlan,
  field: string,
  bits: number,
  kept: readonly Retained[],
  permitted: Cause[],
  refused: Cause[],
): void {
  let fell = false
  for (const { needs, cause } of own.refuses) {
    if ((needs & ~bits) !== 0) continue
    refused.push(cause)
    fell = true
  }
  if (fell) return
  const permit = own.permits.find(({ needs }) => (needs & ~bits) === 0)
  if (permit !== undefined) {
    permitted.push(permit.cause)
    return
  }
  for (const candidate of own.permits) {
    const missing = candidate.needs & ~bits
    if ((missing & plan.unretained) === 0) refused.push(lacking(policy, plan, candidate, field, missing))
    else {
      for (const row of keepers(policy, kept, field)) {
        refused.push({
          reason: row.inForce ? 'contract-in-force' : 'retained',
          ...named(policy, field),
          rule: row.ground,
          clauses: [...row.clauses, row.article[policy.languages[0] ?? ''] ?? row.ground].sort(),
        })
      }
    }
  }
}

/** What keeps a field from destruction; for the person as a whole, everything that is kept. */
function keepers(policy: Policy, kept: readonly Retained[], field: string): readonly Retained[] {
  if (field === PERSON) return kept
  const compartment = policy.fields.get(field)?.compartment
  return kept.filter((row) => row.compartment === compartment)
}

function keptUntil(kept: readonly Retained[], facts: Facts, now: Instant): Instant {
  let until: Instant = Number.POSITIVE_INFINITY
  for (const row of kept) until = Math.min(until, row.until ?? Number.POSITIVE_INFINITY)
  const ends = [
    ...facts.contracts.flatMap(({ since, endedAt }) => [since, endedAt]),
    ...facts.consents.map((consent) => consent.until),
  ]
  for (const end of ends) if (end !== null && end > now) until = Math.min(until, end)
  return until
}

/** Why a permit rule did not hold: the first of its predicates that is missing. */
function lacking(
  policy: Policy,
  plan: Plan | undefined,
  { rule, cause }: Candidate,
  field: string,
  missing: number,
): Cause {
  const first = plan?.predicates.find((_, i) => (missing & (1 << i)) !== 0)
  const reason = first === undefined ? 'no-rule' : reasonOf(first)
  return { reason, ...named(policy, field), rule: rule.id, clauses: cause.clauses }
}

/** A field's name, where the policy declares it: what it does not know is a caller's text, and stays out of decisions. */
function named(policy: Policy, field: string): { readonly field?: string } {
  return policy.fields.has(field) ? { field } : {}
}

function refusal(policy: Policy, causes: readonly Cause[], until: Instant | null): Decision {
  const told = causes.length > 0 ? causes : [{ reason: 'no-rule', clauses: policy.defaults.noRule } as const]
  const seen = new Set<string>()
  const once = told.filter(({ reason, field, rule }) => {
    const key = `${reason} ${field ?? ''} ${rule ?? ''}`
    return seen.has(key) ? false : seen.add(key)
  })
  return answer(policy, 'refuse', once, until)
}

function answer(policy: Policy, effect: Decision['effect'], causes: readonly Cause[], until: Instant | null): Decision {
  return { effect, clauses: union(causes), causes, policy: policy.id, until }
}

function union(causes: readonly Cause[]): readonly string[] {
  const first = causes[0]?.clauses ?? []
  // The usual case: one rule spoke for every field, and its clauses lie sorted.
  if (causes.every(({ rule, clauses }) => rule !== undefined && clauses === first)) return first
  return [...new Set(causes.flatMap(({ clauses }) => clauses))].sort()
}
