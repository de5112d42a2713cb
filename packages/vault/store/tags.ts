import type { Uuid } from '@doverie/core/base'
import { type Queryable, rows } from './database.ts'

/**
 * Search tags lie in the key store, the identifiers they stand for in the data, and no transaction spans the two. So a change
 * marks what it adds and drops before its commit, under an id that the data keep with it; by that id the marks are settled,
 * after the commit or, where a crash came between, whenever somebody holds the person's lock. Marked tags find nobody.
 */
export interface Tag {
  readonly kind: string
  /** Under the current epoch's key. */
  readonly tag: Uint8Array
  /** The same under the former epoch's, while its tags are being put under the current one. */
  readonly former: Uint8Array | null
}

/**
 * Whoever writes tags holds the epoch that they are of to the commit; where that is not the current one any more nothing is
 * written. `$1` is the epoch.
 */
const LIVE = `live AS MATERIALIZED (SELECT 1 FROM epoch WHERE epoch = $1 AND state = 'current' FOR SHARE)`
const IS_LIVE = 'EXISTS (SELECT FROM live)'

/** Adds tags of a person who is just beginning, unproved; one that is there stays as it is. False where the epoch has passed. */
export async function addTags(db: Queryable, subject: Uuid, tags: readonly Tag[], epoch: number): Promise<boolean> {
  const [row] = await rows<{ live: boolean }>(
    db,
    'tags-add',
    `WITH ${LIVE}, added AS (
       INSERT INTO tag SELECT kind, tag, $4, $1, false FROM unnest($2::text[], $3::bytea[]) AS t (kind, tag) WHERE ${IS_LIVE}
       ON CONFLICT DO NOTHING
     ) SELECT ${IS_LIVE} AS live`,
    [epoch, tags.map(({ kind }) => kind), tags.map(({ tag }) => tag), subject],
  )
  return row?.live === true
}

/**
 * Marks, for a change, that of these kinds a person is to have these tags and no others: what is missing is added, unproved,
 * what is too much is dropped. False where they are the person's already, null where the epoch has passed and nothing was marked. What
 * other changes have left must be settled.
 */
