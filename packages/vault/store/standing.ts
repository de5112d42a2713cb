import type { Instant, Uuid } from '@doverie/core/base'
import { type Queryable, rows } from './database.ts'
import type { JournalEntry } from './journal.ts'

/**
 * Of these entries of the journal, those that the data do not know. What is said of somebody who is gone, or going, is known; so
 * is what was said before the last replay of somebody, or of a credential, that it did not find. Of a destroyed compartment only the
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
     CROSS JOIN (SELECT max(replayed_at) AS at FROM restored) AS replay
     WHERE NOT CASE
       WHEN s.subject_id IS NULL AND c.credential_id IS NULL THEN
         -- The moment of a person's destruction is blurred to the end of its day.
         coalesce(j.at - CASE j.kind WHEN 'destruction-done' THEN interval '1 day' ELSE interval '0' END < replay.at, false)
       WHEN j.kind = 'credential-revoked' THEN c.revoked_at IS NOT NULL
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

/** Revokes credentials that are known here and not revoked yet; how many there were. */
export async function revokeAgain(
  tx: Queryable,
  revoked: readonly { readonly credential: Uuid; readonly at: Instant }[],
): Promise<number> {
  const done = await rows(
    tx,
    'replay-revoke',
    `UPDATE credential c SET revoked_at = r.at FROM unnest($1::uuid[], $2::timestamptz[]) AS r (id, at)
     WHERE c.credential_id = r.id AND c.revoked_at IS NULL RETURNING 1`,
    [revoked.map(({ credential }) => credential), revoked.map(({ at }) => new Date(at))],
  )
  return done.length
}
