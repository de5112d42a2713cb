import type { Instant, Uuid } from '@doverie/core/base'
import { NARROWING_KINDS, type PersonEvent } from '@doverie/core/consent'
import { type Queryable, rows } from './database.ts'
import type { JournalEntry } from './journal.ts'

/**
 * Of these entries of the journal, those that the data do not know. What is said of somebody who is gone, or going, is known; so
 * is what was said before the last replay of somebody, or of an access, that it did not find. Of a destroyed compartment only the
 * beginning tells: its end leaves no event.
 */
export async function findUnknown(data: Queryable, entries: readonly JournalEntry[]): Promise<ReadonlySet<Uuid>> {
  if (entries.length === 0) return new Set()
  const found = await rows<{ id: string }>(
    data,
    'journal-unknown',
    `SELECT j.id
     FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::jsonb[], $5::timestamptz[]) AS j (id, holder, kind, detail, at)
     LEFT JOIN subject s ON s.subject_id = j.holder
     LEFT JOIN credential c ON c.credential_id = j.holder
     LEFT JOIN staff m ON m.staff_id = j.holder
     CROSS JOIN (SELECT max(replayed_at) AS at FROM restored) AS replay
     WHERE NOT CASE
       WHEN coalesce(s.subject_id, c.credential_id, m.staff_id) IS NULL THEN
         -- The moment of a person's destruction is blurred to the end of its day.
         coalesce(j.at - CASE j.kind WHEN 'destruction-done' THEN interval '1 day' ELSE interval '0' END < replay.at, false)
       WHEN j.kind = 'credential-revoked' THEN c.revoked_at IS NOT NULL
       WHEN j.kind = 'staff-switched-off' THEN m.disabled_at IS NOT NULL
       WHEN j.kind = 'destruction-done' THEN
         j.detail->'person' <> 'true' OR coalesce(s.facts->>'state' <> 'live', false)
       ELSE coalesce(s.facts->>'state' = 'destroyed', false)
         -- What was journalled before announcements has an id of its own.
         OR EXISTS (SELECT FROM event e WHERE e.subject_id = j.holder AND (e.event_id = j.id OR e.body = j.detail))
     END`,
    [
      entries.map(({ id }) => id),
      entries.map(({ holder }) => holder),
      entries.map(({ kind }) => kind),
      entries.map(({ detail }) => JSON.stringify(detail)),
      entries.map(({ at }) => new Date(at)),
    ],
  )
  return new Set(found.map((row) => row.id))
}

/** Takes access that is known here and was not taken yet; how many of either there were. */
export async function takeAgain(
  tx: Queryable,
  taken: readonly { readonly holder: Uuid; readonly at: Instant }[],
): Promise<{ readonly credentials: number; readonly staff: number }> {
  const [row] = await rows<{ credentials: string; staff: string }>(
    tx,
    'replay-take',
    `WITH taken AS (SELECT * FROM unnest($1::uuid[], $2::timestamptz[]) AS t (id, at)),
       revoked AS (UPDATE credential c SET revoked_at = t.at FROM taken t
         WHERE c.credential_id = t.id AND c.revoked_at IS NULL RETURNING 1),
       off AS (UPDATE staff m SET disabled_at = t.at FROM taken t
         WHERE m.staff_id = t.id AND m.disabled_at IS NULL RETURNING 1)
     SELECT (SELECT count(*) FROM revoked) AS credentials, (SELECT count(*) FROM off) AS staff`,
    [taken.map(({ holder }) => holder), taken.map(({ at }) => new Date(at))],
  )
  return { credentials: Number(row?.credentials ?? 0), staff: Number(row?.staff ?? 0) }
}

/** Since when all that takes something away is told to the journal by every program that there was: its migration's moment. */
export async function toldSince(data: Queryable): Promise<Instant> {
  const [row] = await rows<{ at: Date }>(data, 'told-since', 'SELECT at FROM migration WHERE step = 17', [])
  return row?.at.getTime() ?? 0
}

/** Of the events that may narrow, the newest of people who live, since a moment; by an index that knows these kinds. */
export async function listNewestNarrowing(
  data: Queryable,
  since: Instant,
  limit: number,
): Promise<readonly NarrowingEvent[]> {
  const found = await rows<{ subject_id: string; event_id: string; body: PersonEvent }>(
    data,
    'events-narrowing',
    `SELECT e.subject_id, e.event_id, e.body
     FROM (SELECT subject_id, event_id, body, at FROM event WHERE body->>'kind' IN (${KINDS}) AND at >= $1 ORDER BY at DESC LIMIT $2) AS e
     JOIN subject s ON s.subject_id = e.subject_id WHERE s.facts->>'state' = 'live'`,
    [new Date(since), limit],
  )
  return found.map((row) => ({ subject: row.subject_id, id: row.event_id, event: row.body }))
}

interface NarrowingEvent {
  readonly subject: Uuid
  readonly id: Uuid
  readonly event: PersonEvent
}

/** What the index of migration data-042 knows. Another kind needs another index. */
export const MAY_NARROW: readonly string[] = NARROWING_KINDS
const KINDS = MAY_NARROW.map((kind) => `'${kind}'`).join(', ')

/** Forgets who is signed in or could be, letters that wait and answers kept for a repeat: of older data all of them are of before. */
export async function forgetPassing(tx: Queryable): Promise<void> {
  for (const table of [
    'session',
    'sign_in',
    'passkey',
    'passkey_challenge',
    'mailbox_change',
    'calendar_feed',
    'outbox',
    'idempotency',
  ])
    await rows(tx, `forget-${table}`, `DELETE FROM ${table}`, [])
}
