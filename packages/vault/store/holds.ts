import type { Instant, Uuid } from '@doverie/core/base'
import { type Queryable, rows } from './database.ts'

/** A legal hold on a person's data, and who had a part in it. */
export interface Hold {
  readonly subject: Uuid
  readonly ticket: string
  readonly setBy: Uuid
  readonly setAt: Instant
  /** Another than who set it; null until there is one. */
  readonly confirmedBy: Uuid | null
  /** Who wants it lifted; null while nobody does. */
  readonly liftBy: Uuid | null
}

interface HoldRow extends Record<string, unknown> {
  subject_id: string
  ticket: string
  set_by: string
  set_at: Date
  confirmed_by: string | null
  lift_by: string | null
}

function hold(row: HoldRow): Hold {
  return {
    subject: row.subject_id,
    ticket: row.ticket,
    setBy: row.set_by,
    setAt: row.set_at.getTime(),
    confirmedBy: row.confirmed_by,
    liftBy: row.lift_by,
  }
}

/** The hold on somebody, locked; null where there is none. */
export async function lockHold(tx: Queryable, subject: Uuid): Promise<Hold | null> {
  const [row] = await rows<HoldRow>(tx, 'hold-lock', 'SELECT * FROM hold WHERE subject_id = $1 FOR UPDATE', [subject])
  return row === undefined ? null : hold(row)
}

export async function insertHold(
  tx: Queryable,
  { subject, ticket, setBy, setAt }: Pick<Hold, 'subject' | 'ticket' | 'setBy' | 'setAt'>,
): Promise<void> {
  await rows(tx, 'hold-insert', 'INSERT INTO hold (subject_id, ticket, set_by, set_at) VALUES ($1, $2, $3, $4)', [
    subject,
    ticket,
    setBy,
    new Date(setAt),
  ])
}

export async function confirmHold(tx: Queryable, subject: Uuid, by: Uuid): Promise<void> {
  await rows(tx, 'hold-confirm', 'UPDATE hold SET confirmed_by = $2, lift_by = NULL WHERE subject_id = $1', [
    subject,
    by,
  ])
}

/** Notes who wants it lifted; null takes that back. */
export async function wantLifted(tx: Queryable, subject: Uuid, by: Uuid | null): Promise<void> {
  await rows(tx, 'hold-want-lifted', 'UPDATE hold SET lift_by = $2 WHERE subject_id = $1', [subject, by])
}

export async function deleteHold(tx: Queryable, subject: Uuid): Promise<void> {
  await rows(tx, 'hold-delete', 'DELETE FROM hold WHERE subject_id = $1', [subject])
}

/** All holds, the oldest first. */
export async function listHolds(db: Queryable): Promise<readonly Hold[]> {
  return (await rows<HoldRow>(db, 'holds', 'SELECT * FROM hold ORDER BY set_at, subject_id', [])).map(hold)
}
