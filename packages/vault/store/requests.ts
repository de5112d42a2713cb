import type { Instant, ProfileId, RequestKind, Uuid } from '@doverie/core/base'
import type { Owner, Request, RequestEvent } from '@doverie/core/request'
import { type Queryable, rows } from './database.ts'

/** How it was decided what a letter asks: by a mark of the policy, by the person themselves, by staff, by the words of the letter. */
export type RoutedBy = 'mark' | 'person' | 'staff' | 'words'

/** A request in the register: where it stands, and what is due when. No value is in it. */
export interface RequestRow {
  readonly id: Uuid
  readonly number: string
  readonly letter: Uuid
  readonly kind: RequestKind
  readonly entity: string | null
  readonly profile: ProfileId
  readonly policy: string
  readonly routedBy: RoutedBy
  readonly receivedAt: Instant
  readonly registeredAt: Instant
  readonly state: Request['state']
  readonly owner: Owner | null
  readonly assignedTo: Uuid | null
  readonly fold: Request
  /** How many events there are. */
  readonly places: number
  readonly dueAt: Instant | null
  readonly outerAt: Instant | null
  readonly wakeAt: Instant | null
  readonly endedAt: Instant | null
  readonly late: boolean
  readonly hindered: Hindrance | null
}

/** Why a request does not go on by itself. `restored`: what was taken back since the backup nobody knows, so staff decide again. */
export type Hindrance =
  | {
      readonly by: 'policy'
      readonly act: string
      readonly at: Instant
      /** What the refusal rests on, and its entry in the ledger. */
      readonly clauses: readonly string[]
      readonly reasons: readonly string[]
      readonly entry: Uuid
    }
  | { readonly by: 'restored'; readonly at: Instant; readonly told: boolean }

interface Row {
  request_id: string
  number: string
  letter_id: string
  kind: RequestKind
  entity: string | null
  profile: ProfileId
  policy: string
  routed_by: RoutedBy
  received_at: Date
  registered_at: Date
  state: Request['state']
  owner: Owner | null
  assigned_to: string | null
  fold: Request
  places: number
  due_at: Date | null
  outer_at: Date | null
  wake_at: Date | null
  ended_at: Date | null
  late: boolean
  hindered: Hindrance | null
}

const COLUMNS = `request_id, number, letter_id, kind, entity, profile, policy, routed_by, received_at, registered_at, state, owner,
  assigned_to, fold, places, due_at, outer_at, wake_at, ended_at, late, hindered`

export async function insertRequest(tx: Queryable, request: RequestRow): Promise<void> {
  await rows(
    tx,
    'request-insert',
    `INSERT INTO request (${COLUMNS})
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)`,
    [
      request.id,
      request.number,
      request.letter,
      request.kind,
      request.entity,
      request.profile,
      request.policy,
      request.routedBy,
      new Date(request.receivedAt),
      new Date(request.registeredAt),
      request.state,
      request.owner,
      request.assignedTo,
      request.fold,
      request.places,
      dateOf(request.dueAt),
      dateOf(request.outerAt),
      dateOf(request.wakeAt),
      dateOf(request.endedAt),
      request.late,
      request.hindered,
    ],
  )
}

/** Stores what a request has become. Its row must be locked by this transaction. */
export async function saveRequest(tx: Queryable, request: RequestRow): Promise<void> {
  await rows(
    tx,
    'request-save',
    `UPDATE request SET state = $2, owner = $3, assigned_to = $4, fold = $5, places = $6, due_at = $7, outer_at = $8, wake_at = $9,
       ended_at = $10, late = $11, hindered = $12 WHERE request_id = $1`,
    [
      request.id,
      request.state,
      request.owner,
      request.assignedTo,
      request.fold,
      request.places,
      dateOf(request.dueAt),
      dateOf(request.outerAt),
      dateOf(request.wakeAt),
      dateOf(request.endedAt),
      request.late,
      request.hindered,
    ],
  )
}

