// The `min` metadata: half the bytes of `max` in a browser. For calling codes that several countries share (+7, +1, +44)
// it has every number range, so Russian numbers are checked as by `max`; elsewhere it checks length and first digits,
// so a range that a country opened after the metadata were made does not shut a person out.
import { type PhoneNumber, parsePhoneNumberFromString } from 'libphonenumber-js/min'
import { ok } from '../../base/index.ts'
import { cleanText } from './clean-text.ts'
import { invalid, type Normalised } from './field-kind.ts'

/** The greatest length of a phone number as typed. */
const TYPED_MAX = 40

/** A phone number in E.164. A number without `+` is read as dialled in Russia: 8 916 ... is +7 916 ... */
export function normalisePhone(raw: unknown): Normalised {
  const clean = cleanText(raw, { max: TYPED_MAX })
  if (!clean.ok) return clean
  const phone = parsePhone(clean.value)
  if (phone === undefined) return invalid('is not a phone number')
  if (phone.ext !== undefined) return invalid('has an extension')
  return phone.isValid() ? ok(phone.number) : invalid('is not a phone number that can be called')
}

/** What the text says as a phone number, valid or not; undefined where it is none at all. */
export function parsePhone(text: string): PhoneNumber | undefined {
  return parsePhoneNumberFromString(text, { defaultCountry: 'RU', extract: false })
}
