import type { Instant, RequestKind, Uuid } from '@doverie/core/base'
import { type Queryable, rows } from './database.ts'

export type LetterChannel = 'portal' | 'api' | 'mail' | 'paper' | 'phone'
export type LetterIdentity = 'none' | 'claimed' | 'proved'

/** The parts of a letter that a check looked at. */
export interface SignedPair {
  /** What was signed; null where that is the letter's text. */
  readonly content: Uuid | null
  readonly signature: Uuid
}

/** The record of a check of who wrote: never a copy of what was shown. */
export interface ProofRecord {
  readonly method: string
  readonly level: number
  readonly passed: boolean
  readonly at: Instant
  /** A member of staff's pseudonym; null where the software checked. */
  readonly by: string | null
  /** Who had the link made by which that member was signed in; absent where no colleague had. */
  readonly link?: string
  /** Of a signature: of which part, by which, and the keyed hash of what was signed, hex. */
  readonly signed?: SignedPair & { readonly hash: string }
}

/** A letter in the register. Its content is sealed; null once its term of keeping is over. */
export interface LetterRow {
  readonly id: Uuid
  readonly number: string
  readonly channel: LetterChannel
  readonly receivedAt: Instant
  readonly registeredAt: Instant
  readonly registeredBy: string | null
  readonly source: Uint8Array | null
  /** Keyed hash of what was sent under `source`; null where nothing is compared. */
  readonly contentHash: Uint8Array | null
  readonly thread: Uint8Array | null
  readonly subject: Uuid | null
  readonly identity: LetterIdentity
  readonly proof: readonly ProofRecord[]
  readonly sealed: Uint8Array | null
  readonly parts: number
  readonly bytes: number
  /** Kinds of requests that its words speak of beyond those that it started, for whoever sees to it. */
  readonly suggested: readonly RequestKind[]
}

interface Row {
  letter_id: string
  number: string
  channel: LetterChannel
  received_at: Date
  registered_at: Date
  registered_by: string | null
  source: Buffer | null
  content_hash: Buffer | null
  thread: Buffer | null
  subject_id: string | null
  identity: LetterIdentity
  proof: readonly ProofRecord[] | null
  sealed: Buffer | null
  parts: number
  bytes: string
  suggested: readonly RequestKind[] | null
}

const COLUMNS = `letter_id, number, channel, received_at, registered_at, registered_by, source, thread, subject_id, identity, proof,
  sealed, parts, bytes, content_hash, suggested`

/**
 * The next number of a series in a year, from 1 on. Its row stays locked to the end of the transaction: whoever registers at the same
 * time waits, and a registration that fails leaves no gap. INVARIANT: no number is shown before the key store knows it: older data would
 * give it to another.
 */
export async function nextNumber(tx: Queryable, keys: Queryable, series: string, year: number): Promise<number> {
  const [row] = await rows<{ last: number }>(
    tx,
    'register-number',
    `INSERT INTO register_number VALUES ($1, $2, 1)
     ON CONFLICT (series, year) DO UPDATE SET last = register_number.last + 1 RETURNING last`,
    [series, year],
  )
  const last = row?.last ?? 1
  await raiseNumbers(keys, [{ series, year, last }])
  return last
}

interface LastNumber {
  readonly series: string
  readonly year: number
  readonly last: number
}

/** The last numbers of all series that a database knows of, the data or the key store. */
export function listNumbers(db: Queryable): Promise<readonly LastNumber[]> {
  return rows<LastNumber & Record<string, unknown>>(
    db,
    'register-numbers',
    'SELECT series, year, last FROM register_number',
    [],
  )
}

/** Tells a database, of either kind, of numbers that were given out; none goes back. */
export async function raiseNumbers(db: Queryable, numbers: readonly LastNumber[]): Promise<void> {
  await rows(
    db,
    'register-numbers-raise',
    `INSERT INTO register_number SELECT * FROM unnest($1::text[], $2::int[], $3::int[])
     ON CONFLICT (series, year) DO UPDATE SET last = excluded.last WHERE register_number.last < excluded.last`,
    [numbers.map(({ series }) => series), numbers.map(({ year }) => year), numbers.map(({ last }) => last)],
  )
}

