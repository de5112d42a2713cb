import { DoverieError, type Instant, isUuid, type Operation, type Uuid } from '@doverie/core/base'
import type { Policy } from '@doverie/core/policy'
import type { Law } from '@doverie/core/request'
import type { Caller } from '../../guard/caller.ts'
import { recordAct } from '../../guard/record-act.ts'
import { RefKey } from '../../guard/ref-key.ts'
import type { Vault } from '../../guard/vault.ts'
import { type Queryable, transaction } from '../../store/database.ts'
import { findLetter, type LetterRow } from '../../store/letters.ts'
import { findRequest, lockRequest, type RequestRow } from '../../store/requests.ts'
import { clausesOf, lawFor, policyOf, registrarOf } from './law.ts'
import { type LaterEvent, moveRequest } from './move-request.ts'

/** A request with its letter, as they stood when they were read. */
export interface Case {
  readonly policy: Policy
  readonly law: Law
  readonly letter: LetterRow
  readonly request: RequestRow
}

/** A request of the register with its letter. Throws `not-found`. */
export async function caseOf(vault: Vault, id: string): Promise<Case> {
  const policy = policyOf(vault)
  const request = isUuid(id) ? await findRequest(vault.data, id) : null
  const letter = request === null ? null : await findLetter(vault.data, request.letter)
  if (request === null || letter === null) throw new DoverieError('not-found', undefined, { field: 'request' })
  return { policy, law: lawFor(vault, policy), letter, request }
}

/** A letter of the register. Throws `not-found`. */
export async function letterOf(vault: Vault, id: string): Promise<LetterRow> {
  const letter = isUuid(id) ? await findLetter(vault.data, id) : null
  if (letter === null) throw new DoverieError('not-found', undefined, { field: 'letter' })
  return letter
}

/** What ties an act on a letter to the person it is about; to nobody where that is not known, or they are gone. */
export async function kRefOf(vault: Vault, subject: Uuid | null): Promise<RefKey> {
  if (subject === null) return new RefKey(vault.random(32))
  return (await vault.people.get(subject, vault.now())).kRef
}

type Detail = Readonly<Record<string, string | number | readonly string[]>>

/** What an act on a request brings about in its transaction. */
export interface Act {
  readonly name: string
  readonly operation: Operation
  readonly caller: Caller | null
  readonly events: (row: RequestRow, at: Instant) => readonly LaterEvent[]
  readonly detail?: Detail
  /** More of it, read under the request's lock; what it throws leaves everything as it was. */
  readonly counted?: (tx: Queryable) => Promise<Detail>
  /** Further work of the same transaction, which knows the request as it has become. */
  readonly also?: (tx: Queryable, moved: RequestRow, entry: Uuid) => Promise<void>
}

/**
 * Moves a request on, with its ledger entry, in one transaction under the request's lock. Throws `conflict`, changing nothing, where
 * what is to happen cannot follow where the request stands by then.
 */
export async function actOnRequest(
  vault: Vault,
  { policy, law, letter, request }: Case,
  act: Act,
): Promise<RequestRow> {
  const kRef = await kRefOf(vault, letter.subject)
  return transaction(vault.data, async (tx) => {
    const row = await lockRequest(tx, request.id)
    if (row === null) throw new DoverieError('not-found', undefined, { field: 'request' })
    const events = act.events(row, vault.now())
    const steps = events.flatMap((event) => (event.kind === 'step' ? [event.step] : [event.kind]))
    const detail = { kind: row.kind, steps, ...act.detail, ...(await act.counted?.(tx)) }
    const tie = { kRef, operation: act.operation }
    const entry = await recordAct(vault, tx, act.name, act.caller, clausesOf(policy), detail, tie)
    const moved = await moveRequest(tx, law, row, events, registrarOf(act.caller), entry)
    await act.also?.(tx, moved, entry)
    return moved
  })
}
