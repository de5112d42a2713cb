import { ok } from '../../base/index.ts'
import { isCardNumber } from './card-number.ts'
import { cleanText } from './clean-text.ts'
import { invalid, type Normalised } from './field-kind.ts'

const TOKEN = /^[a-z][a-z0-9]{1,15}[:_]([A-Za-z0-9_-]{8,128})$/

/** A payment provider's token for a stored means of payment: `provider:token` (or `provider_token`), case as given. */
export function normalisePaymentToken(raw: unknown): Normalised {
  const clean = cleanText(raw, { max: 160 })
  if (!clean.ok) return clean
  return TOKEN.test(clean.value)
    ? ok(clean.value)
    : invalid('must be the provider, a colon and 8 to 128 letters, digits, "_" or "-"')
}

/**
 * True where a token is a card number in disguise. Narrower than for other texts: a token is random, and a UUID's groups of
 * digits would be taken for a card number once in some thousand.
 */
export function tokenHidesCardNumber(token: string): boolean {
  const body = TOKEN.exec(token)?.[1] ?? token
  return isCardNumber(body.replace(/[_-]/g, '')) || body.split(/[^0-9]+/).some(isCardNumber)
}
