import type { DutyKind, DutyState, HarmLevel, Instant, Uuid, VoidReason } from '@doverie/core/base'
import type { ProcessingChange } from '@doverie/core/policy'
import type { Duty, DutyEvent } from '@doverie/core/request'
import { type Queryable, rows } from './database.ts'

/** What a register says of a duty in clear: numbers of documents, days, names of the policy and of the law. No word of anybody. */
export interface DutyFacts {
  /** The number of the agreement, or what the authority gave a notice. */
  readonly reference?: string
  /** The day of the document, or the moment a notice was sent. */
  readonly at?: Instant
  /** Its last moment; null where it names none. */
  readonly until?: Instant | null
  /** By pseudonym: who said so. */
  readonly by?: string
  /** What of the law's list an agreement contains. */
  readonly covers?: readonly string[]
  /** For what and with which data a recipient is handed data, when the agreement was entered. */
  readonly purposes?: readonly string[]
  readonly categories?: readonly string[]
  readonly country?: string
  /** Whether that country protects people adequately. */
  readonly adequate?: boolean
  /** When the authority was told of the transfer (152-FZ art. 12(3)). */
  readonly noticedAt?: Instant
  /** The circumstances by which harm was assessed, those that are there, and its degree. */
  readonly met?: readonly string[]
  readonly level?: HarmLevel
  /** The version of the policy that it is about, and of a change the one before. */
  readonly version?: string
  readonly before?: string | null
  readonly changes?: readonly ProcessingChange[]
  /** When that takes place of which a notice is owed. */
  readonly start?: Instant
  readonly reason?: VoidReason
}

export interface DutyRow {
  readonly id: Uuid
  readonly number: string
  readonly kind: DutyKind
  readonly about: string
  readonly profile: string
  readonly policy: string
  readonly openedAt: Instant
  readonly openedBy: string | null
  readonly state: DutyState
  readonly fold: Duty
  readonly facts: DutyFacts
  readonly places: number
  readonly dueAt: Instant | null
  readonly wakeAt: Instant | null
  readonly endedAt: Instant | null
  readonly late: boolean
  readonly sealed: Uint8Array | null
}

interface Row {
  duty_id: string
  number: string
  kind: DutyKind
  about: string
  profile: string
  policy: string
  opened_at: Date
  opened_by: string | null
  state: DutyState
  fold: Duty
  facts: DutyFacts
  places: number
  due_at: Date | null
  wake_at: Date | null
  ended_at: Date | null
  late: boolean
  sealed: Buffer | null
}

const COLUMNS = `duty_id, number, kind, about, profile, policy, opened_at, opened_by, state, fold, facts, places, due_at, wake_at,
  ended_at, late, sealed`

/**
 * Lets one transaction at a time enter a duty of a kind about something, until it ends; false where one is running already. Asked before a
 * number is taken: so none is missing from the register.
 */
