import { compile } from '../compile.ts'
import type { Declarations, Purpose, Rule } from '../model.ts'
import type { Policy } from '../policy.ts'

/** A policy that differs from another in what it declares. */
export function variant(policy: Policy, change: Partial<Declarations>): Policy {
  const declared = { ...policy, ...change }
  return { ...declared, index: compile(declared) }
}

/** A policy with some rules changed; null leaves a rule out. */
export function withRules(policy: Policy, change: (rule: Rule) => Rule | null): Policy {
  return variant(policy, { rules: policy.rules.flatMap((rule) => change(rule) ?? []) })
}

/** A policy with one purpose changed. */
export function withPurpose(policy: Policy, id: string, change: Partial<Purpose>): Policy {
  const purpose = policy.purposes.get(id)
  if (purpose === undefined) throw new Error(`no purpose ${id}`)
  return variant(policy, { purposes: new Map([...policy.purposes, [id, { ...purpose, ...change }]]) })
}
