import { type PolicyProblem, problemAt } from './problem.ts'

/** One numbered clause of a policy text. */
export interface Clause {
  readonly number: string
  /** Words after the number on the heading line; empty where there are none. */
  readonly title: string
  /** Paragraphs separated by one empty line; empty only where the title says it all. */
  readonly text: string
  readonly line: number
}

/** A text of the bundle in one language. */
export interface ClauseText {
  readonly language: string
  readonly file: string
  readonly title: string
  /** What stands before the first clause. */
  readonly preface: string
  readonly clauses: ReadonlyMap<string, Clause>
}

const NUMBERED = /^(#{2,6}) +((?:0|[1-9]\d{0,3}|note)(?:\.[1-9]\d{0,3}){0,8})\.?(?: +(\S.*))?$/
const HEADING = /^#{1,6}(?: |$)/

/**
 * Reads a policy text: `# title`, a preface, then clauses, each a heading of level 2 to 6 that begins with its number
 * (`## 1 Title`, `### 1.1`), its text under it. Footnotes are numbered `note.1`, `note.2`.
 * Reports duplicate, orphaned and out-of-order numbers, headings without a number, and clauses with neither title nor text.
 */
export function readClauses(
  file: string,
  language: string,
  source: string,
): { readonly text: ClauseText; readonly problems: readonly PolicyProblem[] } {
  const problems: PolicyProblem[] = []
  const clauses = new Map<string, Clause>()
  let title = ''
  const preface: string[] = []
  let open: { number: string; title: string; line: number; lines: string[] } | null = null

  const close = (): void => {
    if (open === null) return
    const clause: Clause = { number: open.number, title: open.title, text: paragraphs(open.lines), line: open.line }
    const at = { file, line: open.line }
    if (clause.title === '' && clause.text === '') problems.push(problemAt(at, 'the clause is empty', [open.number]))
    if (clauses.has(open.number)) {
      problems.push(problemAt(at, `clause ${open.number} is there twice`, [open.number]))
    } else {
      const fault = orderFault(open.number, clauses)
      if (fault !== null) problems.push(problemAt(at, fault, [open.number]))
      clauses.set(open.number, clause)
    }
    open = null
  }

  for (const [i, line] of source.split(/\r\n|\n|\r/).entries()) {
    const numbered = NUMBERED.exec(line)
    if (numbered !== null) {
      close()
      open = { number: numbered[2] ?? '', title: (numbered[3] ?? '').trim(), line: i + 1, lines: [] }
    } else if (HEADING.test(line)) {
      close()
      if (line.startsWith('# ') && title === '' && clauses.size === 0) title = line.slice(2).trim()
      else problems.push(problemAt({ file, line: i + 1 }, 'a heading that does not begin with a clause number'))
    } else if (open !== null) open.lines.push(line)
    else preface.push(line)
  }
  close()
  if (title === '') problems.push(problemAt({ file, line: 1 }, 'the text has no title (`# …`)'))
  if (clauses.size === 0) problems.push(problemAt({ file, line: 1 }, 'the text has no clauses'))
  return { text: { language, file, title, preface: paragraphs(preface), clauses }, problems }
}

/** Clause numbers as answers name them: sorted as texts, without repeats. */
export function inOrder(numbers: readonly string[]): readonly string[] {
  return [...new Set(numbers)].sort()
}

function paragraphs(lines: readonly string[]): string {
  return lines
    .join('\n')
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.replace(/\s+/g, ' ').trim())
    .filter((paragraph) => paragraph !== '')
    .join('\n\n')
}

/** What is wrong with a number's place: its parent is missing, or the one before it is. */
function orderFault(number: string, before: ReadonlyMap<string, Clause>): string | null {
  const parts = number.split('.')
  const last = Number(parts.at(-1))
  const parent = parts.slice(0, -1).join('.')
  if (parts[0] === 'note')
    return parts.length !== 2 || (last > 1 && !before.has(`note.${last - 1}`)) ? 'a footnote out of order' : null
  if (parent !== '' && !before.has(parent)) return `clause ${parent} above it is missing`
  const previous = [...(parent === '' ? [] : [parent]), String(last - 1)].join('.')
  const first = parent === '' ? last <= 1 : last === 1
  if (!first && !before.has(previous)) return `clause ${previous} before it is missing`
  return null
}
