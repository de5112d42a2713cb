import { ok } from '../../base/index.ts'
import { cleanText } from './clean-text.ts'
import { invalid, type Normalised } from './field-kind.ts'

/** A contract's number: 4 to 32 Latin letters, digits and hyphens, in upper case. */
export function normaliseContractNumber(raw: unknown): Normalised {
  const clean = cleanText(raw, { max: 40 })
  if (!clean.ok) return clean
  if (/\p{Script=Cyrillic}/u.test(clean.value))
    return invalid('has a Cyrillic letter; a contract number has Latin ones')
  // Before upper-casing: ß, ſ and ı become ASCII letters by it.
  if (!/^[A-Za-z0-9-]{4,32}$/.test(clean.value)) return invalid('must be 4 to 32 Latin letters, digits and hyphens')
  return ok(clean.value.toUpperCase())
}
