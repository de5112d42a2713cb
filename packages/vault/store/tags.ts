import type { Uuid } from '@doverie/core/base'
import { type Queryable, rows } from './database.ts'

/**
 * Search tags lie in the key store, the identifiers they stand for in the data, and no transaction spans the two. So a change
 * marks what it adds and drops before its commit, under an id that the data keep with it; by that id the marks are settled,
 * after the commit or, where a crash came between, whenever somebody holds the person's lock. Marked tags find nobody.
 */
export interface Tag {
  readonly kind: string
  readonly tag: Uint8Array
}

/** Adds tags of a person who is just beginning, unproved; one that is there stays as it is. */
export async function addTags(db: Queryable, subject: Uuid, tags: readonly Tag[], epoch: number): Promise<void> {
  await rows(
    db,
    'tags-add',
    `INSERT INTO tag SELECT kind, tag, $3, $4, false FROM unnest($1::text[], $2::bytea[]) AS t (kind, tag)
     ON CONFLICT DO NOTHING`,
    [tags.map(({ kind }) => kind), tags.map(({ tag }) => tag), subject, epoch],
  )
}

/**
 * Marks, for a change, that of these kinds a person is to have these tags and no others: what is missing is added, unproved,
 * what is too much is dropped. False where they are the person's already. What other changes have left must be settled.
 */
export async function markTags(
  db: Queryable,
  subject: Uuid,
  change: Uuid,
  wanted: { readonly kinds: readonly string[]; readonly tags: readonly Tag[]; readonly epoch: number },
): Promise<boolean> {
  const { kinds, tags, epoch } = wanted
  const [row] = await rows<{ marked: boolean }>(
    db,
    'tags-mark',
    `WITH wanted AS (
       SELECT DISTINCT kind, tag FROM unnest($4::text[], $5::bytea[]) AS t (kind, tag)
     ), dropped AS (
       UPDATE tag SET dropped_by = $2
       WHERE subject_id = $1 AND kind = ANY($3) AND (kind, tag) NOT IN (SELECT kind, tag FROM wanted) RETURNING 1
     ), added AS (
       INSERT INTO tag SELECT kind, tag, $1, $6, false, $2 FROM wanted
       ON CONFLICT (kind, tag, subject_id) DO UPDATE SET dropped_by = NULL WHERE tag.dropped_by = $2 RETURNING 1
     ) SELECT EXISTS (SELECT FROM dropped) OR EXISTS (SELECT FROM added) AS marked`,
    [subject, change, kinds, tags.map(({ kind }) => kind), tags.map(({ tag }) => tag), epoch],
  )
  return row?.marked === true
}

/** Carries out the marks of a change that was committed. Doing it again, or late, changes nothing: marks of others stay. */
export async function carryOutTags(db: Queryable, subject: Uuid, change: Uuid): Promise<void> {
  await rows(
    db,
    'tags-carry-out',
    `WITH gone AS (DELETE FROM tag WHERE subject_id = $1 AND dropped_by = $2)
     UPDATE tag SET added_by = NULL WHERE subject_id = $1 AND added_by = $2 AND dropped_by IS NULL`,
    [subject, change],
  )
}

/**
 * Settles every mark on a person's tags: those of `last`, the change that the data know as the last one, are carried out, all
 * others undone. Under the person's lock only: without it a change may be under way.
 */
export async function settleTags(db: Queryable, subject: Uuid, last: Uuid | null): Promise<void> {
  await rows(
    db,
    'tags-settle',
    `WITH gone AS (
       DELETE FROM tag WHERE subject_id = $1 AND (dropped_by = $2 OR (added_by IS NOT NULL AND added_by IS DISTINCT FROM $2))
     )
     UPDATE tag SET added_by = NULL, dropped_by = NULL
     WHERE subject_id = $1 AND (added_by IS NOT NULL OR dropped_by IS NOT NULL)
       AND dropped_by IS DISTINCT FROM $2::uuid AND (added_by IS NULL OR added_by = $2)`,
    [subject, last ?? NONE],
  )
}

/** No change has this id. */
const NONE: Uuid = '00000000-0000-0000-0000-000000000000'

/** True where a change of a person has left marks that are not settled. */
export async function hasMarks(db: Queryable, subject: Uuid): Promise<boolean> {
  const [row] = await rows<{ any: boolean }>(
    db,
    'tags-marked',
    'SELECT EXISTS (SELECT FROM tag WHERE subject_id = $1 AND (added_by IS NOT NULL OR dropped_by IS NOT NULL)) AS any',
    [subject],
  )
  return row?.any === true
}

/** People whose tags have marks, in the order of their ids. */
export async function listMarked(db: Queryable, after: Uuid, limit: number): Promise<readonly Uuid[]> {
  const found = await rows<{ subject_id: string }>(
    db,
    'tags-list-marked',
    `SELECT DISTINCT subject_id FROM tag WHERE (added_by IS NOT NULL OR dropped_by IS NOT NULL) AND subject_id > $1
     ORDER BY subject_id LIMIT $2`,
    [after, limit],
  )
  return found.map((row) => row.subject_id)
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

/**
 * Who holds this identifier, proved or confirmed only: an unproved one never widens a search. Nor does one that a change adds
 * or drops whose outcome is not settled.
 */
export async function findProved(db: Queryable, { kind, tag }: Tag, limit: number): Promise<readonly Uuid[]> {
  const found = await rows<{ subject_id: string }>(
    db,
    'tags-find',
    `SELECT subject_id FROM tag
     WHERE kind = $1 AND tag = $2 AND proved AND added_by IS NULL AND dropped_by IS NULL ORDER BY subject_id LIMIT $3`,
    [kind, tag, limit],
  )
  return found.map((row) => row.subject_id)
}