export async function markTags(
  db: Queryable,
  subject: Uuid,
  change: Uuid,
  wanted: { readonly kinds: readonly string[]; readonly tags: readonly Tag[]; readonly epoch: number },
): Promise<boolean | null> {
  const { kinds, tags, epoch } = wanted
  const [row] = await rows<{ live: boolean; marked: boolean }>(
    db,
    'tags-mark',
    `WITH ${LIVE}, wanted AS (
       SELECT DISTINCT ON (kind, tag) kind, tag, former FROM unnest($5::text[], $6::bytea[], $7::bytea[]) AS t (kind, tag, former)
     ), dropped AS (
       UPDATE tag SET dropped_by = $3
       WHERE ${IS_LIVE} AND subject_id = $2 AND kind = ANY($4) AND NOT EXISTS (
         SELECT FROM wanted w WHERE w.kind = tag.kind AND tag.tag IN (w.tag, w.former)) RETURNING 1
     ), kept AS (
       UPDATE tag SET dropped_by = NULL FROM wanted w
       WHERE ${IS_LIVE} AND tag.subject_id = $2 AND tag.kind = w.kind AND tag.tag = w.former AND tag.dropped_by = $3 RETURNING 1
     ), added AS (
       INSERT INTO tag SELECT w.kind, w.tag, $2, $1, false, $3 FROM wanted w
       WHERE ${IS_LIVE} AND NOT EXISTS (
         SELECT FROM tag t WHERE t.subject_id = $2 AND t.kind = w.kind AND t.tag = w.former)
       ON CONFLICT (kind, tag, subject_id) DO UPDATE SET dropped_by = NULL WHERE tag.dropped_by = $3 RETURNING 1
     ) SELECT ${IS_LIVE} AS live, EXISTS (SELECT FROM dropped) OR EXISTS (SELECT FROM kept) OR EXISTS (SELECT FROM added) AS marked`,
    [
      epoch,
      subject,
      change,
      kinds,
      tags.map(({ kind }) => kind),
      tags.map(({ tag }) => tag),
      tags.map(({ former }) => former),
    ],
  )
  return row?.live === true ? row.marked : null
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

/** Marks this one identifier of a person as proved. False where the epoch has passed, and nothing was marked. */
export async function proveTag(db: Queryable, subject: Uuid, tag: Tag, epoch: number): Promise<boolean> {
  const [row] = await rows<{ live: boolean }>(
    db,
    'tag-prove',
    `WITH ${LIVE}, proved AS (
       UPDATE tag SET proved = true WHERE ${IS_LIVE} AND subject_id = $2 AND kind = $3 AND tag IN ($4, $5)
     ) SELECT ${IS_LIVE} AS live`,
    [epoch, subject, tag.kind, tag.tag, tag.former],
  )
  return row?.live === true
}

/** Marks all identifiers of a person as proved, their data having been confirmed. */
export async function proveAllTags(db: Queryable, subject: Uuid): Promise<void> {
  await rows(db, 'tags-prove', 'UPDATE tag SET proved = true WHERE subject_id = $1', [subject])
}

/**
 * Who holds this identifier, proved or confirmed only: an unproved one never widens a search. Nor does one that a change adds
 * or drops whose outcome is not settled. `epoch` is the one that was current meanwhile: who looked under another looks again.
 */
export async function findProved(
  db: Queryable,
  { kind, tag, former }: Tag,
  limit: number,
): Promise<{ readonly epoch: number; readonly holders: readonly Uuid[] }> {
  const [row] = await rows<{ epoch: number; holders: readonly Uuid[] }>(
    db,
    'tags-find',
    `SELECT epoch, ARRAY(
       SELECT DISTINCT subject_id FROM tag WHERE kind = $1 AND tag IN ($2, $3) AND proved AND added_by IS NULL AND dropped_by IS NULL
       ORDER BY subject_id LIMIT $4) AS holders
     FROM epoch WHERE state = 'current'`,
    [kind, tag, former, limit],
  )
  return row ?? { epoch: 0, holders: [] }
}

/**
 * Who has every one of these tags, which are of different kinds, proved or not; what a change adds or drops whose outcome is not settled
 * counts for nobody. `epoch` as `findProved`.
 */
export async function findAll(
  db: Queryable,
  tags: readonly Tag[],
  limit: number,
): Promise<{ readonly epoch: number; readonly holders: readonly Uuid[] }> {
  const [row] = await rows<{ epoch: number; holders: readonly Uuid[] }>(
    db,
    'tags-find-all',
    `SELECT epoch, ARRAY(
       SELECT t.subject_id FROM unnest($1::text[], $2::bytea[], $3::bytea[]) AS w (kind, tag, former)
       JOIN tag t ON t.kind = w.kind AND t.tag IN (w.tag, w.former) AND t.added_by IS NULL AND t.dropped_by IS NULL
       GROUP BY t.subject_id HAVING count(DISTINCT t.kind) = cardinality($1::text[]) ORDER BY t.subject_id LIMIT $4) AS holders
     FROM epoch WHERE state = 'current'`,
    [tags.map(({ kind }) => kind), tags.map(({ tag }) => tag), tags.map(({ former }) => former), limit],
  )
  return row ?? { epoch: 0, holders: [] }
}

/** A tag as it lies there, to be put under another epoch's key. */
export interface KeyedTag extends Record<string, unknown> {
  readonly kind: string
  readonly tag: Buffer
  readonly subject_id: Uuid
  readonly epoch: number
}

/** Tags of epochs before this one, locked. */
export function lockFormerTags(tx: Queryable, epoch: number, limit: number): Promise<readonly KeyedTag[]> {
  return rows<KeyedTag>(
    tx,
    'tags-former',
    'SELECT kind, tag, subject_id, epoch FROM tag WHERE epoch < $1 LIMIT $2 FOR UPDATE',
    [epoch, limit],
  )
}

/** Puts the same identifiers under another epoch's key. */
export async function rekeyTags(
  tx: Queryable,
  tags: readonly (KeyedTag & { readonly next: Uint8Array })[],
  epoch: number,
): Promise<void> {
  await rows(
    tx,
    'tags-rekey',
    `UPDATE tag SET tag = n.next, epoch = $1
     FROM unnest($2::text[], $3::bytea[], $4::uuid[], $5::bytea[]) AS n (kind, tag, subject_id, next)
     WHERE tag.kind = n.kind AND tag.tag = n.tag AND tag.subject_id = n.subject_id`,
    [
      epoch,
      tags.map(({ kind }) => kind),
      tags.map(({ tag }) => tag),
      tags.map(({ subject_id }) => subject_id),
      tags.map(({ next }) => next),
    ],
  )
}

/** Marks all tags of these kinds of these people as proved, but for those whose change is not settled. */
export async function proveTagsOf(
  db: Queryable,
  held: readonly { readonly subject: Uuid; readonly kind: string }[],
): Promise<void> {
  if (held.length === 0) return
  await rows(
    db,
    'tags-prove-of',
    `UPDATE tag t SET proved = true FROM unnest($1::uuid[], $2::text[]) AS h (subject_id, kind)
     WHERE t.subject_id = h.subject_id AND t.kind = h.kind AND NOT t.proved AND t.added_by IS NULL AND t.dropped_by IS NULL`,
    [held.map(({ subject }) => subject), held.map(({ kind }) => kind)],
  )
}
