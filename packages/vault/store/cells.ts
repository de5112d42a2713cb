import type { Instant, Uuid } from '@doverie/core/base'
import { type Queryable, rows } from './database.ts'

/** How many people share one cell key at most: what a destruction has to re-wrap. */
const PEOPLE_PER_CELL = 512

/** A key of a cell, wrapped under an epoch's root key. */
export interface CellKeyRow extends Record<string, unknown> {
  readonly cell_id: Uuid
  readonly version: number
  readonly epoch: number
  readonly wrapped: Buffer
}

const KEY = 'k.cell_id, k.version, k.epoch, k.wrapped'
const LIVE = 'cell c JOIN cell_key k ON k.cell_id = c.cell_id AND k.version = c.version'

/** Takes a place in a cell that has room and gives its live key, or null where every open cell is full or just being taken from. */
export async function takeCell(tx: Queryable): Promise<CellKeyRow | null> {
  const [cell] = await rows<CellKeyRow>(
    tx,
    'cell-take',
    `UPDATE cell c SET people = people + 1 FROM cell_key k WHERE c.cell_id = (
       SELECT cell_id FROM cell WHERE people < ${PEOPLE_PER_CELL} ORDER BY people DESC LIMIT 1 FOR UPDATE SKIP LOCKED
     ) AND k.cell_id = c.cell_id AND k.version = c.version RETURNING ${KEY}`,
    [],
  )
  return cell ?? null
}

/** A new cell with one person in it, and its first key. */
export async function insertCell(tx: Queryable, key: CellKeyRow, at: Instant): Promise<void> {
  await rows(tx, 'cell-insert', 'INSERT INTO cell (cell_id, version, people) VALUES ($1, $2, 1)', [
    key.cell_id,
    key.version,
  ])
  await rows(tx, 'cell-key-insert', 'INSERT INTO cell_key VALUES ($1, $2, $3, $4, $5)', [
    key.cell_id,
    key.version,
    key.epoch,
    key.wrapped,
    new Date(at),
  ])
}

/** The live key of a cell, which is locked against a re-wrap while a person's key is added to it. */
export async function shareCell(tx: Queryable, cell: Uuid): Promise<CellKeyRow | null> {
  // The lock first and by itself: a statement that waited for it would still join the key of before.
  const [locked] = await rows<{ version: number }>(
    tx,
    'cell-share',
    'SELECT version FROM cell WHERE cell_id = $1 FOR SHARE',
    [cell],
  )
  if (locked === undefined) return null
  return loadLiveKey(tx, cell)
}

/** Keys of cells, each named by its cell and version. One that is gone is missing. */
export function loadCellKeys(
  db: Queryable,
  keys: readonly { readonly cell_id: Uuid; readonly version: number }[],
): Promise<readonly CellKeyRow[]> {
  return rows<CellKeyRow>(
    db,
    'cell-keys',
    `SELECT ${KEY} FROM unnest($1::uuid[], $2::int[]) AS w (cell_id, version)
     JOIN cell_key k ON k.cell_id = w.cell_id AND k.version = w.version`,
    [keys.map(({ cell_id }) => cell_id), keys.map(({ version }) => version)],
  )
}

/** A cell locked against whoever adds keys to it, and its keys: the live one and, where one was prepared, the next. */
export interface LockedCell {
  readonly version: number
  readonly live: CellKeyRow | null
  readonly next: CellKeyRow | null
}

/** Locks a cell for a re-wrap, until the transaction ends. Null where there is no such cell. */
export async function lockCell(tx: Queryable, cell: Uuid): Promise<LockedCell | null> {
  const [locked] = await rows<{ version: number }>(
    tx,
    'cell-lock',
    'SELECT version FROM cell WHERE cell_id = $1 FOR UPDATE',
    [cell],
  )
  if (locked === undefined) return null
  const { version } = locked
  const keys = await loadCellKeys(tx, [
    { cell_id: cell, version },
    { cell_id: cell, version: version + 1 },
  ])
  const of = (wanted: number): CellKeyRow | null => keys.find((key) => key.version === wanted) ?? null
  return { version, live: of(version), next: of(version + 1) }
}

/** Puts the next key of a cell beside the live one, in place of one prepared before: nothing is wrapped under that yet. */
export async function putNextCellKey(tx: Queryable, key: CellKeyRow, at: Instant): Promise<void> {
  await rows(
    tx,
    'cell-key-next',
    `INSERT INTO cell_key VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (cell_id, version) DO UPDATE SET epoch = $3, wrapped = $4, made_at = $5`,
    [key.cell_id, key.version, key.epoch, key.wrapped, new Date(at)],
  )
}

