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
  const [key] = await rows<CellKeyRow>(tx, 'cell-live-key', `SELECT ${KEY} FROM ${LIVE} WHERE c.cell_id = $1`, [cell])
  return key ?? null
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
