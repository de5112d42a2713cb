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

/** A person's wrapped key with its cell's key at hand, opened once it is used. Holds secrets: never log. */
export class HeldKey {
  readonly compartment: string
  readonly generation: number
  readonly cellId: Uuid
  readonly #keyId: Uuid
  /** Its bytes as text of a character each: the smallest thing that holds them. */
  readonly #wrapped: string
  readonly #cell: KeyObject | null
  #opened: OpenKey | null = null

  /** `cell` is null where the cell is gone or does not open: then none of its keys do. */
  constructor(row: KeyRow, cell: KeyObject | null) {
    this.compartment = row.compartment
    this.generation = row.generation
    this.cellId = row.cell_id
    this.#keyId = row.key_id
    this.#wrapped = row.wrapped.toString('latin1')
    this.#cell = cell
  }

  /** The 32-byte key inside. Throws `key-missing` without its cell, `sealed-value-damaged` where it does not verify. */
  unwrap(): Buffer {
    if (this.#cell === null) throw new DoverieError('key-missing', 'The cell of a key is missing.')
    return unwrapKey(this.#cell, Buffer.from(this.#wrapped, 'latin1'))
  }

  /** The working keys, for the person whose row it was: another's do not open what is theirs. */
  open(subject: Uuid): OpenKey {
    const { compartment, generation } = this
    this.#opened ??= openKey(this.unwrap(), { keyId: this.#keyId, subject, compartment, generation })
    return this.#opened
  }
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
  async load(subjects: readonly Uuid[], now: Instant): Promise<Map<Uuid, HeldKey[]>> {
    const found = await loadKeys(this.#keys, subjects)
    const cells = await this.#openCells(new Set(found.map((row) => row.cell_id)), now)
    const people = new Map<Uuid, HeldKey[]>(subjects.map((subject) => [subject, []]))
    for (const row of found) people.get(row.subject_id)?.push(new HeldKey(row, cells.get(row.cell_id) ?? null))
    return people
  }

  /**
   * Makes the keys of a new person, K_ref included, durable before anything is sealed under them. A crash after this and
   * before the data leaves keys of nobody, which the sweep removes.
   */
  async create(subject: Uuid, compartments: readonly string[], now: Instant): Promise<readonly HeldKey[]> {
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
  ): Promise<readonly HeldKey[]> {
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
  ): Promise<readonly HeldKey[]> {
    const wrapping = await this.#cellKey(cell, now)
    const made = [...generations].map(([compartment, generation]) => ({
      subject_id: subject,
      compartment,
      generation,
      key_id: this.#newId(),
      cell_id: cell.cell_id,
      wrapped: wrapKey(wrapping, this.#random(32)),
    }))
    await insertKeys(tx, made, now)
    return made.map((row) => new HeldKey(row, wrapping))
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
