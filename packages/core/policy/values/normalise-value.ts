import { err } from '../../base/index.ts'
import { normaliseAccessAddresses } from './access-addresses.ts'
import { normaliseBankAccount } from './bank-account.ts'
import { normaliseBik } from './bik.ts'
import { normaliseCardLast4 } from './card-last4.ts'
import { containsCardNumber } from './card-number.ts'
import { withinLength } from './clean-text.ts'
import { normaliseContractNumber } from './contract-number.ts'
import { mailboxIsCardNumber, normaliseEmail } from './email.ts'
import { type FieldKind, invalid, type Normalised, type ValueLimits } from './field-kind.ts'
import { normalisePaymentToken, tokenHidesCardNumber } from './payment-token.ts'
import { normalisePersonName } from './person-name.ts'
import { normalisePhone } from './phone.ts'
import { normalisePostalAddress } from './postal-address.ts'
import { normaliseTaxId } from './tax-id.ts'
import { normaliseText } from './text.ts'

/** A value longer than this is refused for its length alone; nobody looks for a card number in it. */
const SCREENED_MAX = 2500

type Normaliser = (raw: unknown, maxLength?: number) => Normalised

const NORMALISERS: Readonly<Record<FieldKind, Normaliser>> = {
  'person-name': normalisePersonName,
  email: (raw) => normaliseEmail(raw),
  phone: (raw) => normalisePhone(raw),
  'postal-address': normalisePostalAddress,
  text: normaliseText,
  bik: (raw) => normaliseBik(raw),
  'bank-account': (raw) => normaliseBankAccount(raw),
  'payment-token': (raw) => normalisePaymentToken(raw),
  'card-last4': (raw) => normaliseCardLast4(raw),
  'tax-id': (raw) => normaliseTaxId(raw),
  'access-addresses': (raw) => normaliseAccessAddresses(raw),
  'contract-number': (raw) => normaliseContractNumber(raw),
}

/** How each kind looks for a card number; null for kinds whose own form leaves no room for one or looks like one. */
const CARD_SCREENS: Readonly<Record<FieldKind, ((text: string) => boolean) | null>> = {
  'person-name': null,
  email: mailboxIsCardNumber,
  phone: null,
  'postal-address': containsCardNumber,
  text: containsCardNumber,
  bik: containsCardNumber,
  'bank-account': containsCardNumber,
  'payment-token': tokenHidesCardNumber,
  'card-last4': containsCardNumber,
  'tax-id': null,
  'access-addresses': null,
  'contract-number': containsCardNumber,
}

/**
 * The one canonical text of an untrusted value of a kind, or why it is not taken (`invalid-value`, `card-number`).
 * Never throws, whatever `raw` is. Idempotent: a canonical text is its own canonical text, so values may be compared and
 * indexed by it. Time is bounded by the kind's length, not the caller's.
 */
export function normaliseValue(kind: FieldKind, raw: unknown, limits: ValueLimits = {}): Normalised {
  const { maxLength } = limits
  const result = NORMALISERS[kind](raw, maxLength)
  if (holdsCardNumber(kind, raw, result)) {
    return err({ code: 'card-number', message: 'holds a payment card number, which is never taken' })
  }
  if (result.ok && maxLength !== undefined && !withinLength(result.value, maxLength)) {
    return invalid(`is longer than ${maxLength} characters`)
  }
  return result
}

/**
 * The text as typed is looked at, where a line end does not hide a number; a bank account that is one (20 digits, however
 * grouped) is not.
 */
function holdsCardNumber(kind: FieldKind, raw: unknown, result: Normalised): boolean {
  const screen = CARD_SCREENS[kind]
  if (screen === null || typeof raw !== 'string' || raw.length > SCREENED_MAX) return false
  if (kind === 'bank-account' && result.ok) return false
  return screen(raw) || (result.ok && screen(result.value))
}
