import { DoverieError } from '@doverie/core/base'
import type pg from 'pg'
import { sql as data001 } from './migrations/data-001-foundation.ts'
import { sql as keys001 } from './migrations/keys-001-foundation.ts'

type DatabaseKind = 'data' | 'keys'

/** Numbered from 1 by their place; never edited once landed, only followed by another. */
const MIGRATIONS: Readonly<Record<DatabaseKind, readonly string[]>> = { data: [data001], keys: [keys001] }

/** The lock under which one process at a time migrates a database. */
const MIGRATION_LOCK = 0x646f7600

/**
 * Brings a database to this version's schema, each step in a transaction with its number: a crash leaves a whole number of
 * steps. Throws `data-newer`, changing nothing, where the database knows steps this program does not.
 */
export async function migrate(pool: pg.Pool, kind: DatabaseKind): Promise<void> {
  const steps = MIGRATIONS[kind]
  const client = await pool.connect()
  try {
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK])
    const found = await client.query<{ exists: boolean }>(`SELECT to_regclass('migration') IS NOT NULL AS exists`)
    const rows = found.rows[0]?.exists
      ? (await client.query<{ step: number; kind: string }>('SELECT step, kind FROM migration')).rows
      : []
    if (rows.some((row) => row.kind !== kind)) {
      throw new DoverieError('data-newer', `This database belongs to another part of Doverie than "${kind}".`)
    }
    if (rows.length > steps.length) throw new DoverieError('data-newer')
    for (const [at, step] of steps.entries()) {
      if (at >= rows.length) await applyStep(client, kind, at + 1, step)
    }
  } finally {
    await client.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => undefined)
    client.release()
  }
}

async function applyStep(client: pg.PoolClient, kind: string, number: number, step: string): Promise<void> {
  await client.query('BEGIN')
  try {
    await client.query(
      'CREATE TABLE IF NOT EXISTS migration (step int PRIMARY KEY, kind text NOT NULL, at timestamptz NOT NULL)',
    )
    await client.query(step)
    await client.query('INSERT INTO migration VALUES ($1, $2, now())', [number, kind])
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK')
    throw error
  }
}
