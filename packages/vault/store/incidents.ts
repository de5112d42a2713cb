import type { IncidentState, Instant, Uuid } from '@doverie/core/base'
import type { Incident, IncidentEvent } from '@doverie/core/request'
import { type Queryable, rows } from './database.ts'

/** Which entries of the ledger an incident is about. Empty lists ask for nothing in particular. */
export interface IncidentScope {
  readonly from: Instant
  /** Not part of the period. */
  readonly to: Instant
  readonly credentials: readonly Uuid[]
  /** Roles of staff and calling services, as the policy names them. */
  readonly actors: readonly string[]
  /** Members of staff by their pseudonym. */
  readonly staff: readonly string[]
  readonly purposes: readonly string[]
  readonly fields: readonly string[]
}

/** An entry that stands for others, as anybody can find it in the public tree. */
export interface EvidenceEntry {
  readonly place: number
  /** Hex. */
  readonly leaf: string
  readonly at: Instant
}

/** What a search of the ledger found. Numbers, names of the policy and commitments: nothing leads to anybody. */
export interface Affected {
  readonly countedAt: Instant
  readonly people: number
  readonly entries: number
  /** Entries that are tied to nobody who is here: of people destroyed since, or of nobody. */
  readonly untied: number
  readonly compartments: readonly string[]
  readonly fields: readonly string[]
  readonly first: EvidenceEntry | null
  readonly last: EvidenceEntry | null
  /** SHA-256 of the commitments of all entries found, in their order; hex. */
  readonly digest: string
  /** Places of the ledger that were looked through, [from, to). */
  readonly searched: { readonly from: number; readonly to: number } | null
}

export interface IncidentRow {
  readonly id: Uuid
  readonly number: string
  readonly profile: string
  readonly policy: string
  readonly detectedAt: Instant
  readonly openedAt: Instant
  readonly openedBy: string
  readonly state: IncidentState
  readonly fold: Incident
  readonly places: number
  readonly dueAt: Instant | null
  readonly wakeAt: Instant | null
  readonly endedAt: Instant | null
  readonly late: boolean
  readonly sealed: Uint8Array
  readonly scope: IncidentScope | null
  readonly scan: number
  readonly affected: Affected | null
  readonly tellingAt: Instant | null
}

interface Row {
  incident_id: string
  number: string
  profile: string
  policy: string
  detected_at: Date
  opened_at: Date
  opened_by: string
  state: IncidentState
  fold: Incident
  places: number
  due_at: Date | null
  wake_at: Date | null
  ended_at: Date | null
  late: boolean
  sealed: Buffer
  scope: IncidentScope | null
  scan: number
  affected: Affected | null
  telling_at: Date | null
}

const COLUMNS = `incident_id, number, profile, policy, detected_at, opened_at, opened_by, state, fold, places, due_at, wake_at, ended_at,
  late, sealed, scope, scan, affected, telling_at`

export async function insertIncident(tx: Queryable, row: IncidentRow): Promise<void> {
  await rows(
    tx,
    'incident-insert',
    `INSERT INTO incident (${COLUMNS})
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`,
    valuesOf(row),
  )
}

/** Writes what may change of an incident; its number and moments stay. */
export async function saveIncident(tx: Queryable, row: IncidentRow): Promise<void> {
  await rows(
    tx,
    'incident-save',
    `UPDATE incident SET state = $2, fold = $3, places = $4, due_at = $5, wake_at = $6, ended_at = $7, late = $8, sealed = $9,
       scope = $10, scan = $11, affected = $12, telling_at = $13 WHERE incident_id = $1`,
    [row.id, ...valuesOf(row).slice(7)],
  )
}

function valuesOf(row: IncidentRow): readonly unknown[] {
  const date = (at: Instant | null): Date | null => (at === null ? null : new Date(at))
  return [
    ...[row.id, row.number, row.profile, row.policy, date(row.detectedAt), date(row.openedAt), row.openedBy],
    ...[row.state, JSON.stringify(row.fold), row.places, date(row.dueAt), date(row.wakeAt), date(row.endedAt)],
    ...[row.late, row.sealed, row.scope === null ? null : JSON.stringify(row.scope), row.scan],
    ...[row.affected === null ? null : JSON.stringify(row.affected), date(row.tellingAt)],
  ]
}

/** Writes what a search found. */
export async function saveAffected(tx: Queryable, id: Uuid, affected: Affected): Promise<void> {
  await rows(tx, 'incident-affected', 'UPDATE incident SET affected = $2 WHERE incident_id = $1', [
    id,
    JSON.stringify(affected),
  ])
}

export async function findIncident(db: Queryable, id: Uuid): Promise<IncidentRow | null> {
  const [row] = await rows<Row>(db, 'incident-find', `SELECT ${COLUMNS} FROM incident WHERE incident_id = $1`, [id])
  return row === undefined ? null : rowOf(row)
}

/** The same, locked until the transaction ends. */
export async function lockIncident(tx: Queryable, id: Uuid): Promise<IncidentRow | null> {
  const [row] = await rows<Row>(
    tx,
    'incident-lock',
    `SELECT ${COLUMNS} FROM incident WHERE incident_id = $1 FOR UPDATE`,
    [id],
  )
  return row === undefined ? null : rowOf(row)
}

