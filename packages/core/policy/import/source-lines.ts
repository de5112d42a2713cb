/** One line of the original with a visible character in it. */
export interface SourceLine {
  /** With single blanks, without what nobody sees. */
  readonly text: string
  /** Line of the original, from 1. */
  readonly line: number
  /** True where a paragraph begins here; false where the line continues the one before. */
  readonly begins: boolean
}

/** A line that is longer than this was broken by no editor: such a text has a paragraph on each line. */
const LONGEST_BROKEN_LINE = 130

/** The lines of a plain text. Paragraphs are told by empty lines and, in a text with broken lines, by short last lines. */
export function sourceLines(text: string): readonly SourceLine[] {
  const raw = text.split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/).map(tidy)
  const longest = raw.reduce((most, line) => Math.max(most, line.length), 0)
  const broken = longest <= LONGEST_BROKEN_LINE
  const dense = !/\n\n/.test(raw.join('\n').trim())
  return raw.flatMap((line, i) => {
    if (line === '' || isRuler(line)) return []
    const before = i === 0 ? '' : (raw[i - 1] ?? '')
    const ended = isRuler(before) || before.length < 0.6 * longest
    // Where no line is empty, a sentence that ends with its line is all that tells a paragraph's end.
    const begins = !broken || ended || (dense && /[.:;!?»"]$/.test(before) && /^[\p{Lu}«"]/u.test(line))
    return [{ text: line, line: i + 1, begins }]
  })
}

/** Single blanks, and nothing that nobody sees: soft hyphens, zero-width characters, marks of direction. */
export function tidy(line: string): string {
  return line
    .replace(/[\u00ad\u200b-\u200f\u2060\ufeff]/g, '')
    .replace(/\s+/g, ' ')
    .trim()
}

/** What divides a page from its footnotes. */
function isRuler(line: string): boolean {
  return /^[_=–—-]{3,}$/.test(line)
}
