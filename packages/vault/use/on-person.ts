import { DoverieError, type FieldProblem, type Uuid } from '@doverie/core/base'
import type { Vault } from '../guard/vault.ts'
import { checkSubjectId, checkTicket, unknownName } from '../guard/vocabulary.ts'

/** What stands for a purpose while no policy is loaded: then everything is refused, and no name goes into an entry. */
const NO_PURPOSE = ''

/** The purpose under which the person, or staff for them, exercise rights over the data. */
export function rightsPurpose(vault: Vault): string {
  return vault.policy()?.system.rights ?? NO_PURPOSE
}

/** The purpose of the operator's own duties under law. */
export function lawPurpose(vault: Vault): string {
  return vault.policy()?.system.law ?? NO_PURPOSE
}

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
    throw unknownName(policy, 'entity', 'entity')
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
