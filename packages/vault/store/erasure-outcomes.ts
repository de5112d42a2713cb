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

/**
 * Of destructions that the register says are over, the claims whose end these data do not know: those of data that came out of an older
 * copy, known by their claim or, where the register did not note it yet, by the entry of the act.
 */
export async function listUnended<Registered extends { readonly claim: string | null; readonly entry: Uuid | null }>(
  tx: Queryable,
  registered: readonly Registered[],
): Promise<readonly (Registered & { readonly claim: string })[]> {
  const found = await rows<{ n: number; claim: string }>(
    tx,
    'outcome-unended',
    `SELECT r.n::int, encode(coalesce(decode(r.claim, 'hex'), e.claim_hash), 'hex') AS claim
     FROM unnest($1::text[], $2::uuid[]) WITH ORDINALITY AS r (claim, entry, n)
     LEFT JOIN erasure_outcome o ON o.claim_hash = decode(r.claim, 'hex')
     LEFT JOIN erasure_outcome e ON e.begun_entry = r.entry AND e.ended_entry IS NULL
     WHERE o.ended_entry IS NULL AND coalesce(decode(r.claim, 'hex'), e.claim_hash) IS NOT NULL
     ORDER BY r.n`,
    [registered.map(({ claim }) => claim), registered.map(({ entry }) => entry)],
  )
  return found.flatMap(({ n, claim }) => {
    const one = registered[n - 1]
    return one === undefined ? [] : [{ ...one, claim }]
  })
}

/** Writes down with which entries these claims' destructions ended; where the beginning is not known here, that is all there is. */
export async function endClaims(
  tx: Queryable,
  ended: readonly { readonly claim: string; readonly entry: Uuid }[],
  at: Instant,
): Promise<void> {
  await rows(
    tx,
    'outcome-end-claims',
    `INSERT INTO erasure_outcome (claim_hash, begun_entry, begun_at, ended_entry, ended_at)
     SELECT decode(c.claim, 'hex'), c.entry, $3, c.entry, $3 FROM unnest($1::text[], $2::uuid[]) AS c (claim, entry)
     ON CONFLICT (claim_hash) DO UPDATE SET ended_entry = excluded.ended_entry, ended_at = excluded.ended_at
       WHERE erasure_outcome.ended_entry IS NULL`,
    [ended.map(({ claim }) => claim), ended.map(({ entry }) => entry), new Date(at)],
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
  // Of what a restore lost, one entry tells both.
  if (row.ended_entry === null || row.ended_at === null || row.ended_entry === row.begun_entry) return [begun]
  return [begun, { entry: row.ended_entry, at: row.ended_at.getTime() }]
}
