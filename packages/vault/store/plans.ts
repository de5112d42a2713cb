import type { Instant, Uuid } from '@doverie/core/base'
import type { Lapse } from '@doverie/core/policy'
import { type Queryable, rows } from './database.ts'

/** A compartment that nothing keeps, and when it goes. */
export interface PlannedDestruction {
  readonly subject: Uuid
  readonly compartment: string
  readonly since: Instant
  readonly plannedAt: Instant
  readonly dueAt: Instant
  /** Why a contract in force does not keep it; null where there is none. */
  readonly because: Lapse | null
}

interface PlanRow extends Record<string, unknown> {
  subject_id: string
  compartment: string
  since: Date
  planned_at: Date
  due_at: Date
  because: Lapse | null
}

const COLUMNS = 'subject_id, compartment, since, planned_at, due_at, because'

function planned(row: PlanRow): PlannedDestruction {
  return {
    subject: row.subject_id,
    compartment: row.compartment,
    since: row.since.getTime(),
    plannedAt: row.planned_at.getTime(),
    dueAt: row.due_at.getTime(),
    because: row.because,
  }
}

/**
 * Makes the plan of these people what it should be: `wanted` is planned unless it is already, whatever else was planned of them is
 * not any more. Gives how much of either there was.
 */
export async function replan(
  db: Queryable,
  subjects: readonly Uuid[],
  wanted: readonly Pick<PlannedDestruction, 'subject' | 'compartment' | 'because'>[],
  moments: Pick<PlannedDestruction, 'since' | 'plannedAt' | 'dueAt'>,
): Promise<{ readonly planned: number; readonly dropped: number }> {
  const pairs = [wanted.map(({ subject }) => subject), wanted.map(({ compartment }) => compartment)]
  const dropped = await rows(
    db,
    'plan-drop',
    `DELETE FROM plan WHERE subject_id = ANY($1)
       AND (subject_id, compartment) NOT IN (SELECT * FROM unnest($2::uuid[], $3::text[])) RETURNING 1`,
    [subjects, ...pairs],
  )
  if (wanted.length === 0) return { planned: 0, dropped: dropped.length }
  const { since, plannedAt, dueAt } = moments
  const added = await rows(
    db,
    'plan-add',
    `INSERT INTO plan (${COLUMNS}) SELECT w.s, w.c, $4, $5, $6, w.b FROM unnest($1::uuid[], $2::text[], $3::text[]) AS w (s, c, b)
     ON CONFLICT DO NOTHING RETURNING 1`,
    [...pairs, wanted.map(({ because }) => because), new Date(since), new Date(plannedAt), new Date(dueAt)],
  )
  return { planned: added.length, dropped: dropped.length }
}

/** Takes compartments of somebody out of the plan, or (null) all. */
export async function deletePlan(
  db: Queryable,
  subject: Uuid,
  compartments: readonly string[] | null = null,
): Promise<void> {
  await rows(
    db,
    'plan-delete',
    'DELETE FROM plan WHERE subject_id = $1 AND ($2::text[] IS NULL OR compartment = ANY($2))',
    [subject, compartments],
  )
}

/** The plan after a place in its order, which is that of moments. */
export async function listPlan(
  db: Queryable,
  after: Pick<PlannedDestruction, 'plannedAt' | 'subject'> | null,
  limit: number,
): Promise<readonly PlannedDestruction[]> {
  const found = await rows<PlanRow>(
    db,
    'plan-list',
    `SELECT ${COLUMNS} FROM plan
     WHERE $1::timestamptz IS NULL OR (planned_at, subject_id) > ($1, $2::uuid)
     ORDER BY planned_at, subject_id, compartment LIMIT $3`,
    [after === null ? null : new Date(after.plannedAt), after?.subject ?? null, limit],
  )
  return found.map(planned)
}

/** People with something that goes now, after one, in the order of their ids. */
export async function listDue(db: Queryable, now: Instant, after: Uuid, limit: number): Promise<readonly Uuid[]> {
  const found = await rows<{ subject_id: string }>(
    db,
    'plan-due',
    'SELECT DISTINCT subject_id FROM plan WHERE planned_at <= $1 AND subject_id > $2 ORDER BY subject_id LIMIT $3',
    [new Date(now), after, limit],
  )
  return found.map((row) => row.subject_id)
}

/** What of somebody goes now. */
export async function listDueOf(db: Queryable, subject: Uuid, now: Instant): Promise<readonly string[]> {
  const found = await rows<{ compartment: string }>(
    db,
    'plan-due-of',
    'SELECT compartment FROM plan WHERE subject_id = $1 AND planned_at <= $2 ORDER BY compartment',
    [subject, new Date(now)],
  )
  return found.map((row) => row.compartment)
}

/** Of the plan: what would go now, and whose term by law ends before a moment. */
export async function countPlan(
  db: Queryable,
  now: Instant,
  before: Instant,
): Promise<{ readonly due: number; readonly late: number }> {
  const [row] = await rows<{ due: string; late: string }>(
    db,
    'plan-count',
    `SELECT count(*) FILTER (WHERE planned_at <= $1) AS due, count(*) FILTER (WHERE due_at <= $2) AS late FROM plan`,
    [new Date(now), new Date(before)],
  )
  return { due: Number(row?.due ?? 0), late: Number(row?.late ?? 0) }
}
