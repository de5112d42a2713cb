import type { Instant, Uuid } from '@doverie/core/base'
import { type Queryable, rows } from './database.ts'

/** A narrowing event as the key store remembers it: ids, compartments and purposes, never a value. */
export interface JournalEntry {
  readonly id: Uuid
  readonly at: Instant
  readonly kind: string
  readonly holder: Uuid
  readonly detail: object
}

export async function appendJournal(db: Queryable, entry: JournalEntry): Promise<void> {
  await rows(db, 'journal-append', 'INSERT INTO journal VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING', [
    entry.id,
    new Date(entry.at),
    entry.kind,
    entry.holder,
    entry.detail,
  ])
}

/** Forgets what is said of somebody who is being destroyed: their destruction says more than every earlier narrowing. */
export async function deleteJournal(tx: Queryable, holder: Uuid): Promise<void> {
  await rows(tx, 'journal-delete', 'DELETE FROM journal WHERE holder_id = $1', [holder])
}

/** Likewise what came to be said late, by whoever was between a commit and this journal when somebody else ended the destruction. */
export async function deleteJournalOfDestroyed(db: Queryable): Promise<void> {
  await rows(
    db,
    'journal-delete-late',
    `DELETE FROM journal late USING journal done
     WHERE done.kind = 'destruction-done' AND done.detail->'person' = 'true'
       AND late.holder_id = done.holder_id AND late.entry_id <> done.entry_id`,
    [],
  )
}

/** Remembers the newest checkpoint; an older one never replaces it. */
export async function saveHead(db: Queryable, origin: string, size: number, checkpoint: string): Promise<void> {
  await rows(
    db,
    'head-save',
    `INSERT INTO head VALUES ($1, $2, $3)
     ON CONFLICT (origin) DO UPDATE SET size = $2, checkpoint = $3 WHERE head.size <= $2`,
    [origin, size, checkpoint],
  )
}

export async function loadHead(db: Queryable, origin: string): Promise<{ size: number; checkpoint: string } | null> {
  const [row] = await rows<{ size: string; checkpoint: string }>(
    db,
    'head',
    'SELECT size, checkpoint FROM head WHERE origin = $1',
    [origin],
  )
  return row ? { size: Number(row.size), checkpoint: row.checkpoint } : null
}

/** The newest checkpoint of every ledger that this key store has seen: one, unless databases were mixed up. */
export async function loadHeads(
  db: Queryable,
): Promise<readonly { readonly origin: string; readonly size: number; readonly checkpoint: string }[]> {
  const found = await rows<{ origin: string; size: string; checkpoint: string }>(
    db,
    'heads',
    'SELECT origin, size, checkpoint FROM head',
    [],
  )
  return found.map((row) => ({ origin: row.origin, size: Number(row.size), checkpoint: row.checkpoint }))
}
