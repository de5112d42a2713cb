import type { Instant, Uuid } from '@doverie/core/base'
import { type Queryable, rows } from './database.ts'

/** A letter that went out, as it is known when something comes back. */
export interface SentMail {
  readonly id: Uuid
  /** Whose it is; random where it belongs to nobody we hold. */
  readonly holder: Uuid
  /** The letter of the register that it answers. */
  readonly letter: Uuid | null
}

export async function insertSent(tx: Queryable, { id, holder, letter }: SentMail, at: Instant): Promise<void> {
  await rows(tx, 'mail-sent-insert', 'INSERT INTO mail_sent VALUES ($1, $2, $3, $4)', [
    id,
    holder,
    letter,
    new Date(at),
  ])
}

/** Those of these ids that are letters of ours. */
export async function findSent(db: Queryable, ids: readonly Uuid[]): Promise<readonly SentMail[]> {
  const found = await rows<{ mail_id: string; holder_id: string; letter_id: string | null }>(
    db,
    'mail-sent-find',
    'SELECT mail_id, holder_id, letter_id FROM mail_sent WHERE mail_id = ANY($1)',
    [ids],
  )
  return found.map((row) => ({ id: row.mail_id, holder: row.holder_id, letter: row.letter_id }))
}

export async function deleteSentOf(tx: Queryable, holder: Uuid): Promise<void> {
  await rows(tx, 'mail-sent-delete-holder', 'DELETE FROM mail_sent WHERE holder_id = $1', [holder])
}

export async function deleteSentBefore(db: Queryable, cutoff: Instant): Promise<void> {
  await rows(db, 'mail-sent-delete-old', 'DELETE FROM mail_sent WHERE at < $1', [new Date(cutoff)])
}