/** All incidents, those that are open first, then the newest. There are few. */
export async function listIncidents(db: Queryable, limit: number): Promise<readonly IncidentRow[]> {
  const found = await rows<Row>(
    db,
    'incidents',
    `SELECT ${COLUMNS} FROM incident ORDER BY ended_at IS NOT NULL, detected_at DESC, incident_id LIMIT $1`,
    [limit],
  )
  return found.map(rowOf)
}

/** Those that somebody may have to be reminded of, and those that wait for a search or for people to be told. */
export async function listTended(db: Queryable, now: Instant, limit: number): Promise<readonly IncidentRow[]> {
  const found = await rows<Row>(
    db,
    'incidents-tended',
    `SELECT ${COLUMNS} FROM incident
     WHERE wake_at <= $1 OR (scope IS NOT NULL AND affected IS NULL AND ended_at IS NULL) OR telling_at IS NOT NULL ORDER BY detected_at LIMIT $2`,
    [new Date(now), limit],
  )
  return found.map(rowOf)
}

/** Which of these ids are incidents: their keys are somebody's. */
export async function knownIncidents(db: Queryable, ids: readonly Uuid[]): Promise<ReadonlySet<Uuid>> {
  const found = await rows<{ incident_id: string }>(
    db,
    'incidents-known',
    'SELECT incident_id FROM incident WHERE incident_id = ANY($1)',
    [ids],
  )
  return new Set(found.map((row) => row.incident_id))
}

export interface StoredIncidentEvent {
  readonly event: IncidentEvent
  readonly by: string | null
  readonly entry: Uuid
}

export async function insertIncidentEvents(
  tx: Queryable,
  id: Uuid,
  first: number,
  events: readonly StoredIncidentEvent[],
): Promise<void> {
  await rows(
    tx,
    'incident-events-insert',
    `INSERT INTO incident_event SELECT $1, $2::int + i - 1, at, by, entry, body
     FROM unnest($3::timestamptz[], $4::text[], $5::uuid[], $6::jsonb[]) WITH ORDINALITY AS e (at, by, entry, body, i)`,
    [
      ...[id, first, events.map(({ event }) => new Date(event.at)), events.map(({ by }) => by)],
      ...[events.map(({ entry }) => entry), events.map(({ event }) => JSON.stringify(event))],
    ],
  )
}

export async function listIncidentEvents(db: Queryable, id: Uuid): Promise<readonly StoredIncidentEvent[]> {
  const found = await rows<{ by: string | null; entry_id: string; body: IncidentEvent }>(
    db,
    'incident-events',
    'SELECT by, entry_id, body FROM incident_event WHERE incident_id = $1 ORDER BY place',
    [id],
  )
  return found.map((row) => ({ event: row.body, by: row.by, entry: row.entry_id }))
}

/** A notice or a letter made of an incident. Sealed under its key. */
export interface IncidentDocument {
  readonly id: Uuid
  readonly incident: Uuid
  readonly number: string
  readonly kind: string
  readonly madeAt: Instant
  readonly madeBy: string
  readonly hash: Uint8Array
  readonly bytes: number
  readonly sealed: Uint8Array
  readonly twin: Uint8Array
}

interface DocumentRow {
  document_id: string
  incident_id: string
  number: string
  kind: string
  made_at: Date
  made_by: string
  hash: Buffer
  bytes: number
  sealed: Buffer
  twin: Buffer
}

const DOCUMENT = 'document_id, incident_id, number, kind, made_at, made_by, hash, bytes, sealed, twin'

export async function insertIncidentDocument(tx: Queryable, row: IncidentDocument): Promise<void> {
  const { id, incident, number, kind, madeAt, madeBy, hash, bytes, sealed, twin } = row
  await rows(
    tx,
    'incident-document-insert',
    `INSERT INTO incident_document (${DOCUMENT}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [id, incident, number, kind, new Date(madeAt), madeBy, hash, bytes, sealed, twin],
  )
}

/** The documents of an incident, in the order in which they were made. */
export async function listIncidentDocuments(db: Queryable, incident: Uuid): Promise<readonly IncidentDocument[]> {
  const found = await rows<DocumentRow>(
    db,
    'incident-documents',
    `SELECT ${DOCUMENT} FROM incident_document WHERE incident_id = $1 ORDER BY made_at, number`,
    [incident],
  )
  return found.map((row) => ({
    ...{ id: row.document_id, incident: row.incident_id, number: row.number, kind: row.kind },
    ...{ madeAt: row.made_at.getTime(), madeBy: row.made_by, hash: row.hash, bytes: row.bytes },
    ...{ sealed: row.sealed, twin: row.twin },
  }))
}

function rowOf(row: Row): IncidentRow {
  return {
    id: row.incident_id,
    number: row.number,
    profile: row.profile,
    policy: row.policy,
    detectedAt: row.detected_at.getTime(),
    openedAt: row.opened_at.getTime(),
    openedBy: row.opened_by,
    state: row.state,
    fold: row.fold,
    places: row.places,
    dueAt: row.due_at?.getTime() ?? null,
    wakeAt: row.wake_at?.getTime() ?? null,
    endedAt: row.ended_at?.getTime() ?? null,
    late: row.late,
    sealed: row.sealed,
    scope: row.scope,
    scan: row.scan,
    affected: row.affected,
    tellingAt: row.telling_at?.getTime() ?? null,
  }
}
