import { DoverieError, type Instant, type Uuid } from '@doverie/core/base'
import { demandAfter, type DemandStep, isDemandEnd } from '@doverie/core/request'
import type { Caller } from '../../guard/caller.ts'
import { recordAct } from '../../guard/record-act.ts'
import type { Vault } from '../../guard/vault.ts'
import type { Queryable } from '../../store/database.ts'
import { type DemandRow, lockDemand, saveDemand } from '../../store/demands.ts'
import { insertRecipientLetter, type RecipientLetterRow } from '../../store/recipient-letters.ts'

/** Moves a demand on under its lock. Throws `conflict` where that cannot follow where it stands. */
export async function moveDemand(tx: Queryable, id: Uuid, step: DemandStep, at: Instant): Promise<DemandRow> {
  const row = await lockDemand(tx, id)
  const state = row === null ? null : demandAfter(row.state, step)
  if (row === null || state === null) throw new DoverieError('conflict', 'The demand does not stand there.')
  const ended = isDemandEnd(state)
  const moved = { ...row, state, ...(ended ? { endedAt: at, wakeAt: null, late: at >= row.outerAt } : {}) }
  await saveDemand(tx, moved)
  return moved
}

/** Stores a document on a demand, made and not sent yet, with its hash in the ledger. */
export async function insertDemandLetter(
  vault: Vault,
  tx: Queryable,
  caller: Caller,
  demand: DemandRow,
  made: Pick<RecipientLetterRow, 'kind' | 'pdf' | 'number'> & { readonly hash: Buffer; readonly at: Instant },
): Promise<RecipientLetterRow> {
  const { kind, pdf, number, hash, at } = made
  const letter: RecipientLetterRow = {
    ...{ id: vault.newId(), kind, recipient: demand.recipient, demand: demand.id, language: 'ru', state: 'made' },
    ...{ about: { entity: demand.entity, handed: [] }, channel: 'print', number, pdf, hash, askedAt: at, madeAt: at },
    ...{ sentAt: null, confirmedAt: null, dueAt: demand.outerAt, told: 0, requests: [], wakeAt: at, unreachable: null },
  }
  await insertRecipientLetter(tx, letter)
  const clauses = vault.policy()?.recipients.get(demand.recipient)?.clauses ?? []
  const detail = { document: kind, recipient: demand.recipient, sha256: hash.toString('hex') }
  await recordAct(vault, tx, 'document', caller, clauses, detail)
  return letter
}
