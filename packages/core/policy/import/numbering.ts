import type { SourceLine } from './source-lines.ts'

/** A number at the head of a line, as it is written. */
export interface Heading {
  readonly path: readonly number[]
  /** `1)` and `1.` are never mixed at one level: what differs is a list inside a clause. */
  readonly bracket: boolean
  /** True where a mark or a word says that this is a number of a clause: `1.1.`, `1.1)`, `п. 1.1`, `§ 1`. */
  readonly marked: boolean
  readonly rest: string
}

const WORD = String.raw`(?:(?:п|пп|ст|гл|разд|cl|sec|art)\.|пункт|подпункт|статья|раздел|глава|clause|section|article|§)\s*`
const NUMBER = String.raw`\(?((?:0|[1-9]\d{0,2})(?:\.[1-9]\d{0,2}){0,7})`
const HEADING = new RegExp(`^(${WORD})?${NUMBER}(?:([.)]|\\.\\))(?=\\s|$|[\\p{L}«“"(])|(?=\\s|$))\\s*(.*)$`, 'iu')

/** The number a line begins with, or null. `109029, …`, `30-й` and `1.07.2026` begin with none. */
function headingOf(text: string): Heading | null {
  const match = HEADING.exec(text)
  if (match === null) return null
  const [, word, number = '', mark, rest = ''] = match
  return {
    path: number.split('.').map(Number),
    bracket: mark?.includes(')') ?? false,
    marked: word !== undefined || mark !== undefined,
    rest,
  }
}

/** True where a number may follow another: its first child, or the next of its level or of a level above. */
function follows(path: readonly number[], last: readonly number[]): boolean {
  const [own, above] = [path.at(-1) ?? 0, path.slice(0, -1)]
  if (above.some((part, i) => part !== last[i])) return false
  if (path.length === last.length + 1) return own === 1
  return path.length <= last.length && own === (last[path.length - 1] ?? 0) + 1
}

/** Ends of lines after which a number is part of the sentence: `…согласно п.`, `…and`. */
const MID_SENTENCE =
  /(?:^|[\s(])(?:п|пп|ст|гл|разд|cl|sec|art|пункт\p{L}*|подпункт\p{L}*|стать\p{L}*|раздел\p{L}*|clauses?|sections?|articles?|и|или|либо|в|с|and|or|in|of|under)\.?$|[,(–—-]$/iu

/** Tells clause numbers from numbers in sentences and in lists, line by line. */
export interface Numbering {
  /** The heading, where this line begins a clause. */
  readonly take: (line: SourceLine, before: string) => Heading | null
}

/** `lines` are the whole text: whether `3.` is a section or the third of a list is told by whether a `3.1` follows. */
export function numbering(lines: readonly SourceLine[]): Numbering {
  const parents = lastParents(lines)
  let last: readonly number[] = []
  let bracket: boolean | null = null
  let listed: number | null = null

  const isClause = (heading: Heading, { begins, line }: SourceLine, before: string): boolean => {
    const [own = 0] = heading.path
    const top = heading.path.length === 1
    if (!begins && MID_SENTENCE.test(before)) return false
    const opens = heading.rest === '' || /^[\p{Lu}«“"„(]/u.test(heading.rest)
    if (!heading.marked && !(opens && begins)) return false
    const sectionFollows = (parents.get(own) ?? 0) > line
    if (top && bracket !== null && heading.bracket !== bracket) return false
    if (top && listed !== null && own === listed + 1 && !sectionFollows) return false
    if (follows(heading.path, last)) return begins || opens || !top
    // Out of order, yet written as a clause is: taken, so that its place is told and nothing is lost in another clause.
    return begins && opens && heading.marked && (top ? own > (last[0] ?? 0) && sectionFollows : true)
  }
  const take = (line: SourceLine, before: string): Heading | null => {
    const heading = headingOf(line.text)
    if (heading === null) return null
    if (!isClause(heading, line, before)) {
      if (heading.path.length === 1 && heading.marked) listed = heading.path[0] ?? null
      return null
    }
    last = heading.path
    listed = null
    if (heading.path.length === 1) bracket ??= heading.bracket
    return heading
  }
  return { take }
}

/** Section -> the last line on which a clause directly under it begins. */
function lastParents(lines: readonly SourceLine[]): ReadonlyMap<number, number> {
  const found = new Map<number, number>()
  for (const { text, line } of lines) {
    const path = headingOf(text)?.path ?? []
    if (path.length === 2 && path[1] === 1) found.set(path[0] ?? 0, line)
  }
  return found
}
