import { DoverieError, isDoverieError, type Operation } from '@doverie/core/base'
import type { Decision } from '@doverie/core/policy'
import type { Personal } from '../personal.ts'
import type { Permit } from '../permit.ts'
import type { Caller } from '../guard/caller.ts'
import type { Answer } from '../guard/read-batcher.ts'
import { unsealFields } from '../guard/values.ts'
import type { Vault } from '../guard/vault.ts'
import { checkSubjectId, checkTicket } from '../guard/vocabulary.ts'

/** What somebody asks to do with fields of one person. */
export interface AccessRequest {
  readonly subject: string
  readonly purpose: string
  readonly entity: string
  readonly fields: readonly string[]
  readonly ticket?: string | undefined
}

/** What every answer carries: the decision and where it stands in the ledger. */
export interface Decided {
  readonly decision: Decision
  /** The decision's id. */
  readonly id: string
  /** The ledger entry's commitment, lower-case hex: with it a later removal can be shown. */
  readonly leaf: string
}

/** A permit with the values it opens. A field that holds nothing is not in `values`. */
export interface Opened extends Decided {
  readonly permit: Permit
  readonly values: ReadonlyMap<string, Personal>
}

/**
 * Opens fields of a person for a purpose (operation `extract`). The outcome is the opened values or a refusal; either is in
 * the ledger before this returns. Throws for unknown names, a credential over its reach, and damaged or unavailable storage.
 */
export async function openFields(vault: Vault, caller: Caller, request: AccessRequest): Promise<Opened | Decided> {
  const answer = await ask(vault, caller, request, 'open', 'extract', true)
  if (answer.permit === null) return decidedOf(answer)
  const { decision, entry, permit } = answer
  return { decision, id: entry.id, leaf: entry.leaf, permit, values: await unsealAnswer(vault, answer, permit) }
}

/**
 * The values that a recorded permit opens. Keys may have been cached just before one was added elsewhere; the records come with
 * the entry and name their generation, so looking once more for the keys is safe.
 */
export async function unsealAnswer(vault: Vault, answer: Answer, permit: Permit): Promise<Map<string, Personal>> {
  try {
    return unsealFields(answer.person, answer.records, permit)
  } catch (error) {
    if (!isDoverieError(error, 'key-missing')) throw error
    return unsealFields(await vault.people.reload(answer.person.subject, answer.at), answer.records, permit)
  }
}

/** The same decision, recorded in the same way, opening nothing. */
export async function decideAccess(vault: Vault, caller: Caller, request: AccessRequest): Promise<Decided> {
  return decidedOf(await ask(vault, caller, request, 'decide', 'extract', false))
}

/** True where an opening was permitted. */
export function isOpened(outcome: Opened | Decided): outcome is Opened {
  return 'permit' in outcome
}

/** Asks one question of the guard. Throws at once for what is no request, rejects for a fault; a refusal is an answer. */
export function ask(
  vault: Vault,
  caller: Caller,
  request: AccessRequest,
  act: string,
  operation: Operation,
  opens: boolean,
): Promise<Answer> {
  const { subject, purpose, entity, ticket } = request
  checkSubjectId(subject)
  checkTicket(ticket)
  if (request.fields.length === 0) throw new DoverieError('invalid-request', 'No field is named.', { field: 'fields' })
  const asked = { caller, subject, act, operation, purpose, entity, fields: request.fields, ticket, opens }
  const admitted = caller.kind === 'service' ? vault.reach.admit(caller, subject, vault.now()) : null
  return admitted === null ? vault.reads.ask(asked) : admitted.then(() => vault.reads.ask(asked))
}

export function decidedOf(answer: {
  readonly decision: Decision
  readonly entry: { readonly id: string; readonly leaf: string }
}): Decided {
  return { decision: answer.decision, id: answer.entry.id, leaf: answer.entry.leaf }
}
