import type { Field, System } from './model.ts'
import type { Policy } from './policy.ts'
import { besideForm, type IndexedKind, indexForm, nameForm } from './values/index.ts'

/** One way in which people are found by a field: the kind of search tag, and the form of a value that it compares. */
export interface IndexedForm {
  readonly kind: string
  readonly formOf: (value: string) => string | null
}

/** The ways in which people are found by a field: alone, by its whole value; by surname together with another; as that other. */
export function indexedForms(policy: { readonly system: System }, field: Field): readonly IndexedForm[] {
  const { surname, besideSurname } = policy.system
  const { id, kind, identifies } = field
  return [
    ...(identifies === null ? [] : [{ kind: identifies, formOf: (value: string) => indexForm(identifies, value) }]),
    ...(id === surname ? [{ kind: SURNAME, formOf: nameForm }] : []),
    ...(besideSurname.includes(id)
      ? [{ kind: besideKind(id), formOf: (value: string) => besideForm(kind, value) }]
      : []),
  ]
}

/** The kinds of search tags that a former version may have given a field's values, and that no field has by this one. */
export function formerKinds(policy: Pick<Policy, 'system' | 'fields'>, field: string): readonly string[] {
  const shared = policy.fields.has(field) ? [] : [...ALONE, SURNAME]
  const live = [...policy.fields.values()].flatMap((one) => indexedForms(policy, one).map(({ kind }) => kind))
  return [besideKind(field), ...shared].filter((kind) => !live.includes(kind))
}

const ALONE: readonly IndexedKind[] = ['email', 'phone', 'contract-number']
const SURNAME = 'by-surname'

function besideKind(field: string): string {
  return `beside-surname ${field}`
}
