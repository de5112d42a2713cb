import { numbering } from './numbering.ts'
import type { SourceLine } from './source-lines.ts'

/** A clause of the original, or one of its footnotes (`note.1`), with the line it begins on. */
export interface ReadClause {
  readonly number: string
  readonly title: string
  readonly paragraphs: readonly string[]
  readonly line: number
}

/** The parts of an original. The preamble is what stands between the title and the first clause. */
export interface ReadText {
  readonly title: string
  readonly preamble: readonly ReadClause[]
  readonly clauses: readonly ReadClause[]
  readonly notes: readonly ReadClause[]
}

interface Open {
  readonly number: string
  readonly line: number
  readonly paragraphs: string[]
}

const FOOTNOTE = /^([⁰¹²³⁴⁵⁶⁷⁸⁹]+|\[\d{1,3}\]|\*{1,3})\s*(\S.*)$/u

/**
 * Takes a text apart: its title, the paragraphs of its preamble (numbered 0.1, 0.2 …, as the text itself does not), its
 * clauses under their own numbers, and its footnotes in their order, wherever a page put them.
 */
export function readText(lines: readonly SourceLine[]): ReadText {
  const numbers = numbering(lines)
  const marks = referredMarks(lines)
  const clauses: Open[] = []
  const notes: Open[] = []
  const before: Open[] = []
  let note: Open | null = null
  let previous = ''

  for (const line of lines) {
    const heading = numbers.take(line, previous)
    const foot = heading === null && line.begins ? footnoteOf(line, marks) : null
    if (heading !== null) {
      clauses.push({
        number: heading.path.join('.'),
        line: line.line,
        paragraphs: heading.rest === '' ? [] : [heading.rest],
      })
      note = null
    } else if (foot !== null) {
      note = { number: `note.${notes.length + 1}`, line: line.line, paragraphs: [foot] }
      notes.push(note)
    } else {
      // A footnote at the foot of a page ends with its paragraph; the text goes on where the page had broken it.
      if (line.begins) note = null
      const open: Open | undefined = note ?? clauses.at(-1)
      if (open !== undefined) add(open, line, previous === '' || bare(open))
      else if (line.begins || before.length === 0) before.push({ number: '', line: line.line, paragraphs: [line.text] })
      else add(before.at(-1) as Open, line, false)
    }
    previous = line.text
  }
  const [title, ...preamble] = before
  return {
    title: title?.paragraphs.join(' ') ?? '',
    preamble: preamble
      .filter(({ paragraphs }) => !/^(преамбула|preamble)[.:]?$/i.test(paragraphs.join(' ')))
      .map((open, i) => ({ ...open, number: `0.${i + 1}`, title: '' })),
    clauses: clauses.map(titled),
    notes: notes.map((open) => ({ ...open, title: '' })),
  }
}

function bare(open: Open): boolean {
  return open.paragraphs.length === 0
}

function add(open: Open, line: SourceLine, first: boolean): void {
  const last = open.paragraphs.length - 1
  if (first || line.begins || last < 0) open.paragraphs.push(line.text)
  else open.paragraphs[last] = `${open.paragraphs[last] ?? ''} ${line.text}`
}

/** The first paragraph of a section is its title where it is short and no sentence. */
function titled({ number, line, paragraphs }: Open): ReadClause {
  const [first = '', ...rest] = paragraphs
  const isTitle = !number.includes('.') && first.length <= 200 && !/[.:;,]$/.test(first)
  return isTitle ? { number, line, title: first, paragraphs: rest } : { number, line, title: '', paragraphs }
}

/** The words of a footnote. A bracketed number or an asterisk is one only where the text refers to it. */
function footnoteOf({ text }: SourceLine, marks: ReadonlySet<string>): string | null {
  const [, mark = '', words = ''] = FOOTNOTE.exec(text) ?? []
  if (mark === '') return null
  return /^[[*]/.test(mark) && !marks.has(mark) ? null : words
}

/** The marks that stand right after a word somewhere. */
function referredMarks(lines: readonly SourceLine[]): ReadonlySet<string> {
  const found = new Set<string>()
  for (const { text } of lines) {
    for (const [, mark = ''] of text.matchAll(/[\p{L}\p{N}»”".,)]\s?(\[\d{1,3}\]|\*{1,3})/gu)) found.add(mark)
  }
  return found
}
