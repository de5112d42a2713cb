import { err, ok, type Result } from '../../base/index.ts'
import { type ClauseText, readClauses } from '../clauses.ts'
import { type PolicyProblem, problemAt } from '../problem.ts'
import { docxLines, isArchive } from './docx/docx-lines.ts'
import { decodeText, type Encoding } from './decode-text.ts'
import { htmlLines, isHtml } from './html-lines.ts'
import { type ReadClause, type ReadText, readText } from './read-text.ts'
import { type SourceLine, sourceLines } from './source-lines.ts'

/** An operator's text as a bundle holds it. */
export interface ImportedPolicy {
  readonly language: string
  readonly encoding: Encoding
  readonly format: 'text' | 'html' | 'docx'
  /** What `policy.<language>.md` is to hold. */
  readonly markdown: string
  /** What a bundle reads of it. */
  readonly text: ClauseText
}

/**
 * Turns an operator's text, plain, a document of Word's (.docx) or a filtered web page of it, into the text of a bundle: the same words under the
 * same numbers. Either all of it, or what is wrong with it, with the lines of the original. `language` null: Russian where
 * most letters are Cyrillic, else English.
 */
export function importPolicy(
  file: string,
  bytes: Uint8Array,
  language: string | null = null,
): Result<ImportedPolicy, readonly PolicyProblem[]> {
  const opened = openOriginal(bytes)
  if (!opened.ok) return err([problemAt({ file, line: opened.error.line }, opened.error.message)])
  const { lines, encoding, format } = opened.value
  const read = readText(lines)
  if (read.clauses.length === 0) return err([problemAt({ file, line: 1 }, 'the text has no numbered clauses')])
  const tongue = language ?? languageOf(read)
  const { markdown, lineOf } = written(read, tongue)
  const { text, problems } = readClauses(`policy.${tongue}.md`, tongue, markdown)
  if (problems.length > 0) {
    return err(
      problems.map(({ line, clause, message }) =>
        problemAt({ file, line: lineOf.get(line) ?? 1 }, words(message), clause === undefined ? [] : [clause]),
      ),
    )
  }
  return ok({ language: tongue, encoding, format, markdown, text })
}

/** Longest original taken, in bytes. */
const LONGEST = 4_000_000

interface Opened {
  readonly lines: readonly SourceLine[]
  readonly encoding: Encoding
  readonly format: ImportedPolicy['format']
}

function openOriginal(bytes: Uint8Array): Result<Opened, { readonly line: number; readonly message: string }> {
  if (bytes.length > LONGEST) return err({ line: 1, message: `the text is longer than ${LONGEST} bytes` })
  if (isArchive(bytes)) {
    const lines = docxLines(bytes)
    return lines.ok ? ok({ lines: lines.value, encoding: 'utf-8', format: 'docx' }) : lines
  }
  const decoded = decodeText(bytes)
  if (!decoded.ok) return decoded
  const { text, encoding } = decoded.value
  const html = isHtml(text)
  return ok({ lines: html ? htmlLines(text) : sourceLines(text), encoding, format: html ? 'html' : 'text' })
}

/** What the reader of bundles says of headings, said of an original that has none. */
function words(message: string): string {
  return message.startsWith('the text has no title') ? 'the text has no title before its first clause' : message
}

function languageOf({ clauses }: ReadText): string {
  const all = clauses.flatMap(({ title, paragraphs }) => [title, ...paragraphs]).join('')
  const cyrillic = all.match(/\p{Script=Cyrillic}/gu)?.length ?? 0
  return cyrillic * 2 > (all.match(/\p{L}/gu)?.length ?? 0) ? 'ru' : 'en'
}

/** The Markdown, and for the lines of its headings the lines of the original. */
function written(read: ReadText, language: string): { markdown: string; lineOf: ReadonlyMap<number, number> } {
  const out: string[] = [`# ${read.title}`, '']
  const lineOf = new Map<number, number>()
  const write = ({ number, title, paragraphs, line }: ReadClause): void => {
    lineOf.set(out.length + 1, line)
    const level = number.startsWith('note') ? 2 : Math.min(6, number.split('.').length + 1)
    out.push(`${'#'.repeat(level)} ${number}${title === '' ? '' : ` ${title}`}`, '')
    // A paragraph that begins with a hash is no heading.
    for (const paragraph of paragraphs) out.push(paragraph.replace(/^(?=#)/, ' '), '')
  }
  const [first] = read.preamble
  const preamble = language === 'ru' ? 'Преамбула' : 'Preamble'
  if (first !== undefined) write({ number: '0', title: preamble, paragraphs: [], line: first.line })
  for (const clause of [...read.preamble, ...read.clauses, ...read.notes]) write(clause)
  return { markdown: `${out.join('\n').trimEnd()}\n`, lineOf }
}
