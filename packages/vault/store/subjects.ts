import type { PersonEvent } from '@doverie/core/consent'
import type { AskedErasure, Facts, Instant, LegalHold, Uuid } from '@doverie/core/base'
import { type Queryable, rows } from './database.ts'

/** A person's facts under the version that every narrowing or widening event raises. */
export interface VersionedFacts {
  readonly version: number
  readonly facts: Facts
}

interface SubjectRow {
  subject_id: string
  facts_version: string
  facts: Facts
}

/** The facts of many people in one statement; who is unknown is absent from the map. */
export async function loadFacts(db: Queryable, subjects: readonly Uuid[]): Promise<Map<Uuid, VersionedFacts>> {
  const found = await rows<SubjectRow>(
    db,
    'facts',
    'SELECT subject_id, facts_version, facts FROM subject WHERE subject_id = ANY($1)',
    [subjects],
  )
  return new Map(found.map((row) => [row.subject_id, { version: Number(row.facts_version), facts: row.facts }]))
}

/** The facts of one person, locked until the transaction ends: whoever changes a person holds this lock. */
export async function lockFacts(tx: Queryable, subject: Uuid): Promise<VersionedFacts | null> {
  const [row] = await rows<SubjectRow>(
    tx,
    'facts-lock',
    'SELECT subject_id, facts_version, facts FROM subject WHERE subject_id = $1 FOR UPDATE',
    [subject],
  )
  return row ? { version: Number(row.facts_version), facts: row.facts } : null
}

/** The facts of many people, locked in the order of their ids until the transaction ends. */
export async function lockFactsOf(tx: Queryable, subjects: readonly Uuid[]): Promise<Map<Uuid, VersionedFacts>> {
  const found = await rows<SubjectRow>(
    tx,
    'facts-lock-many',
    'SELECT subject_id, facts_version, facts FROM subject WHERE subject_id = ANY($1) ORDER BY subject_id FOR UPDATE',
    [subjects],
  )
  return new Map(found.map((row) => [row.subject_id, { version: Number(row.facts_version), facts: row.facts }]))
}

/** Stores folded facts of many people under given versions, which must be higher than any that was told of them. */
export async function putFacts(
  tx: Queryable,
  people: readonly (VersionedFacts & { readonly subject: Uuid })[],
): Promise<void> {
  await rows(
    tx,
    'facts-put',
    `UPDATE subject s SET facts = p.facts, facts_version = p.version
     FROM unnest($1::uuid[], $2::bigint[], $3::jsonb[]) AS p (id, version, facts) WHERE s.subject_id = p.id`,
    [
      people.map(({ subject }) => subject),
      people.map(({ version }) => version),
      people.map(({ facts }) => JSON.stringify(facts)),
    ],
  )
}

export async function insertSubject(tx: Queryable, subject: Uuid, facts: Facts, at: Instant): Promise<void> {
  await rows(tx, 'subject-insert', 'INSERT INTO subject VALUES ($1, 1, $2, $3)', [subject, facts, new Date(at)])
}

/** Stores the folded facts under the next version and tells every process to forget what it cached of this person. */
export async function saveFacts(tx: Queryable, subject: Uuid, facts: Facts): Promise<void> {
  await rows(
    tx,
    'facts-save',
    `WITH saved AS (UPDATE subject SET facts = $2, facts_version = facts_version + 1 WHERE subject_id = $1)
     SELECT pg_notify('doverie_evict', $1::text)`,
    [subject, facts],
  )
}

/** Adds events of one change, in the order they happened. */
export async function insertEvents(
  tx: Queryable,
  subject: Uuid,
  events: readonly { readonly id: Uuid; readonly event: PersonEvent }[],
): Promise<void> {
  if (events.length === 0) return
  await rows(
    tx,
    'events-insert',
    `INSERT INTO event SELECT $1, id, at, body FROM unnest($2::uuid[], $3::timestamptz[], $4::jsonb[]) AS e (id, at, body)`,
    [
      subject,
      events.map(({ id }) => id),
      events.map(({ event }) => new Date(event.at)),
      events.map(({ event }) => JSON.stringify(event)),
    ],
  )
}

