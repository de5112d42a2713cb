import type { Instant, Uuid } from '@doverie/core/base'
import { type Queryable, rows } from './database.ts'

const NUMBER_LOCK = 0x646f7621

/** A destruction that was begun: what is to go, and the act that asked for it. */
export interface BegunDestruction {
  readonly id: Uuid
  readonly subject: Uuid
  readonly person: boolean
  readonly compartments: readonly string[]
  readonly purpose: string | null
  /** The ledger entry of the act. */
  readonly entry: Uuid | null
  readonly at: Instant
  /** Hash of the claim by which the person asks how it ended, hex; null where nobody holds one. */
  readonly claim: string | null
}

/** Writes down what was begun, in its own transaction: by this it is ended, whoever ends it. */
export async function insertBegun(tx: Queryable, begun: Omit<BegunDestruction, 'claim'>): Promise<void> {
  await rows(tx, 'destruction-begin', 'INSERT INTO destruction_begun VALUES ($1, $2, $3, $4, $5, $6, $7)', [
    begun.subject,
    begun.id,
    begun.person,
    begun.compartments,
    begun.purpose,
    begun.entry,
    new Date(begun.at),
  ])
}

interface BegunRow extends Record<string, unknown> {
  readonly subject_id: Uuid
  readonly act_id: Uuid
  readonly person: boolean
  readonly compartments: readonly string[]
  readonly purpose: string | null
  readonly entry_id: Uuid | null
  readonly at: Date
  readonly claim: string | null
}

/** What was begun of these people and not ended, in the order of its beginning. */
export async function listBegun(tx: Queryable, subjects: readonly Uuid[]): Promise<readonly BegunDestruction[]> {
  const found = await rows<BegunRow>(
    tx,
    'destructions-begun',
    `SELECT b.subject_id, b.act_id, b.person, b.compartments, b.purpose, b.entry_id, b.at, encode(o.claim_hash, 'hex') AS claim
     FROM destruction_begun b LEFT JOIN erasure_outcome o ON o.begun_entry = b.entry_id AND o.ended_entry IS NULL
     WHERE b.subject_id = ANY($1) ORDER BY b.at, b.act_id`,
    [subjects],
  )
  return found.map((row) => ({
    id: row.act_id,
    subject: row.subject_id,
    person: row.person,
    compartments: row.compartments,
    purpose: row.purpose,
    entry: row.entry_id,
    at: row.at.getTime(),
    claim: row.claim,
  }))
}

export async function deleteBegun(tx: Queryable, subjects: readonly Uuid[]): Promise<void> {
  await rows(tx, 'destructions-ended', 'DELETE FROM destruction_begun WHERE subject_id = ANY($1)', [subjects])
}

/** Enters ended destructions in the register, in the transaction that deletes their keys. Entering again changes nothing. */
export async function registerDestructions(
  tx: Queryable,
  acts: readonly BegunDestruction[],
  done: { readonly at: Instant; readonly epoch: number },
): Promise<void> {
  await rows(
    tx,
    'destructions-register',
    `INSERT INTO destruction
       (act_id, subject_id, person, compartments, purpose, entry_id, begun_at, done_at, epoch, claim_hash)
     SELECT a.act_id, a.subject_id, a.person, ARRAY(SELECT jsonb_array_elements_text(a.compartments)), a.purpose, a.entry_id,
       a.at, $8, $9, decode(a.claim, 'hex')
     FROM unnest($1::uuid[], $2::uuid[], $3::boolean[], $4::jsonb[], $5::text[], $6::uuid[], $7::timestamptz[], $10::text[])
       AS a (act_id, subject_id, person, compartments, purpose, entry_id, at, claim)
     ON CONFLICT DO NOTHING`,
    [
      acts.map(({ id }) => id),
      acts.map(({ subject }) => subject),
      acts.map(({ person }) => person),
      acts.map(({ compartments }) => JSON.stringify(compartments)),
      acts.map(({ purpose }) => purpose),
      acts.map(({ entry }) => entry),
      acts.map(({ at }) => new Date(at)),
      new Date(done.at),
      done.epoch,
      acts.map(({ claim }) => claim),
    ],
  )
}

/** What the register says of how a destruction is asked after by whom it was of. */
export interface RegisteredClaim {
  readonly act: Uuid
  readonly entry: Uuid | null
  readonly compartments: readonly string[]
  /** As of `BegunDestruction`; null of what nobody holds a claim to, and of what was destroyed before this was noted. */
  readonly claim: string | null
}

/** The whole register, page by page, in the order of its acts. */
export async function listRegistered(keys: Queryable, after: Uuid, limit: number): Promise<readonly RegisteredClaim[]> {
  return rows<RegisteredClaim & Record<string, unknown>>(
    keys,
    'destructions-registered',
    `SELECT act_id AS act, entry_id AS entry, compartments, encode(claim_hash, 'hex') AS claim FROM destruction
     WHERE act_id > $1 ORDER BY act_id LIMIT $2`,
    [after, limit],
  )
}

/** A destruction of the register, with what became of the root version that old copies of its keys are wrapped under. */
export interface RegisteredDestruction {
  readonly id: Uuid
  readonly subject: Uuid
  readonly person: boolean
  readonly compartments: readonly string[]
  readonly purpose: string | null
  readonly entry: Uuid | null
  readonly begunAt: Instant
  readonly doneAt: Instant
  readonly epoch: number
  readonly kms: string
  readonly rootDestroyedAt: Instant | null
  readonly irrecoverableFrom: Instant | null
  /** Of its act, within the year; null until it is given one. */
  readonly number: { readonly year: number; readonly number: number } | null
}

