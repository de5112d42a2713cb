import type { Uuid } from '@doverie/core/base'
import { assertPermit, type Permit } from '../permit.ts'
import type { KeyAt } from './aged-keys.ts'
import { type Queryable, rows } from './database.ts'

/** A compartment's sealed bytes with what must still be true when they are opened. */
export interface SealedRecord {
  readonly compartment: string
  readonly generation: number
  readonly version: number
  /** Null where the compartment was destroyed and only its generation is kept. */
  readonly sealed: Buffer | null
}

/**
 * The permitted compartments of one person, destroyed ones included, locked until the transaction ends: for writers, which
 * merge what they bring with what is there.
 */
export function lockRecords(tx: Queryable, permit: Permit): Promise<readonly SealedRecord[]> {
  assertPermit(permit)
  return rows<SealedRecord & Record<string, unknown>>(
    tx,
    'records-lock',
    `SELECT compartment, generation, version, sealed FROM record
     WHERE subject_id = $1 AND compartment = ANY($2) FOR UPDATE`,
    [permit.subject, permit.compartments],
  )
}

/** Puts a compartment's new sealed bytes in place of the old: no history of values is kept. */
export async function putRecord(tx: Queryable, subject: Uuid, record: SealedRecord): Promise<void> {
  await rows(
    tx,
    'record-put',
    `INSERT INTO record VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (subject_id, compartment) DO UPDATE SET generation = $3, version = $4, sealed = $5`,
    [subject, record.compartment, record.generation, record.version, record.sealed],
  )
}

/** Takes the sealed bytes of compartments away; the rows stay to remember their generation. */
export async function emptyRecords(tx: Queryable, subject: Uuid, compartments: readonly string[]): Promise<void> {
  await rows(tx, 'records-empty', 'UPDATE record SET sealed = NULL WHERE subject_id = $1 AND compartment = ANY($2)', [
    subject,
    compartments,
  ])
}

export async function deleteRecords(tx: Queryable, subject: Uuid): Promise<void> {
  await rows(tx, 'records-delete', 'DELETE FROM record WHERE subject_id = $1', [subject])
}

/** Under which generation these people's compartments are, or (emptied) were until they were destroyed. */
export function listGenerations(
  db: Queryable,
  subjects: readonly Uuid[],
): Promise<readonly (KeyAt & { readonly emptied: boolean })[]> {
  return rows<KeyAt & { readonly emptied: boolean }>(
    db,
    'records-generations',
    'SELECT subject_id, compartment, generation, sealed IS NULL AS emptied FROM record WHERE subject_id = ANY($1)',
    [subjects],
  )
}
