import type { Field, System } from './model.ts'
import { besideForm, indexForm, nameForm } from './values/index.ts'

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

const SURNAME = 'by-surname'

function besideKind(field: string): string {
  return `beside-surname ${field}`
}
