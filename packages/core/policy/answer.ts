import type { Instant } from '../base/index.ts'
import { inOrder } from './clauses.ts'
import type { Candidate } from './compile.ts'
import type { Cause, Decision } from './decision.ts'
import type { Policy } from './policy.ts'
import type { Retained } from './retained.ts'

/** Why a permit rule did not hold: the first of its predicates that is missing. */
export function lacking({ lacks, cause }: Candidate, missing: number): Cause {
  for (const lack of lacks) if ((lack.bit & missing) !== 0) return lack.cause
  return cause
}

/** Nothing speaks of the field. */
export function noRule(policy: Policy, field: string): Cause {
  return { reason: 'no-rule', ...named(policy, field), clauses: policy.defaults.noRule }
}

/** The data are not there, whatever the reason. */
export function noLiveData(policy: Policy): Cause {
  return { reason: 'no-live-data', clauses: policy.defaults.noLiveData }
}

/** Something keeps a field from destruction: its ground, with the article in the language that binds. */
export function keptBy(policy: Policy, { inForce, ground, clauses, article }: Retained, field: string): Cause {
  return {
    reason: inForce ? 'contract-in-force' : 'retained',
    ...named(policy, field),
    rule: ground,
    clauses: inOrder([...clauses, article[policy.languages[0] ?? ''] ?? ground]),
  }
}

/** A field's name, where the policy declares it: what it does not know is a caller's text, and stays out of decisions. */
function named(policy: Policy, field: string): { readonly field?: string } {
  return policy.fields.has(field) ? { field } : {}
}

/** A refusal; what is said twice of one field is told once. */
export function refusal(policy: Policy, causes: readonly Cause[], until: Instant): Decision {
  const once: Cause[] = []
  for (const cause of causes) if (!isTold(once, cause)) once.push(cause)
  if (once.length === 0) once.push({ reason: 'no-rule', clauses: policy.defaults.noRule })
  return answer(policy, 'refuse', once, until)
}

/** True where the same was said of the same field before. */
function isTold(told: readonly Cause[], { reason, field, rule }: Cause): boolean {
  for (const one of told) if (one.reason === reason && one.field === field && one.rule === rule) return true
  return false
}

/** `until` is infinite where time cannot change the answer. */
export function answer(policy: Policy, effect: Decision['effect'], causes: readonly Cause[], until: Instant): Decision {
  return {
    effect,
    clauses: union(causes),
    causes,
    policy: policy.id,
    until: until === Number.POSITIVE_INFINITY ? null : until,
  }
}

/** The clauses of all causes, in order as each cause's own. */
function union(causes: readonly Cause[]): readonly string[] {
  const first = causes[0]?.clauses ?? []
  let all: string[] | null = null
  for (const { clauses } of causes) {
    if (clauses === first) continue
    all ??= [...first]
    for (const clause of clauses) if (!all.includes(clause)) all.push(clause)
  }
  return all === null ? first : all.sort()
}
