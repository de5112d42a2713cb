import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { DoverieError, type Instant, type Uuid } from '@doverie/core/base'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { BACKUP_TABLES, type DatabaseKind } from './backup-tables.ts'
import { connectionConfig, type Queryable, storageFault } from './database.ts'
import { MIGRATION_LEVELS, takeSteps } from './migrate.ts'
import { insertRestored } from './restored.ts'

/** What a backup puts into an empty database. */
export interface DatabaseContent {
  readonly kind: DatabaseKind
  /** Steps of the schema that the rows are of. */
  readonly level: number
  readonly tables: readonly { readonly name: string; readonly columns: readonly string[]; readonly rows: number }[]
  /** In the order of `tables`. Taken one after the other, each to its end. */
  readonly parts: readonly {
    readonly table: string
    readonly rows: number
    readonly chunks: () => AsyncIterable<Uint8Array>
  }[]
  readonly backup: { readonly id: Uuid; readonly takenAt: Instant }
}

const EMPTY = `SELECT NOT EXISTS (
  SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p') AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
) AS empty`

/**
 * Fills an empty database in one transaction: schema, rows, and the word that it was restored. `check` may still refuse all of it.
 * A crash, or any fault, leaves it as empty as it was. Throws `not-empty`, `data-newer` for rows of a later schema,
 * `backup-damaged` where rows are not those that the manifest tells of, `storage-unavailable`, and what a part or `check` throws.
 */
export async function fillDatabase(
  url: string,
  content: DatabaseContent,
  check: (tx: Queryable) => Promise<void>,
  onPart: (done: number) => void,
): Promise<void> {
  const { kind, level } = content
  if (level > MIGRATION_LEVELS[kind]) throw new DoverieError('data-newer', 'the backup is of a newer version')
  assertKnownTables(content)
  const client = new pg.Client({ ...connectionConfig(url), application_name: 'doverie restore' })
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query('SET idle_in_transaction_session_timeout = 0')
    await client.query('BEGIN')
    const { rows } = await client.query<{ empty: boolean }>(EMPTY)
    if (rows[0]?.empty !== true) throw new DoverieError('not-empty')
    await takeSteps(client, kind, 0, level)
    const raised = await dropSlowParts(client)
    // A step of the schema may have put rows in.
    if (content.tables.length > 0) {
      await client.query(`TRUNCATE ${content.tables.map(({ name }) => `"${name}"`).join(', ')}`)
    }
    await copyAll(client, content, onPart)
    for (const statement of raised) await client.query(statement)
    await takeSteps(client, kind, level, MIGRATION_LEVELS[kind])
    await insertRestored(client, content.backup)
    await check(client)
    const done = await client.query('COMMIT')
    if (done.command !== 'COMMIT') throw new DoverieError('storage-unavailable')
    // Only for the plans of the first statements: it may fail.
    await client.query('ANALYZE').catch(() => undefined)
  } catch (error) {
    throw storageFault(error)
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** Attacker control: names of the manifest become statements. */
function assertKnownTables({ kind, tables, parts }: DatabaseContent): void {
  const known = new Set(BACKUP_TABLES[kind].map(({ name }) => name))
  const named = new Set(tables.map(({ name }) => name))
  if (tables.some(({ name }) => !known.has(name)) || parts.some(({ table }) => !named.has(table))) {
    throw new DoverieError(
      'backup-damaged',
      'the backup holds a table that this version does not know; nothing was changed',
    )
  }
}

/** Takes away indexes and references that cost more row by row than at the end, and gives the statements that put them back. */
async function dropSlowParts(client: pg.Client): Promise<readonly string[]> {
  const references = await client.query<{ table: string; name: string; definition: string }>(
    `SELECT conrelid::regclass::text AS table, quote_ident(conname) AS name, pg_get_constraintdef(oid) AS definition
     FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace`,
  )
  const indexes = await client.query<{ name: string; definition: string }>(
    `SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS definition
     FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
     WHERE c.relnamespace = 'public'::regnamespace
       AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))`,
  )
  for (const { table, name } of references.rows) await client.query(`ALTER TABLE ${table} DROP CONSTRAINT ${name}`)
  for (const { name } of indexes.rows) await client.query(`DROP INDEX ${name}`)
  return [
    ...indexes.rows.map(({ definition }) => definition),
    ...references.rows.map(
      ({ table, name, definition }) => `ALTER TABLE ${table} ADD CONSTRAINT ${name} ${definition}`,
    ),
  ]
}

async function copyAll(client: pg.Client, content: DatabaseContent, onPart: (done: number) => void): Promise<void> {
  const counts = new Map<string, number>()
  for (const [i, part] of content.parts.entries()) {
    const columns = content.tables.find(({ name }) => name === part.table)?.columns ?? []
    const names = columns.map((name) => `"${name}"`).join(', ')
    // The tables were made in this transaction: their rows can be written as settled ones.
    const into = client.query(copyFrom(`COPY "${part.table}" (${names}) FROM STDIN (FORMAT binary, FREEZE)`))
    await pipeline(Readable.from(part.chunks(), { objectMode: false }), into)
    if (into.rowCount !== part.rows) throw damaged()
    counts.set(part.table, (counts.get(part.table) ?? 0) + into.rowCount)
    onPart(i + 1)
  }
  if (content.tables.some(({ name, rows }) => (counts.get(name) ?? 0) !== rows)) throw damaged()
}

function damaged(): DoverieError {
  return new DoverieError('backup-damaged', 'the backup does not hold the rows that it tells of; nothing was changed')
}