/** An event with who did it and the ledger entry of the act. */
export interface StoredEvent {
  readonly event: RequestEvent
  readonly by: string | null
  readonly entry: Uuid
}

/** Adds events behind those that there are. `place` is that of the first. */
export async function insertRequestEvents(
  tx: Queryable,
  request: Uuid,
  place: number,
  events: readonly StoredEvent[],
): Promise<void> {
  if (events.length === 0) return
  await rows(
    tx,
    'request-events-insert',
    `INSERT INTO request_event SELECT $1, $2 + n - 1, at, by, entry_id, body
     FROM unnest($3::timestamptz[], $4::text[], $5::uuid[], $6::jsonb[]) WITH ORDINALITY AS e (at, by, entry_id, body, n)`,
    [
      request,
      place,
      events.map(({ event }) => new Date(event.at)),
      events.map(({ by }) => by),
      events.map(({ entry }) => entry),
      events.map(({ event }) => JSON.stringify(event)),
    ],
  )
}

export async function listRequestEvents(db: Queryable, request: Uuid): Promise<readonly StoredEvent[]> {
  const found = await rows<{ by: string | null; entry_id: string; body: RequestEvent }>(
    db,
    'request-events',
    'SELECT by, entry_id, body FROM request_event WHERE request_id = $1 ORDER BY place',
    [request],
  )
  return found.map((row) => ({ event: row.body, by: row.by, entry: row.entry_id }))
}

export async function findRequest(db: Queryable, id: Uuid): Promise<RequestRow | null> {
  const [row] = await rows<Row>(db, 'request-find', `SELECT ${COLUMNS} FROM request WHERE request_id = $1`, [id])
  return row === undefined ? null : requestRow(row)
}

export async function findRequestByNumber(db: Queryable, number: string): Promise<RequestRow | null> {
  const [row] = await rows<Row>(db, 'request-number', `SELECT ${COLUMNS} FROM request WHERE number = $1`, [number])
  return row === undefined ? null : requestRow(row)
}

/** A request, locked until the transaction ends: whoever moves one on holds this lock. */
export async function lockRequest(tx: Queryable, id: Uuid): Promise<RequestRow | null> {
  const [row] = await rows<Row>(tx, 'request-lock', `SELECT ${COLUMNS} FROM request WHERE request_id = $1 FOR UPDATE`, [
    id,
  ])
  return row === undefined ? null : requestRow(row)
}

/** Open requests in these states, of these letters or of all, locked until the transaction ends. */
export async function lockRequestsIn(
  tx: Queryable,
  states: readonly RequestRow['state'][],
  letters: readonly Uuid[] | null = null,
): Promise<readonly RequestRow[]> {
  const found = await rows<Row>(
    tx,
    'requests-lock-in',
    `SELECT ${COLUMNS} FROM request WHERE ended_at IS NULL AND state = ANY($1) AND ($2::uuid[] IS NULL OR letter_id = ANY($2))
     ORDER BY request_id FOR UPDATE`,
    [states, letters],
  )
  return found.map(requestRow)
}

export async function listRequestsOfLetter(db: Queryable, letter: Uuid): Promise<readonly RequestRow[]> {
  const found = await rows<Row>(
    db,
    'requests-letter',
    `SELECT ${COLUMNS} FROM request WHERE letter_id = $1 ORDER BY number`,
    [letter],
  )
  return found.map(requestRow)
}

/** True where something that a letter asked for is open; it is, until the transaction ends. */
export async function holdOpenRequests(tx: Queryable, letter: Uuid): Promise<boolean> {
  const text = 'SELECT FROM request WHERE letter_id = $1 AND ended_at IS NULL FOR SHARE'
  return (await rows(tx, 'requests-hold-open', text, [letter])).length > 0
}

