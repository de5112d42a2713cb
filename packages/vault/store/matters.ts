import type { Uuid } from '@doverie/core/base'
import { type Queryable, rows } from './database.ts'

/** Of these people, those about whom somebody still has something to decide: an open request, or a submission that was set aside. */
export async function listMatters(db: Queryable, subjects: readonly Uuid[]): Promise<ReadonlySet<Uuid>> {
  const found = await rows<{ subject_id: Uuid }>(
    db,
    'matters',
    `SELECT l.subject_id FROM letter l JOIN request r ON r.letter_id = l.letter_id
     WHERE l.subject_id = ANY($1) AND r.ended_at IS NULL
     UNION SELECT other_id FROM conflict WHERE other_id = ANY($1) AND settled_at IS NULL`,
    [subjects],
  )
  return new Set(found.map((row) => row.subject_id))
}

/** Whom each of these requests is about, of those that are open; others hold no stop that they could lift. */
export async function subjectsOfOpen(db: Queryable, requests: readonly Uuid[]): Promise<ReadonlyMap<Uuid, Uuid>> {
  if (requests.length === 0) return new Map()
  const found = await rows<{ request_id: Uuid; subject_id: Uuid }>(
    db,
    'requests-open-subjects',
    `SELECT r.request_id, l.subject_id FROM request r JOIN letter l ON l.letter_id = r.letter_id
     WHERE r.request_id = ANY($1) AND r.ended_at IS NULL AND l.subject_id IS NOT NULL`,
    [requests],
  )
  return new Map(found.map((row) => [row.request_id, row.subject_id]))
}
