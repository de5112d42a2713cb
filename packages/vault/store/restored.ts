import { randomUUID } from 'node:crypto'
import type { Instant, Uuid } from '@doverie/core/base'
import { type Queryable, rows } from './database.ts'

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
