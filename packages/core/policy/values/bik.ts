import { ok } from '../../base/index.ts'
import { cleanText } from './clean-text.ts'
import { invalid, type Normalised } from './field-kind.ts'

/** A BIK: the nine digits, the first 0, by which the Bank of Russia names a participant of its payment system. */
export function normaliseBik(raw: unknown): Normalised {
  const clean = cleanText(raw, { max: 20 })
  if (!clean.ok) return clean
  const bik = clean.value.replaceAll(' ', '')
  return /^0[0-9]{8}$/.test(bik) ? ok(bik) : invalid('must be 9 digits, the first of them 0')
}
