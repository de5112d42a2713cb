import { bindingsOf } from '../matrix/bindings.ts'
import type { Declarations } from '../model.ts'

/** The clauses of the text that binds which nothing acts on and which are not declared informational, in its order. */
export function unboundClauses(policy: Declarations): readonly string[] {
  const bound = bindingsOf(policy)
  const informational = new Set(policy.informational.flatMap(({ clauses }) => clauses))
  const numbers = policy.texts.get(policy.languages[0] ?? '')?.clauses.keys() ?? []
  return [...numbers].filter((number) => !bound.has(number) && !informational.has(number))
}