/** The requests of a person's letters, the newest first. `provedOnly` leaves out letters of somebody who only says to be them. */
export async function listRequestsOf(
  db: Queryable,
  subject: Uuid,
  provedOnly: boolean,
  limit: number,
): Promise<readonly RequestRow[]> {
  const found = await rows<Row>(
    db,
    'requests-subject',
    `SELECT ${COLUMNS} FROM request
     WHERE letter_id IN (SELECT letter_id FROM letter WHERE subject_id = $1 AND (identity = 'proved' OR NOT $2))
     ORDER BY received_at DESC, number DESC LIMIT $3`,
    [subject, provedOnly, limit],
  )
  return found.map(requestRow)
}

/** Which open requests a page of the queue shows. */
export interface QueueFilter {
  readonly kind?: RequestKind | undefined
  readonly owner?: Owner | undefined
  /** Those past their planned end at this moment. */
  readonly overdueAt?: Instant | undefined
  /** What the last page ended with. */
  readonly after?: { readonly dueAt: Instant; readonly id: Uuid } | undefined
}

/** A page of open requests, the earliest due first. */
export async function listQueue(db: Queryable, filter: QueueFilter, limit: number): Promise<readonly RequestRow[]> {
  const { kind, owner, overdueAt, after } = filter
  const values: unknown[] = []
  const bind = (value: unknown): string => `$${values.push(value)}`
  const also = [
    ...(kind === undefined ? [] : [`AND kind = ${bind(kind)}`]),
    ...(owner === undefined ? [] : [`AND owner = ${bind(owner)}`]),
    ...(overdueAt === undefined ? [] : [`AND due_at <= ${bind(new Date(overdueAt))}`]),
    ...(after === undefined ? [] : [`AND (due_at, request_id) > (${bind(new Date(after.dueAt))}, ${bind(after.id)})`]),
  ]
  const found = await rows<Row>(
    db,
    `queue-${[kind, owner, overdueAt, after].map((one) => (one === undefined ? 0 : 1)).join('')}`,
    `SELECT ${COLUMNS} FROM request WHERE ended_at IS NULL ${also.join(' ')}
     ORDER BY due_at, request_id LIMIT ${bind(limit)}`,
    values,
  )
  return found.map(requestRow)
}

/** Which requests of the register: what ended as well as what is open. Each narrows. */
export interface RegisterFilter {
  /** Of a request, or of its letter; exactly. */
  readonly number?: string | undefined
  readonly ended?: boolean | undefined
  readonly kind?: RequestKind | undefined
  readonly owner?: Owner | undefined
  readonly entity?: string | undefined
  readonly channel?: string | undefined
  readonly subject?: Uuid | undefined
  /** Received from here on, and before. */
  readonly from?: Instant | undefined
  readonly before?: Instant | undefined
  /** What the last page ended with. */
  readonly after?: { readonly receivedAt: Instant; readonly id: Uuid } | undefined
}

/** A page of the register, what came last first. */
export async function listRegister(
  db: Queryable,
  filter: RegisterFilter,
  limit: number,
): Promise<readonly RequestRow[]> {
  const { number, ended, kind, owner, entity, channel, subject, from, before, after } = filter
  const values: unknown[] = []
  const bind = (value: unknown): string => `$${values.push(value)}`
  const where: string[] = []
  const when = <T>(value: T | undefined, clause: (value: T) => string): void => {
    if (value !== undefined) where.push(clause(value))
  }
  when(number, (one) => {
    const at = bind(one)
    return `(number = ${at} OR letter_id IN (SELECT letter_id FROM letter WHERE number = ${at}))`
  })
  when(ended, (one) => `ended_at IS ${one ? 'NOT NULL' : 'NULL'}`)
  when(kind, (one) => `kind = ${bind(one)}`)
  when(owner, (one) => `owner = ${bind(one)}`)
  when(entity, (one) => `entity = ${bind(one)}`)
  when(subject, (one) => `letter_id IN (SELECT letter_id FROM letter WHERE subject_id = ${bind(one)})`)
  when(
    channel,
    (one) => `EXISTS (SELECT FROM letter WHERE letter.letter_id = request.letter_id AND channel = ${bind(one)})`,
  )
  when(from, (one) => `received_at >= ${bind(new Date(one))}`)
  when(before, (one) => `received_at < ${bind(new Date(one))}`)
  when(after, (one) => `(received_at, request_id) < (${bind(new Date(one.receivedAt))}, ${bind(one.id)})`)
  const given = [number, ended, kind, owner, entity, subject, channel, from, before, after]
  const found = await rows<Row>(
    db,
    `register-${given.map((one) => (one === undefined ? '-' : one === true ? 1 : 0)).join('')}`,
    `SELECT ${COLUMNS} FROM request ${where.length === 0 ? '' : `WHERE ${where.join(' AND ')}`}
     ORDER BY received_at DESC, request_id DESC LIMIT ${bind(limit)}`,
    values,
  )
  return found.map(requestRow)
}