export async function reserveDuty(tx: Queryable, kind: DutyKind, about: string): Promise<boolean> {
  await rows(tx, 'duty-reserve', 'SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`duty ${kind} ${about}`])
  const text = 'SELECT FROM duty WHERE kind = $1 AND about = $2 AND ended_at IS NULL'
  return (await rows(tx, 'duty-running', text, [kind, about])).length === 0
}

/** Enters a duty. One of that kind about the same must not be running: `reserveDuty` says so. */
export async function insertDuty(tx: Queryable, row: DutyRow): Promise<void> {
  await rows(
    tx,
    'duty-insert',
    `INSERT INTO duty (${COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
    [
      ...[row.id, row.number, row.kind, row.about, row.profile, row.policy, new Date(row.openedAt), row.openedBy],
      ...changing(row),
    ],
  )
}

/** Writes what may change of a duty. */
export async function saveDuty(tx: Queryable, row: DutyRow): Promise<void> {
  await rows(
    tx,
    'duty-save',
    `UPDATE duty SET state = $2, fold = $3, facts = $4, places = $5, due_at = $6, wake_at = $7, ended_at = $8, late = $9, sealed = $10
     WHERE duty_id = $1`,
    [row.id, ...changing(row)],
  )
}

function changing(row: DutyRow): readonly unknown[] {
  const date = (at: Instant | null): Date | null => (at === null ? null : new Date(at))
  return [
    ...[row.state, JSON.stringify(row.fold), JSON.stringify(row.facts), row.places, date(row.dueAt)],
    ...[date(row.wakeAt), date(row.endedAt), row.late, row.sealed],
  ]
}

export async function findDuty(db: Queryable, id: Uuid): Promise<DutyRow | null> {
  const [row] = await rows<Row>(db, 'duty-find', `SELECT ${COLUMNS} FROM duty WHERE duty_id = $1`, [id])
  return row === undefined ? null : rowOf(row)
}

/** The same, locked until the transaction ends. */
export async function lockDuty(tx: Queryable, id: Uuid): Promise<DutyRow | null> {
  const [row] = await rows<Row>(tx, 'duty-lock', `SELECT ${COLUMNS} FROM duty WHERE duty_id = $1 FOR UPDATE`, [id])
  return row === undefined ? null : rowOf(row)
}

/** All duties, what is due first before the rest, then what has ended, the newest first. */
export async function listDuties(db: Queryable, limit: number): Promise<readonly DutyRow[]> {
  const found = await rows<Row>(
    db,
    'duties',
    `SELECT ${COLUMNS} FROM duty ORDER BY ended_at IS NOT NULL, due_at, opened_at DESC, duty_id LIMIT $1`,
    [limit],
  )
  return found.map(rowOf)
}

/** Which of these ids are duties: their keys are somebody's. */
export async function knownDuties(db: Queryable, ids: readonly Uuid[]): Promise<ReadonlySet<Uuid>> {
  const found = await rows<{ duty_id: string }>(
    db,
    'duties-known',
    'SELECT duty_id FROM duty WHERE duty_id = ANY($1)',
    [ids],
  )
  return new Set(found.map((row) => row.duty_id))
}

export interface StoredDutyEvent {
  readonly event: DutyEvent
  readonly by: string | null
  readonly entry: Uuid
  readonly facts: DutyFacts
}

export async function insertDutyEvents(
  tx: Queryable,
  id: Uuid,
  first: number,
  events: readonly StoredDutyEvent[],
): Promise<void> {
  for (const [i, { event, by, entry, facts }] of events.entries()) {
    await rows(tx, 'duty-event-insert', 'INSERT INTO duty_event VALUES ($1, $2, $3, $4, $5, $6, $7)', [
      ...[id, first + i, new Date(event.at), by, entry, JSON.stringify(event), JSON.stringify(facts)],
    ])
  }
}

export async function listDutyEvents(db: Queryable, id: Uuid): Promise<readonly StoredDutyEvent[]> {
  const found = await rows<{ by: string | null; entry_id: string; body: DutyEvent; facts: DutyFacts }>(
    db,
    'duty-events',
    'SELECT by, entry_id, body, facts FROM duty_event WHERE duty_id = $1 ORDER BY place',
    [id],
  )
  return found.map((row) => ({ event: row.body, by: row.by, entry: row.entry_id, facts: row.facts }))
}

/** A notice drafted or an act made of a duty. Sealed under its key. */
export interface DutyDocument {
  readonly id: Uuid
  readonly duty: Uuid
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
  duty_id: string
  number: string
  kind: string
  made_at: Date
  made_by: string
  hash: Buffer
  bytes: number
  sealed: Buffer
  twin: Buffer
}

const DOCUMENT = 'document_id, duty_id, number, kind, made_at, made_by, hash, bytes, sealed, twin'

export async function insertDutyDocument(tx: Queryable, row: DutyDocument): Promise<void> {
  const { id, duty, number, kind, madeAt, madeBy, hash, bytes, sealed, twin } = row
  await rows(
    tx,
    'duty-document-insert',
    `INSERT INTO duty_document (${DOCUMENT}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [id, duty, number, kind, new Date(madeAt), madeBy, hash, bytes, sealed, twin],
  )
}

/** The documents of a duty, in the order in which they were made. */
export async function listDutyDocuments(db: Queryable, duty: Uuid): Promise<readonly DutyDocument[]> {
  const found = await rows<DocumentRow>(
    db,
    'duty-documents',
    `SELECT ${DOCUMENT} FROM duty_document WHERE duty_id = $1 ORDER BY made_at, number`,
    [duty],
  )
  return found.map((row) => ({
    ...{ id: row.document_id, duty: row.duty_id, number: row.number, kind: row.kind },
    ...{ madeAt: row.made_at.getTime(), madeBy: row.made_by, hash: row.hash, bytes: row.bytes },
    ...{ sealed: row.sealed, twin: row.twin },
  }))
}

function rowOf(row: Row): DutyRow {
  const { number, kind, about, profile, policy, state, fold, facts, places, late, sealed } = row
  return {
    ...{ id: row.duty_id, number, kind, about, profile, policy, state, fold, facts, places, late, sealed },
    openedAt: row.opened_at.getTime(),
    openedBy: row.opened_by,
    dueAt: row.due_at?.getTime() ?? null,
    wakeAt: row.wake_at?.getTime() ?? null,
    endedAt: row.ended_at?.getTime() ?? null,
  }
}
