import type { Instant, Uuid } from '@doverie/core/base'
import { type Queryable, rows } from './database.ts'

/** A checkpoint that counts, with its cosignatures. */
export interface FinalCheckpoint {
  readonly size: number
  readonly checkpoint: string
  readonly at: Instant
}

export async function loadFinal(db: Queryable, origin: string): Promise<FinalCheckpoint | null> {
  const [row] = await rows<{ size: string; checkpoint: string | null; at: Date | null }>(
    db,
    'final-load',
    'SELECT size, checkpoint, at FROM ledger_final WHERE origin = $1',
    [origin],
  )
  return row === undefined || row.checkpoint === null || row.at === null
    ? null
    : { size: Number(row.size), checkpoint: row.checkpoint, at: row.at.getTime() }
}

/** Remembers a checkpoint that counts; one of a smaller tree never replaces it. The last one of a former day is kept for ever, cosignatures included. */
export async function saveFinal(db: Queryable, origin: string, final: FinalCheckpoint): Promise<void> {
  await rows(
    db,
    'final-save',
    `WITH kept AS (
       INSERT INTO ledger_kept SELECT origin, size, checkpoint, at FROM ledger_final
       WHERE origin = $1 AND checkpoint IS NOT NULL AND at < date_trunc('day', $4::timestamptz, 'UTC')
       ON CONFLICT (origin, size) DO UPDATE SET checkpoint = excluded.checkpoint
     )
     INSERT INTO ledger_final (origin, size, checkpoint, at) VALUES ($1, $2, $3, $4)
     ON CONFLICT (origin) DO UPDATE SET size = $2, checkpoint = $3, at = $4
       WHERE ledger_final.checkpoint IS NULL OR ledger_final.size <= $2`,
    [origin, final.size, final.checkpoint, new Date(final.at)],
  )
}

/** True where `holder` is the one to ask the witnesses until `until`: nobody else is, or has let the time pass. */
export async function takeLease(
  db: Queryable,
  origin: string,
  holder: Uuid,
  at: Instant,
  until: Instant,
): Promise<boolean> {
  const taken = await rows(
    db,
    'final-lease',
    `INSERT INTO ledger_final (origin, size, lease_holder, lease_until) VALUES ($1, 0, $2, $4)
     ON CONFLICT (origin) DO UPDATE SET lease_holder = $2, lease_until = $4
       WHERE ledger_final.lease_holder IS NULL OR ledger_final.lease_holder = $2 OR ledger_final.lease_until < $3
     RETURNING 1`,
    [origin, holder, new Date(at), new Date(until)],
  )
  return taken.length === 1
}

/** Checkpoints that were kept of a ledger, of trees no greater than a size: those signed before a moment, the last first. */
export function listKeptBefore(
  db: Queryable,
  origin: string,
  before: Instant,
  most: number,
): Promise<readonly KeptCheckpoint[]> {
  return kept(db, 'kept-before', 'at < $2 AND size <= $3 ORDER BY size DESC', [origin, new Date(before), most])
}

/** The same that hold so many entries at least, the smallest first. */
export function listKeptFrom(
  db: Queryable,
  origin: string,
  least: number,
  most: number,
): Promise<readonly KeptCheckpoint[]> {
  return kept(db, 'kept-from', 'size >= $2 AND size <= $3 ORDER BY size', [origin, least, most])
}

/** A checkpoint as it was shown on its day. */
export type KeptCheckpoint = Pick<FinalCheckpoint, 'size' | 'checkpoint'>

const FEW = 10

async function kept(
  db: Queryable,
  name: string,
  which: string,
  values: readonly unknown[],
): Promise<readonly KeptCheckpoint[]> {
  const found = await rows<{ size: string; checkpoint: string }>(
    db,
    name,
    `SELECT size, checkpoint FROM ledger_kept WHERE origin = $1 AND ${which} LIMIT ${FEW}`,
    values,
  )
  return found.map(({ size, checkpoint }) => ({ size: Number(size), checkpoint }))
}
