import { DoverieError, type FieldProblem, type Uuid } from '@doverie/core/base'
import type { Vault } from '../guard/vault.ts'
import { checkSubjectId, checkTicket } from '../guard/vocabulary.ts'

/** The purpose under which the person, or staff for them, exercise rights over the data (clauses 5.2 to 5.4). */
export const RIGHTS = 'rights'
/** The purpose of the operator's own duties (clause 2.2.5). */
export const LEGAL = 'legal'

export interface OnPerson {
  readonly subject: string
  readonly entity: string
  readonly ticket?: string | undefined
}

/** Checks what every act on one person carries. */
export function checkPerson(vault: Vault, request: OnPerson): Uuid {
  checkSubjectId(request.subject)
  checkTicket(request.ticket)
  const policy = vault.policy()
  if (policy !== null && !policy.entities.has(request.entity)) {
    throw new DoverieError('unknown-entity', undefined, { field: 'entity', clause: '2' })
  }
  return request.subject
}

/** One fault for all fields that are wrong, led by the first. */
export function invalidValues(problems: readonly FieldProblem[]): DoverieError {
  const [first] = problems
  return new DoverieError(first?.code ?? 'invalid-value', first?.message, {
    ...(first === undefined ? {} : { field: first.field }),
    ...(first?.clause === undefined ? {} : { clause: first.clause }),
    fields: problems,
  })
}

/** What every such act says of itself. */
export function about(request: OnPerson): { readonly entity: string; readonly ticket: string | undefined } {
  return { entity: request.entity, ticket: request.ticket }
}
