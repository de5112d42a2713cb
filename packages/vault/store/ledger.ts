import { DoverieError, type Instant, type Uuid } from '@doverie/core/base'
import { type Queryable, rows } from './database.ts'

/** Entries made durable together, before they have a place in the tree. */
export interface LedgerBatch {
  readonly id: Uuid
  readonly entries: number
  /** 32-byte commitments, in order. */
  readonly leaves: Uint8Array
  /** The private bodies, in the same order, as the guard framed or packed them. */
  readonly bodies: Uint8Array
  /** True where they are several batches put together and compressed. */
  readonly packed: boolean
}

/** Adds a batch inside the transaction of the change it records: durable with it or not at all. */
export async function appendBatch(tx: Queryable, batch: LedgerBatch, at: Instant): Promise<void> {
  await rows(
    tx,
    'batch-append',
    'INSERT INTO ledger_batch (batch_id, at, entries, leaves, bodies) VALUES ($1, $2, $3, $4, $5)',
    [batch.id, new Date(at), batch.entries, batch.leaves, batch.bodies],
  )
}

interface BatchRow {
  batch_id: string
  entries: number
  leaves: Buffer
  bodies: Buffer
  packed: boolean
  first_index: string | null
}

const BATCH_COLUMNS = 'batch_id, entries, leaves, bodies, packed, first_index'

function batchIn({ batch_id, entries, leaves, bodies, packed }: BatchRow): LedgerBatch {
  return { id: batch_id, entries, leaves, bodies, packed }
}

/** Batches that have no place yet, oldest first. The order of integration is the order of the ledger. */
export async function loadPending(tx: Queryable, limit: number): Promise<readonly LedgerBatch[]> {
  const found = await rows<BatchRow>(
    tx,
    'batches-pending',
    `SELECT ${BATCH_COLUMNS} FROM ledger_batch WHERE first_index IS NULL ORDER BY at, batch_id LIMIT $1`,
    [limit],
  )
  return found.map(batchIn)
}

/** How many entries wait for a place, counted no further than the batch in which `limit` is passed. */
export async function countWaiting(db: Queryable, limit: number): Promise<number> {
  const [row] = await rows<{ waiting: string | null }>(
    db,
    'batches-waiting',
    `SELECT sum(entries) AS waiting FROM (SELECT entries FROM ledger_batch WHERE first_index IS NULL LIMIT $1) AS pending`,
    [limit],
  )
  return Number(row?.waiting ?? 0)
}

/** True while entries from before a moment wait for their place. */
export async function waitsBefore(db: Queryable, before: Instant): Promise<boolean> {
  const [row] = await rows<{ any: boolean }>(
    db,
    'batches-wait-before',
    'SELECT EXISTS (SELECT FROM ledger_batch WHERE first_index IS NULL AND at < $1) AS any',
    [new Date(before)],
  )
  return row?.any === true
}

export interface Placement {
  readonly batch: Uuid
  readonly firstIndex: number
}

export async function placeBatches(tx: Queryable, placements: readonly Placement[]): Promise<void> {
  await rows(
    tx,
    'batches-place',
    `UPDATE ledger_batch b SET first_index = p.first FROM unnest($1::uuid[], $2::bigint[]) AS p (id, first) WHERE b.batch_id = p.id`,
    [placements.map(({ batch }) => batch), placements.map(({ firstIndex }) => firstIndex)],
  )
}

/** The placed batches that hold the given places, by first index. */
export async function loadPlaced(db: Queryable, places: readonly number[]): Promise<ReadonlyMap<number, LedgerBatch>> {
  const found = await rows<BatchRow>(
    db,
    'batches-placed',
    `SELECT DISTINCT ON (batch_id) ${BATCH_COLUMNS}
     FROM unnest($1::bigint[]) AS p (place)
     CROSS JOIN LATERAL (
       SELECT * FROM ledger_batch WHERE first_index <= p.place ORDER BY first_index DESC LIMIT 1
     ) AS b`,
    [places],
  )
  return new Map(found.map((row) => [Number(row.first_index), batchIn(row)]))
}

