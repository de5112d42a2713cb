import * as contract from '@doverie/core/contract'
import { type LiveMatrix, liveMatrix } from '@doverie/vault'
import { type Route, route } from '../route.ts'

export const policyMatrixRoutes: readonly Route[] = [
  route(contract.policyMatrix, async ({ vault }) => shown(await liveMatrix(vault))),
]

const NONE: contract.MatrixClause['decisions'] = { permitted: 0, refused: 0, acts: 0, otherVersions: 0 }

/** Without the places in the bundle's files. */
function shown({ policy, counted, size, rows }: LiveMatrix): contract.PolicyMatrix {
  return {
    policy,
    counted,
    size,
    clauses: rows.map(({ clause, title, rules, declarations, measures, informational, decisions, tests }) => ({
      clause,
      title,
      rules: rules.map(({ kind, id }) => ({ kind, id })),
      declarations: declarations.map(({ kind, id }) => ({ kind, id })),
      measures: measures.map(({ text }) => text),
      informational,
      decisions: decisions ?? NONE,
      tests: tests ?? [],
    })),
  }
}
