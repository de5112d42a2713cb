import { DoverieError } from '@doverie/core/base'
import { type DemandNorm, fieldsOf, type Policy, type Recipient } from '@doverie/core/policy'

/** The authority that a demand is of. Throws `invalid-request` for anybody else. */
export function authorityOf(policy: Policy, id: string): Recipient {
  const known = policy.recipients.get(id)
  if (known?.kind !== 'authority') {
    throw new DoverieError('invalid-request', 'The policy knows no such authority.', { field: 'recipient' })
  }
  return known
}

/** The norms by which an authority asks: those that the policy lists, or the one that it has, for what is asked for by name. */
export function normsOf(authority: Recipient): readonly DemandNorm[] {
  if (authority.demands.length > 0) return authority.demands
  const { id, clauses, label, at } = authority
  return [{ id, clauses, label, at, norm: authority.norm ?? {}, data: [], term: null }]
}

/** The norm that a demand names; null where it names none. Throws `invalid-request` for one that is none of the authority's. */
export function normOf(authority: Recipient, id: string | null): DemandNorm | null {
  if (id === null) return null
  const known = normsOf(authority).find((norm) => norm.id === id)
  if (known !== undefined) return known
  const names = normsOf(authority).map((norm) => norm.id)
  throw new DoverieError('invalid-request', `The policy's norms of this authority are ${names.join(', ')}.`, {
    field: 'norm',
    ...(authority.clauses[0] === undefined ? {} : { clause: authority.clauses[0] }),
  })
}

/** What of a demand is given and what is not, by name. */
export interface MinimalFields {
  readonly given: readonly string[]
  /** Asked for, and not covered by the norm. */
  readonly beyond: readonly string[]
  /** Covered, and not held. */
  readonly absent: readonly string[]
}

/**
 * The least that satisfies a demand: what it asks for (`scope` names fields, categories or compartments; all that its norm covers where it
 * is empty), as far as its norm covers it and it is held. A norm that covers nothing by name covers what is asked for by name. Throws
 * `unknown-field`.
 */
export function minimalFields(
  policy: Policy,
  norm: Pick<DemandNorm, 'data'>,
  scope: readonly string[],
  held: readonly string[],
): MinimalFields {
  const covered = norm.data.length === 0 ? null : new Set(named(policy, norm.data))
  const asked = scope.length === 0 ? [...(covered ?? [])] : named(policy, scope)
  const within = asked.filter((field) => covered === null || covered.has(field))
  const isHeld = (field: string): boolean => held.includes(policy.fields.get(field)?.compartment ?? '')
  return {
    given: within.filter(isHeld),
    beyond: asked.filter((field) => covered !== null && !covered.has(field)),
    absent: within.filter((field) => !isHeld(field)),
  }
}

/** Fields in the order of the policy, by the names of fields, categories and compartments. */
function named(policy: Policy, names: readonly string[]): readonly string[] {
  const found = new Set<string>()
  for (const name of names) {
    const own = policy.fields.has(name) ? [name] : policy.compartments.has(name) ? fieldsOf(policy, name) : []
    const ofCategory = [...policy.fields.values()].filter(({ category }) => category === name).map(({ id }) => id)
    if (own.length + ofCategory.length === 0) throw new DoverieError('unknown-field', undefined, { field: 'scope' })
    for (const field of [...own, ...ofCategory]) found.add(field)
  }
  return [...policy.fields.keys()].filter((field) => found.has(field))
}
