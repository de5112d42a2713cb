import type { Instant, Uuid } from '@doverie/core/base'
import { type Queryable, rows } from './database.ts'
import { deleteSentOf } from './mail-sent.ts'

/** A letter waiting to go, sealed; `holder` is random where it belongs to nobody we hold. */
export interface OutboxRow {
  readonly id: Uuid
  readonly holder: Uuid
  readonly sealed: Uint8Array
  /** Under whose key it is sealed. */
  readonly epoch: number
  readonly attempts: number
  readonly createdAt: Instant
  readonly sentAt: Instant | null
  /** By which way it goes. */
  readonly channel: MailChannel
}

export type MailChannel = 'mail' | 'sms'

export interface OutboxRowOf {
  mail_id: string
  holder_id: string
  sealed: Buffer
  epoch: number
  attempts: number
  created_at: Date
  sent_at: Date | null
  channel: MailChannel
}

export const OUTBOX_COLUMNS = 'mail_id, holder_id, sealed, epoch, attempts, created_at, sent_at, channel'

export async function insertMail(tx: Queryable, mail: OutboxRow): Promise<void> {
  await rows(tx, 'mail-insert', 'INSERT INTO outbox VALUES ($1, $2, $3, 0, $4, $4, NULL, $5, $6)', [
    mail.id,
    mail.holder,
    mail.sealed,
    new Date(mail.createdAt),
    mail.epoch,
    mail.channel,
  ])
}

/**
 * Takes letters that are due, putting each off in the same statement, twice as long each time and an hour at most: who crashes
 * while sending leaves them to be sent again, so a letter goes at least once. Fresh letters go before those that failed.
 */
export async function takeDueMail(
  db: Queryable,
  channel: MailChannel,
  now: Instant,
  limit: number,
): Promise<readonly OutboxRow[]> {
  const found = await rows<OutboxRowOf>(
    db,
    'mail-take',
    `UPDATE outbox SET attempts = attempts + 1, next_at = $1::timestamptz + least(60 * 2 ^ attempts, 3600) * interval '1 s'
     WHERE mail_id IN (
       SELECT mail_id FROM outbox WHERE sent_at IS NULL AND next_at <= $1 AND channel = $3
       ORDER BY attempts, next_at LIMIT $2 FOR UPDATE SKIP LOCKED
     ) RETURNING ${OUTBOX_COLUMNS}`,
    [new Date(now), limit, channel],
  )
  return found.map(outboxRow)
}

/** The newest letters, sent or not: what the development mailbox shows. */
export async function listMail(db: Queryable, limit: number): Promise<readonly OutboxRow[]> {
  const found = await rows<OutboxRowOf>(
    db,
    'mail-list',
    `SELECT ${OUTBOX_COLUMNS} FROM outbox ORDER BY created_at DESC, mail_id LIMIT $1`,
    [limit],
  )
  return found.map(outboxRow)
}

export async function deleteMail(db: Queryable, id: Uuid): Promise<void> {
  await rows(db, 'mail-delete', 'DELETE FROM outbox WHERE mail_id = $1', [id])
}

export async function deleteMailOf(tx: Queryable, holder: Uuid): Promise<void> {
  await deleteSentOf(tx, holder)
  await rows(tx, 'mail-delete-holder', 'DELETE FROM outbox WHERE holder_id = $1', [holder])
}

/** Whose letters from before were never taken by anybody. */
export async function listStaleMail(db: Queryable, cutoff: Instant): Promise<readonly Uuid[]> {
  const found = await rows<{ holder_id: Uuid }>(
    db,
    'mail-stale',
    'SELECT holder_id FROM outbox WHERE created_at < $1 AND sent_at IS NULL',
    [new Date(cutoff)],
  )
  return found.map(({ holder_id }) => holder_id)
}

export async function deleteMailBefore(db: Queryable, cutoff: Instant): Promise<void> {
  await rows(db, 'mail-delete-old', 'DELETE FROM outbox WHERE created_at < $1', [new Date(cutoff)])
}

export function outboxRow(row: OutboxRowOf): OutboxRow {
  return {
    id: row.mail_id,
    holder: row.holder_id,
    sealed: row.sealed,
    epoch: row.epoch,
    attempts: row.attempts,
    createdAt: row.created_at.getTime(),
    sentAt: row.sent_at?.getTime() ?? null,
    channel: row.channel,
  }
}