/** Has the next key of a locked cell be the live one, and gives back the places of those who went. */
export async function swapCellKey(tx: Queryable, cell: Uuid, gone: number): Promise<void> {
  await rows(tx, 'cell-swap', 'UPDATE cell SET version = version + 1, people = people - $2 WHERE cell_id = $1', [
    cell,
    gone,
  ])
}

/** Cells that have keys to go: a re-wrap took place, and its survivors were not read back yet. */
export async function listRetiredCells(db: Queryable, limit: number): Promise<readonly Uuid[]> {
  const found = await rows<{ cell_id: Uuid }>(
    db,
    'cells-retired',
    `SELECT DISTINCT c.cell_id FROM cell c JOIN cell_key k ON k.cell_id = c.cell_id AND k.version < c.version LIMIT $1`,
    [limit],
  )
  return found.map((row) => row.cell_id)
}

/** Deletes the keys of a cell that are older than a version which was read back. */
export async function deleteRetiredCellKeys(db: Queryable, cell: Uuid, version: number): Promise<void> {
  await rows(db, 'cell-keys-retire', 'DELETE FROM cell_key WHERE cell_id = $1 AND version < $2', [cell, version])
}

/** The live key of a cell. */
export async function loadLiveKey(db: Queryable, cell: Uuid): Promise<CellKeyRow | null> {
  const [key] = await rows<CellKeyRow>(db, 'cell-live', `SELECT ${KEY} FROM ${LIVE} WHERE c.cell_id = $1`, [cell])
  return key ?? null
}

/** Cells' keys of epochs before this one, in the order of their cells. */
export function listFormerCellKeys(
  db: Queryable,
  epoch: number,
  after: Uuid,
  limit: number,
): Promise<readonly CellKeyRow[]> {
  return rows<CellKeyRow>(
    db,
    'cell-keys-former',
    `SELECT ${KEY} FROM cell_key k WHERE k.epoch < $1 AND k.cell_id > $2 ORDER BY k.cell_id, k.version LIMIT $3`,
    [epoch, after, limit],
  )
}

/** All live keys of cells, a page of them. */
export function listLiveCellKeys(db: Queryable, after: Uuid, limit: number): Promise<readonly CellKeyRow[]> {
  return rows<CellKeyRow>(
    db,
    'cell-keys-live',
    `SELECT ${KEY} FROM ${LIVE} WHERE c.cell_id > $1 ORDER BY c.cell_id LIMIT $2`,
    [after, limit],
  )
}

/** Puts the same key, wrapped under another epoch, in place of what was read; where it has changed meanwhile, nothing. */
export async function replaceCellKey(db: Queryable, before: CellKeyRow, after: CellKeyRow): Promise<void> {
  await rows(
    db,
    'cell-key-replace',
    `UPDATE cell_key SET epoch = $4, wrapped = $5 WHERE cell_id = $1 AND version = $2 AND wrapped = $3`,
    [before.cell_id, before.version, before.wrapped, after.epoch, after.wrapped],
  )
}

/** Forgets keys that were prepared in an epoch before this one and never used: who would use one makes it anew. */
export async function deletePreparedCellKeys(db: Queryable, epoch: number): Promise<void> {
  await rows(
    db,
    'cell-keys-unused',
    'DELETE FROM cell_key k USING cell c WHERE c.cell_id = k.cell_id AND k.version > c.version AND k.epoch < $1',
    [epoch],
  )
}

/** How many cells there are. */
export async function countCells(db: Queryable): Promise<number> {
  const [row] = await rows<{ n: string }>(db, 'cells-count', 'SELECT count(*) AS n FROM cell', [])
  return Number(row?.n)
}

/** How many people have a place in a cell. */
export async function countPeople(db: Queryable): Promise<number> {
  const [row] = await rows<{ n: string }>(db, 'cells-people', 'SELECT coalesce(sum(people), 0) AS n FROM cell', [])
  return Number(row?.n)
}

/** Cells whose live key is older than a moment, in the order of their ids. */
export async function listAgedCells(
  db: Queryable,
  before: Instant,
  after: Uuid,
  limit: number,
): Promise<readonly Uuid[]> {
  const found = await rows<{ cell_id: Uuid }>(
    db,
    'cells-aged',
    `SELECT c.cell_id FROM ${LIVE} WHERE k.made_at < $1 AND c.cell_id > $2 ORDER BY c.cell_id LIMIT $3`,
    [new Date(before), after, limit],
  )
  return found.map((row) => row.cell_id)
}
