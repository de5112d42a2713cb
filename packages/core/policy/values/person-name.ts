import { ok } from '../../base/index.ts'
import { cleanText, withinLength } from './clean-text.ts'
import { invalid, type Normalised } from './field-kind.ts'
import { mixesScripts } from './scripts.ts'

/** The greatest length of a name in code points, unless the form says less. */
const NAME_MAX = 100

// What keyboards, editors and transliterations put for an apostrophe: right and left quote, modifier letters, grave,
// acute, prime, the Armenian and Hebrew signs. One person must not be two because of a keyboard.
const APOSTROPHES = /[\u2018\u2019\u201B\u02B9\u02BB\u02BC\u02BD\u0060\u00B4\u2032\u055A\u05F3\uFF07]/gu
const HYPHENS = /[\u2010-\u2014\u2212\u058A\u05BE\uFE63\uFF0D]/gu

const ALPHABET = /^[\p{L}\p{M}'\-. ·・]+$/u
const DIGIT = /\p{N}/u
// Letters that are another letter's picture: mathematical alphabets, full-width, ligatures and presentation forms.
const PICTURED = /[[\p{Script=Common}&&[\p{Lu}\p{Ll}\p{Lo}]]\uFB00-\uFB06\uFB1D-\uFDFF\uFE70-\uFEFF\uFF00-\uFFEF]/v
const STRAY_MARK = /(?<![\p{L}\p{M}])\p{M}/u
const MISPLACED = [
  /(?<![\p{L}\p{M}])'(?!\p{L})/u, // an apostrophe belongs to a letter: O'Neill, 't Hart, Il'
  /''/u,
  /(?<![\p{L}\p{M}'])\./u, // a period ends an initial or an abbreviation
  /(?<![\p{L}\p{M}'.])-|-(?![\p{L}'])/u,
  /(?<![\p{L}\p{M}])[·・]|[·・](?!\p{L})/u,
] as const

/**
 * A surname, given name or patronymic in any script, case as typed. Apostrophes and hyphens take their ASCII form. Refused:
 * digits, markup and query punctuation, and a word of two scripts.
 */
export function normalisePersonName(raw: unknown, maxLength: number = NAME_MAX): Normalised {
  const max = Math.min(maxLength, NAME_MAX)
  const clean = cleanText(raw, { max })
  if (!clean.ok) return clean
  const name = clean.value.replace(APOSTROPHES, "'").replace(HYPHENS, '-').replace(/ ?- ?/g, '-')
  if (DIGIT.test(name)) return invalid('has a digit')
  if (!ALPHABET.test(name)) return invalid('has a character that names do not have')
  if (PICTURED.test(name)) return invalid('has a symbol in the place of a letter')
  if (STRAY_MARK.test(name)) return invalid('has a combining mark without a letter')
  if (MISPLACED.some((pattern) => pattern.test(name))) return invalid('has misplaced punctuation')
  if (!/\p{L}/u.test(name)) return invalid('has no letter')
  if (name.split(' ').some(mixesScripts)) return invalid('mixes letters of two alphabets in one word')
  return withinLength(name, max) ? ok(name) : invalid(`is longer than ${max} characters`)
}