/** Adds events of many people under ids that are known already. */
export async function putEvents(
  tx: Queryable,
  events: readonly { readonly subject: Uuid; readonly id: Uuid; readonly event: PersonEvent }[],
): Promise<void> {
  await rows(
    tx,
    'events-put',
    `INSERT INTO event SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::jsonb[]) ON CONFLICT DO NOTHING`,
    [
      events.map(({ subject }) => subject),
      events.map(({ id }) => id),
      events.map(({ event }) => new Date(event.at)),
      events.map(({ event }) => JSON.stringify(event)),
    ],
  )
}

/** True where the data know this event of the person's. */
export async function hasEvent(db: Queryable, subject: Uuid, event: Uuid): Promise<boolean> {
  const found = await rows(db, 'event-find', 'SELECT FROM event WHERE subject_id = $1 AND event_id = $2', [
    subject,
    event,
  ])
  return found.length > 0
}

/** The consents that a person has given and withdrawn, in order of time. */
export async function listConsentActs(
  tx: Queryable,
  subject: Uuid,
): Promise<readonly Extract<PersonEvent, { kind: 'consent-given' | 'consent-withdrawn' }>[]> {
  const found = await rows<{ body: Extract<PersonEvent, { kind: 'consent-given' | 'consent-withdrawn' }> }>(
    tx,
    'consent-acts',
    `SELECT body FROM event WHERE subject_id = $1 AND body->>'kind' IN ('consent-given', 'consent-withdrawn') ORDER BY at`,
    [subject],
  )
  return found.map((row) => row.body)
}

/** The events of a destroyed person go with the person: what they consented to is theirs too. */
export async function deleteEvents(tx: Queryable, subject: Uuid): Promise<void> {
  await rows(tx, 'events-delete', 'DELETE FROM event WHERE subject_id = $1', [subject])
}

/** People whose destruction has begun and not ended: a crash between its halves leaves them here. */
export async function listDying(db: Queryable): Promise<readonly Uuid[]> {
  const found = await rows<{ subject_id: string }>(
    db,
    'dying',
    `SELECT subject_id FROM subject WHERE facts->>'state' = 'destroying' OR jsonb_array_length(facts->'dying') > 0`,
    [],
  )
  return found.map((row) => row.subject_id)
}

/** Whose data a legal hold keeps, with the holds. */
export async function listHeld(
  db: Queryable,
): Promise<readonly { readonly subject: Uuid; readonly holds: readonly LegalHold[] }[]> {
  const found = await rows<{ subject_id: string; holds: readonly LegalHold[] | null }>(
    db,
    'held',
    `SELECT subject_id, facts->'holds' AS holds FROM subject WHERE facts->>'hold' IS NOT NULL ORDER BY subject_id`,
    [],
  )
  return found.map((row) => ({ subject: row.subject_id, holds: row.holds ?? [] }))
}

/** Whose own request to be destroyed is due, the longest due first. */
export async function listDueErasures(
  db: Queryable,
  now: Instant,
  limit: number,
): Promise<readonly { readonly subject: Uuid; readonly erasure: AskedErasure }[]> {
  const found = await rows<{ subject_id: string; erasure: AskedErasure }>(
    db,
    'erasures-due',
    `SELECT subject_id, facts->'erasure' AS erasure FROM subject
     WHERE (facts->'erasure'->>'due')::bigint <= $1 AND facts->>'state' = 'live'
     ORDER BY (facts->'erasure'->>'due')::bigint LIMIT $2`,
    [now, limit],
  )
  return found.map((row) => ({ subject: row.subject_id, erasure: row.erasure }))
}

