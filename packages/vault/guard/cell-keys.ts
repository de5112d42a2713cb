import { createSecretKey, type KeyObject } from 'node:crypto'
import { type DoverieError, type Instant, isDoverieError, type Uuid } from '@doverie/core/base'
import type pg from 'pg'
import { damagedKey } from '../seal/bound-key.ts'
import { type CellKeyRow, loadCellKeys } from '../store/cells.ts'
import { ExpiringMap } from './expiring-map.ts'
import type { Roots } from './roots.ts'

/** One key of a cell: the cell with the key's version. */
export interface CellKeyId {
  readonly cell_id: Uuid
  readonly version: number
}

export function nameOfCellKey({ cell_id, version }: CellKeyId): string {
  return `cell|${cell_id}|${version}`
}

/** How many opened cell keys are held at most: those of two million people. */
const LIMIT = 4096

/**
 * Keys of cells, opened by the KMS and held for a bounded time, so that reads go on for that long without it. What is asked
 * for twice at once is opened once. Zeroing what is forgotten is not promised.
 */
export class CellKeys {
  readonly #keys: pg.Pool
  readonly #roots: Roots
  readonly #held: ExpiringMap<string, KeyObject>
  readonly #opening = new Map<string, Promise<KeyObject>>()

  constructor(keys: pg.Pool, roots: Roots, term: number) {
    this.#keys = keys
    this.#roots = roots
    this.#held = new ExpiringMap(LIMIT, term)
  }

  /** The key of a row. Throws what the KMS throws; a row that does not verify is `sealed-value-damaged` (`cell-key`). */
  open(row: CellKeyRow, now: Instant): Promise<KeyObject> {
    const name = nameOfCellKey(row)
    const held = this.#held.get(name, now)
    if (held !== undefined) return Promise.resolve(held)
    const under = this.#opening.get(name)
    if (under !== undefined) return under
    const opening = this.#unwrap(row, name, now).finally(() => this.#opening.delete(name))
    this.#opening.set(name, opening)
    return opening
  }

  /**
   * Keys by their names. One that is gone is missing, one that is damaged or whose root version is lost is its fault: that is its
   * own people's loss. A KMS that does not answer is everybody's, and thrown.
   */
  async load(wanted: readonly CellKeyId[], now: Instant): Promise<Map<string, KeyObject | DoverieError>> {
    const found = new Map<string, KeyObject | DoverieError>()
    const missing = new Map<string, CellKeyId>()
    for (const id of wanted) {
      const name = nameOfCellKey(id)
      const held = this.#held.get(name, now)
      if (held === undefined) missing.set(name, id)
      else found.set(name, held)
    }
    if (missing.size === 0) return found
    const rows = await loadCellKeys(this.#keys, [...missing.values()])
    await Promise.all(
      rows.map(async (row) => {
        found.set(nameOfCellKey(row), await this.open(row, now).catch(ownLoss))
      }),
    )
    return found
  }

  /** A fresh key for a cell, wrapped under an epoch. Not held yet: it is in no database. */
  async make(
    id: CellKeyId,
    epoch: number,
    bytes: Buffer,
  ): Promise<{ readonly row: CellKeyRow; readonly key: KeyObject }> {
    const wrapped = await this.#roots.wrap(epoch, bytes, nameOfCellKey(id))
    return { row: { ...id, epoch, wrapped }, key: createSecretKey(bytes) }
  }

  forget(id: CellKeyId): void {
    this.#held.delete(nameOfCellKey(id))
  }

  async #unwrap(row: CellKeyRow, name: string, now: Instant): Promise<KeyObject> {
    const bytes = await this.#roots.unwrap(row.epoch, row.wrapped, name).catch(async (error: unknown) => {
      if (isDoverieError(error, 'sealed-value-damaged')) throw damagedKey('cell-key')
      // An epoch's end may have put it under another root version, and destroyed the former, since the row was read.
      const [again] = isDoverieError(error, 'wrong-root-key') ? await loadCellKeys(this.#keys, [row]) : []
      if (again === undefined || again.wrapped.equals(row.wrapped)) throw error
      return this.#roots.unwrap(again.epoch, again.wrapped, name)
    })
    const key = createSecretKey(bytes)
    this.#held.set(name, key, now)
    return key
  }
}

function ownLoss(error: unknown): DoverieError {
  if (isDoverieError(error, 'wrong-root-key') || isDoverieError(error, 'sealed-value-damaged')) return error
  throw error
}
