import { OPERATIONS, type Operation } from '../../base/index.ts'
import { touches } from '../compile.ts'
import {
  type ActorDeclaration,
  type Category,
  type Declarations,
  type Field,
  type Form,
  isPersonSide,
  type Labelled,
  type Purpose,
  type Recipient,
  type Retention,
  type Rule,
  selects,
} from '../model.ts'

/** One activity of processing: a purpose, and all that the rules and forms say of it. */
export interface Activity {
  readonly purpose: Purpose
  readonly categories: readonly { readonly category: Category; readonly required: boolean }[]
  /** In the law's order. */
  readonly operations: readonly Operation[]
  /** Who acts, the person and whoever acts for them left out. */
  readonly actors: readonly ActorDeclaration[]
  readonly recipients: readonly Recipient[]
  /** What keeps its data once the purpose has ended. */
  readonly storage: readonly Retention[]
  /** The forms that collect for it. */
  readonly forms: readonly Form[]
  readonly entities: readonly Labelled[]
}

/** The activities of a policy, one per purpose, in its order: what a register of processing tells. */
export function activitiesOf(policy: Declarations): readonly Activity[] {
  return [...policy.purposes.values()].map((purpose) => activityOf(policy, purpose))
}

/** The activity of one purpose. */
export function activityOf(policy: Declarations, purpose: Purpose): Activity {
  const permits = policy.rules.filter(({ effect, purposes }) => effect === 'permit' && selects(purposes, purpose.id))
  const forms = [...policy.forms.values()].filter(
    (form) => form.purpose === purpose.id || form.consents.some((consent) => consent.purpose === purpose.id),
  )
  const ofOthers = permits.filter((rule) => actorsOf(policy, rule).length > 0)
  const fields = [...policy.fields.values()].filter(
    (field) =>
      ofOthers.some((rule) => touches(policy, rule.data, field.id)) &&
      policy.compartments.get(field.compartment)?.purposes.includes(purpose.id) === true,
  )
  const permitted = OPERATIONS.filter((operation) => permits.some(({ operations }) => selects(operations, operation)))
  // What is taken in is stored: no rule need say so.
  const stores = permitted.some((operation) => operation === 'collect' || operation === 'record')
  const actors = new Set(ofOthers.flatMap((rule) => actorsOf(policy, rule)))
  return {
    purpose,
    categories: categoriesOf(policy, fields),
    operations: OPERATIONS.filter((operation) => permitted.includes(operation) || (operation === 'store' && stores)),
    actors: [...policy.actors.values()].filter((actor) => actors.has(actor)),
    recipients: recipientsOf(policy, permits),
    storage: policy.retention.filter(({ data }) => fields.some(({ compartment }) => data.includes(compartment))),
    forms,
    entities: [...policy.entities.values()].filter(({ id }) => permits.some(({ entities }) => selects(entities, id))),
  }
}

function actorsOf(policy: Declarations, rule: Rule): readonly ActorDeclaration[] {
  return [...policy.actors.values()].filter(({ id, kind }) => !isPersonSide(kind) && selects(rule.actors, id))
}

function categoriesOf(policy: Declarations, fields: readonly Field[]): Activity['categories'] {
  return [...policy.categories.values()].flatMap((category) => {
    const ids = fields.filter((field) => field.category === category.id).map(({ id }) => id)
    if (ids.length === 0) return []
    const required = [...policy.forms.values()].some((form) =>
      form.fields.some(({ field, mandatory }) => mandatory !== null && ids.includes(field)),
    )
    return [{ category, required }]
  })
}

/** Whom a rule lets data go to: those it names, by id or kind; all but the operator's own entities where it names none. */
function recipientsOf(policy: Declarations, permits: readonly Rule[]): readonly Recipient[] {
  const reached = new Set<string>()
  for (const rule of permits) {
    if (!OPERATIONS.some((operation) => operation.startsWith('transfer:') && selects(rule.operations, operation)))
      continue
    const asked = rule.when.filter((predicate) => predicate.is === 'recipient')
    const barred = rule.when.flatMap((predicate) => (predicate.is === 'not-recipient' ? predicate.names : []))
    for (const { id, kind } of policy.recipients.values()) {
      if (barred.includes(id) || barred.includes(kind)) continue
      const named = asked.every(({ names }) => names.includes(id) || names.includes(kind))
      if (named && (asked.length > 0 || kind !== 'entity')) reached.add(id)
    }
  }
  return [...policy.recipients.values()].filter(({ id }) => reached.has(id))
}