/** The batches that may hold entries of a moment, with the places of their first entries: null of what has none yet. */
export async function loadBatchesAt(
  db: Queryable,
  at: Instant,
): Promise<readonly { readonly first: number | null; readonly batch: LedgerBatch }[]> {
  const found = await rows<BatchRow>(
    db,
    'batches-at',
    `SELECT ${BATCH_COLUMNS} FROM ledger_batch WHERE (at = $1 AND NOT packed) OR (packed AND at <= $1 AND until >= $1)`,
    [new Date(at)],
  )
  return found.map((row) => ({
    first: row.first_index === null ? null : Number(row.first_index),
    batch: batchIn(row),
  }))
}

export interface LedgerState {
  readonly size: number
  readonly root: Uint8Array
  /** The signed note as published. */
  readonly checkpoint: string
}

/** A ledger of this database by its name, and where it began. */
export interface LedgerLine extends LedgerState {
  readonly origin: string
  /** The place of the first entry under this name; 0 for the first ledger. */
  readonly since: number
  /** The newest known checkpoint of the ledger it follows; null for the first. */
  readonly follows: string | null
  /** The checkpoint before the present one; null where there was none. */
  readonly previous: string | null
}

/** The tree's head, locked for the one who integrates; null before the first integration. */
export async function lockState(tx: Queryable, origin: string): Promise<LedgerState | null> {
  return stateOf(
    await rows(tx, 'state-lock', 'SELECT size, root, checkpoint FROM ledger_state WHERE origin = $1 FOR UPDATE', [
      origin,
    ]),
  )
}

export async function loadState(db: Queryable, origin: string): Promise<LedgerState | null> {
  return stateOf(await rows(db, 'state', 'SELECT size, root, checkpoint FROM ledger_state WHERE origin = $1', [origin]))
}

function stateOf(found: readonly { size: string; root: Buffer; checkpoint: string }[]): LedgerState | null {
  const [row] = found
  return row ? { size: Number(row.size), root: row.root, checkpoint: row.checkpoint } : null
}

/**
 * All ledgers that this database has had, the present one among them; none where nothing was entered yet. Until the transaction
 * ends none of them grows.
 */
export async function shareLines(tx: Queryable): Promise<readonly LedgerLine[]> {
  const found = await rows<{
    origin: string
    size: string
    root: Buffer
    checkpoint: string
    since: string
    follows: string | null
    previous: string | null
  }>(
    tx,
    'ledger-lines',
    'SELECT origin, size, root, checkpoint, since, follows, previous FROM ledger_state FOR SHARE',
    [],
  )
  return found.map((row) => ({ ...row, size: Number(row.size), since: Number(row.since) }))
}

/** The checkpoint before the present one of a ledger. */
export async function loadPrevious(
  db: Queryable,
  origin: string,
): Promise<{ readonly previous: string | null } | null> {
  const [row] = await rows<{ previous: string | null }>(
    db,
    'ledger-previous',
    'SELECT previous FROM ledger_state WHERE origin = $1',
    [origin],
  )
  return row ?? null
}

