import { bindingsOf } from './matrix/bindings.ts'
import type { Declarations } from './model.ts'
import { type PolicyProblem, problemAt } from './problem.ts'

/** The languages number alike, and every clause is bound or informational, never both. */
export function checkClauses(policy: Declarations): readonly PolicyProblem[] {
  const [first, ...others] = policy.languages.flatMap((language) => policy.texts.get(language) ?? [])
  if (first === undefined) return []
  const problems: PolicyProblem[] = []
  for (const other of others) {
    for (const { number, line } of first.clauses.values()) {
      if (!other.clauses.has(number)) {
        problems.push(problemAt({ file: first.file, line }, `clause ${number} is not in ${other.file}`, [number]))
      }
    }
    for (const { number, line } of other.clauses.values()) {
      if (!first.clauses.has(number)) {
        problems.push(problemAt({ file: other.file, line }, `clause ${number} is not in ${first.file}`, [number]))
      }
    }
  }
  const bound = bindingsOf(policy)
  const informational = new Set(policy.informational.flatMap(({ clauses }) => clauses))
  for (const { number, line } of first.clauses.values()) {
    if (bound.has(number) || informational.has(number)) continue
    const message = `clause ${number} is bound to nothing; bind it or declare it informational with a reason`
    problems.push(problemAt({ file: first.file, line }, message, [number]))
  }
  for (const { clauses, at } of policy.informational) {
    for (const number of clauses) {
      if (bound.has(number))
        problems.push(problemAt(at, `clause ${number} is bound, so it is not only informational`, [number]))
    }
  }
  return problems
}
