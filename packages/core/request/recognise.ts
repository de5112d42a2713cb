import { REQUEST_KINDS, type RequestKind } from '../base/index.ts'
import patterns from './recognise-words.json' with { type: 'json' }

/** What a letter seems to ask, and by which words of its own; a person who registers letters decides. */
export interface Recognised {
  /** Kinds that a mark of the operator's policy names: these are no guess. */
  readonly marked: readonly RequestKind[]
  /** Kinds that the words speak of, in the order of the law's list; marked ones are not repeated. */
  readonly suggested: readonly RequestKind[]
}

/** The marks that the operator's policy asks for on letters, and what each is the mark of. */
export type Marks = readonly { readonly mark: string; readonly kind: RequestKind }[]

/** Words of a letter that are looked at. What stands behind them is read by people. */
const MOST = 4_000

interface Pattern {
  readonly kind: RequestKind
  /** In so many words from the first found one, one of each of these beginnings of words. */
  readonly within: number
  readonly all: readonly (readonly string[])[]
}

const PATTERNS = patterns as readonly Pattern[]

/**
 * Recognises what a letter asks for: by its marks, wherever they stand in heading or text, and by its words. A mark asks for no exact
 * spelling: case, ё, quotes and line breaks make no difference. The time is linear in the text, whatever its sender made of it.
 */
export function recognise(marks: Marks, heading: string, text: string): Recognised {
  const words = wordsOf(`${heading}\n${text}`)
  const marked = REQUEST_KINDS.filter((kind) =>
    marks.some((one) => one.kind === kind && standsIn(words, wordsOf(one.mark))),
  )
  const suggested = REQUEST_KINDS.filter(
    (kind) => !marked.includes(kind) && PATTERNS.some((pattern) => pattern.kind === kind && speaksOf(words, pattern)),
  )
  return { marked, suggested }
}

function wordsOf(text: string): readonly string[] {
  // Cut before it is split: no word of a letter is so long.
  const plain = text
    .slice(0, MOST * 40)
    .toLowerCase()
    .replaceAll('ё', 'е')
  return (plain.match(/[\p{L}\p{N}]+/gu) ?? []).slice(0, MOST)
}

function standsIn(words: readonly string[], phrase: readonly string[]): boolean {
  if (phrase.length === 0) return false
  return words.some((_, at) => phrase.every((word, offset) => words[at + offset] === word))
}

/** "Do not delete" asks for no deletion; what looks for the particle itself is not denied by it. */
function speaksOf(words: readonly string[], { all, within }: Pattern): boolean {
  const deniable = !all.some((stems) => stems.includes('не'))
  const denied = (at: number): boolean => deniable && (words[at - 1] === 'не' || words[at - 1] === 'not')
  return words.some((_, at) => {
    const near = words.slice(at, at + within)
    return all.every((stems) => near.some((word, place) => begins(word, stems) && !denied(at + place)))
  })
}

function begins(word: string, stems: readonly string[]): boolean {
  return stems.some((stem) => (stem.length <= 3 ? word === stem : word.startsWith(stem)))
}
