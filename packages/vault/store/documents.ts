import type { Instant, Uuid } from '@doverie/core/base'
import { type Queryable, rows } from './database.ts'

/** Keeps a text that was shown, by its SHA-256; showing it again changes nothing. */
export async function keepDocument(db: Queryable, hash: Uint8Array, body: string, at: Instant): Promise<void> {
  await rows(db, 'document-keep', 'INSERT INTO document VALUES ($1, $2, $3) ON CONFLICT DO NOTHING', [
    hash,
    body,
    new Date(at),
  ])
}

/** A text that was kept, by its SHA-256. */
export async function findDocument(db: Queryable, hash: Uint8Array): Promise<string | null> {
  const [row] = await rows<{ body: string }>(db, 'document-find', 'SELECT body FROM document WHERE hash = $1', [hash])
  return row?.body ?? null
}

export interface RememberedAnswer extends Record<string, unknown> {
  readonly request_hash: Buffer
  /** Sealed. */
  readonly answer: string
}

export async function findAnswer(db: Queryable, keyHash: Uint8Array): Promise<RememberedAnswer | null> {
  const [row] = await rows<RememberedAnswer>(
    db,
    'answer-find',
    'SELECT request_hash, answer FROM idempotency WHERE key_hash = $1',
    [keyHash],
  )
  return row ?? null
}

/** Remembers an answer in the transaction of its act. Throws `conflict` where another request with this key was first. */
export async function rememberAnswer(
  tx: Queryable,
  keyHash: Uint8Array,
  holder: Uuid,
  requestHash: Uint8Array,
  answer: string,
  at: Instant,
): Promise<void> {
  await rows(tx, 'answer-keep', 'INSERT INTO idempotency VALUES ($1, $2, $3, $4, $5)', [
    keyHash,
    holder,
    requestHash,
    JSON.stringify(answer),
    new Date(at),
  ])
}

/** Forgets the answers given to a person. */
export async function deleteAnswers(tx: Queryable, holder: Uuid): Promise<void> {
  await rows(tx, 'answers-delete', 'DELETE FROM idempotency WHERE holder_id = $1', [holder])
}

/** A proved submission that differs from confirmed values of the same person, for staff to settle. */
export interface Conflict {
  readonly id: Uuid
  /** The person as confirmed. */
  readonly subject: Uuid
  /** The submission, kept apart as a person of its own. */
  readonly other: Uuid
  readonly fields: readonly string[]
  readonly at: Instant
}

export async function insertConflict(tx: Queryable, conflict: Conflict): Promise<void> {
  await rows(tx, 'conflict-insert', 'INSERT INTO conflict VALUES ($1, $2, $3, $4, $5)', [
    conflict.subject,
    conflict.id,
    conflict.other,
    conflict.fields,
    new Date(conflict.at),
  ])
}

/** A conflict that waits; null where there is none (any more). */
export async function findConflict(db: Queryable, subject: Uuid, id: Uuid): Promise<Conflict | null> {
  const [row] = await rows<ConflictRow>(
    db,
    'conflict-find',
    `SELECT ${CONFLICT} FROM conflict WHERE subject_id = $1 AND conflict_id = $2 AND settled_at IS NULL`,
    [subject, id],
  )
  return row === undefined ? null : conflictOf(row)
}

/** Removes a settled conflict; false where it is gone already. What became of it the ledger tells. */
export async function deleteConflict(tx: Queryable, subject: Uuid, id: Uuid): Promise<boolean> {
  const gone = await rows(
    tx,
    'conflict-delete',
    'DELETE FROM conflict WHERE subject_id = $1 AND conflict_id = $2 RETURNING 1',
    [subject, id],
  )
  return gone.length === 1
}

/** Whose values were set aside against a person, or who else the same mailbox was proved for. */
export async function listSetAside(tx: Queryable, subject: Uuid): Promise<readonly Uuid[]> {
  const found = await rows<{ other_id: string }>(
    tx,
    'conflicts-others',
    'SELECT DISTINCT other_id FROM conflict WHERE subject_id = $1 ORDER BY other_id',
    [subject],
  )
  return found.map((row) => row.other_id)
}

/** Removes the conflicts in which somebody stands on either side. */
export async function deleteConflicts(tx: Queryable, holder: Uuid): Promise<void> {
  await rows(tx, 'conflicts-delete', 'DELETE FROM conflict WHERE subject_id = $1 OR other_id = $1', [holder])
}

export async function listConflicts(db: Queryable): Promise<readonly Conflict[]> {
  const found = await rows<ConflictRow>(
    db,
    'conflicts',
    `SELECT ${CONFLICT} FROM conflict WHERE settled_at IS NULL ORDER BY at LIMIT 1000`,
    [],
  )
  return found.map(conflictOf)
}

const CONFLICT = 'subject_id, conflict_id, other_id, fields, at'

interface ConflictRow {
  subject_id: string
  conflict_id: string
  other_id: string
  fields: string[]
  at: Date
}

function conflictOf(row: ConflictRow): Conflict {
  return {
    id: row.conflict_id,
    subject: row.subject_id,
    other: row.other_id,
    fields: row.fields,
    at: row.at.getTime(),
  }
}
