import { DoverieError, type Instant, type Uuid } from '@doverie/core/base'
import pg from 'pg'
import { assertPermit, type Permit } from '../permit.ts'
import { connectionConfig, storageFault } from './database.ts'
import type { SealedRecord } from './records.ts'

/** The advisory lock under which reads commit (shared) and narrowings are acknowledged (exclusive, for a moment). */
const READ_LOCK = 0x646f7601

/** One decided call, with the ledger entry that must be durable before anything of it leaves. */
export interface ReadCall {
  readonly subject: Uuid
  /** The version of the facts the decision rests on; 0 where the person is unknown. */
  readonly version: number
  /** The credential that asks, to be found unrevoked in the same statement; null for people and staff. */
  readonly credential: Uuid | null
  /** Null where the decision is a refusal or opens nothing. */
  readonly permit: Permit | null
  /** 32 bytes in hex. */
  readonly leaf: string
  readonly body: Uint8Array
}

/** The ciphertext of a call that won, or null where its facts had changed and it must be decided anew. */
export type ReadAnswer = readonly SealedRecord[] | null

/** What a batch gives: the calls that took part, and the records they were to open, put together. */
interface Row {
  won: number[]
  /** Of each: its place among the wanted (from 1), generation, version and length (-1: destroyed), then its bytes. */
  records: string | null
}
/** The four numbers before a record's bytes. */
const RECORD_HEAD = 16

/**
 * Fetches and records in one statement: without its entry no row comes back, by construction. A call whose facts version or
 * credential no longer holds takes no part, neither entry nor record. All records come as one value, in base64: to take rows and
 * hexadecimal digits apart costs the process that serves more than it costs the database to put them together.
 */
const OPEN = `
WITH call AS (
  SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::int[], $5::int[])
    WITH ORDINALITY AS c (subject_id, version, credential_id, start, length, i)
), won AS MATERIALIZED (
  SELECT c.i, c.subject_id, c.start, c.length
  FROM call c
  LEFT JOIN subject s ON s.subject_id = c.subject_id
  LEFT JOIN credential k ON k.credential_id = c.credential_id AND k.revoked_at IS NULL
  WHERE coalesce(s.facts_version, 0) = c.version
    AND (c.credential_id IS NULL OR k.credential_id IS NOT NULL)
), entered AS (
  INSERT INTO ledger_batch (batch_id, at, entries, leaves, bodies)
  SELECT $6, $7, count(*),
    CASE WHEN count(*) = $8::int THEN $9::bytea ELSE string_agg(substr($9::bytea, (i::int - 1) * 32 + 1, 32), ''::bytea ORDER BY i) END,
    CASE WHEN count(*) = $8::int THEN $10::bytea ELSE string_agg(substr($10::bytea, start + 1, length), ''::bytea ORDER BY i) END
  FROM won HAVING count(*) > 0
)
SELECT array(SELECT i::int FROM won) AS won, (
  SELECT encode(string_agg(
    int4send(want.place::int) || int4send(r.generation) || int4send(r.version)
      || int4send(coalesce(length(r.sealed), -1)) || coalesce(r.sealed, ''), ''::bytea), 'base64')
  FROM unnest($11::int[], $12::text[]) WITH ORDINALITY AS want (i, compartment, place)
  JOIN won w ON w.i = want.i
  JOIN record r ON r.subject_id = w.subject_id AND r.compartment = want.compartment
) AS records`

/**
 * A connection on which batches of reads run one after another, each a transaction in one round trip.
 * INVARIANT: nothing is returned before its COMMIT was acknowledged; where that is uncertain, nothing is returned.
 * The shared lock is taken in a statement of its own, before the snapshot of the one that reads: whoever narrows takes the
 * exclusive lock after its commit and so waits for every batch that may not have seen it.
 */
export class ReadLane {
  readonly #url: string
  #client: Promise<pg.Client> | null = null

  constructor(url: string) {
    this.#url = url
  }

  async run(calls: readonly ReadCall[], batch: Uuid, at: Instant): Promise<readonly ReadAnswer[]> {
    const client = await this.#connected()
    try {
      return await runBatch(client, calls, batch, at)
    } catch (error) {
      // After any fault the connection's state is unknown: a new one is opened for the next batch.
      this.#client = null
      client.end().catch(() => undefined)
      throw storageFault(error)
    }
  }

