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

/** The keys of one cell. */
export function loadKeysOfCell(db: Queryable, cell: Uuid): Promise<readonly KeyRow[]> {
  return rows<KeyRow>(
    db,
    'keys-of-cell',
    `SELECT k.subject_id, k.compartment, k.generation, k.key_id, k.cell_id, c.version AS cell_version, k.wrapped
     FROM key k JOIN cell c ON c.cell_id = k.cell_id WHERE k.cell_id = $1`,
    [cell],
  )
}

/** In which cell each of these people is; who has no keys is missing. */
export async function cellsOf(db: Queryable, subjects: readonly Uuid[]): Promise<ReadonlyMap<Uuid, Uuid>> {
  const found = await rows<{ subject_id: Uuid; cell_id: Uuid }>(
    db,
    'cells-of',
    'SELECT DISTINCT subject_id, cell_id FROM key WHERE subject_id = ANY($1)',
    [subjects],
  )
  return new Map(found.map((row) => [row.subject_id, row.cell_id]))
}

/** Puts newly wrapped bytes in place of a locked cell's keys. */
export async function putWrapped(
  tx: Queryable,
  cell: Uuid,
  keys: readonly { readonly key_id: Uuid; readonly wrapped: Buffer }[],
): Promise<void> {
  await rows(
    tx,
    'keys-rewrap',
    `UPDATE key SET wrapped = n.wrapped FROM unnest($2::uuid[], $3::bytea[]) AS n (key_id, wrapped)
     WHERE key.cell_id = $1 AND key.key_id = n.key_id`,
    [cell, keys.map(({ key_id }) => key_id), keys.map(({ wrapped }) => wrapped)],
  )
}

/** Deletes keys of a locked cell. */
export async function deleteKeys(tx: Queryable, cell: Uuid, keys: readonly Uuid[]): Promise<void> {
  await rows(tx, 'keys-delete', 'DELETE FROM key WHERE cell_id = $1 AND key_id = ANY($2)', [cell, keys])
}

/** Whose search tags go, and of which kinds: null for all. */
export interface Untagged {
  readonly subject: Uuid
  readonly kinds: readonly string[] | null
}

export async function deleteTags(tx: Queryable, untagged: readonly Untagged[]): Promise<void> {
  await rows(
    tx,
    'tags-delete',
    `DELETE FROM tag USING unnest($1::uuid[], $2::jsonb[]) AS u (subject_id, kinds)
     WHERE tag.subject_id = u.subject_id AND (u.kinds IS NULL OR u.kinds ? tag.kind)`,
    [
      untagged.map(({ subject }) => subject),
      untagged.map(({ kinds }) => (kinds === null ? null : JSON.stringify(kinds))),
    ],
  )
}

/** Which of these people have a key of this name. */
export async function listHoldersOf(
  db: Queryable,
  compartment: string,
  subjects: readonly Uuid[],
): Promise<readonly Uuid[]> {
  const found = await rows<{ subject_id: string }>(
    db,
    'holders-of',
    'SELECT DISTINCT subject_id FROM key WHERE compartment = $1 AND subject_id = ANY($2)',
    [compartment, subjects],
  )
  return found.map((row) => row.subject_id)
}

/** People with keys made in [from, to), in the order of their ids: the sweep looks which of them the data know. */
export async function listKeyHolders(
  db: Queryable,
  after: Uuid,
  made: { readonly from: Instant; readonly to: Instant },
  limit: number,
): Promise<readonly Uuid[]> {
  const found = await rows<{ subject_id: string }>(
    db,
    'key-holders',
    `SELECT DISTINCT subject_id FROM key WHERE subject_id > $1 AND created_at >= $2 AND created_at < $3
     ORDER BY subject_id LIMIT $4`,
    [after, new Date(made.from), new Date(made.to), limit],
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

/** Puts a secret, wrapped under another epoch, in place of what was read. */
export async function replaceSecret(db: Queryable, name: string, before: SecretRow, after: SecretRow): Promise<void> {
  await rows(db, 'secret-replace', 'UPDATE secret SET epoch = $3, wrapped = $4 WHERE name = $1 AND wrapped = $2', [
    name,
    before.wrapped,
    after.epoch,
    after.wrapped,
  ])
}

export async function deleteSecrets(db: Queryable, names: readonly string[]): Promise<void> {
  await rows(db, 'secrets-delete', 'DELETE FROM secret WHERE name = ANY($1)', [names])
}
