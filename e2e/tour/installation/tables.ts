import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { adminUrlOf } from '../../../packages/server/embedded/connection.ts'
import { queryOnce } from '../../../packages/server/testing/query.ts'

/** The two databases of an installation. */
export const DATABASES = ['doverie', 'doverie_keys'] as const
export type Database = (typeof DATABASES)[number]

type Row = Readonly<Record<string, unknown>>

/** Asks a running embedded PostgreSQL as its superuser, who sees every table of both databases. */
export async function query(
  data: string,
  database: Database,
  text: string,
  values: readonly unknown[] = [],
): Promise<readonly Row[]> {
  const secrets = JSON.parse(await readFile(join(data, 'postgres.json'), 'utf8')) as Parameters<typeof adminUrlOf>[1]
  const url = new URL(adminUrlOf(secrets.socketFolder ?? join(data, 'socket'), secrets))
  url.pathname = `/${database}`
  return queryOnce(url.href, text, values)
}

/** Blocks of 8 kB read at once. */
const BLOCKS = 1_000

/** The rows of every table of a database as bytes, decompressed, some thousand blocks at a time. */
export async function* tableBytes(
  data: string,
  database: Database,
): AsyncGenerator<{ readonly table: string; readonly bytes: Buffer }> {
  const tables = await query(
    data,
    database,
    `SELECT quote_ident(relname) AS name, pg_relation_size(oid) / 8192 AS blocks FROM pg_class
     WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`,
  )
  for (const { name, blocks } of tables) {
    const table = String(name)
    for (let from = 0; from <= Number(blocks); from += BLOCKS) {
      const where = `ctid >= '(${from},0)' AND ctid < '(${from + BLOCKS},0)'`
      const rows = await query(data, database, `SELECT * FROM ${table} WHERE ${where}`)
      yield { table, bytes: Buffer.concat(rows.flatMap((row) => Object.values(row).flatMap(bytesOf))) }
    }
  }
}

const GAP = Buffer.from([0])

function bytesOf(value: unknown): readonly Buffer[] {
  if (value === null || value instanceof Date) return []
  return [Buffer.isBuffer(value) ? value : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)), GAP]
}