  async close(): Promise<void> {
    const client = this.#client
    this.#client = null
    await (await client?.catch(() => null))?.end()
  }

  #connected(): Promise<pg.Client> {
    this.#client ??= connect(this.#url).catch((error: unknown) => {
      this.#client = null
      throw storageFault(error)
    })
    return this.#client
  }
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ ...connectionConfig(url), pipeline: true })
  client.on('error', () => undefined)
  await client.connect()
  return client
}

async function runBatch(
  client: pg.Client,
  calls: readonly ReadCall[],
  batch: Uuid,
  at: Instant,
): Promise<ReadAnswer[]> {
  const wanted = wantedBy(calls)
  const values = parameters(calls, wanted, batch, at)
  const begun = client.query(`BEGIN; SELECT pg_advisory_xact_lock_shared(${READ_LOCK})`)
  const read = client.query<Row>({ name: 'open', text: OPEN, values })
  const done = client.query('COMMIT')
  const [, found, commit] = await Promise.all([begun, read, done])
  if (commit.command !== 'COMMIT') throw new DoverieError('storage-unavailable')
  const answers: (SealedRecord[] | null)[] = calls.map(() => null)
  const [row] = found.rows
  if (row === undefined) throw new DoverieError('storage-unavailable')
  for (const i of row.won) answers[i - 1] = []
  if (row.records !== null) {
    for (const { place, ...record } of recordsIn(Buffer.from(row.records, 'base64'))) {
      const want = wanted[place - 1]
      if (want !== undefined) answers[want.i - 1]?.push({ compartment: want.compartment, ...record })
    }
  }
  return answers
}

function* recordsIn(bytes: Buffer): Generator<Omit<SealedRecord, 'compartment'> & { readonly place: number }> {
  for (let at = 0; at < bytes.length; ) {
    const place = bytes.readInt32BE(at)
    const generation = bytes.readInt32BE(at + 4)
    const version = bytes.readInt32BE(at + 8)
    const length = bytes.readInt32BE(at + 12)
    at += RECORD_HEAD
    yield { place, generation, version, sealed: length < 0 ? null : bytes.subarray(at, at + length) }
    at += Math.max(0, length)
  }
}

interface Wanted {
  /** The call, counted from 1. */
  readonly i: number
  readonly compartment: string
}

/** What the calls are permitted to fetch. */
function wantedBy(calls: readonly ReadCall[]): readonly Wanted[] {
  const wanted: Wanted[] = []
  for (const [i, { subject, permit }] of calls.entries()) {
    if (permit === null) continue
    assertPermit(permit)
    if (permit.subject !== subject) throw new DoverieError('permit-invalid')
    for (const compartment of permit.compartments) wanted.push({ i: i + 1, compartment })
  }
  return wanted
}

function parameters(calls: readonly ReadCall[], wanted: readonly Wanted[], batch: Uuid, at: Instant): unknown[] {
  const starts: number[] = []
  let length = 0
  for (const call of calls) {
    starts.push(length)
    length += call.body.length
  }
  return [
    arrayOf(calls.map((call) => call.subject)),
    arrayOf(calls.map((call) => call.version)),
    arrayOf(calls.map((call) => call.credential ?? 'NULL')),
    arrayOf(starts),
    arrayOf(calls.map((call) => call.body.length)),
    batch,
    new Date(at),
    calls.length,
    Buffer.from(calls.map((call) => call.leaf).join(''), 'hex'),
    Buffer.concat(calls.map((call) => call.body)),
    arrayOf(wanted.map(({ i }) => i)),
    arrayOf(wanted.map(({ compartment }) => JSON.stringify(compartment))),
  ]
}

/**
 * A PostgreSQL array of ids, numbers and quoted names (a JSON string is a quoted element too): the driver's own escaping of
 * every element costs more than the rest of a batch's parameters.
 */
function arrayOf(elements: readonly (string | number)[]): string {
  return `{${elements.join(',')}}`
}

/**
 * Waits until every read that may have begun before the caller's own commit has committed or gone. After it, no read commits
 * that has not seen that commit: call it between committing a narrowing and acknowledging it.
 */
export async function awaitReads(pool: pg.Pool): Promise<void> {
  try {
    await pool.query({ name: 'await-reads', text: 'SELECT pg_advisory_xact_lock($1)', values: [READ_LOCK] })
  } catch (error) {
    throw storageFault(error)
  }
}
