import { createSecretKey, type KeyObject } from 'node:crypto'
import { DoverieError, type Instant, isDoverieError, type Uuid } from '@doverie/core/base'
import type pg from 'pg'
import { type OpenKey, openKey } from '../seal/envelope.ts'
import type { Kms } from '../seal/kms.ts'
import { unwrapKey, wrapKey } from '../seal/wrap.ts'
import { type Queryable, transaction } from '../store/database.ts'
import {
  type CellRow,
  insertCell,
  insertKeys,
  type KeyRow,
  loadCells,
  loadKeys,
  shareCell,
  takeCell,
} from '../store/key-store.ts'
import { ExpiringMap } from './expiring-map.ts'

/** The compartment name of K_ref, the secret that ties ledger entries to the person. No record is sealed under it. */
export const REF = 'ref'

/** A wrapped key with its cell's key at hand. Holds a secret: never log. */
export interface HeldKey {
  readonly row: KeyRow
  /** Null where the cell is gone or does not open: then none of its keys do. */
  readonly cell: KeyObject | null
}

/** The 32-byte key inside. Throws `key-missing` without its cell, `sealed-value-damaged` where it does not verify. */
export function unwrapHeld({ row, cell }: HeldKey): Buffer {
  if (cell === null) throw new DoverieError('key-missing', 'The cell of a key is missing.')
  return unwrapKey(cell, row.wrapped)
}

/** The working keys of a compartment. */
export function openHeld(held: HeldKey): OpenKey {
  const { key_id, subject_id, compartment, generation } = held.row
  return openKey(unwrapHeld(held), { keyId: key_id, subject: subject_id, compartment, generation })
}

/**
 * Keys of people: made in the key store, wrapped by cell keys, those by the root key. Unwrapped cell keys are kept for a
 * bounded time, so reads go on for that long without the KMS. A key never authorises: who opens reads the live row.
 */
export class KeyRing {
  readonly #keys: pg.Pool
  readonly #kms: Kms
  readonly #cells: ExpiringMap<Uuid, KeyObject>
  readonly #random: (length: number) => Buffer
  readonly #newId: () => Uuid

  constructor(keys: pg.Pool, kms: Kms, random: (length: number) => Buffer, newId: () => Uuid, cacheTerm: number) {
    this.#keys = keys
    this.#kms = kms
    this.#random = random
    this.#newId = newId
    this.#cells = new ExpiringMap(4096, cacheTerm)
  }

  /** The wrapped keys of many people, each with its cell. */
  async load(subjects: readonly Uuid[], now: Instant): Promise<Map<Uuid, Map<string, HeldKey>>> {
    const found = await loadKeys(this.#keys, subjects)
    const cells = await this.#openCells(new Set(found.map((row) => row.cell_id)), now)
    const people = new Map<Uuid, Map<string, HeldKey>>()
    for (const row of found) {
      const cell = cells.get(row.cell_id) ?? null
      const keys = people.get(row.subject_id) ?? new Map<string, HeldKey>()
      people.set(row.subject_id, keys.set(row.compartment, { row, cell }))
    }
    return people
  }

  /**
   * Makes the keys of a new person, K_ref included, durable before anything is sealed under them. A crash after this and
   * before the data leaves keys of nobody, which the sweep removes.
   */
  async create(subject: Uuid, compartments: readonly string[], now: Instant): Promise<Map<string, HeldKey>> {
    return transaction(this.#keys, async (tx) => {
      const cell = (await takeCell(tx)) ?? (await this.#newCell(tx))
      return this.#addKeys(tx, cell, subject, new Map([REF, ...compartments].map((name) => [name, 1])), now)
    })
  }

  /** Makes keys for further compartments of a person, in the person's own cell. `generations` by compartment. */
  async extend(
    subject: Uuid,
    cell: Uuid,
    generations: ReadonlyMap<string, number>,
    now: Instant,
  ): Promise<Map<string, HeldKey>> {
    return transaction(this.#keys, async (tx) => {
      const row = await shareCell(tx, cell)
      if (row === null) throw new DoverieError('key-missing')
      return this.#addKeys(tx, row, subject, generations, now)
    })
  }

  async #addKeys(
    tx: Queryable,
    cell: CellRow,
    subject: Uuid,
    generations: ReadonlyMap<string, number>,
    now: Instant,
  ): Promise<Map<string, HeldKey>> {
    const wrapping = await this.#cellKey(cell, now)
    const made = new Map<string, HeldKey>()
    for (const [compartment, generation] of generations) {
      const row = {
        subject_id: subject,
        compartment,
        generation,
        key_id: this.#newId(),
        cell_id: cell.cell_id,
        wrapped: wrapKey(wrapping, this.#random(32)),
      }
      made.set(compartment, { row, cell: wrapping })
    }
    const keys = [...made.values()].map(({ row }) => row)
    await insertKeys(tx, keys, now)
    return made
  }

  async #newCell(tx: Queryable): Promise<CellRow> {
    const { rootVersion, wrapped } = await this.#kms.wrap(this.#random(32))
    const cell = { cell_id: this.#newId(), root_version: rootVersion, version: 1, wrapped }
    await insertCell(tx, cell)
    return cell
  }

  async #openCells(cells: ReadonlySet<Uuid>, now: Instant): Promise<Map<Uuid, KeyObject>> {
    const opened = new Map<Uuid, KeyObject>()
    const missing: Uuid[] = []
    for (const cell of cells) {
      const cached = this.#cells.get(cell, now)
      if (cached === undefined) missing.push(cell)
      else opened.set(cell, cached)
    }
    if (missing.length === 0) return opened
    for (const row of await loadCells(this.#keys, missing)) {
      try {
        opened.set(row.cell_id, await this.#cellKey(row, now))
      } catch (error) {
        // A damaged cell is its own people's loss; a KMS that does not answer is everybody's.
        if (!isDoverieError(error, 'wrong-root-key')) throw error
      }
    }
    return opened
  }

  async #cellKey(cell: CellRow, now: Instant): Promise<KeyObject> {
    const cached = this.#cells.get(cell.cell_id, now)
    if (cached !== undefined) return cached
    const key = createSecretKey(await this.#kms.unwrap(cell.root_version, cell.wrapped))
    this.#cells.set(cell.cell_id, key, now)
    return key
  }
}
