import type { Instant, Uuid } from '@doverie/core/base'
import { type Queryable, rows } from './database.ts'

/** One link for a member of staff: a new one ends the former. */
export async function putFeed(tx: Queryable, staff: Uuid, tokenHash: Uint8Array, at: Instant): Promise<void> {
  await rows(
    tx,
    'feed-put',
    `INSERT INTO calendar_feed VALUES ($1, $2, $3)
     ON CONFLICT (staff_id) DO UPDATE SET token_hash = excluded.token_hash, made_at = excluded.made_at`,
    [staff, tokenHash, new Date(at)],
  )
}

/** True where there was one. */
export async function deleteFeed(tx: Queryable, staff: Uuid): Promise<boolean> {
  const found = await rows(tx, 'feed-delete', 'DELETE FROM calendar_feed WHERE staff_id = $1 RETURNING 1', [staff])
  return found.length > 0
}

/** Whose link it is; null where it was ended or never was. */
export async function feedHolder(db: Queryable, tokenHash: Uint8Array): Promise<Uuid | null> {
  const [row] = await rows<{ staff_id: string }>(
    db,
    'feed-holder',
    'SELECT staff_id FROM calendar_feed WHERE token_hash = $1',
    [tokenHash],
  )
  return row?.staff_id ?? null
}
