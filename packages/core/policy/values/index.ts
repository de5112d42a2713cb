export { bankAccountMatchesBik } from './bank-account.ts'
export { containsCardNumber } from './card-number.ts'
export {
  FIELD_KINDS,
  type FieldKind,
  type Normalised,
  type ValueLimits,
  type ValueProblem,
} from './field-kind.ts'
export { type IndexedKind, indexForm } from './index-form.ts'
export { maskValue } from './mask-value.ts'
export { normaliseValue } from './normalise-value.ts'
