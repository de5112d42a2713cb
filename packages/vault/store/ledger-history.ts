import type { Instant } from '@doverie/core/base'
import { type Queryable, rows } from './database.ts'

/** Places that are listed together in pages once all of them are packed. */
export const FOLD = 65_536
/** Pages of a fold: so many that one holds some hundred entries. */
const SHARDS = 512
/** A mark: the first bytes of a bucket, and the place within the fold. */
const PREFIX = 8
const MARK = PREFIX + 2
const DAY = 86_400_000

/** `buckets` is 16 bytes per entry, for the consecutive places from `first`. */
export async function insertHistory(tx: Queryable, buckets: Uint8Array, first: number): Promise<void> {
  await rows(
    tx,
    'history-insert',
    `INSERT INTO ledger_history
     SELECT substr($1::bytea, (i * 16 + 1)::int, 16), $2::bigint + i FROM generate_series(0, $3::bigint - 1) AS i
     ORDER BY 1`,
    [buckets, first, buckets.length / 16],
  )
}

/** A bucket, and the UTC day whose entries lie in it. */
export interface DayBucket {
  readonly bucket: Buffer
  /** The day's first instant. */
  readonly day: Instant
}

/**
 * The places of all entries in these buckets, in order. INVARIANT: what lies in pages is found by half its bucket; that another's
 * entry has the same half is as likely as guessing it, and whoever reads the entry compares the whole.
 */
export async function findPlaces(db: Queryable, buckets: readonly DayBucket[]): Promise<readonly number[]> {
  const found = await rows<{ place: string }>(
    db,
    'history-find',
    'SELECT place FROM ledger_history WHERE bucket = ANY($1)',
    [buckets.map(({ bucket }) => bucket)],
  )
  const places = found.map((row) => Number(row.place))
  const wanted = new Set(buckets.map(({ bucket }) => bucket.toString('latin1', 0, PREFIX)))
  for (const page of await pagesOf(db, buckets)) {
    for (const { prefix, place } of marksIn(page)) if (wanted.has(prefix)) places.push(place)
  }
  return [...new Set(places)].sort((a, b) => a - b)
}

interface Page {
  readonly fold: number
  readonly marks: Buffer
}

/** A batch and its entries have one clock, but an operator's clock may have been set: a day to either side costs little. */
async function pagesOf(db: Queryable, buckets: readonly DayBucket[]): Promise<readonly Page[]> {
  return rows<{ fold: number; marks: Buffer }>(
    db,
    'history-pages',
    `SELECT fold, marks FROM ledger_history_page WHERE (fold, shard) IN (
       SELECT f.fold, b.shard FROM unnest($1::int[], $2::timestamptz[], $3::timestamptz[]) AS b (shard, since, until)
       JOIN ledger_fold f ON f.since <= b.until AND f.until >= b.since)`,
    [
      buckets.map(({ bucket }) => shardOf(bucket)),
      buckets.map(({ day }) => new Date(day - DAY)),
      buckets.map(({ day }) => new Date(day + 2 * DAY)),
    ],
  )
}

function shardOf(bucket: Buffer): number {
  return bucket.readUInt16BE(0) >> 7
}

function* marksIn({ fold, marks }: Page): Generator<{ readonly prefix: string; readonly place: number }> {
  for (let at = 0; at + MARK <= marks.length; at += MARK) {
    const prefix = marks.toString('latin1', at, at + PREFIX)
    yield { prefix, place: fold * FOLD + marks.readUInt16BE(at + PREFIX) }
  }
}

/** How many folds there are: the places before that many times `FOLD` are listed in pages, the others in rows. */
export async function countFolds(db: Queryable): Promise<number> {
  const [row] = await rows<{ folds: number | null }>(
    db,
    'history-folds',
    'SELECT max(fold) + 1 AS folds FROM ledger_fold',
    [],
  )
  return row?.folds ?? 0
}

