import { type Queryable, rows } from './database.ts'

/** How often entries made under one version of the policy cite one clause. */
export interface ClauseCount {
  readonly policy: string
  readonly clause: string
  readonly kind: 'permit' | 'refuse' | 'act'
  readonly entries: number
}

/** The place up to which entries are counted, locked for the one who counts on; null while somebody else does. */
export async function lockCounted(tx: Queryable, origin: string): Promise<number | null> {
  await rows(tx, 'counted-begin', 'INSERT INTO clause_count_state VALUES ($1, 0) ON CONFLICT DO NOTHING', [origin])
  const [row] = await rows<{ counted: string }>(
    tx,
    'counted-lock',
    'SELECT counted FROM clause_count_state WHERE origin = $1 FOR UPDATE SKIP LOCKED',
    [origin],
  )
  return row === undefined ? null : Number(row.counted)
}

/** Adds to the counts and moves the place, in one transaction with `lockCounted`. */
export async function addCounts(
  tx: Queryable,
  origin: string,
  counts: readonly ClauseCount[],
  counted: number,
): Promise<void> {
  await rows(
    tx,
    'counts-add',
    `INSERT INTO clause_count SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
     ON CONFLICT (policy, clause, kind) DO UPDATE SET entries = clause_count.entries + excluded.entries`,
    [
      counts.map(({ policy }) => policy),
      counts.map(({ clause }) => clause),
      counts.map(({ kind }) => kind),
      counts.map(({ entries }) => entries),
    ],
  )
  await rows(tx, 'counted-move', 'UPDATE clause_count_state SET counted = $2 WHERE origin = $1', [origin, counted])
}

/** All counts with the place they reach, as of one moment. */
export async function loadCounts(
  db: Queryable,
  origin: string,
): Promise<{ readonly counted: number; readonly counts: readonly ClauseCount[] }> {
  const found = await rows<{
    counted: string
    policy: string | null
    clause: string
    kind: ClauseCount['kind']
    entries: string
  }>(
    db,
    'counts',
    `SELECT s.counted, c.policy, c.clause, c.kind, c.entries
     FROM clause_count_state s LEFT JOIN clause_count c ON true WHERE s.origin = $1`,
    [origin],
  )
  return {
    counted: Number(found[0]?.counted ?? 0),
    counts: found.flatMap(({ policy, clause, kind, entries }) =>
      policy === null ? [] : [{ policy, clause, kind, entries: Number(entries) }],
    ),
  }
}
