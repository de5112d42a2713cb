import type { Instant } from '@doverie/core/base'
import { type Queryable, rows } from './database.ts'

/** The most that is counted: a limit for what has none. */
export const UNLIMITED = 2_147_483_647

/**
 * Counts `by` more of something until `endsAt`, in all processes, if that stays within the limit: gives how many it are then,
 * or null where it would be more, and then nothing is counted. Durable with the caller's transaction.
 */
export async function countUp(
  db: Queryable,
  key: Uint8Array,
  endsAt: Instant,
  by: number,
  limit: number,
): Promise<number | null> {
  if (by > limit) return null
  const [row] = await rows<{ n: number }>(
    db,
    'tally-up',
    `INSERT INTO tally VALUES ($1, $2, $3) ON CONFLICT (key, ends_at) DO UPDATE SET n = tally.n + $3
       WHERE tally.n <= $4::int - $3::int RETURNING n`,
    [key, new Date(endsAt), by, limit],
  )
  return row?.n ?? null
}

/** Forgets what was counted for times that are over. */
export async function deleteTallies(db: Queryable, before: Instant): Promise<void> {
  await rows(db, 'tally-delete', 'DELETE FROM tally WHERE ends_at < $1', [new Date(before)])
}