/** Moves the list of a fold's entries from rows into pages. False, and nothing is changed, where the rows are not exactly its places. */
export async function foldHistory(tx: Queryable, fold: number): Promise<boolean> {
  const held = await rows<{ bucket: Buffer; place: string }>(
    tx,
    'history-take',
    'DELETE FROM ledger_history WHERE place >= $1 AND place < $2 RETURNING bucket, place',
    [fold * FOLD, (fold + 1) * FOLD],
  )
  if (held.length !== FOLD || new Set(held.map(({ place }) => place)).size !== FOLD) return false
  const shards = Array.from({ length: SHARDS }, (): Buffer[] => [])
  for (const { bucket, place } of held) {
    const mark = Buffer.allocUnsafe(MARK)
    bucket.copy(mark, 0, 0, PREFIX)
    mark.writeUInt16BE(Number(place) % FOLD, PREFIX)
    shards[shardOf(bucket)]?.push(mark)
  }
  await rows(
    tx,
    'history-fold',
    `WITH pages AS (
       INSERT INTO ledger_history_page SELECT $1::int, i - 1, marks FROM unnest($2::bytea[]) WITH ORDINALITY AS p (marks, i)
       WHERE marks <> ''
     )
     INSERT INTO ledger_fold SELECT $1::int, min(at), max(coalesce(until, at)) FROM ledger_batch
     WHERE first_index < $4::bigint AND first_index + entries > $3::bigint`,
    [fold, shards.map((marks) => Buffer.concat(marks.sort((a, b) => a.compare(b)))), fold * FOLD, (fold + 1) * FOLD],
  )
  return true
}

/** How a fold lists its entries: the first half of the bucket at each place, and the first place that is listed twice. */
export interface FoldList {
  readonly prefixes: ReadonlyMap<number, string>
  readonly twice: number | null
}

export async function loadFold(db: Queryable, fold: number): Promise<FoldList> {
  const pages = await rows<{ fold: number; shard: number; marks: Buffer }>(
    db,
    'history-fold-pages',
    'SELECT fold, shard, marks FROM ledger_history_page WHERE fold = $1',
    [fold],
  )
  const prefixes = new Map<number, string>()
  let twice: number | null = null
  for (const page of pages) {
    for (const { prefix, place } of marksIn(page)) {
      // In another page nobody looks for it: it is as good as not listed.
      if (shardOf(Buffer.from(prefix, 'latin1')) !== page.shard) continue
      if (prefixes.has(place)) twice = Math.min(twice ?? place, place)
      prefixes.set(place, prefix)
    }
  }
  return { prefixes, twice }
}

/** What a fold says of a bucket. */
export function prefixOf(bucket: Buffer): string {
  return bucket.toString('latin1', 0, PREFIX)
}

/** The first of these places that is not listed in a row under its bucket; null where all are. `buckets` is 16 bytes for each place. */
export async function findUnlisted(
  db: Queryable,
  buckets: Uint8Array,
  places: readonly number[],
): Promise<number | null> {
  const found = await rows<{ place: string | null }>(
    db,
    'history-unlisted',
    `SELECT min(place) AS place
     FROM (
       SELECT substr($1::bytea, ((i - 1) * 16 + 1)::int, 16) AS bucket, place
       FROM unnest($2::bigint[]) WITH ORDINALITY AS p (place, i)
     ) AS held
     WHERE NOT EXISTS (SELECT FROM ledger_history l WHERE l.bucket = held.bucket AND l.place = held.place)`,
    [buckets, places],
  )
  return placeOf(found)
}

/**
 * How many rows list the places from `first` up to `size`, and the first place that a row lists and the tree does not have, or
 * that lies before `first` and so in pages.
 */
export async function countHistory(
  db: Queryable,
  origin: string,
  first: number,
  size: number,
): Promise<{ readonly listed: number; readonly stray: number | null }> {
  const found = await rows<{ listed: string; place: string | null }>(
    db,
    'history-count',
    `SELECT count(*) FILTER (WHERE place >= $2 AND place < $3) AS listed,
            min(place) FILTER (WHERE place < $2 OR place >= (SELECT size FROM ledger_state WHERE origin = $1)) AS place
     FROM ledger_history`,
    [origin, first, size],
  )
  return { listed: Number(found[0]?.listed ?? 0), stray: placeOf(found) }
}

/** The first of the first `size` places that rows list more than once. */
export async function findRepeated(db: Queryable, size: number): Promise<number | null> {
  const found = await rows<{ place: string | null }>(
    db,
    'history-repeated',
    `SELECT min(place) AS place
     FROM (SELECT place FROM ledger_history WHERE place >= 0 AND place < $1 GROUP BY place HAVING count(*) > 1) AS twice`,
    [size],
  )
  return placeOf(found)
}

function placeOf([row]: readonly { readonly place: string | null }[]): number | null {
  return row?.place == null ? null : Number(row.place)
}