/** Begins a ledger of another name whose tree goes on from that of a former one, whose counts of citations go on with it. */
export async function insertLine(tx: Queryable, line: LedgerLine, former: string, at: Instant): Promise<void> {
  const { origin, size, root, checkpoint, since, follows } = line
  await rows(
    tx,
    'ledger-line-insert',
    `WITH counts AS (UPDATE clause_count_state SET origin = $1 WHERE origin = $8)
     INSERT INTO ledger_state (origin, size, root, checkpoint, at, since, follows) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [origin, size, root, checkpoint, new Date(at), since, follows, former],
  )
}

export async function insertState(tx: Queryable, origin: string, state: LedgerState, at: Instant): Promise<void> {
  await rows(
    tx,
    'state-insert',
    'INSERT INTO ledger_state (origin, size, root, checkpoint, at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING',
    [origin, state.size, state.root, state.checkpoint, new Date(at)],
  )
}

/** Moves the head from one size to another; the last of a former day is kept for ever. Throws `ledger-inconsistent` where somebody else has moved it. */
export async function advanceState(
  tx: Queryable,
  origin: string,
  from: number,
  state: LedgerState,
  at: Instant,
): Promise<void> {
  const moved = await rows(
    tx,
    'state-advance',
    `WITH kept AS (
       INSERT INTO ledger_kept SELECT origin, size, checkpoint, at FROM ledger_state
       WHERE origin = $1 AND size = $2 AND size > 0 AND at < date_trunc('day', $6::timestamptz, 'UTC')
       ON CONFLICT (origin, size) DO NOTHING
     )
     UPDATE ledger_state
     SET size = $3, root = $4, checkpoint = $5, at = $6, previous = CASE WHEN size > 0 THEN checkpoint END
     WHERE origin = $1 AND size = $2 RETURNING 1`,
    [origin, from, state.size, state.root, state.checkpoint, new Date(at)],
  )
  if (moved.length !== 1) throw new DoverieError('ledger-inconsistent', 'The tree was moved by another writer.')
}

export interface StoredTile {
  readonly level: number
  readonly n: number
  readonly hashes: Uint8Array
}

/** Writes tiles at their present width. A tile only ever grows. */
export async function putTiles(tx: Queryable, tiles: readonly StoredTile[]): Promise<void> {
  await rows(
    tx,
    'tiles-put',
    `INSERT INTO ledger_tile SELECT level, n, length(hashes) / 32, hashes
       FROM unnest($1::int[], $2::bigint[], $3::bytea[]) AS t (level, n, hashes)
     ON CONFLICT (level, n) DO UPDATE SET width = excluded.width, hashes = excluded.hashes
       WHERE excluded.width > ledger_tile.width`,
    [tiles.map(({ level }) => level), tiles.map(({ n }) => n), tiles.map(({ hashes }) => hashes)],
  )
}

export async function loadTiles(
  db: Queryable,
  wanted: readonly { readonly level: number; readonly n: number }[],
): Promise<readonly StoredTile[]> {
  const found = await rows<{ level: number; n: string; hashes: Buffer }>(
    db,
    'tiles',
    'SELECT level, n, hashes FROM unnest($1::int[], $2::bigint[]) AS w (level, n) JOIN ledger_tile USING (level, n)',
    [wanted.map(({ level }) => level), wanted.map(({ n }) => n)],
  )
  return found.map((row) => ({ level: row.level, n: Number(row.n), hashes: row.hashes }))
}

/** No batch holds more entries: what bounds the search for the one that holds a place. */
const MAX_BATCH_ENTRIES = 4096

/** The commitments of the places from `first` up to, not including, `end`. */
export async function loadLeaves(db: Queryable, first: number, end: number): Promise<Buffer> {
  const found = await rows<{ leaves: Buffer; first_index: string }>(
    db,
    'leaves',
    `SELECT leaves, first_index FROM ledger_batch
     WHERE first_index < $2 AND first_index > $1::bigint - ${MAX_BATCH_ENTRIES} AND first_index + entries > $1::bigint ORDER BY first_index`,
    [first, end],
  )
  const parts = found.map(({ leaves, first_index }) => {
    const start = Number(first_index)
    return leaves.subarray(Math.max(0, first - start) * 32, Math.max(0, end - start) * 32)
  })
  return Buffer.concat(parts)
}

/** The placed batches that hold any of the places from `first` up to, not including, `end`. */
export async function loadPlacedBetween(
  db: Queryable,
  first: number,
  end: number,
): Promise<readonly { readonly firstIndex: number; readonly batch: LedgerBatch }[]> {
  const found = await rows<BatchRow>(
    db,
    'batches-between',
    `SELECT ${BATCH_COLUMNS} FROM ledger_batch
     WHERE first_index < $2 AND first_index > $1::bigint - ${MAX_BATCH_ENTRIES} AND first_index + entries > $1::bigint ORDER BY first_index`,
    [first, end],
  )
  return found.map((row) => ({ firstIndex: Number(row.first_index), batch: batchIn(row) }))
}
