import type { Declarations } from '../model.ts'
import type { Place } from '../problem.ts'

/** What a clause can be bound by. `rule` and `retention` are what software decides by; `measure` is what people do. */
export const BINDING_KINDS = [
  'operator',
  'entity',
  'recipient',
  'channel',
  'purpose',
  'category',
  'field',
  'age',
  'erasure',
  'doubts',
  'actor',
  'service',
  'rule',
  'retention',
  'form',
  'mandatory',
  'consent',
  'campaign',
  'invariant',
  'measure',
] as const
export type BindingKind = (typeof BINDING_KINDS)[number]

/** One thing of the bundle that acts on a clause. */
export interface Binding {
  readonly kind: BindingKind
  /** Its name; of what lies inside a form `form/field` or `form/purpose`; empty for the operator, the question of age, erasure. */
  readonly id: string
  readonly at: Place
}

/**
 * What acts on each clause, in the policy's order. A clause that is not in it is bound to nothing. The clauses of `defaults`
 * speak for no act and bind nothing.
 */
export function bindingsOf(policy: Declarations): ReadonlyMap<string, readonly Binding[]> {
  const found = new Map<string, Binding[]>()
  const bind = (kind: BindingKind, id: string, at: Place, clauses: readonly string[]): void => {
    for (const clause of new Set(clauses)) {
      const list = found.get(clause)
      if (list === undefined) found.set(clause, [{ kind, id, at }])
      else list.push({ kind, id, at })
    }
  }
  bind('operator', '', policy.operator.at, policy.operator.clauses)
  if (policy.age !== null) bind('age', '', policy.age.at, policy.age.clauses)
  if (policy.erasure !== null) bind('erasure', '', policy.erasure.at, policy.erasure.clauses)
  if (policy.doubts !== null) bind('doubts', '', policy.doubts.at, policy.doubts.clauses)
  for (const [kind, declared] of declarations(policy)) {
    for (const { id, at, clauses } of declared) bind(kind, id, at, clauses)
  }
  for (const form of policy.forms.values()) {
    for (const { purpose, at, clauses } of form.consents) bind('consent', `${form.id}/${purpose}`, at, clauses)
    for (const { field, at, mandatory } of form.fields) {
      if (mandatory !== null) bind('mandatory', `${form.id}/${field}`, at, [mandatory.clause])
    }
    for (const { id, at, mandatory } of form.choices) {
      if (mandatory !== null) bind('mandatory', `${form.id}/${id}`, at, [mandatory.clause])
    }
  }
  return found
}

interface Declared {
  readonly id: string
  readonly at: Place
  readonly clauses: readonly string[]
}

function declarations(policy: Declarations): readonly (readonly [BindingKind, Iterable<Declared>])[] {
  return [
    ['entity', policy.entities.values()],
    ['entity', policy.overlays.values()],
    ['recipient', policy.recipients.values()],
    ['channel', policy.channels.values()],
    ['purpose', policy.purposes.values()],
    ['category', policy.categories.values()],
    ['field', policy.fields.values()],
    ['actor', policy.actors.values()],
    ['service', policy.services.values()],
    ['rule', policy.rules],
    ['retention', policy.retention],
    ['form', policy.forms.values()],
    ['campaign', policy.campaigns.values()],
    ['invariant', policy.invariants],
    ['measure', policy.measures],
  ]
}
