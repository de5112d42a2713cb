import { type ErrorCode, err, type Result } from '../../base/index.ts'

/** The forms a value can have. The policy gives every field it declares one of them. */
export const FIELD_KINDS = [
  'person-name',
  'email',
  'phone',
  'postal-address',
  'text',
  'bik',
  'bank-account',
  'payment-token',
  'card-last4',
  'tax-id',
  'access-addresses',
  'contract-number',
] as const
export type FieldKind = (typeof FIELD_KINDS)[number]

export interface ValueLimits {
  /** The greatest length in code points, counted after normalisation; it can only narrow what the kind itself allows. */
  readonly maxLength?: number
}

/** Why a value is not taken. `message` names what is wrong and never repeats the value, so it may be logged. */
export interface ValueProblem {
  readonly code: ErrorCode
  readonly message: string
}

/** The canonical text of a value, or why it is refused. */
export type Normalised = Result<string, ValueProblem>

export function invalid(message: string): { readonly ok: false; readonly error: ValueProblem } {
  return err({ code: 'invalid-value', message })
}
