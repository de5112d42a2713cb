import type { Instant } from '@doverie/core/base'
import { type Queryable, rows } from './database.ts'

/** A version of the policy that was proposed here, and what became of it. Kept for ever: old decisions name it. */
export interface PolicyVersionRow extends Record<string, unknown> {
  readonly version: string
  readonly text_hash: Buffer
  readonly bundle_hash: Buffer
  readonly proposed_by: string
  readonly proposed_at: Date
  /** Null, with `adopted_at` and `effective_from`, while it waits for the second person. */
  readonly adopted_by: string | null
  readonly adopted_at: Date | null
  readonly effective_from: Date | null
}

/** Lets one at a time propose or adopt. */
export async function lockPolicyVersions(tx: Queryable): Promise<void> {
  await rows(tx, 'policy-lock', 'LOCK TABLE policy_version IN SHARE ROW EXCLUSIVE MODE', [])
}

/** All versions, in the order they were proposed. */
export function listPolicyVersions(db: Queryable): Promise<readonly PolicyVersionRow[]> {
  return rows<PolicyVersionRow>(db, 'policy-versions', 'SELECT * FROM policy_version ORDER BY proposed_at, version', [])
}

export async function insertPolicyVersion(
  tx: Queryable,
  row: Pick<PolicyVersionRow, 'version' | 'text_hash' | 'bundle_hash' | 'proposed_by'>,
  at: Instant,
): Promise<void> {
  await rows(
    tx,
    'policy-insert',
    `INSERT INTO policy_version (version, text_hash, bundle_hash, proposed_by, proposed_at) VALUES ($1, $2, $3, $4, $5)`,
    [row.version, row.text_hash, row.bundle_hash, row.proposed_by, new Date(at)],
  )
}

export async function adoptPolicyVersion(
  tx: Queryable,
  version: string,
  by: string,
  at: Instant,
  effectiveFrom: Instant,
): Promise<void> {
  await rows(
    tx,
    'policy-adopt',
    'UPDATE policy_version SET adopted_by = $2, adopted_at = $3, effective_from = $4 WHERE version = $1',
    [version, by, new Date(at), new Date(effectiveFrom)],
  )
}

/** The version in force at an instant: of those adopted and begun, the one that began last. */
export async function findPolicyInForce(db: Queryable, at: Instant): Promise<PolicyVersionRow | null> {
  const [row] = await rows<PolicyVersionRow>(
    db,
    'policy-in-force',
    `SELECT * FROM policy_version WHERE effective_from <= $1 ORDER BY effective_from DESC, adopted_at DESC, version DESC LIMIT 1`,
    [new Date(at)],
  )
  return row ?? null
}
