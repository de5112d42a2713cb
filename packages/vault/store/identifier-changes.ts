import type { Uuid } from '@doverie/core/base'
import { type Queryable, rows } from './database.ts'

/** Remembers, in the transaction of the change itself, that it was the last one of a person's identifiers. */
export async function saveIdentifierChange(tx: Queryable, subject: Uuid, change: Uuid): Promise<void> {
  await rows(
    tx,
    'identifier-change-save',
    'INSERT INTO identifier_change VALUES ($1, $2) ON CONFLICT (subject_id) DO UPDATE SET change_id = $2',
    [subject, change],
  )
}

/** The last change of a person's identifiers, or null where they are those the person began with. */
export async function lastIdentifierChange(tx: Queryable, subject: Uuid): Promise<Uuid | null> {
  const [row] = await rows<{ change_id: string }>(
    tx,
    'identifier-change-last',
    'SELECT change_id FROM identifier_change WHERE subject_id = $1',
    [subject],
  )
  return row?.change_id ?? null
}

export async function deleteIdentifierChange(tx: Queryable, subject: Uuid): Promise<void> {
  await rows(tx, 'identifier-change-delete', 'DELETE FROM identifier_change WHERE subject_id = $1', [subject])
}
