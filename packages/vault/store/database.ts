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
  // Likewise one that breaks inside a transaction, between two statements: unheard, it would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined))
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
 * Runs `work` in one transaction. It returns only after COMMIT was acknowledged; any fault rolls back and is thrown: what `work`
 * throws as it is, what the database or the connection throws as `storageFault` has it. Where the connection breaks during
 * COMMIT the outcome is unknown to us: the caller gets a fault and must release nothing.
 */
export async function transaction<T>(pool: pg.Pool, work: (tx: Queryable) => Promise<T>): Promise<T> {
  const client = await connected(pool)
  let broken = false
  try {
    await control(client, 'BEGIN')
    const value = await work(client)
    const done = await control(client, 'COMMIT')
    // A transaction in which a statement failed answers COMMIT by rolling back.
    if (done !== 'COMMIT') throw new DoverieError('storage-unavailable')
    return value
  } catch (error) {
    // Where the driver gave up in the middle of a statement, what the server knows of it is uncertain.
    broken = isMistake(error)
    await client.query('ROLLBACK').catch(() => {
      broken = true
    })
    throw error instanceof pg.DatabaseError ? storageFault(error) : error
  } finally {
    client.release(broken)
  }
}

/** A connection of the pool's. Whatever keeps it from being made is `storage-unavailable`: what Node says of a bad URL quotes it. */
export function connected(pool: pg.Pool): Promise<pg.PoolClient> {
  return pool.connect().catch((error: unknown) => {
    const fault = storageFault(error)
    return Promise.reject(fault instanceof DoverieError ? fault : new DoverieError('storage-unavailable'))
  })
}

async function control(client: pg.PoolClient, command: 'BEGIN' | 'COMMIT'): Promise<string> {
  try {
    return (await client.query(command)).command
  } catch (error) {
    throw storageFault(error)
  }
}

/**
 * What a statement threw, as a fault: a database error with its SQLSTATE and nothing else, since a server's detail may quote a
 * row. A mistake of the program (a value that cannot be a parameter) is none of the database's and stays as it is.
 */
export function storageFault(error: unknown): Error {
  if (error instanceof DoverieError || isMistake(error)) return error
  const state = (error as { code?: unknown } | null | undefined)?.code
  if (typeof state !== 'string') return new DoverieError('storage-unavailable', undefined, {})
  if (state === '23505') return new DoverieError('conflict', undefined, { sqlstate: state })
  return new DoverieError('storage-unavailable', undefined, { sqlstate: state })
}

/** The driver and the system give plain errors; the language gives these. */
function isMistake(error: unknown): error is Error {
  return [TypeError, RangeError, ReferenceError, SyntaxError].some((kind) => error instanceof kind)
}