interface DestructionRow extends Record<string, unknown> {
  readonly act_id: Uuid
  readonly subject_id: Uuid
  readonly person: boolean
  readonly compartments: readonly string[]
  readonly purpose: string | null
  readonly entry_id: Uuid | null
  readonly begun_at: Date
  readonly done_at: Date
  readonly epoch: number
  readonly kms: string
  readonly destroyed_at: Date | null
  readonly irrecoverable_from: Date | null
  readonly year: number | null
  readonly number: number | null
}

const COLUMNS = `d.act_id, d.subject_id, d.person, d.compartments, d.purpose, d.entry_id, d.begun_at, d.done_at, d.epoch, d.year,
  d.number, e.kms, e.destroyed_at, e.irrecoverable_from`

/** The register, newest first: of one person, or older than a moment. */
export async function listDestructions(
  db: Queryable,
  which: { readonly subject: Uuid | null; readonly before: Instant | null; readonly limit: number },
): Promise<readonly RegisteredDestruction[]> {
  const found = await rows<DestructionRow>(
    db,
    'destructions',
    `SELECT ${COLUMNS}
     FROM destruction d JOIN epoch e ON e.epoch = d.epoch
     WHERE ($1::uuid IS NULL OR d.subject_id = $1) AND ($2::timestamptz IS NULL OR d.done_at < $2)
     ORDER BY d.done_at DESC, d.act_id LIMIT $3`,
    [which.subject, which.before === null ? null : new Date(which.before), which.limit],
  )
  return found.map(registered)
}

/** One of the register, with its number; null where there is none. */
export async function findDestruction(db: Queryable, id: Uuid): Promise<RegisteredDestruction | null> {
  const [row] = await rows<DestructionRow>(
    db,
    'destruction-find',
    `SELECT ${COLUMNS} FROM destruction d JOIN epoch e ON e.epoch = d.epoch WHERE d.act_id = $1`,
    [id],
  )
  return row === undefined ? null : registered(row)
}

/** The highest number of an act that was shown in a year. */
export interface ShownNumber {
  readonly year: number
  readonly number: number
}

/** What the data know of numbers shown: they outlive a key store that came out of an older copy. */
export function listShownNumbers(data: Queryable): Promise<readonly ShownNumber[]> {
  return rows<ShownNumber & Record<string, unknown>>(
    data,
    'act-numbers',
    'SELECT year, last AS number FROM act_number',
    [],
  )
}

/** Notes that a number is about to be shown. */
export async function noteShownNumber(data: Queryable, { year, number }: ShownNumber): Promise<void> {
  await rows(
    data,
    'act-number-note',
    `INSERT INTO act_number VALUES ($1, $2)
     ON CONFLICT (year) DO UPDATE SET last = excluded.last WHERE act_number.last < excluded.last`,
    [year, number],
  )
}

/**
 * Numbers what has no number yet, in the order in which it was done, from 1 in each year of the zone, or after what was shown of
 * the year already. One process at a time: the numbers have no gaps, and none is given twice.
 */
export async function numberDestructions(tx: Queryable, zone: string, shown: readonly ShownNumber[]): Promise<void> {
  await rows(tx, 'destructions-lock', 'SELECT pg_advisory_xact_lock($1)', [NUMBER_LOCK])
  await rows(
    tx,
    'destructions-number',
    `UPDATE destruction d SET year = n.year, number = n.last + n.n
     FROM (
       SELECT u.act_id, u.year, row_number() OVER (PARTITION BY u.year ORDER BY u.done_at, u.act_id) AS n,
         greatest((SELECT max(number) FROM destruction x WHERE x.year = u.year),
           (SELECT s.last FROM unnest($2::int[], $3::int[]) AS s (year, last) WHERE s.year = u.year), 0) AS last
       FROM (SELECT act_id, done_at, extract(year FROM done_at AT TIME ZONE $1)::int AS year
             FROM destruction WHERE number IS NULL) u
     ) n
     WHERE n.act_id = d.act_id`,
    [zone, shown.map(({ year }) => year), shown.map(({ number }) => number)],
  )
}

/** Forgets what was done before a moment; how many there were. */
export async function deleteDestructionsBefore(db: Queryable, moment: Instant): Promise<number> {
  const gone = await rows(db, 'destructions-forget', 'DELETE FROM destruction WHERE done_at < $1 RETURNING 1', [
    new Date(moment),
  ])
  return gone.length
}

function registered(row: DestructionRow): RegisteredDestruction {
  const { year, number } = row
  return {
    id: row.act_id,
    subject: row.subject_id,
    person: row.person,
    compartments: row.compartments,
    purpose: row.purpose,
    entry: row.entry_id,
    begunAt: row.begun_at.getTime(),
    doneAt: row.done_at.getTime(),
    epoch: row.epoch,
    kms: row.kms,
    rootDestroyedAt: row.destroyed_at?.getTime() ?? null,
    irrecoverableFrom: row.irrecoverable_from?.getTime() ?? null,
    number: year === null || number === null ? null : { year, number },
  }
}

/** True where something was destroyed in an epoch. */
export async function hasDestructions(db: Queryable, epoch: number): Promise<boolean> {
  const [row] = await rows<{ any: boolean }>(
    db,
    'destructions-any',
    'SELECT EXISTS (SELECT FROM destruction WHERE epoch = $1) AS any',
    [epoch],
  )
  return row?.any === true
}

/** How many destructions each epoch has. */
export async function countDestructions(db: Queryable): Promise<ReadonlyMap<number, number>> {
  const found = await rows<{ epoch: number; n: string }>(
    db,
    'destructions-count',
    'SELECT epoch, count(*) AS n FROM destruction GROUP BY epoch',
    [],
  )
  return new Map(found.map((row) => [row.epoch, Number(row.n)]))
}