export async function insertLetter(tx: Queryable, letter: LetterRow): Promise<void> {
  await rows(
    tx,
    'letter-insert',
    `INSERT INTO letter (${COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
    [
      letter.id,
      letter.number,
      letter.channel,
      new Date(letter.receivedAt),
      new Date(letter.registeredAt),
      letter.registeredBy,
      letter.source,
      letter.thread,
      letter.subject,
      letter.identity,
      JSON.stringify(letter.proof),
      letter.sealed,
      letter.parts,
      letter.bytes,
      letter.contentHash,
      letter.suggested.length === 0 ? null : letter.suggested,
    ],
  )
}

export async function insertPart(tx: Queryable, letter: Uuid, part: Uuid, sealed: Uint8Array): Promise<void> {
  await rows(tx, 'letter-part-insert', 'INSERT INTO letter_part VALUES ($1, $2, $3)', [letter, part, sealed])
}

export async function findLetter(db: Queryable, id: Uuid): Promise<LetterRow | null> {
  const [row] = await rows<Row>(db, 'letter-find', `SELECT ${COLUMNS} FROM letter WHERE letter_id = $1`, [id])
  return row === undefined ? null : letterRow(row)
}

/** A letter, locked until the transaction ends: whoever adds to what is known of it adds to what the others have. */
export async function lockLetter(tx: Queryable, id: Uuid): Promise<LetterRow | null> {
  const [row] = await rows<Row>(tx, 'letter-lock', `SELECT ${COLUMNS} FROM letter WHERE letter_id = $1 FOR UPDATE`, [
    id,
  ])
  return row === undefined ? null : letterRow(row)
}

/** The letter that came as this before, if it did. */
export async function findLetterBySource(db: Queryable, source: Uint8Array): Promise<LetterRow | null> {
  const [row] = await rows<Row>(db, 'letter-source', `SELECT ${COLUMNS} FROM letter WHERE source = $1`, [source])
  return row === undefined ? null : letterRow(row)
}

export async function findPart(db: Queryable, letter: Uuid, part: Uuid): Promise<Buffer | null> {
  const [row] = await rows<{ sealed: Buffer }>(
    db,
    'letter-part-find',
    'SELECT sealed FROM letter_part WHERE letter_id = $1 AND part_id = $2',
    [letter, part],
  )
  return row?.sealed ?? null
}

/** Says who a letter is about, and how well that is known. */
export async function linkLetter(
  tx: Queryable,
  id: Uuid,
  subject: Uuid | null,
  identity: LetterIdentity,
  proof: readonly ProofRecord[],
): Promise<void> {
  await rows(tx, 'letter-link', 'UPDATE letter SET subject_id = $2, identity = $3, proof = $4 WHERE letter_id = $1', [
    id,
    subject,
    identity,
    JSON.stringify(proof),
  ])
}

/** Letters whose words are kept still, and whose requests all ended before a moment. */
export async function listOutlived(
  db: Queryable,
  before: Instant,
  limit: number,
): Promise<readonly { readonly id: Uuid; readonly subject: Uuid | null }[]> {
  const found = await rows<{ letter_id: string; subject_id: string | null }>(
    db,
    'letters-outlived',
    `SELECT letter_id, subject_id FROM letter WHERE sealed IS NOT NULL AND registered_at < $1 AND NOT EXISTS (
       SELECT FROM request WHERE request.letter_id = letter.letter_id AND (ended_at IS NULL OR ended_at >= $1)
     ) ORDER BY registered_at LIMIT $2`,
    [new Date(before), limit],
  )
  return found.map((row) => ({ id: row.letter_id, subject: row.subject_id }))
}

/** Takes out what letters say, what hung on them and what was answered, and whom they were about; that there were such letters stays. */
export async function emptyLetters(tx: Queryable, ids: readonly Uuid[]): Promise<void> {
  await rows(
    tx,
    'letters-empty',
    "UPDATE letter SET sealed = NULL, source = NULL, content_hash = NULL, thread = NULL, subject_id = NULL, proof = '[]' WHERE letter_id = ANY($1)",
    [ids],
  )
  await rows(tx, 'letter-additions-empty', 'DELETE FROM letter_addition WHERE letter_id = ANY($1)', [ids])
  await rows(tx, 'letter-parts-empty', 'DELETE FROM letter_part WHERE letter_id = ANY($1)', [ids])
  await rows(tx, 'replies-empty', 'UPDATE reply SET sealed = NULL, export = NULL WHERE letter_id = ANY($1)', [ids])
}

/** Lets letters be about nobody whose person is destroyed: the register leads from their id to no entry of the ledger. */
export async function unlinkLetters(tx: Queryable, subject: Uuid): Promise<void> {
  await rows(tx, 'letters-unlink', 'UPDATE letter SET subject_id = NULL WHERE subject_id = $1', [subject])
}

/**
 * Two turn out to be one person: what the one wrote, the other did. It was proved of the one alone: of the other it is claimed, and
 * where something asked in it is open no former proof counts. Gives which letters these are.
 */
export async function moveLetters(tx: Queryable, from: Uuid, to: Uuid): Promise<readonly Uuid[]> {
  const moved = await rows<{ letter_id: string }>(
    tx,
    'letters-move',
    `UPDATE letter SET subject_id = $2, identity = 'claimed', proof = CASE WHEN EXISTS (
       SELECT FROM request WHERE request.letter_id = letter.letter_id AND ended_at IS NULL
     ) THEN '[]' ELSE proof END WHERE subject_id = $1 RETURNING letter_id`,
    [from, to],
  )
  return moved.map((row) => row.letter_id)
}

/** Which of these ids are letters whose content is still kept, or messages set aside: their keys are somebody's. */
export async function knownLetters(db: Queryable, ids: readonly Uuid[]): Promise<ReadonlySet<Uuid>> {
  const found = await rows<{ letter_id: string }>(
    db,
    'letters-known',
    `SELECT letter_id FROM letter WHERE letter_id = ANY($1) AND sealed IS NOT NULL
     UNION ALL SELECT aside_id FROM mail_aside WHERE aside_id = ANY($1)`,
    [ids],
  )
  return new Set(found.map((row) => row.letter_id))
}

/** Letters whose content is still kept, after one, in the order of their ids. */
export async function listKept(db: Queryable, after: Uuid, limit: number): Promise<readonly Uuid[]> {
  const found = await rows<{ letter_id: string }>(
    db,
    'letters-kept',
    'SELECT letter_id FROM letter WHERE letter_id > $1 AND sealed IS NOT NULL ORDER BY letter_id LIMIT $2',
    [after, limit],
  )
  return found.map((row) => row.letter_id)
}

function letterRow(row: Row): LetterRow {
  return {
    id: row.letter_id,
    number: row.number,
    channel: row.channel,
    receivedAt: row.received_at.getTime(),
    registeredAt: row.registered_at.getTime(),
    registeredBy: row.registered_by,
    source: row.source,
    contentHash: row.content_hash,
    thread: row.thread,
    subject: row.subject_id,
    identity: row.identity,
    proof: row.proof ?? [],
    sealed: row.sealed,
    parts: row.parts,
    bytes: Number(row.bytes),
    suggested: row.suggested ?? [],
  }
}
