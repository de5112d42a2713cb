import { ok } from '../../base/index.ts'
import { cleanLines, withinLength } from './clean-text.ts'
import { invalid, type Normalised } from './field-kind.ts'

/** The greatest length of an address in code points, unless the form says less. */
const ADDRESS_MAX = 500

// Letters and digits of every script (house letters mix alphabets lawfully), fractions of house numbers, joiners where
// a script needs them, and the punctuation of Russian and English addresses ("д. 5/7", "№ 3", "а/я", "Ho!", plus codes).
const ALPHABET = /^[\p{L}\p{M}\p{Nd} .,:\-–—‑\/\\№#'’ʼ"“”„«»()&+!ªº°¼½¾·・、。，\u200C\u200D]+$/u

/** A postal address on one line: line ends become ", ". */
export function normalisePostalAddress(raw: unknown, maxLength: number = ADDRESS_MAX): Normalised {
  const max = Math.min(maxLength, ADDRESS_MAX)
  const clean = cleanLines(raw, { max, joiners: true })
  if (!clean.ok) return clean
  const address = clean.value
    .map((line) => line.replace(/^[ ,]+|[ ,]+$/g, ''))
    .filter((line) => line !== '')
    .join(', ')
  if (!ALPHABET.test(address)) return invalid('has a character that addresses do not have')
  if (!/\p{L}/u.test(address)) return invalid('has no letter')
  return withinLength(address, max) ? ok(address) : invalid(`is longer than ${max} characters`)
}
