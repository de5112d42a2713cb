import { DoverieError } from '@doverie/core/base'
import pg from 'pg'

/** Session settings that no URL may loosen: what is acknowledged is durable, and no parameter reaches the server's log. */
const SESSION =
  '-c synchronous_commit=on -c default_transaction_isolation=read\\ committed -c idle_in_transaction_session_timeout=60000'

/** Whatever runs a statement: a pool for single ones, a client inside a transaction. */
export interface Queryable {
  query<Row extends pg.QueryResultRow>(config: pg.QueryConfig): Promise<pg.QueryResult<Row>>
}

export function connectionConfig(url: string): pg.ClientConfig {
  return { connectionString: url, options: SESSION, application_name: 'doverie' }
}

/** A pool over one of the two databases. Connection faults surface as `storage-unavailable` from the call that met them. */
export function openPool(url: string, max: number): pg.Pool {
  const pool = new pg.Pool({ ...connectionConfig(url), max, connectionTimeoutMillis: 10_000 })
  // An idle connection that breaks is replaced by the pool; the next statement tells whether the server is gone.
  pool.on('error', () => undefined)
  return pool
}

/** Runs one named prepared statement and gives its rows. */
export async function rows<Row extends pg.QueryResultRow>(
  db: Queryable,
  name: string,
  text: string,
  values: readonly unknown[],
): Promise<readonly Row[]> {
  try {
    return (await db.query<Row>({ name, text, values: [...values] })).rows
  } catch (error) {
    throw storageFault(error)
  }
}

/**
 * Runs `work` in one transaction. It returns only after COMMIT was acknowledged; any fault rolls back and is thrown. Where the
 * connection breaks during COMMIT the outcome is unknown to us: the caller gets a fault and must release nothing.
 */
export async function transaction<T>(pool: pg.Pool, work: (tx: Queryable) => Promise<T>): Promise<T> {
  const client = await pool.connect().catch((error: unknown) => Promise.reject(storageFault(error)))
  let broken = false
  try {
    await client.query('BEGIN')
    const value = await work(client)
    const done = await client.query('COMMIT')
    if (done.command !== 'COMMIT') throw new DoverieError('storage-unavailable')
    return value
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {
      broken = true
    })
    throw error instanceof DoverieError ? error : storageFault(error)
  } finally {
    client.release(broken)
  }
}

/** A database error as a fault: its SQLSTATE and nothing else, since a server's detail may quote a row. */
export function storageFault(error: unknown): Error {
  if (error instanceof DoverieError) return error
  const state = (error as { code?: unknown }).code
  if (typeof state !== 'string') return new DoverieError('storage-unavailable', undefined, {})
  if (state === '23505') return new DoverieError('conflict', undefined, { sqlstate: state })
  return new DoverieError('storage-unavailable', undefined, { sqlstate: state })
}
