/** Where in a bundle something is declared. Lines count from 1. */
export interface Place {
  readonly file: string
  readonly line: number
}

/** One thing wrong with a bundle. The bundle is the operator's text and holds no personal data, so a message may quote it. */
export interface PolicyProblem extends Place {
  /** The clause of the policy that the faulty place speaks of, where it names one. */
  readonly clause?: string
  readonly message: string
}

/** A problem at a place, in the order of its members that reports rely on. */
export function problemAt(at: Place, message: string, clauses: readonly string[] = []): PolicyProblem {
  const clause = clauses[0]
  return { file: at.file, line: at.line, ...(clause === undefined ? {} : { clause }), message }
}
