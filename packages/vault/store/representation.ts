import type { Uuid } from '@doverie/core/base'
import { type Queryable, rows } from './database.ts'

/** Somebody may act for somebody: under which id their authority was verified. Whether it still holds, the facts of `subject` say. */
export interface Representation {
  readonly subject: Uuid
  readonly representative: Uuid
}

interface Row {
  subject_id: string
  representative_id: string
}

export async function insertRepresentation(
  tx: Queryable,
  { subject, representative }: Representation,
  person: Uuid,
): Promise<void> {
  await rows(tx, 'representation-insert', 'INSERT INTO representation VALUES ($1, $2, $3)', [
    subject,
    representative,
    person,
  ])
}

/** For whom somebody was ever made a representative, and has not been ended. */
export async function listRepresentations(db: Queryable, person: Uuid): Promise<readonly Representation[]> {
  const found = await rows<Row>(
    db,
    'representations',
    'SELECT subject_id, representative_id FROM representation WHERE person_id = $1 ORDER BY subject_id, representative_id',
    [person],
  )
  return found.map((row) => ({ subject: row.subject_id, representative: row.representative_id }))
}

export async function deleteRepresentation(tx: Queryable, { subject, representative }: Representation): Promise<void> {
  await rows(
    tx,
    'representation-delete',
    'DELETE FROM representation WHERE subject_id = $1 AND representative_id = $2',
    [subject, representative],
  )
}

/** Forgets whom somebody represents and who represents them: they are destroyed. */
export async function deleteRepresentationsOf(tx: Queryable, holder: Uuid): Promise<void> {
  await rows(tx, 'representations-delete', 'DELETE FROM representation WHERE subject_id = $1 OR person_id = $1', [
    holder,
  ])
}

/** Two turn out to be one person: who represented the one, and whom the one represented, is the other's. */
export async function moveRepresentations(tx: Queryable, from: Uuid, to: Uuid): Promise<void> {
  await rows(
    tx,
    'representations-move',
    `UPDATE representation SET subject_id = CASE subject_id WHEN $1::uuid THEN $2::uuid ELSE subject_id END,
       person_id = CASE person_id WHEN $1::uuid THEN $2::uuid ELSE person_id END
     WHERE subject_id = $1 OR person_id = $1`,
    [from, to],
  )
}
