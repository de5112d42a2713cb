import type { Uuid } from '@doverie/core/base'
import { type Queryable, rows } from './database.ts'

/** Where a publication is served: `handle` is random, and all that an address of it says. */
export interface PublicationRow {
  readonly subject: Uuid
  readonly purpose: string
  readonly entity: string
  readonly handle: string
}

/** Gives a publication its name, in place of one that it had. */
export async function putPublication(
  tx: Queryable,
  { subject, purpose, entity, handle }: PublicationRow,
): Promise<void> {
  await rows(
    tx,
    'publication-put',
    `INSERT INTO publication VALUES ($1, $2, $3, $4)
     ON CONFLICT (subject_id, purpose, entity) DO UPDATE SET handle = $4`,
    [subject, purpose, entity, handle],
  )
}

export async function deletePublication(tx: Queryable, which: Omit<PublicationRow, 'handle'>): Promise<void> {
  await rows(
    tx,
    'publication-delete',
    'DELETE FROM publication WHERE subject_id = $1 AND purpose = $2 AND entity = $3',
    [which.subject, which.purpose, which.entity],
  )
}

/** Of who is destroyed. */
export async function deletePublications(tx: Queryable, subject: Uuid): Promise<void> {
  await rows(tx, 'publications-delete', 'DELETE FROM publication WHERE subject_id = $1', [subject])
}

export async function findPublication(db: Queryable, handle: string): Promise<PublicationRow | null> {
  const [row] = await rows<Row>(db, 'publication-find', 'SELECT * FROM publication WHERE handle = $1', [handle])
  return row === undefined ? null : publicationOf(row)
}

export async function listPublications(db: Queryable, subject: Uuid): Promise<readonly PublicationRow[]> {
  const found = await rows<Row>(
    db,
    'publications',
    'SELECT * FROM publication WHERE subject_id = $1 ORDER BY purpose, entity',
    [subject],
  )
  return found.map(publicationOf)
}

interface Row extends Record<string, unknown> {
  readonly subject_id: Uuid
  readonly purpose: string
  readonly entity: string
  readonly handle: string
}

function publicationOf({ subject_id: subject, purpose, entity, handle }: Row): PublicationRow {
  return { subject, purpose, entity, handle }
}
