import { ok } from '../../base/index.ts'
import { cleanText } from './clean-text.ts'
import { invalid, type Normalised } from './field-kind.ts'

/** The last four digits of a card, by which a person knows it again; all that is ever kept of its number. */
export function normaliseCardLast4(raw: unknown): Normalised {
  const clean = cleanText(raw, { max: 40 })
  if (!clean.ok) return clean
  return /^[0-9]{4}$/.test(clean.value) ? ok(clean.value) : invalid('must be 4 digits')
}
