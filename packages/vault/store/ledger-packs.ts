import type { Instant } from '@doverie/core/base'
import type pg from 'pg'
import { type Queryable, rows, storageFault } from './database.ts'
import type { LedgerBatch } from './ledger.ts'

/** Under it batches are put together and lists folded (exclusive), and the ledger is verified (shared). */
const PACK_LOCK = 0x646f7604

/** False where somebody else is packing, or verifying. Held until the transaction ends. */
export async function tryPackLock(tx: Queryable): Promise<boolean> {
  const [row] = await rows<{ mine: boolean }>(tx, 'pack-lock', 'SELECT pg_try_advisory_xact_lock($1) AS mine', [
    PACK_LOCK,
  ])
  return row?.mine === true
}

/** Runs `work` while nothing is packed: what lies in two places is looked at in one state. */
export async function whileUnpacked<T>(pool: pg.Pool, work: () => Promise<T>): Promise<T> {
  const client = await pool.connect().catch((error: unknown) => Promise.reject(storageFault(error)))
  try {
    await client.query('SELECT pg_advisory_lock_shared($1)', [PACK_LOCK])
    return await work()
  } finally {
    // With the session goes its lock, whatever state it is in.
    client.release(true)
  }
}

/** Up to which place the ledger is packed. */
export async function packedEnd(db: Queryable): Promise<number> {
  const [row] = await rows<{ end: string }>(
    db,
    'packed-end',
    'SELECT first_index + entries AS end FROM ledger_batch WHERE packed ORDER BY first_index DESC LIMIT 1',
    [],
  )
  return Number(row?.end ?? 0)
}

export interface UnpackedBatch {
  readonly firstIndex: number
  readonly at: Instant
  readonly batch: LedgerBatch
}

/** The next placed batches from a place on, made before an instant, as many as it takes to hold so many entries. */
export async function loadUnpacked(
  tx: Queryable,
  from: number,
  before: Instant,
  entries: number,
): Promise<readonly UnpackedBatch[]> {
  // Places follow the commits, instants the beginnings: by place alone, and no further than the first that is too young.
  const found = await rows<{
    batch_id: string
    entries: number
    leaves: Buffer
    bodies: Buffer
    first_index: string
    at: Date
  }>(
    tx,
    'unpacked',
    `SELECT batch_id, entries, leaves, bodies, first_index, at
     FROM (
       SELECT *, sum(entries) OVER (ORDER BY first_index) - entries AS sooner
       FROM (SELECT * FROM ledger_batch WHERE first_index >= $1 ORDER BY first_index LIMIT $2) AS next
     ) AS counted
     WHERE sooner < $2 ORDER BY first_index`,
    [from, entries],
  )
  const young = found.findIndex(({ at }) => at.getTime() >= before)
  return found
    .slice(0, young < 0 ? found.length : young)
    .map(({ batch_id: id, entries: held, leaves, bodies, first_index, at }) => ({
      firstIndex: Number(first_index),
      at: at.getTime(),
      batch: { id, entries: held, leaves, bodies, packed: false },
    }))
}

/** Puts one packed batch in the place of those whose entries it holds. `since` and `until` are their first and last moment. */
export async function replaceBatches(
  tx: Queryable,
  former: readonly LedgerBatch[],
  pack: LedgerBatch & { readonly firstIndex: number; readonly since: Instant; readonly until: Instant },
): Promise<void> {
  await rows(tx, 'packed-away', 'DELETE FROM ledger_batch WHERE batch_id = ANY($1::uuid[])', [
    former.map(({ id }) => id),
  ])
  await rows(
    tx,
    'pack-insert',
    `INSERT INTO ledger_batch (batch_id, at, until, entries, leaves, bodies, first_index, packed)
     VALUES ($1, $2, $3, $4, $5, $6, $7, true)`,
    [pack.id, new Date(pack.since), new Date(pack.until), pack.entries, pack.leaves, pack.bodies, pack.firstIndex],
  )
}

/** The first entry that is kept. */
export async function loadMinimum(db: Queryable): Promise<number> {
  const [row] = await rows<{ place: string | null }>(
    db,
    'ledger-minimum',
    'SELECT max(place) AS place FROM ledger_minimum',
    [],
  )
  return Number(row?.place ?? 0)
}

/** Up to which place the oldest folds hold only entries made before an instant; the present minimum where none do. */
export async function findPrunable(db: Queryable, before: Instant, fold: number): Promise<number> {
  const [row] = await rows<{ end: string | null }>(
    db,
    'ledger-prunable',
    `SELECT ((SELECT coalesce(min(fold), (SELECT max(fold) + 1 FROM ledger_fold)) FROM ledger_fold WHERE until >= $1) * $2::bigint) AS end`,
    [new Date(before), fold],
  )
  return Math.max(Number(row?.end ?? 0), await loadMinimum(db))
}

/** Deletes what lies wholly before a place: packs, lists, and tiles of every level (c2sp.org/tlog-tiles, "Pruning"). */
export async function pruneBefore(tx: Queryable, place: number, fold: number): Promise<void> {
  const at = [place]
  await rows(tx, 'prune-packs', 'DELETE FROM ledger_batch WHERE packed AND first_index + entries <= $1', at)
  await rows(tx, 'prune-pages', 'DELETE FROM ledger_history_page WHERE fold < $1::bigint / $2', [place, fold])
  await rows(
    tx,
    'prune-tiles',
    'DELETE FROM ledger_tile WHERE level <= 4 AND (n + 1) * (256::bigint ^ (level + 1))::bigint <= $1::bigint',
    at,
  )
  await rows(tx, 'prune-minimum', 'INSERT INTO ledger_minimum (place) VALUES ($1) ON CONFLICT DO NOTHING', at)
}
