import type { PersonEvent } from '@doverie/core/consent'
import type { Facts, Instant, Uuid } from '@doverie/core/base'
import { type Queryable, rows } from './database.ts'

/** Places of the ledger, [first, end). */
export interface Places {
  readonly first: number
  readonly end: number
}

/** The places that hold all placed entries of [from, to); null where there are none. Neighbours of another time may be among them. */
export async function findPeriod(db: Queryable, from: Instant, to: Instant): Promise<Places | null> {
  const [row] = await rows<{ first: string | null; end: string | null }>(
    db,
    'period-places',
    `SELECT min(first_index) AS first, max(first_index + entries) AS end FROM ledger_batch
     WHERE first_index IS NOT NULL AND coalesce(until, at) >= $1 AND at < $2`,
    [new Date(from), new Date(to)],
  )
  return row === undefined || row.first === null || row.end === null
    ? null
    : { first: Number(row.first), end: Number(row.end) }
}

export interface KnownPerson {
  readonly subject: Uuid
  readonly facts: Facts
}

/** A page of the people who are not destroyed, in the order of their ids, after one of them. */
export async function listPeople(db: Queryable, after: Uuid, limit: number): Promise<readonly KnownPerson[]> {
  const found = await rows<{ subject_id: string; facts: Facts }>(
    db,
    'people-page',
    `SELECT subject_id, facts FROM subject WHERE subject_id > $1 AND facts->>'state' <> 'destroyed'
     ORDER BY subject_id LIMIT $2`,
    [after, limit],
  )
  return found.map((row) => ({ subject: row.subject_id, facts: row.facts }))
}

/** All events of those of the people to whom something has happened since, each person's in the order they happened. */
export async function loadEventsOfChanged(
  db: Queryable,
  subjects: readonly Uuid[],
  since: Instant,
): Promise<ReadonlyMap<Uuid, readonly PersonEvent[]>> {
  const found = await rows<{ subject_id: string; body: PersonEvent }>(
    db,
    'events-of-changed',
    `SELECT subject_id, body FROM event
     WHERE subject_id IN (SELECT subject_id FROM event WHERE subject_id = ANY($1) AND at >= $2)
     ORDER BY subject_id, at, event_id`,
    [subjects, new Date(since)],
  )
  const events = new Map<Uuid, PersonEvent[]>()
  for (const { subject_id, body } of found) {
    const own = events.get(subject_id)
    if (own === undefined) events.set(subject_id, [body])
    else own.push(body)
  }
  return events
}
