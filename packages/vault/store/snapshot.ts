import { setTimeout as delay } from 'node:timers/promises'
import { DoverieError, type Instant } from '@doverie/core/base'
import pg from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import { BACKUP_TABLES, type BackupTable, type DatabaseKind } from './backup-tables.ts'
import { connectionConfig, storageFault } from './database.ts'
import { MIGRATION_LEVELS } from './migrate.ts'

/** Rows of one table: those of the given stretch of its cut, or all (`stretch` null). */
export interface TablePart {
  readonly table: string
  readonly columns: readonly string[]
  readonly stretch: Stretch | null
}

/** From `from` up to, not including, `to` (null: no end there); `rest` adds the rows that have no number yet. */
export interface Stretch {
  readonly from: string | null
  readonly to: string | null
  readonly rest: boolean
}

/** How finely the tables are cut: parts of the even ones, numbers in a part of the grown ones. */
export type CutSizes = Readonly<Record<string, number>>

/** What a part's rows come as: PostgreSQL's own binary COPY format, and their count once all of it was taken. */
export interface CopiedRows {
  readonly chunks: AsyncIterable<Buffer>
  readonly rows: () => Promise<number>
}

/** A manifest that names each file once stays small. */
const MANY_PARTS = 2000
const MOST_PARTS = 100_000

/** One lock, one backup at a time of a database. */
const BACKUP_LOCK = 0x646f7602
const LOCK_PATIENCE_MS = 3000

/**
 * One moment of a database, read as long as it takes: nothing that is committed meanwhile is seen. It writes nothing and locks
 * nobody out; the server keeps old rows for as long as it is open.
 */
export class Snapshot {
  readonly #client: pg.Client
  readonly #kind: DatabaseKind
  /** Steps of the schema. */
  readonly level: number
  /** The moment, by the database's clock. */
  readonly takenAt: Instant
  readonly #columns: ReadonlyMap<string, readonly string[]>

  private constructor(
    client: pg.Client,
    kind: DatabaseKind,
    found: { readonly level: number; readonly takenAt: Instant; readonly columns: ReadonlyMap<string, string[]> },
  ) {
    this.#client = client
    this.#kind = kind
    this.level = found.level
    this.takenAt = found.takenAt
    this.#columns = found.columns
  }

  /**
   * Throws `data-newer` for a schema that this program does not know, `conflict` where a backup of the same database is under
   * way, `storage-unavailable`.
   */
  static async open(url: string, kind: DatabaseKind): Promise<Snapshot> {
    const client = new pg.Client({ ...connectionConfig(url), application_name: 'doverie backup' })
    client.on('error', () => undefined)
    try {
      await client.connect()
      if (!(await takeLock(client))) throw new DoverieError('conflict', 'another backup of this database is under way')
      // Between two parts a slow disk may keep it waiting for longer than a transaction may idle elsewhere.
      await client.query('SET idle_in_transaction_session_timeout = 0')
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY')
      const level = await levelOf(client, kind)
      const moment = await client.query<{ at: Date }>('SELECT now() AS at')
      const takenAt = moment.rows[0]?.at.getTime() ?? 0
      return new Snapshot(client, kind, { level, takenAt, columns: await columnsOf(client) })
    } catch (error) {
      await client.end().catch(() => undefined)
      throw storageFault(error)
    }
  }

