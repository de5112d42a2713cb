import type { Uuid } from '@doverie/core/base'
import { type Queryable, rows } from './database.ts'
import { type OutboxRow, outboxRow, OUTBOX_COLUMNS, type OutboxRowOf } from './outbox.ts'

/** Under which epoch's key letters and codes are written: it stays current until the transaction ends. */
export async function sharePassingEpoch(tx: Queryable): Promise<number> {
  const [row] = await rows<{ epoch: number }>(tx, 'passing-share', 'SELECT epoch FROM passing_epoch FOR SHARE', [])
  return row?.epoch ?? 1
}

/** The epoch, locked: whoever writes waits until the transaction ends, and then finds the next one. */
export async function lockPassingEpoch(tx: Queryable): Promise<number> {
  const [row] = await rows<{ epoch: number }>(tx, 'passing-lock', 'SELECT epoch FROM passing_epoch FOR UPDATE', [])
  return row?.epoch ?? 1
}

export async function setPassingEpoch(tx: Queryable, epoch: number): Promise<void> {
  await rows(tx, 'passing-set', 'UPDATE passing_epoch SET epoch = $1', [epoch])
}

/** The hashes of a sign-in under way. */
export interface SignInHashes extends Record<string, unknown> {
  readonly sign_in_id: Uuid
  readonly epoch: number
  readonly target_hash: Buffer
  readonly code_hash: Buffer
}

/** The hashes of all codes under way of epochs before this one. */
export function listFormerSignIns(tx: Queryable, epoch: number): Promise<readonly SignInHashes[]> {
  return rows<SignInHashes>(
    tx,
    'sign-ins-former',
    'SELECT sign_in_id, epoch, target_hash, code_hash FROM sign_in WHERE epoch < $1 FOR UPDATE',
    [epoch],
  )
}

export async function rekeySignIns(tx: Queryable, hashes: readonly SignInHashes[]): Promise<void> {
  await rows(
    tx,
    'sign-ins-rekey',
    `UPDATE sign_in SET epoch = n.epoch, target_hash = n.target, code_hash = n.code
     FROM unnest($1::uuid[], $2::int[], $3::bytea[], $4::bytea[]) AS n (id, epoch, target, code) WHERE sign_in_id = n.id`,
    [
      hashes.map(({ sign_in_id }) => sign_in_id),
      hashes.map(({ epoch }) => epoch),
      hashes.map(({ target_hash }) => target_hash),
      hashes.map(({ code_hash }) => code_hash),
    ],
  )
}

/** Letters of epochs before this one, locked. */
export async function lockFormerMail(tx: Queryable, epoch: number, limit: number): Promise<readonly OutboxRow[]> {
  const found = await rows<OutboxRowOf>(
    tx,
    'mail-former',
    `SELECT ${OUTBOX_COLUMNS} FROM outbox WHERE epoch < $1 LIMIT $2 FOR UPDATE`,
    [epoch, limit],
  )
  return found.map(outboxRow)
}

export async function resealMail(
  tx: Queryable,
  letters: readonly { readonly id: Uuid; readonly sealed: Uint8Array }[],
  epoch: number,
): Promise<void> {
  await rows(
    tx,
    'mail-reseal',
    `UPDATE outbox SET epoch = $1, sealed = n.sealed FROM unnest($2::uuid[], $3::bytea[]) AS n (id, sealed) WHERE mail_id = n.id`,
    [epoch, letters.map(({ id }) => id), letters.map(({ sealed }) => sealed)],
  )
}

/** Deletes codes and letters whose epoch's key is gone: they open for nobody. */
export async function deletePassingOf(tx: Queryable, alive: readonly number[]): Promise<void> {
  await rows(
    tx,
    'passing-delete',
    `WITH codes AS (DELETE FROM sign_in WHERE epoch IS NOT NULL AND epoch <> ALL($1))
     DELETE FROM outbox WHERE epoch <> ALL($1)`,
    [alive],
  )
}