/**
 * Requests that something is due of at `now`, the most overdue first, each put off by a minute in the same statement: another server
 * that looks at the same moment gets others, and who crashes over one leaves it to be seen to again.
 */
export async function takeWaking(db: Queryable, now: Instant, limit: number): Promise<readonly Uuid[]> {
  const found = await rows<{ request_id: string }>(
    db,
    'requests-waking',
    `UPDATE request SET wake_at = $1::timestamptz + interval '1 minute' WHERE request_id IN (
       SELECT request_id FROM request WHERE wake_at <= $1 ORDER BY wake_at LIMIT $2 FOR UPDATE SKIP LOCKED
     ) RETURNING request_id`,
    [new Date(now), limit],
  )
  return found.map((row) => row.request_id)
}

/** Lets an open request alone until a moment, and tells why it does not go on. */
export async function putOff(db: Queryable, id: Uuid, until: Instant, why: Hindrance): Promise<void> {
  await rows(
    db,
    'request-put-off',
    'UPDATE request SET wake_at = $2, hindered = $3 WHERE request_id = $1 AND wake_at IS NOT NULL',
    [id, new Date(until), why],
  )
}

/** Lets an open request alone until a moment, unless something else is due of it by then. */
export async function wakeLater(db: Queryable, id: Uuid, until: Instant): Promise<void> {
  const text = 'UPDATE request SET wake_at = $2 WHERE request_id = $1 AND wake_at IS NOT NULL'
  await rows(db, 'request-wake-later', text, [id, new Date(until)])
}

/** Tells why a request does not go on by itself, and lets it be seen to. */
export async function noteHindrance(tx: Queryable, id: Uuid, why: Hindrance): Promise<void> {
  await rows(tx, 'request-hindered', 'UPDATE request SET hindered = $2 WHERE request_id = $1', [id, why])
}

/** Open requests whose clocks are counted without a calendar. */
export async function listUncounted(db: Queryable, limit: number): Promise<readonly Uuid[]> {
  const found = await rows<{ request_id: string }>(
    db,
    'requests-uncounted',
    `SELECT request_id FROM request WHERE ended_at IS NULL AND fold @> '{"tracks": [{"counted": false, "end": null}]}' LIMIT $1`,
    [limit],
  )
  return found.map((row) => row.request_id)
}

function dateOf(instant: Instant | null): Date | null {
  return instant === null ? null : new Date(instant)
}

function requestRow(row: Row): RequestRow {
  return {
    id: row.request_id,
    number: row.number,
    letter: row.letter_id,
    kind: row.kind,
    entity: row.entity,
    profile: row.profile,
    policy: row.policy,
    routedBy: row.routed_by,
    receivedAt: row.received_at.getTime(),
    registeredAt: row.registered_at.getTime(),
    state: row.state,
    owner: row.owner,
    assignedTo: row.assigned_to,
    fold: row.fold,
    places: row.places,
    dueAt: row.due_at?.getTime() ?? null,
    outerAt: row.outer_at?.getTime() ?? null,
    wakeAt: row.wake_at?.getTime() ?? null,
    endedAt: row.ended_at?.getTime() ?? null,
    late: row.late,
    hindered: row.hindered,
  }
}
