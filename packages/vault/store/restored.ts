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
  await rows(
    tx,
    'restored-insert',
    'INSERT INTO restored (restore_id, backup_id, taken_at, restored_at) VALUES ($1, $2, $3, now())',
    [randomUUID(), backup.id, new Date(backup.takenAt)],
  )
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
  await rows(
    tx,
    'restored-untold',
    `INSERT INTO restored (restore_id, backup_id, taken_at, restored_at, replayed_at) VALUES ($1, '${UNTOLD}', $2, $2, $2)`,
    [randomUUID(), new Date(at)],
  )
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

/** The time after a restore in which nothing planned is carried out: what a ground keeps again since the backup no journal tells. */
export interface Pause {
  readonly restore: Uuid
  /** When the data came out of the backup, and of when that is. */
  readonly since: Instant
  readonly takenAt: Instant
  readonly until: Instant
  /** The pseudonym of the officer who wants it ended, if one does. */
  readonly endAskedBy: string | null
  readonly endAskedAt: Instant | null
}

/** The pause that is on; null where none is: nothing was restored lately, or two officers have ended it. */
export async function findPause(db: Queryable, now: Instant): Promise<Pause | null> {
  const [row] = await rows<{
    restore_id: Uuid
    restored_at: Date
    taken_at: Date
    end_asked_by: string | null
    end_asked_at: Date | null
    ended_at: Date | null
  }>(
    db,
    'restored-pause',
    `SELECT restore_id, restored_at, taken_at, end_asked_by, end_asked_at, ended_at FROM restored
     ORDER BY restored_at DESC, restore_id LIMIT 1`,
    [],
  )
  if (row === undefined || row.ended_at !== null) return null
  const since = row.restored_at.getTime()
  const until = since + KEPT_AFTER_RESTORE
  if (now >= until) return null
  const { restore_id: restore, taken_at, end_asked_by: endAskedBy, end_asked_at } = row
  const endAskedAt = end_asked_at?.getTime() ?? null
  return { restore, since, takenAt: taken_at.getTime(), until, endAskedBy, endAskedAt }
}

/** Notes who wants the pause of a restore ended, or (`ended`) that it is. Under `lockForReplay`. */
export async function savePauseWord(
  tx: Queryable,
  restore: Uuid,
  word: { readonly by: string; readonly at: Instant; readonly ended: boolean },
): Promise<void> {
  await rows(
    tx,
    word.ended ? 'pause-end' : 'pause-ask',
    word.ended
      ? 'UPDATE restored SET ended_by = $2, ended_at = $3 WHERE restore_id = $1'
      : 'UPDATE restored SET end_asked_by = $2, end_asked_at = $3 WHERE restore_id = $1',
    [restore, word.by, new Date(word.at)],
  )
}
