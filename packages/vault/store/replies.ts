import type { Instant, Uuid } from '@doverie/core/base'
import type { RequestEvent } from '@doverie/core/request'
import { type Queryable, rows } from './database.ts'

/** What a document that goes out is. */
export type ReplyKind = 'identity' | 'extension' | 'answer' | 'refusal' | 'confirmation' | 'notice' | 'act'

/** A document that goes out, or went. Sealed under its letter's key; null once the term of keeping is over. */
export interface ReplyRow {
  readonly id: Uuid
  readonly number: string
  readonly letter: Uuid
  readonly request: Uuid
  readonly kind: ReplyKind
  readonly channel: string
  readonly madeAt: Instant
  readonly madeBy: string | null
  readonly sentAt: Instant | null
  readonly hash: Uint8Array
  readonly bytes: number
  /** What it brings about once it is posted; null where it did at once. */
  readonly event: Exclude<RequestEvent, { readonly kind: 'received' }> | null
  readonly sealed: Uint8Array | null
  /** The same for a machine, sealed as the part `export` of the reply; null where it has none. */
  readonly export: Uint8Array | null
  /** True where it has a person's data in it: it lies under a key of theirs, too, and goes with the first of these data that does. */
  readonly ofPerson: boolean
}

interface Row {
  reply_id: string
  number: string
  letter_id: string
  request_id: string
  kind: ReplyKind
  channel: string
  made_at: Date
  made_by: string | null
  sent_at: Date | null
  hash: Buffer
  bytes: number
  event: ReplyRow['event']
  sealed: Buffer | null
  export: Buffer | null
  of_person: boolean
}

const COLUMNS =
  'reply_id, number, letter_id, request_id, kind, channel, made_at, made_by, sent_at, hash, bytes, event, sealed, export, of_person'

export async function insertReply(tx: Queryable, reply: ReplyRow): Promise<void> {
  await rows(
    tx,
    'reply-insert',
    `INSERT INTO reply (${COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
    [
      reply.id,
      reply.number,
      reply.letter,
      reply.request,
      reply.kind,
      reply.channel,
      new Date(reply.madeAt),
      reply.madeBy,
      reply.sentAt === null ? null : new Date(reply.sentAt),
      reply.hash,
      reply.bytes,
      reply.event,
      reply.sealed,
      reply.export,
      reply.ofPerson,
    ],
  )
}

export async function markReplySent(tx: Queryable, id: Uuid, at: Instant): Promise<void> {
  await rows(tx, 'reply-sent', 'UPDATE reply SET sent_at = $2, event = NULL WHERE reply_id = $1', [id, new Date(at)])
}

/**
 * Takes out what was answered of a person's data: they go, and what was copied from them with them. Number, hash and times stay. What
 * was answered before such answers lay under the person's key is known by its export, which no other answer has.
 */
export async function emptyAnswers(tx: Queryable, subject: Uuid): Promise<void> {
  await rows(
    tx,
    'answers-empty',
    `UPDATE reply SET sealed = NULL, export = NULL WHERE (of_person OR export IS NOT NULL) AND letter_id IN (
       SELECT letter_id FROM letter WHERE subject_id = $1
     )`,
    [subject],
  )
}

export async function findReply(db: Queryable, id: Uuid): Promise<ReplyRow | null> {
  const [row] = await rows<Row>(db, 'reply-find', `SELECT ${COLUMNS} FROM reply WHERE reply_id = $1`, [id])
  return row === undefined ? null : replyRow(row)
}

export async function listReplies(db: Queryable, request: Uuid): Promise<readonly ReplyRow[]> {
  const found = await rows<Row>(
    db,
    'replies-request',
    `SELECT ${COLUMNS} FROM reply WHERE request_id = $1 ORDER BY made_at, number`,
    [request],
  )
  return found.map(replyRow)
}

function replyRow(row: Row): ReplyRow {
  return {
    id: row.reply_id,
    number: row.number,
    letter: row.letter_id,
    request: row.request_id,
    kind: row.kind,
    channel: row.channel,
    madeAt: row.made_at.getTime(),
    madeBy: row.made_by,
    sentAt: row.sent_at?.getTime() ?? null,
    hash: row.hash,
    bytes: row.bytes,
    event: row.event,
    sealed: row.sealed,
    export: row.export,
    ofPerson: row.of_person,
  }
}
