import type { Instant, Uuid } from '@doverie/core/base'
import { type Queryable, rows } from './database.ts'

export interface KeyRow extends Record<string, unknown> {
  readonly subject_id: Uuid
  readonly compartment: string
  readonly generation: number
  readonly key_id: Uuid
  readonly cell_id: Uuid
  /** The version of the cell's key. */
  readonly cell_version: number
  readonly wrapped: Buffer
}

/** The keys of people, each with the version of its cell's key that it is wrapped under: one statement, so the two agree. */
export function loadKeys(db: Queryable, subjects: readonly Uuid[]): Promise<readonly KeyRow[]> {
  return rows<KeyRow>(
    db,
    'keys',
    `SELECT k.subject_id, k.compartment, k.generation, k.key_id, k.cell_id, c.version AS cell_version, k.wrapped
     FROM key k JOIN cell c ON c.cell_id = k.cell_id WHERE k.subject_id = ANY($1)`,
    [subjects],
  )
}

/** Adds keys; one that is there already (a retried write) stays as it is. */
export async function insertKeys(tx: Queryable, keys: readonly KeyRow[], at: Instant): Promise<void> {
  await rows(
    tx,
    'keys-insert',
    `INSERT INTO key SELECT *, $7 FROM unnest($1::uuid[], $2::text[], $3::int[], $4::uuid[], $5::uuid[], $6::bytea[])
     ON CONFLICT DO NOTHING`,
    [
      keys.map((key) => key.subject_id),
      keys.map((key) => key.compartment),
      keys.map((key) => key.generation),
      keys.map((key) => key.key_id),
      keys.map((key) => key.cell_id),
      keys.map((key) => key.wrapped),
      new Date(at),
    ],
  )
}

/**
 * Deletes keys of a person: the named compartments with the tags of the kinds of identifiers they held, or all with the person's
 * place in the cell and every tag. Deleting again changes nothing.
 */
export async function deleteKeys(
  tx: Queryable,
  subject: Uuid,
  only: { readonly compartments: readonly string[]; readonly identifiers: readonly string[] } | null,
): Promise<void> {
  if (only !== null) {
    await rows(
      tx,
      'keys-delete',
      `WITH untagged AS (DELETE FROM tag WHERE subject_id = $1 AND kind = ANY($3))
       DELETE FROM key WHERE subject_id = $1 AND compartment = ANY($2)`,
      [subject, only.compartments, only.identifiers],
    )
    return
  }
  await rows(
    tx,
    'person-delete',
    `WITH gone AS (DELETE FROM key WHERE subject_id = $1 RETURNING cell_id),
          untagged AS (DELETE FROM tag WHERE subject_id = $1)
     UPDATE cell SET people = people - 1 WHERE cell_id IN (SELECT cell_id FROM gone)`,
    [subject],
  )
}

/** People with keys older than `cutoff`, in the order of their ids: the sweep looks which of them the data know. */
export async function listKeyHolders(
  db: Queryable,
  after: Uuid,
  cutoff: Instant,
  limit: number,
): Promise<readonly Uuid[]> {
  const found = await rows<{ subject_id: string }>(
    db,
    'key-holders',
    `SELECT DISTINCT subject_id FROM key WHERE subject_id > $1 AND created_at < $2 ORDER BY subject_id LIMIT $3`,
    [after, new Date(cutoff), limit],
  )
  return found.map((row) => row.subject_id)
}

export interface SecretRow extends Record<string, unknown> {
  readonly epoch: number
  readonly wrapped: Buffer
}

/** The vault's own secrets by name; none where the key store has no schema yet. */
export async function loadSecrets(db: Queryable): Promise<ReadonlyMap<string, SecretRow>> {
  const [schema] = await rows<{ there: boolean }>(
    db,
    'secret-schema',
    `SELECT to_regclass('secret') IS NOT NULL AS there`,
    [],
  )
  if (schema?.there !== true) return new Map()
  const found = await rows<SecretRow & { name: string }>(
    db,
    'secrets',
    // A key store of a former version calls the column otherwise; its root key is recognised before it is migrated.
    `SELECT name, coalesce(to_jsonb(s)->>'epoch', to_jsonb(s)->>'root_version')::int AS epoch, wrapped FROM secret s`,
    [],
  )
  return new Map(found.map((row) => [row.name, row]))
}

/** Stores the secrets of a fresh key store, all or none: two servers starting together agree on those of the first. */
export async function insertSecrets(db: Queryable, secrets: ReadonlyMap<string, SecretRow>): Promise<void> {
  await rows(
    db,
    'secrets-insert',
    `INSERT INTO secret SELECT * FROM unnest($1::text[], $2::int[], $3::bytea[]) AS s (name, epoch, wrapped)
     ORDER BY name ON CONFLICT DO NOTHING`,
    [
      [...secrets.keys()],
      [...secrets.values()].map(({ epoch }) => epoch),
      [...secrets.values()].map(({ wrapped }) => wrapped),
    ],
  )
}
