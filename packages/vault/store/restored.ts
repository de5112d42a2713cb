import { randomUUID } from 'node:crypto'
import type { Instant, Uuid } from '@doverie/core/base'
import { type Queryable, rows } from './database.ts'

/** How long after a restore nothing is destroyed of itself, nor keys of people whom the data do not know: a better backup may come. */
const KEPT_AFTER_RESTORE = 30 * 86_400_000

const REPLAY_LOCK = 0x646f7620

/** The backup of which a restore by other means is. */
const UNTOLD: Uuid = '00000000-0000-0000-0000-000000000000'

/** Says that this database came out of a backup, in the transaction that fills it. */
export async function insertRestored(
  tx: Queryable,
  backup: { readonly id: Uuid; readonly takenAt: Instant },
): Promise<void> {
  await rows(tx, 'restored-insert', 'INSERT INTO restored VALUES ($1, $2, $3, now(), NULL)', [
    randomUUID(),
    backup.id,
    new Date(backup.takenAt),
  ])
}

/** True where this database came out of a backup and has not been compared with the other one since. */
export async function isUnreplayed(db: Queryable): Promise<boolean> {
  const found = await rows(db, 'restored-pending', 'SELECT FROM restored WHERE replayed_at IS NULL LIMIT 1', [])
  return found.length > 0
}

/** Lets one process at a time replay, to the end of its transaction. */
export async function lockForReplay(tx: Queryable): Promise<void> {
  await rows(tx, 'replay-lock', 'SELECT pg_advisory_xact_lock($1)', [REPLAY_LOCK])
}

/**
 * Says that this database was compared with the other one, and what it lacked put in. `at` is later than all that was told before.
 * False where nothing had said that it was restored.
 */
export async function markReplayed(db: Queryable, at: Instant): Promise<boolean> {
  const found = await rows(
    db,
    'restored-done',
    'UPDATE restored SET replayed_at = $1 WHERE replayed_at IS NULL RETURNING 1',
    [new Date(at)],
  )
  return found.length > 0
}

/** Notes a restore by other means, which left no word, as it is replayed. */
export async function insertUntold(tx: Queryable, at: Instant): Promise<void> {
  await rows(tx, 'restored-untold', `INSERT INTO restored VALUES ($1, '${UNTOLD}', $2, $2, $2)`, [
    randomUUID(),
    new Date(at),
  ])
}

/** When this database was last filled from a copy, if a better one may still come; else null. */
export async function latelyRestored(db: Queryable, now: Instant): Promise<Instant | null> {
  const restored = await lastRestored(db)
  return restored !== null && now - restored < KEPT_AFTER_RESTORE ? restored : null
}

async function lastRestored(db: Queryable): Promise<Instant | null> {
  const [row] = await rows<{ at: Date | null }>(db, 'restored-last', 'SELECT max(restored_at) AS at FROM restored', [])
  return row?.at?.getTime() ?? null
}
