import type { Instant, Uuid } from '@doverie/core/base'
import type { DemandState } from '@doverie/core/request'
import { type Queryable, rows } from './database.ts'

/** A demand of an authority in the register. Who brought it and what it says lie sealed with its letter. */
export interface DemandRow {
  readonly id: Uuid
  readonly number: string
  readonly letter: Uuid
  readonly recipient: string
  readonly norm: string | null
  /** Its own number and day, as it bears them. */
  readonly reference: string
  readonly dated: string
  readonly entity: string
  readonly policy: string
  readonly receivedAt: Instant
  readonly registeredAt: Instant
  readonly registeredBy: string
  readonly state: DemandState
  readonly dueAt: Instant
  readonly outerAt: Instant
  /** The share of the term, in percent, of which the officer was told. */
  readonly told: number
  readonly wakeAt: Instant | null
  readonly ageKey: string | null
  readonly secretUntil: Instant | null
  readonly secretNorm: string | null
  readonly refusal: { readonly reason: string; readonly clauses: readonly string[] } | null
  readonly endedAt: Instant | null
  readonly late: boolean
}

interface Row extends Record<string, unknown> {
  readonly demand_id: Uuid
  readonly number: string
  readonly letter_id: Uuid
  readonly recipient: string
  readonly norm: string | null
  readonly reference: string
  readonly dated: string
  readonly entity: string
  readonly policy: string
  readonly received_at: Date
  readonly registered_at: Date
  readonly registered_by: string
  readonly state: DemandState
  readonly due_at: Date
  readonly outer_at: Date
  readonly told: number
  readonly wake_at: Date | null
  readonly age_key: string | null
  readonly secret_until: Date | null
  readonly secret_norm: string | null
  readonly refusal: DemandRow['refusal']
  readonly ended_at: Date | null
  readonly late: boolean
}

const COLUMNS = `demand_id, number, letter_id, recipient, norm, reference, dated::text AS dated, entity, policy, received_at, registered_at,
  registered_by, state, due_at, outer_at, told, wake_at, age_key, secret_until, secret_norm, refusal, ended_at, late`

export async function insertDemand(tx: Queryable, one: DemandRow): Promise<void> {
  await rows(
    tx,
    'demand-insert',
    `INSERT INTO demand VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)`,
    [
      ...[one.id, one.number, one.letter, one.recipient, one.norm, one.reference, one.dated, one.entity, one.policy],
      ...[new Date(one.receivedAt), new Date(one.registeredAt), one.registeredBy, one.state],
      ...[new Date(one.dueAt), new Date(one.outerAt), one.told, dateOf(one.wakeAt), one.ageKey],
      ...[dateOf(one.secretUntil), one.secretNorm, one.refusal, dateOf(one.endedAt), one.late],
    ],
  )
}

/** Stores what a demand has become. Its row must be locked by this transaction. */
export async function saveDemand(tx: Queryable, one: DemandRow): Promise<void> {
  await rows(
    tx,
    'demand-save',
    `UPDATE demand SET state = $2, told = $3, wake_at = $4, refusal = $5, ended_at = $6, late = $7 WHERE demand_id = $1`,
    [one.id, one.state, one.told, dateOf(one.wakeAt), one.refusal, dateOf(one.endedAt), one.late],
  )
}

export async function findDemand(db: Queryable, id: Uuid): Promise<DemandRow | null> {
  const [row] = await rows<Row>(db, 'demand-find', `SELECT ${COLUMNS} FROM demand WHERE demand_id = $1`, [id])
  return row === undefined ? null : demandOf(row)
}

/** The demand of a letter. */
export async function findDemandOfLetter(db: Queryable, letter: Uuid): Promise<DemandRow | null> {
  const [row] = await rows<Row>(db, 'demand-of-letter', `SELECT ${COLUMNS} FROM demand WHERE letter_id = $1`, [letter])
  return row === undefined ? null : demandOf(row)
}

/** A demand, locked until the transaction ends. */
export async function lockDemand(tx: Queryable, id: Uuid): Promise<DemandRow | null> {
  const [row] = await rows<Row>(tx, 'demand-lock', `SELECT ${COLUMNS} FROM demand WHERE demand_id = $1 FOR UPDATE`, [
    id,
  ])
  return row === undefined ? null : demandOf(row)
}

/** Demands: the open ones by what is due first, then those that ended, the latest first. */
export async function listDemands(db: Queryable, limit: number): Promise<readonly DemandRow[]> {
  const found = await rows<Row>(
    db,
    'demands',
    `SELECT ${COLUMNS} FROM demand
     ORDER BY ended_at IS NOT NULL, CASE WHEN ended_at IS NULL THEN due_at END, ended_at DESC, demand_id LIMIT $1`,
    [limit],
  )
  return found.map(demandOf)
}

/** Demands of which something is due at `now`, each put off by a minute in the same statement. */
export async function takeWakingDemands(db: Queryable, now: Instant, limit: number): Promise<readonly Uuid[]> {
  const found = await rows<{ demand_id: Uuid }>(
    db,
    'demands-waking',
    `UPDATE demand SET wake_at = $1::timestamptz + interval '1 minute' WHERE demand_id IN (
       SELECT demand_id FROM demand WHERE wake_at <= $1 ORDER BY wake_at LIMIT $2 FOR UPDATE SKIP LOCKED
     ) RETURNING demand_id`,
    [new Date(now), limit],
  )
  return found.map((row) => row.demand_id)
}

function dateOf(instant: Instant | null): Date | null {
  return instant === null ? null : new Date(instant)
}

function demandOf(row: Row): DemandRow {
  const { number, recipient, norm, reference, dated, entity, policy, state, told, refusal, late } = row
  return {
    ...{ id: row.demand_id, number, letter: row.letter_id, recipient, norm, reference, dated, entity, policy, state },
    ...{ receivedAt: row.received_at.getTime(), registeredAt: row.registered_at.getTime() },
    ...{ registeredBy: row.registered_by, dueAt: row.due_at.getTime(), outerAt: row.outer_at.getTime(), told },
    wakeAt: row.wake_at?.getTime() ?? null,
    ageKey: row.age_key,
    secretUntil: row.secret_until?.getTime() ?? null,
    secretNorm: row.secret_norm,
    refusal,
    endedAt: row.ended_at?.getTime() ?? null,
    late,
  }
}

/** The numbers of demands of which a norm forbids to tell whom they are about at this moment. */
export async function listSecretNumbers(db: Queryable, now: Instant): Promise<readonly string[]> {
  const text = 'SELECT number FROM demand WHERE secret_until > $1'
  return (await rows<{ number: string }>(db, 'demands-secret', text, [new Date(now)])).map(({ number }) => number)
}
