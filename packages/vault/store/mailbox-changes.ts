import type { Instant, Uuid } from '@doverie/core/base'
import { type Queryable, rows } from './database.ts'

/** A mailbox to be put in place of a lost one. */
export interface MailboxChange {
  readonly subject: Uuid
  readonly id: Uuid
  readonly sealed: Buffer
  /** How staff checked who asked. */
  readonly method: string
  readonly entity: string
  readonly askedAt: Instant
  /** The pseudonym of who proposed it. */
  readonly askedBy: string
  /** When a code came back from the new mailbox; null before. */
  readonly provedAt: Instant | null
  /** When it takes effect; null before the second word. */
  readonly dueAt: Instant | null
}

interface Row {
  subject_id: string
  change_id: string
  sealed: Buffer
  method: string
  entity: string
  asked_at: Date
  asked_by: string
  proved_at: Date | null
  due_at: Date | null
}

/** Throws `conflict` where one waits for this person already. */
export async function insertMailboxChange(tx: Queryable, change: MailboxChange): Promise<void> {
  await rows(
    tx,
    'mailbox-change-insert',
    'INSERT INTO mailbox_change VALUES ($1, $2, $3, $4, $5, $6, $7, NULL, NULL)',
    [change.subject, change.id, change.sealed, change.method, change.entity, new Date(change.askedAt), change.askedBy],
  )
}

export async function findMailboxChange(db: Queryable, subject: Uuid): Promise<MailboxChange | null> {
  const [row] = await rows<Row>(db, 'mailbox-change-find', 'SELECT * FROM mailbox_change WHERE subject_id = $1', [
    subject,
  ])
  return row === undefined ? null : changeOf(row)
}

/** All that wait, the oldest first, 1,000 at most; `due` only those that may take effect by then. */
export async function listMailboxChanges(db: Queryable, due: Instant | null = null): Promise<readonly MailboxChange[]> {
  const found = await rows<Row>(
    db,
    'mailbox-changes',
    `SELECT * FROM mailbox_change
     WHERE $1::timestamptz IS NULL OR (due_at <= $1 AND proved_at IS NOT NULL) ORDER BY asked_at, change_id LIMIT 1000`,
    [due === null ? null : new Date(due)],
  )
  return found.map(changeOf)
}

/** Notes what has come of it; false where that very change does not wait any more. */
export async function markMailboxChange(
  tx: Queryable,
  { subject, id }: Pick<MailboxChange, 'subject' | 'id'>,
  mark: { readonly provedAt?: Instant; readonly dueAt?: Instant },
): Promise<boolean> {
  const done = await rows(
    tx,
    'mailbox-change-mark',
    `UPDATE mailbox_change SET proved_at = coalesce(proved_at, $3), due_at = coalesce(due_at, $4)
     WHERE subject_id = $1 AND change_id = $2 RETURNING 1`,
    [
      subject,
      id,
      mark.provedAt === undefined ? null : new Date(mark.provedAt),
      mark.dueAt === undefined ? null : new Date(mark.dueAt),
    ],
  )
  return done.length === 1
}

/** Has one that waits wait until another moment. */
export async function postponeMailboxChange(
  db: Queryable,
  { subject, id }: Pick<MailboxChange, 'subject' | 'id'>,
  dueAt: Instant,
): Promise<void> {
  await rows(
    db,
    'mailbox-change-postpone',
    'UPDATE mailbox_change SET due_at = $3 WHERE subject_id = $1 AND change_id = $2 AND due_at IS NOT NULL',
    [subject, id, new Date(dueAt)],
  )
}

/** Ends one that waits, whatever comes of it; false where it does not. */
export async function deleteMailboxChange(tx: Queryable, subject: Uuid, id: Uuid): Promise<boolean> {
  const gone = await rows(
    tx,
    'mailbox-change-delete',
    'DELETE FROM mailbox_change WHERE subject_id = $1 AND change_id = $2 RETURNING 1',
    [subject, id],
  )
  return gone.length === 1
}

/** Ends whatever waits for a person. */
export async function deleteMailboxChangesOf(tx: Queryable, subject: Uuid): Promise<void> {
  await rows(tx, 'mailbox-changes-delete', 'DELETE FROM mailbox_change WHERE subject_id = $1', [subject])
}

function changeOf(row: Row): MailboxChange {
  return {
    subject: row.subject_id,
    id: row.change_id,
    sealed: row.sealed,
    method: row.method,
    entity: row.entity,
    askedAt: row.asked_at.getTime(),
    askedBy: row.asked_by,
    provedAt: row.proved_at?.getTime() ?? null,
    dueAt: row.due_at?.getTime() ?? null,
  }
}
