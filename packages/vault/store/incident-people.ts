import type { Uuid } from '@doverie/core/base'
import { type Queryable, rows } from './database.ts'

/** What a search found of one person. */
export interface AffectedPerson {
  readonly subject: Uuid
  readonly entries: number
  readonly firstPlace: number
  readonly lastPlace: number
  readonly compartments: readonly string[]
  /** Of those that the acts asked for, those in which something of theirs lay. */
  readonly fields: readonly string[]
  /** How they were told: `mailbox`, `no-mailbox`, `refused`; null while they were not. */
  readonly told: string | null
}

/**
 * Adds what a search found of people who are still there; of the same search it is added up. An older search changes nothing of a newer
 * one's. Who is destroyed between this and its commit is dropped where the search ends.
 */
export async function addAffected(
  db: Queryable,
  incident: Uuid,
  scan: number,
  people: readonly Omit<AffectedPerson, 'told'>[],
): Promise<void> {
  await rows(
    db,
    'affected-add',
    `INSERT INTO incident_person AS p
     SELECT subject, $1::uuid, $2::int, entries, first, last, string_to_array(compartments, ' '), NULL, string_to_array(fields, ' ')
     FROM unnest($3::uuid[], $4::int[], $5::bigint[], $6::bigint[], $7::text[], $8::text[])
       AS f (subject, entries, first, last, compartments, fields)
     JOIN subject s ON s.subject_id = f.subject AND s.facts ->> 'state' = 'live'
     ON CONFLICT (subject_id, incident_id) DO UPDATE SET
       scan = excluded.scan,
       entries = excluded.entries + CASE WHEN p.scan = excluded.scan THEN p.entries ELSE 0 END,
       first_place = CASE WHEN p.scan = excluded.scan THEN least(p.first_place, excluded.first_place) ELSE excluded.first_place END,
       last_place = CASE WHEN p.scan = excluded.scan THEN greatest(p.last_place, excluded.last_place) ELSE excluded.last_place END,
       compartments = CASE WHEN p.scan = excluded.scan
         THEN ARRAY(SELECT DISTINCT unnest(p.compartments || excluded.compartments) ORDER BY 1) ELSE excluded.compartments END,
       fields = CASE WHEN p.scan = excluded.scan
         THEN ARRAY(SELECT DISTINCT unnest(p.fields || excluded.fields) ORDER BY 1) ELSE excluded.fields END
     WHERE p.scan <= excluded.scan`,
    [
      ...[incident, scan, people.map(({ subject }) => subject), people.map(({ entries }) => entries)],
      ...[people.map(({ firstPlace }) => firstPlace), people.map(({ lastPlace }) => lastPlace)],
      people.map(({ compartments }) => compartments.join(' ')),
      people.map(({ fields }) => fields.join(' ')),
    ],
  )
}

/** Drops what former searches had found and the newest did not, and who is gone since; gives how many people there are. */
export async function settleAffected(tx: Queryable, incident: Uuid, scan: number): Promise<number> {
  await rows(
    tx,
    'affected-drop-gone',
    `DELETE FROM incident_person p WHERE incident_id = $1 AND NOT EXISTS (
       SELECT FROM subject s WHERE s.subject_id = p.subject_id AND s.facts ->> 'state' = 'live'
     )`,
    [incident],
  )
  await rows(tx, 'affected-drop', 'DELETE FROM incident_person WHERE incident_id = $1 AND scan < $2', [incident, scan])
  const [row] = await rows<{ n: string }>(
    tx,
    'affected-count',
    'SELECT count(*) AS n FROM incident_person WHERE incident_id = $1 AND scan = $2',
    [incident, scan],
  )
  return Number(row?.n ?? 0)
}

/** People affected, in the order of their ids, after one of them; only who is still to be told, where asked. */
export async function listAffected(
  db: Queryable,
  incident: Uuid,
  after: Uuid,
  limit: number,
  untold = false,
): Promise<readonly AffectedPerson[]> {
  const found = await rows<{
    subject_id: string
    entries: number
    first_place: string
    last_place: string
    compartments: readonly string[]
    fields: readonly string[]
    told: string | null
  }>(
    db,
    untold ? 'affected-untold' : 'affected-page',
    `SELECT subject_id, entries, first_place, last_place, compartments, fields, told FROM incident_person
     WHERE incident_id = $1 AND subject_id > $2 ${untold ? 'AND told IS NULL' : ''} ORDER BY subject_id LIMIT $3`,
    [incident, after, limit],
  )
  return found.map((row) => ({
    ...{ subject: row.subject_id, entries: row.entries, compartments: row.compartments, fields: row.fields },
    told: row.told,
    ...{ firstPlace: Number(row.first_place), lastPlace: Number(row.last_place) },
  }))
}

/** Says how somebody was told; false, and nothing is changed, where that was said before. */
export async function markTold(tx: Queryable, incident: Uuid, subject: Uuid, how: string): Promise<boolean> {
  const found = await rows(
    tx,
    'affected-told',
    'UPDATE incident_person SET told = $3 WHERE incident_id = $1 AND subject_id = $2 AND told IS NULL RETURNING 1',
    [incident, subject, how],
  )
  return found.length > 0
}

/** How many were told how; those who were not under the empty name. */
export async function countTold(db: Queryable, incident: Uuid): Promise<Readonly<Record<string, number>>> {
  const found = await rows<{ told: string; n: string }>(
    db,
    'affected-told-count',
    `SELECT coalesce(told, '') AS told, count(*) AS n FROM incident_person WHERE incident_id = $1 GROUP BY 1`,
    [incident],
  )
  return Object.fromEntries(found.map(({ told, n }) => [told, Number(n)]))
}

/** Of a destroyed person no row leads to entries of the ledger. */
export async function deleteAffected(tx: Queryable, subject: Uuid): Promise<void> {
  await rows(tx, 'affected-delete', 'DELETE FROM incident_person WHERE subject_id = $1', [subject])
}

/** Two people turned out to be one: of an incident that both are in, the one that stays keeps its own row. */
export async function moveAffected(tx: Queryable, from: Uuid, to: Uuid): Promise<void> {
  await rows(
    tx,
    'affected-move',
    `UPDATE incident_person p SET subject_id = $2 WHERE subject_id = $1 AND NOT EXISTS (
       SELECT FROM incident_person o WHERE o.subject_id = $2 AND o.incident_id = p.incident_id
     )`,
    [from, to],
  )
}
