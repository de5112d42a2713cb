import type { Uuid } from '@doverie/core/base'
import { type Queryable, rows } from './database.ts'

export interface Tag {
  readonly kind: string
  readonly tag: Uint8Array
}

/** Adds tags of a person's identifiers, unproved; one that is there stays as it is. */
export async function addTags(db: Queryable, subject: Uuid, tags: readonly Tag[], epoch: number): Promise<void> {
  await rows(
    db,
    'tags-add',
    `INSERT INTO tag SELECT kind, tag, $3, $4, false FROM unnest($1::text[], $2::bytea[]) AS t (kind, tag)
     ON CONFLICT DO NOTHING`,
    [tags.map(({ kind }) => kind), tags.map(({ tag }) => tag), subject, epoch],
  )
}

/** Takes away a person's tags of one kind except the given ones: identifiers that are theirs no more. */
export async function keepOnlyTags(db: Queryable, subject: Uuid, kind: string, tags: readonly Tag[]): Promise<void> {
  await rows(db, 'tags-keep', 'DELETE FROM tag WHERE subject_id = $1 AND kind = $2 AND tag <> ALL($3)', [
    subject,
    kind,
    tags.map(({ tag }) => tag),
  ])
}

/** Marks this one identifier of a person as proved (null: all of them, the data having been confirmed). */
export async function proveTags(db: Queryable, subject: Uuid, tag: Tag | null): Promise<void> {
  await rows(
    db,
    'tags-prove',
    'UPDATE tag SET proved = true WHERE subject_id = $1 AND ($2::text IS NULL OR (kind = $2 AND tag = $3))',
    [subject, tag?.kind ?? null, tag?.tag ?? null],
  )
}

/** Who holds this identifier, proved or confirmed only: an unproved one never widens a search. */
export async function findProved(db: Queryable, { kind, tag }: Tag, limit: number): Promise<readonly Uuid[]> {
  const found = await rows<{ subject_id: string }>(
    db,
    'tags-find',
    'SELECT subject_id FROM tag WHERE kind = $1 AND tag = $2 AND proved ORDER BY subject_id LIMIT $3',
    [kind, tag, limit],
  )
  return found.map((row) => row.subject_id)
}
