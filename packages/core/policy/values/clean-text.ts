import { ok, type Result } from '../../base/index.ts'
import { invalid, type Normalised, type ValueProblem } from './field-kind.ts'

// Controls, format characters (bidi overrides, zero width), private use, unassigned, letters and marks that print nothing
// (Hangul fillers, variation selectors), enclosing marks, the sign of a damaged decoding. Joiners are judged apart.
const FORBIDDEN = /[[\p{C}\p{Default_Ignorable_Code_Point}\p{Me}\u{2800}\u{FFFC}\u{FFFD}]--[\t\n\r\u{200C}\u{200D}]]/v
const EMOJI = /[[\p{Extended_Pictographic}\p{Regional_Indicator}\p{Emoji_Modifier}]--[©®™]]/v
const JOINER = /[\u200C\u200D]/u
// Where a zero-width joiner changes how a word is spelled (RFC 5892 appendix A): between letters of these scripts.
const JOINER_OUT_OF_PLACE =
  /(?<![\p{sc=Arab}\p{sc=Syrc}\p{sc=Deva}\p{sc=Beng}\p{sc=Guru}\p{sc=Gujr}\p{sc=Orya}\p{sc=Taml}\p{sc=Telu}\p{sc=Knda}\p{sc=Mlym}\p{sc=Sinh}\p{sc=Khmr}\p{sc=Mymr}])[\u200C\u200D]|[\u200C\u200D](?!\p{L})/u
const LINE_END = /\r\n|[\n\r\u2028\u2029]/u
const SPACES = /\p{White_Space}+/gu
const MARKS_PILED = /\p{M}{6}/u

/** How many UTF-16 units may become `max` code points: astral letters, decomposed letters, surrounding space. */
function rawLimit(max: number): number {
  return 4 * max + 64
}

/** True where `text` has at most `max` code points. */
export function withinLength(text: string, max: number): boolean {
  if (text.length <= max) return true
  if (text.length > 2 * max) return false
  return Array.from(text).length <= max
}

export interface Cleaning {
  /** The greatest number of code points of the result. */
  readonly max: number
  /** Take the joiners that some scripts spell with; names never do. */
  readonly joiners?: boolean
}

/**
 * The non-empty lines of an untrusted text, NFC, each trimmed, with every run of Unicode white space as one space.
 * What cannot be printed, and emoji, are refused. Length is refused before anything looks at the characters.
 */
export function cleanLines(raw: unknown, cleaning: Cleaning): Result<readonly string[], ValueProblem> {
  if (typeof raw !== 'string') return invalid('must be a text')
  if (raw.length > rawLimit(cleaning.max)) return invalid(`is longer than ${cleaning.max} characters`)
  if (!raw.isWellFormed()) return invalid('is not well-formed Unicode')
  const text = raw.normalize('NFC')
  if (FORBIDDEN.test(text)) return invalid('has a control, invisible or unassigned character')
  if (EMOJI.test(text)) return invalid('has an emoji')
  if (JOINER.test(text) && (cleaning.joiners !== true || JOINER_OUT_OF_PLACE.test(text))) {
    return invalid('has a zero-width character')
  }
  if (MARKS_PILED.test(text)) return invalid('piles up combining marks')
  const lines = text
    .split(LINE_END)
    .map((line) => line.replace(SPACES, ' ').replace(/^ | $/g, ''))
    .filter((line) => line !== '')
  return lines.length === 0 ? invalid('is empty') : ok(lines)
}

/** As `cleanLines`, on one line. */
export function cleanText(raw: unknown, cleaning: Cleaning): Normalised {
  const lines = cleanLines(raw, cleaning)
  if (!lines.ok) return lines
  const text = lines.value.join(' ')
  return withinLength(text, cleaning.max) ? ok(text) : invalid(`is longer than ${cleaning.max} characters`)
}
