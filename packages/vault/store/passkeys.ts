import type { Instant, Uuid } from '@doverie/core/base'
import { type Queryable, rows } from './database.ts'

/** A passkey as it is kept. */
export interface PasskeyRow {
  readonly credential: Buffer
  readonly id: Uuid
  readonly holder: Uuid
  readonly sealed: Buffer
  /** How often its device says it was used; 0 for a device that does not count. */
  readonly counter: number
  readonly addedAt: Instant
  readonly countsFrom: Instant
  readonly usedAt: Instant | null
}

interface Row {
  credential_hash: Buffer
  passkey_id: string
  holder_id: string
  sealed: Buffer
  counter: string
  added_at: Date
  counts_from: Date
  used_at: Date | null
}

const COLUMNS = 'credential_hash, passkey_id, holder_id, sealed, counter, added_at, counts_from, used_at'

/** Throws `conflict` where this credential is known already. */
export async function insertPasskey(tx: Queryable, key: PasskeyRow): Promise<void> {
  await rows(tx, 'passkey-insert', `INSERT INTO passkey (${COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, NULL)`, [
    key.credential,
    key.id,
    key.holder,
    key.sealed,
    key.counter,
    new Date(key.addedAt),
    new Date(key.countsFrom),
  ])
}

export async function findPasskey(db: Queryable, credential: Uint8Array): Promise<PasskeyRow | null> {
  const [row] = await rows<Row>(db, 'passkey-find', `SELECT ${COLUMNS} FROM passkey WHERE credential_hash = $1`, [
    credential,
  ])
  return row === undefined ? null : passkeyRow(row)
}

/** Somebody's passkeys, the oldest first. */
export async function listPasskeys(db: Queryable, holder: Uuid): Promise<readonly PasskeyRow[]> {
  const found = await rows<Row>(
    db,
    'passkeys',
    `SELECT ${COLUMNS} FROM passkey WHERE holder_id = $1 ORDER BY added_at, passkey_id`,
    [holder],
  )
  return found.map(passkeyRow)
}

/**
 * Notes a use. False where the device's counter did not go on: the key was copied, or this very use was noted before. A device that
 * does not count always says 0.
 */
export async function usePasskey(
  tx: Queryable,
  credential: Uint8Array,
  counter: number,
  at: Instant,
): Promise<boolean> {
  const done = await rows(
    tx,
    'passkey-use',
    `UPDATE passkey SET counter = $2, used_at = $3
     WHERE credential_hash = $1 AND (counter < $2 OR (counter = 0 AND $2 = 0)) RETURNING 1`,
    [credential, counter, new Date(at)],
  )
  return done.length === 1
}

export async function renamePasskey(tx: Queryable, holder: Uuid, id: Uuid, sealed: Uint8Array): Promise<void> {
  await rows(tx, 'passkey-rename', 'UPDATE passkey SET sealed = $3 WHERE holder_id = $1 AND passkey_id = $2', [
    holder,
    id,
    sealed,
  ])
}

/** True where there was one. */
export async function deletePasskey(tx: Queryable, holder: Uuid, id: Uuid): Promise<boolean> {
  const gone = await rows(
    tx,
    'passkey-delete',
    'DELETE FROM passkey WHERE holder_id = $1 AND passkey_id = $2 RETURNING 1',
    [holder, id],
  )
  return gone.length === 1
}

export interface ChallengeRow {
  readonly id: Uuid
  readonly act: string
  readonly boundTo: string
  readonly hash: Buffer
  readonly expiresAt: Instant
}

export async function insertChallenge(db: Queryable, row: ChallengeRow): Promise<void> {
  await rows(db, 'challenge-insert', 'INSERT INTO passkey_challenge VALUES ($1, $2, $3, $4, $5)', [
    row.id,
    row.act,
    row.boundTo,
    row.hash,
    new Date(row.expiresAt),
  ])
}

/** Takes a live challenge of this act and session, whatever comes of it: it serves once. */
export async function takeChallenge(
  db: Queryable,
  { id, act, boundTo }: Pick<ChallengeRow, 'id' | 'act' | 'boundTo'>,
  now: Instant,
): Promise<Buffer | null> {
  const [row] = await rows<{ challenge_hash: Buffer }>(
    db,
    'challenge-take',
    `DELETE FROM passkey_challenge WHERE challenge_id = $1 AND act = $2 AND bound_to = $3 AND expires_at > $4
     RETURNING challenge_hash`,
    [id, act, boundTo, new Date(now)],
  )
  return row?.challenge_hash ?? null
}

export async function sweepChallenges(db: Queryable, now: Instant): Promise<void> {
  await rows(db, 'challenges-sweep', 'DELETE FROM passkey_challenge WHERE expires_at < $1', [new Date(now)])
}

function passkeyRow(row: Row): PasskeyRow {
  return {
    credential: row.credential_hash,
    id: row.passkey_id,
    holder: row.holder_id,
    sealed: row.sealed,
    counter: Number(row.counter),
    addedAt: row.added_at.getTime(),
    countsFrom: row.counts_from.getTime(),
    usedAt: row.used_at?.getTime() ?? null,
  }
}
