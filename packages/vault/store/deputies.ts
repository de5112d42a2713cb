import type { Instant, Uuid } from '@doverie/core/base'
import { type Queryable, rows } from './database.ts'

/** Somebody who stands in for the officer for a time. */
export interface DeputyRow {
  readonly id: Uuid
  readonly staff: Uuid
  readonly pseudonym: string
  /** For which role. */
  readonly role: string
  readonly from: Instant
  /** Not part of the time. */
  readonly until: Instant
  readonly askedAt: Instant
  readonly askedBy: string
  /** Null while a second word is waited for. */
  readonly confirmedAt: Instant | null
  readonly confirmedBy: string | null
  readonly endedAt: Instant | null
  /** Null where its time was over, or its row came out of a copy. */
  readonly endedBy: string | null
  readonly sealed: Uint8Array | null
}

interface Row {
  deputy_id: string
  staff_id: string
  pseudonym: string
  role: string
  from_at: Date
  until_at: Date
  asked_at: Date
  asked_by: string
  confirmed_at: Date | null
  confirmed_by: string | null
  ended_at: Date | null
  ended_by: string | null
  sealed: Buffer | null
}

const COLUMNS = `deputy_id, staff_id, pseudonym, role, from_at, until_at, asked_at, asked_by, confirmed_at, confirmed_by, ended_at,
  ended_by, sealed`

/** Lets one at a time appoint, confirm or end. */
export async function lockDeputies(tx: Queryable): Promise<void> {
  await rows(tx, 'deputies-lock', 'LOCK TABLE deputy IN SHARE ROW EXCLUSIVE MODE', [])
}

export async function insertDeputy(tx: Queryable, row: DeputyRow): Promise<void> {
  const date = (at: Instant | null): Date | null => (at === null ? null : new Date(at))
  await rows(
    tx,
    'deputy-insert',
    `INSERT INTO deputy (${COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    [
      ...[row.id, row.staff, row.pseudonym, row.role, date(row.from), date(row.until), date(row.askedAt), row.askedBy],
      ...[date(row.confirmedAt), row.confirmedBy, date(row.endedAt), row.endedBy, row.sealed],
    ],
  )
}

export async function confirmDeputyRow(tx: Queryable, id: Uuid, by: string, at: Instant): Promise<void> {
  await rows(tx, 'deputy-confirm', 'UPDATE deputy SET confirmed_at = $2, confirmed_by = $3 WHERE deputy_id = $1', [
    ...[id, new Date(at), by],
  ])
}

export async function endDeputyRow(tx: Queryable, id: Uuid, by: string | null, at: Instant): Promise<void> {
  await rows(tx, 'deputy-end', 'UPDATE deputy SET ended_at = $2, ended_by = $3 WHERE deputy_id = $1', [
    ...[id, new Date(at), by],
  ])
}

/** All there ever were, the newest first. */
export async function listDeputyRows(db: Queryable, limit: number): Promise<readonly DeputyRow[]> {
  const found = await rows<Row>(
    db,
    'deputies',
    `SELECT ${COLUMNS} FROM deputy ORDER BY from_at DESC, deputy_id LIMIT $1`,
    [limit],
  )
  return found.map(rowOf)
}

/** Those whose end was not entered yet: waiting, to come, acting, or over since. */
export async function listOpenDeputies(db: Queryable): Promise<readonly DeputyRow[]> {
  const found = await rows<Row>(
    db,
    'deputies-open',
    `SELECT ${COLUMNS} FROM deputy WHERE ended_at IS NULL ORDER BY from_at, deputy_id`,
    [],
  )
  return found.map(rowOf)
}

/** Which of these ids are deputies': their keys are somebody's. */
export async function knownDeputies(db: Queryable, ids: readonly Uuid[]): Promise<ReadonlySet<Uuid>> {
  const found = await rows<{ deputy_id: string }>(
    db,
    'deputies-known',
    'SELECT deputy_id FROM deputy WHERE deputy_id = ANY($1)',
    [ids],
  )
  return new Set(found.map((row) => row.deputy_id))
}

/** Who acts now as the deputy of a role and is not switched off; of one member of staff where they are named. */
export async function findActing(
  db: Queryable,
  role: string,
  now: Instant,
  staff: Uuid | null,
): Promise<DeputyRow | null> {
  const [row] = await rows<Row>(
    db,
    'deputy-acting',
    `SELECT ${COLUMNS} FROM deputy WHERE role = $1 AND from_at <= $2 AND until_at > $2 AND confirmed_at IS NOT NULL AND ended_at IS NULL
       AND ($3::uuid IS NULL OR staff_id = $3) AND staff_id IN (SELECT staff_id FROM staff WHERE disabled_at IS NULL)
     ORDER BY from_at DESC LIMIT 1`,
    [role, new Date(now), staff],
  )
  return row === undefined ? null : rowOf(row)
}

function rowOf(row: Row): DeputyRow {
  return {
    ...{ id: row.deputy_id, staff: row.staff_id, pseudonym: row.pseudonym, role: row.role, sealed: row.sealed },
    ...{ from: row.from_at.getTime(), until: row.until_at.getTime() },
    ...{ askedAt: row.asked_at.getTime(), askedBy: row.asked_by },
    ...{ confirmedAt: row.confirmed_at?.getTime() ?? null, confirmedBy: row.confirmed_by },
    ...{ endedAt: row.ended_at?.getTime() ?? null, endedBy: row.ended_by },
  }
}