  /** The tables of a backup that this schema has, in an order in which they can be put in again. */
  get tables(): readonly BackupTable[] {
    return BACKUP_TABLES[this.#kind].filter(({ name }) => this.#columns.has(name))
  }

  columns(table: string): readonly string[] {
    return this.#columns.get(table) ?? []
  }

  /** How to cut the tables so that a part takes about `partBytes` of the disk, or more where there would be very many parts. */
  async cutSizes(partBytes: number): Promise<CutSizes> {
    const cuttable = this.tables.filter(({ cut }) => cut !== null)
    const bytes = new Map<string, number>()
    for (const { name } of cuttable) {
      const [row] = await this.#rows<{ bytes: string }>(`SELECT pg_table_size('${name}') AS bytes`)
      bytes.set(name, Number(row?.bytes ?? 0))
    }
    const total = [...bytes.values()].reduce((sum, one) => sum + one, 0)
    const target = Math.max(partBytes, total / MANY_PARTS)
    const sizes: Record<string, number> = {}
    for (const { name, cut } of cuttable) {
      const parts = Math.max(1, Math.ceil((bytes.get(name) ?? 0) / target))
      sizes[name] = cut?.by === 'grown' ? Math.ceil(((await this.#last(name, cut.column)) + 1) / parts) : parts
    }
    return sizes
  }

  /** All parts, each row in exactly one of them. */
  async parts(sizes: CutSizes): Promise<readonly TablePart[]> {
    const found: TablePart[] = []
    for (const { name, cut } of this.tables) {
      const size = sizes[name] ?? 1
      const stretches =
        cut === null ? [null] : cut.by === 'grown' ? await this.#grown(name, cut.column, size) : evenly(size, cut.by)
      for (const stretch of stretches) found.push({ table: name, columns: this.columns(name), stretch })
    }
    return found
  }

  async #grown(table: string, column: string, width: number): Promise<readonly Stretch[]> {
    const last = await this.#last(table, column)
    const step = Math.max(width, Math.ceil((last + 1) / MOST_PARTS))
    const count = Math.floor(last / step) + 1
    return Array.from({ length: count }, (_, i) => ({
      from: i === 0 ? null : String(i * step),
      to: i === count - 1 ? null : String((i + 1) * step),
      rest: i === count - 1,
    }))
  }

  async #last(table: string, column: string): Promise<number> {
    const [row] = await this.#rows<{ last: string | null }>(`SELECT max(${column}) AS last FROM ${table}`)
    // No ledger has more places; what somebody put beyond lies in the last part.
    return Math.min(Math.max(0, Number(row?.last ?? 0)), Number.MAX_SAFE_INTEGER - 1)
  }

  /** The rows of a part. They must be taken to their end; a reader that breaks off closes the snapshot. */
  copy(part: TablePart): CopiedRows {
    const stream = this.#client.query(copyTo(`COPY (${selectOf(this.tables, part)}) TO STDOUT (FORMAT binary)`))
    return {
      chunks: faultsOf(stream),
      rows: async () => {
        // The count comes after the last row: with the answer to the next statement it is there.
        await this.#rows('SELECT 1')
        return stream.rowCount
      },
    }
  }

  /** The checkpoint of the ledger at this moment, a signed note; null in a database without one. */
  async checkpoint(origin: string): Promise<string | null> {
    if (!this.#columns.has('ledger_state')) return null
    const { rows } = await this.#client
      .query<{ checkpoint: string }>('SELECT checkpoint FROM ledger_state WHERE origin = $1', [origin])
      .catch((error: unknown) => Promise.reject(storageFault(error)))
    return rows[0]?.checkpoint ?? null
  }

  async close(): Promise<void> {
    await this.#client.end().catch(() => undefined)
  }

  async #rows<Row extends pg.QueryResultRow>(text: string): Promise<readonly Row[]> {
    try {
      return (await this.#client.query<Row>(text)).rows
    } catch (error) {
      throw storageFault(error)
    }
  }
}

/** After `kill -9` of a backup the server needs a moment to see that its session is gone. */
async function takeLock(client: pg.Client): Promise<boolean> {
  const end = Date.now() + LOCK_PATIENCE_MS
  for (;;) {
    const { rows } = await client.query<{ mine: boolean }>('SELECT pg_try_advisory_lock($1) AS mine', [BACKUP_LOCK])
    if (rows[0]?.mine === true) return true
    if (Date.now() > end) return false
    await delay(50)
  }
}

async function* faultsOf(stream: AsyncIterable<unknown>): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of stream) yield chunk as Buffer
  } catch (error) {
    throw storageFault(error)
  }
}

async function levelOf(client: pg.Client, kind: DatabaseKind): Promise<number> {
  const there = await client.query<{ there: boolean }>(`SELECT to_regclass('migration') IS NOT NULL AS there`)
  const steps =
    there.rows[0]?.there === true ? await client.query<{ kind: string }>('SELECT kind FROM migration') : null
  const level = steps?.rows.length ?? 0
  if (level === 0) throw new DoverieError('not-found', 'this database holds no installation of Doverie')
  if (steps?.rows.some((row) => row.kind !== kind) === true || level > MIGRATION_LEVELS[kind]) {
    throw new DoverieError('data-newer')
  }
  return level
}

async function columnsOf(client: pg.Client): Promise<ReadonlyMap<string, string[]>> {
  const { rows } = await client.query<{ table: string; column: string }>(
    `SELECT c.relname AS table, a.attname AS column
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
     WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
       AND a.attgenerated = ''
     ORDER BY c.relname, a.attnum`,
  )
  const found = new Map<string, string[]>()
  for (const { table, column } of rows) found.set(table, [...(found.get(table) ?? []), column])
  return found
}

/** Only names of the schema and numbers made here are put together. */
function selectOf(tables: readonly BackupTable[], { table, columns, stretch }: TablePart): string {
  const known = tables.find(({ name }) => name === table)
  if (known === undefined) throw new DoverieError('internal', 'A part of no table.')
  const column = known.cut?.column ?? ''
  const type = known.cut?.by === 'grown' ? 'bigint' : (known.cut?.by ?? '')
  const bounds: string[] = []
  if (stretch?.from != null) bounds.push(`${column} >= '${stretch.from}'::${type}`)
  if (stretch?.to != null) bounds.push(`${column} < '${stretch.to}'::${type}`)
  const inside = bounds.length === 0 ? 'true' : bounds.join(' AND ')
  // Where there is no lower end the numberless belong in anyway.
  const where =
    stretch === null || bounds.length === 0 ? 'true' : stretch.rest ? `(${inside}) OR ${column} IS NULL` : inside
  const names = columns.map((name) => `"${name}"`).join(', ')
  return `SELECT ${names} FROM "${table}" WHERE ${where} ORDER BY ${known.order.map((name) => `"${name}"`).join(', ')}`
}

/** Equal stretches of 16 random bytes. */
function evenly(count: number, type: 'uuid' | 'bytea'): readonly Stretch[] {
  const bound = (i: number): string => {
    const digits = ((BigInt(i) << 128n) / BigInt(count)).toString(16).padStart(32, '0')
    return type === 'uuid' ? digits : `\\x${digits}`
  }
  return Array.from({ length: count }, (_, i) => ({
    from: i === 0 ? null : bound(i),
    to: i === count - 1 ? null : bound(i + 1),
    rest: false,
  }))
}
