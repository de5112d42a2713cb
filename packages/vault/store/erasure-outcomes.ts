import type { Instant, Uuid } from '@doverie/core/base'
import { type Queryable, rows } from './database.ts'

/** An entry by its id and the moment of its batch. */
export interface EntryMark {
  readonly entry: Uuid
  readonly at: Instant
}

/** Writes down under a claim that what was asked for has begun, in the transaction in which it does. */
export async function insertOutcome(tx: Queryable, claimHash: Uint8Array, { entry, at }: EntryMark): Promise<void> {
  await rows(
    tx,
    'outcome-begin',
    'INSERT INTO erasure_outcome (claim_hash, begun_entry, begun_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
    [claimHash, entry, new Date(at)],
  )
}

/** The entries with which the destructions of these people end, before what was begun of them is forgotten. */
export async function endOutcomes(tx: Queryable, entries: ReadonlyMap<Uuid, Uuid>, at: Instant): Promise<void> {
  await rows(
    tx,
    'outcome-end',
    `UPDATE erasure_outcome o SET ended_entry = e.entry, ended_at = $3
     FROM unnest($1::uuid[], $2::uuid[]) AS e (subject, entry) JOIN destruction_begun b ON b.subject_id = e.subject
     WHERE o.begun_entry = b.entry_id AND o.ended_entry IS NULL`,
    [[...entries.keys()], [...entries.values()], new Date(at)],
  )
}

/** The entries of the act and, once it has ended, of its end; none where nothing was begun under this claim. */
export async function findOutcome(db: Queryable, claimHash: Uint8Array): Promise<readonly EntryMark[]> {
  const [row] = await rows<{ begun_entry: Uuid; begun_at: Date; ended_entry: Uuid | null; ended_at: Date | null }>(
    db,
    'outcome-find',
    'SELECT begun_entry, begun_at, ended_entry, ended_at FROM erasure_outcome WHERE claim_hash = $1',
    [claimHash],
  )
  if (row === undefined) return []
  const begun = { entry: row.begun_entry, at: row.begun_at.getTime() }
  if (row.ended_entry === null || row.ended_at === null) return [begun]
  return [begun, { entry: row.ended_entry, at: row.ended_at.getTime() }]
}
