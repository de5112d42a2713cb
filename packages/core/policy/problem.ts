/** Where in a bundle something is declared. Lines and columns count from 1, columns in UTF-16 units. */
export interface Place {
  readonly file: string
  readonly line: number
  /** Absent where the whole line, or the whole file, is meant. */
  readonly column?: number
}

/** One thing wrong with a bundle. The bundle is the operator's text and holds no personal data, so a message may quote it. */
export interface PolicyProblem extends Place {
  /** The clause of the policy that the faulty place speaks of, where it names one. */
  readonly clause?: string
  readonly message: string
}

/** A problem at a place, in the order of its members that reports rely on. */
export function problemAt(at: Place, message: string, clauses: readonly string[] = []): PolicyProblem {
  const { file, line, column } = at
  const clause = clauses[0]
  return {
    file,
    line,
    ...(column === undefined ? {} : { column }),
    ...(clause === undefined ? {} : { clause }),
    message,
  }
}

/** `rules.yaml:12`: a second place, within a message. */
export function placed({ file, line }: Place): string {
  return `${file}:${line}`
}

/** `rules.yaml:12:7: what is wrong (clause 1.1)`, the form in which editors and terminals find the place. */
export function problemLine({ file, line, column, clause, message }: PolicyProblem): string {
  const place = column === undefined ? `${file}:${line}` : `${file}:${line}:${column}`
  return `${place}: ${message}${clause === undefined ? '' : ` (clause ${clause})`}`
}

/** By file, then by place; what is equal keeps its order. */
export function byPlace(a: PolicyProblem, b: PolicyProblem): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1
  return a.line - b.line || (a.column ?? 0) - (b.column ?? 0)
}