/** True where an identifier of a person was changed after an instant. */
export async function changedSince(tx: Queryable, subject: Uuid, identifier: string, since: Instant): Promise<boolean> {
  const found = await rows(
    tx,
    'identifier-changed-since',
    `SELECT FROM event WHERE subject_id = $1 AND body->>'kind' = 'identifier-changed' AND body->>'identifier' = $2 AND at > $3
     LIMIT 1`,
    [subject, identifier, new Date(since)],
  )
  return found.length > 0
}

/** True where something of these compartments was written after a moment. */
export async function writtenSince(
  tx: Queryable,
  subject: Uuid,
  compartments: readonly string[],
  since: Instant,
): Promise<boolean> {
  const found = await rows(
    tx,
    'written-since',
    `SELECT FROM event WHERE subject_id = $1 AND body->>'kind' = 'collected' AND body->'compartments' ?| $2 AND at > $3 LIMIT 1`,
    [subject, compartments, new Date(since)],
  )
  return found.length > 0
}

/** Moves the day of a request that still waits, where nothing else of the person could be changed. No decision looks at it. */
export async function putOffErasure(db: Queryable, subject: Uuid, id: Uuid, due: Instant): Promise<void> {
  await rows(
    db,
    'erasure-put-off',
    `UPDATE subject SET facts = jsonb_set(facts, '{erasure,due}', to_jsonb($3::bigint)), facts_version = facts_version + 1
     WHERE subject_id = $1 AND facts->'erasure'->>'id' = $2`,
    [subject, id, due],
  )
}

/** The same of everybody whose request would come to its day before `due`: of data and a journal that both came out of a copy. */
export async function putOffErasures(tx: Queryable, due: Instant): Promise<void> {
  await rows(
    tx,
    'erasures-put-off',
    `UPDATE subject SET facts = jsonb_set(facts, '{erasure,due}', to_jsonb($1::bigint)), facts_version = facts_version + 1
     WHERE (facts->'erasure'->>'due')::bigint < $1`,
    [due],
  )
}

/** Blurs when a destroyed person began: the moment would point at the entry of their first collection. */
export async function forgetBeginning(tx: Queryable, subject: Uuid): Promise<void> {
  await rows(tx, 'beginning-forget', `UPDATE subject SET created_at = 'epoch' WHERE subject_id = $1`, [subject])
}

/** True where nobody was ever taken in here. */
export async function knowsNobody(db: Queryable): Promise<boolean> {
  const [row] = await rows<{ any: boolean }>(db, 'subject-any', 'SELECT EXISTS (SELECT FROM subject) AS any', [])
  return row?.any !== true
}

/** How many people there are who are not destroyed, nor going. */
export async function countLive(db: Queryable): Promise<number> {
  const [row] = await rows<{ n: string }>(
    db,
    'subjects-live',
    `SELECT count(*) AS n FROM subject WHERE facts->>'state' = 'live'`,
    [],
  )
  return Number(row?.n ?? 0)
}

/** People in the order of their ids, the destroyed ones too. */
export async function listSubjects(db: Queryable, after: Uuid, limit: number): Promise<readonly Uuid[]> {
  const found = await rows<{ subject_id: string }>(
    db,
    'subjects-page',
    'SELECT subject_id FROM subject WHERE subject_id > $1 ORDER BY subject_id LIMIT $2',
    [after, limit],
  )
  return found.map((row) => row.subject_id)
}

/** All events of these people, of each in the order of time. */
export async function listEventsOf(
  db: Queryable,
  subjects: readonly Uuid[],
): Promise<readonly { readonly subject: Uuid; readonly id: Uuid; readonly event: PersonEvent }[]> {
  const found = await rows<{ subject_id: string; event_id: string; body: PersonEvent }>(
    db,
    'events-of',
    'SELECT subject_id, event_id, body FROM event WHERE subject_id = ANY($1) ORDER BY subject_id, at, event_id',
    [subjects],
  )
  return found.map((row) => ({ subject: row.subject_id, id: row.event_id, event: row.body }))
}
