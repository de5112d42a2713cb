import { cleanText } from './clean-text.ts'
import type { Normalised } from './field-kind.ts'

/** The greatest length of a text in code points, unless the form says less. */
const TEXT_MAX = 500

/** A free text on one line. Markup is text like any other: whoever shows it escapes it. */
export function normaliseText(raw: unknown, maxLength: number = TEXT_MAX): Normalised {
  return cleanText(raw, { max: Math.min(maxLength, TEXT_MAX), joiners: true })
}
