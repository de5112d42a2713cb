import type { KeyObject } from 'node:crypto'
import { DoverieError, type Instant, type Uuid } from '@doverie/core/base'
import type pg from 'pg'
import { unwrapPersonKey, wrapPersonKey } from '../seal/bound-key.ts'
import { type OpenKey, openKey } from '../seal/envelope.ts'
import { type CellKeyRow, insertCell, shareCell, takeCell } from '../store/cells.ts'
import { type Queryable, transaction } from '../store/database.ts'
import { shareCurrentEpoch } from '../store/epochs.ts'
import { insertKeys, type KeyRow, loadKeys } from '../store/key-store.ts'
import { type CellKeys, nameOfCellKey } from './cell-keys.ts'

/** The compartment name of K_ref, the secret that ties ledger entries to the person. No record is sealed under it. */
export const REF = 'ref'

/** The length of an id as text. */
const UUID = 36

/** Names that many keys share, each kept once: a row brings its own copy. */
const names = new Map<string, string>()
const MOST_NAMES = 10_000

function oneOf<Name extends string>(name: Name): Name {
  const known = names.get(name)
  if (known !== undefined) return known as Name
  if (names.size >= MOST_NAMES) names.clear()
  names.set(name, name)
  return name
}

/** A person's wrapped key with its cell's key at hand, opened once it is used. Holds secrets: never log. */
export class HeldKey {
  readonly compartment: string
  readonly generation: number
  readonly cellId: Uuid
  /** Its id and its bytes as text of a character each: the smallest thing that holds them, and there are some for everybody. */
  readonly #text: string
  readonly #cell: KeyObject | DoverieError
  #opened: OpenKey | null = null

  /** `cell` is a fault where the cell's key is gone or does not open: then none of its keys do. */
  constructor(row: KeyRow, cell: KeyObject | DoverieError) {
    this.compartment = oneOf(row.compartment)
    this.generation = row.generation
    this.cellId = oneOf(row.cell_id)
    // By way of bytes: two texts added would be kept as two.
    this.#text = Buffer.concat([Buffer.from(row.key_id, 'latin1'), row.wrapped]).toString('latin1')
    this.#cell = cell
  }

  /**
   * The 32-byte key inside, for the person whose row it was. Throws the cell's own fault, and `sealed-value-damaged` where it does
   * not verify or was wrapped for somebody or something else.
   */
  unwrap(subject: Uuid): Buffer {
    if (this.#cell instanceof DoverieError) throw this.#cell
    const { compartment, generation } = this
    const wrapped = Buffer.from(this.#text.slice(UUID), 'latin1')
    return unwrapPersonKey(this.#cell, wrapped, { subject, compartment, generation })
  }

  /** The working keys, for the person whose row it was: another's do not open what is theirs. */
  open(subject: Uuid): OpenKey {
    const { compartment, generation } = this
    this.#opened ??= openKey(this.unwrap(subject), {
      keyId: this.#text.slice(0, UUID),
      subject,
      compartment,
      generation,
    })
    return this.#opened
  }
}

/**
 * Keys of people: made in the key store, wrapped by cell keys, those by the root key. A key never authorises: who opens reads
 * the live row.
 */
export class KeyRing {
  readonly #keys: pg.Pool
  readonly #cells: CellKeys
  readonly #random: (length: number) => Buffer
  readonly #newId: () => Uuid

  constructor(keys: pg.Pool, cells: CellKeys, random: (length: number) => Buffer, newId: () => Uuid) {
    this.#keys = keys
    this.#cells = cells
    this.#random = random
    this.#newId = newId
  }

  /** The wrapped keys of many people, each with its cell. */
  async load(subjects: readonly Uuid[], now: Instant): Promise<Map<Uuid, HeldKey[]>> {
    const people = new Map<Uuid, HeldKey[]>(subjects.map((subject) => [subject, []]))
    let asked = subjects
    for (let attempt = 1; asked.length > 0; attempt++) {
      const found = await loadKeys(this.#keys, asked)
      const cells = await this.#cells.load(found.map(cellKeyOf), now)
      const swapped = new Set<Uuid>()
      for (const subject of asked) people.set(subject, [])
      for (const row of found) {
        const cell = cells.get(nameOfCellKey(cellKeyOf(row)))
        // Between the two statements the cell may have been re-wrapped, and the key that was asked for be gone.
        if (cell === undefined && attempt < ATTEMPTS) swapped.add(row.subject_id)
        people.get(row.subject_id)?.push(new HeldKey(row, cell ?? cellGone()))
      }
      asked = [...swapped]
    }
    return people
  }

  /**
   * Makes the keys of a new person, K_ref included, durable before anything is sealed under them. A crash after this and
   * before the data leaves keys of nobody, which the sweep removes.
   */
  async create(subject: Uuid, compartments: readonly string[], now: Instant): Promise<readonly HeldKey[]> {
    return transaction(this.#keys, async (tx) => {
      const cell = (await takeCell(tx)) ?? (await this.#newCell(tx, now))
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
    cell: CellKeyRow,
    subject: Uuid,
    generations: ReadonlyMap<string, number>,
    now: Instant,
  ): Promise<readonly HeldKey[]> {
    const wrapping = await this.#cells.open(cell, now)
    const made = [...generations].map(([compartment, generation]) => ({
      subject_id: subject,
      compartment,
      generation,
      key_id: this.#newId(),
      cell_id: cell.cell_id,
      cell_version: cell.version,
      wrapped: wrapPersonKey(wrapping, this.#random(32), { subject, compartment, generation }),
    }))
    await insertKeys(tx, made, now)
    return made.map((row) => new HeldKey(row, wrapping))
  }

  async #newCell(tx: Queryable, now: Instant): Promise<CellKeyRow> {
    // Locked to the commit: whoever ends the epoch finds this cell, or it is of the next one.
    const epoch = await currentEpoch(tx)
    const { row } = await this.#cells.make({ cell_id: this.#newId(), version: 1 }, epoch, this.#random(32))
    await insertCell(tx, row, now)
    return row
  }
}

const ATTEMPTS = 4

function cellGone(): DoverieError {
  return new DoverieError('key-missing', 'The cell of a key is missing.')
}

function cellKeyOf(row: KeyRow): { readonly cell_id: Uuid; readonly version: number } {
  return { cell_id: row.cell_id, version: row.cell_version }
}

/** The current epoch, locked to the transaction's end. While another becomes current there is none for a moment. */
export async function currentEpoch(tx: Queryable): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const epoch = await shareCurrentEpoch(tx)
    if (epoch !== null) return epoch
  }
  throw new DoverieError('key-missing', 'The key store has no current epoch.')
}
