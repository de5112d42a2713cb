import type { Instant, Uuid } from '@doverie/core/base'
import { type Queryable, rows } from './database.ts'

/** A key of a person's compartment, by its place. */
export interface KeyAt extends Record<string, unknown> {
  readonly subject_id: Uuid
  readonly compartment: string
  readonly generation: number
}

/** People who have a newest key of a compartment that is older than `before`, in the order of their ids. K_ref and the key of how they sign in are never replaced. */
export async function listAgedHolders(
  db: Queryable,
  before: Instant,
  after: Uuid,
  limit: number,
): Promise<readonly Uuid[]> {
  const found = await rows<{ subject_id: Uuid }>(
    db,
    'aged-holders',
    `SELECT DISTINCT subject_id FROM key k WHERE subject_id > $2 AND created_at < $1 AND compartment NOT IN ('ref', '_access')
       AND NOT EXISTS (SELECT FROM key n WHERE n.subject_id = k.subject_id AND n.compartment = k.compartment
         AND n.generation > k.generation AND n.created_at >= $1)
     ORDER BY subject_id LIMIT $3`,
    [new Date(before), after, limit],
  )
  return found.map((row) => row.subject_id)
}

/** Of one person, the keys older than `before`. */
export function listAgedKeys(db: Queryable, subject: Uuid, before: Instant): Promise<readonly KeyAt[]> {
  return rows<KeyAt>(
    db,
    'aged-keys',
    `SELECT subject_id, compartment, generation FROM key WHERE subject_id = $1 AND created_at < $2 AND compartment NOT IN ('ref', '_access')`,
    [subject, new Date(before)],
  )
}

/** Keys that another generation of their compartment has followed for longer than since `before`. */
export function listSuperseded(db: Queryable, before: Instant, limit: number): Promise<readonly KeyAt[]> {
  return rows<KeyAt>(
    db,
    'keys-superseded',
    `SELECT k.subject_id, k.compartment, k.generation FROM key k JOIN key n
       ON n.subject_id = k.subject_id AND n.compartment = k.compartment AND n.generation > k.generation AND n.created_at < $1
     ORDER BY 1, 2, 3 LIMIT $2`,
    [new Date(before), limit],
  )
}

/** Under which generation the data hold each compartment of these people; sealed bytes stay where they are. */
export async function generationsOf(db: Queryable, subjects: readonly Uuid[]): Promise<readonly KeyAt[]> {
  return rows<KeyAt>(
    db,
    'generations',
    'SELECT subject_id, compartment, generation FROM record WHERE subject_id = ANY($1)',
    [subjects],
  )
}
