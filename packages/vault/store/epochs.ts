import type { Instant } from '@doverie/core/base'
import { type Queryable, rows } from './database.ts'

/** An epoch of the key store: a version of the root key, as its KMS names it. */
export interface EpochRow extends Record<string, unknown> {
  readonly epoch: number
  readonly kms: string
  readonly root: string
  readonly state: 'prepared' | 'current' | 'closing' | 'ended'
  readonly began_at: Date
  readonly closed_at: Date | null
  readonly rewrapped_at: Date | null
  readonly destroyed_at: Date | null
  readonly irrecoverable_from: Date | null
}

const COLUMNS = 'epoch, kms, root, state, began_at, closed_at, rewrapped_at, destroyed_at, irrecoverable_from'

/**
 * All epochs, from the first to the newest. None where the key store has no schema yet; where a former version wrote it, its
 * versions of the root key, which a file held, as what they become.
 */
export async function listEpochs(db: Queryable): Promise<readonly EpochRow[]> {
  const [schema] = await rows<{ epochs: boolean; secrets: boolean }>(
    db,
    'epoch-schema',
    `SELECT to_regclass('epoch') IS NOT NULL AS epochs, to_regclass('secret') IS NOT NULL AS secrets`,
    [],
  )
  if (schema?.epochs !== true) return schema?.secrets === true ? formerVersions(db) : []
  return rows<EpochRow>(db, 'epochs', `SELECT ${COLUMNS} FROM epoch ORDER BY epoch`, [])
}

function formerVersions(db: Queryable): Promise<readonly EpochRow[]> {
  return rows<EpochRow>(
    db,
    'epochs-former',
    `SELECT DISTINCT root_version AS epoch, 'file' AS kms, root_version::text AS root, 'closing' AS state, now() AS began_at
     FROM secret`,
    [],
  )
}

/**
 * The current epoch, which stays current until the transaction ends: whoever ends it waits. Null for a moment while another
 * becomes current; ask again.
 */
export async function shareCurrentEpoch(tx: Queryable): Promise<number | null> {
  const [row] = await rows<{ epoch: number }>(
    tx,
    'epoch-share',
    `SELECT epoch FROM epoch WHERE state = 'current' FOR SHARE`,
    [],
  )
  return row?.epoch ?? null
}

/** The first epoch of a fresh key store; one that is there already (another server began too) stays. */
export async function insertFirstEpoch(db: Queryable, kms: string, root: string, at: Instant): Promise<void> {
  await rows(
    db,
    'epoch-first',
    `INSERT INTO epoch (epoch, kms, root, state, began_at) VALUES (1, $1, $2, 'current', $3) ON CONFLICT DO NOTHING`,
    [kms, root, new Date(at)],
  )
}

/** The next epoch, not current yet; one that was prepared before a crash stays as it is. */
export async function prepareEpoch(
  db: Queryable,
  epoch: { readonly number: number; readonly kms: string; readonly root: string; readonly at: Instant },
): Promise<void> {
  await rows(
    db,
    'epoch-prepare',
    `INSERT INTO epoch (epoch, kms, root, state, began_at) VALUES ($1, $2, $3, 'prepared', $4) ON CONFLICT DO NOTHING`,
    [epoch.number, epoch.kms, epoch.root, new Date(epoch.at)],
  )
}

/** Has a prepared epoch be the current one. Waits for whoever is writing under the one before, whose last write that is. */
export async function turnEpoch(tx: Queryable, next: number, at: Instant): Promise<void> {
  await rows(tx, 'epoch-close', `UPDATE epoch SET state = 'closing', closed_at = $1 WHERE state = 'current'`, [
    new Date(at),
  ])
  await rows(
    tx,
    'epoch-open',
    `UPDATE epoch SET state = 'current', began_at = $2 WHERE epoch = $1 AND state = 'prepared'`,
    [next, new Date(at)],
  )
}

/** Everything that lives is wrapped under a later epoch, and was read back. */
export async function markRewrapped(db: Queryable, epoch: number, at: Instant): Promise<void> {
  await rows(db, 'epoch-rewrapped', 'UPDATE epoch SET rewrapped_at = $2 WHERE epoch <= $1 AND rewrapped_at IS NULL', [
    epoch,
    new Date(at),
  ])
}

export async function markEnded(
  db: Queryable,
  epoch: number,
  ended: { readonly at: Instant; readonly irrecoverableFrom: Instant | null },
): Promise<void> {
  await rows(
    db,
    'epoch-end',
    `UPDATE epoch SET state = 'ended', destroyed_at = $2, irrecoverable_from = $3 WHERE epoch = $1 AND state <> 'ended'`,
    [epoch, new Date(ended.at), ended.irrecoverableFrom === null ? null : new Date(ended.irrecoverableFrom)],
  )
}

/** How much is still wrapped under, or lies under a key of, epochs before this one. */
export async function countFormer(
  keys: Queryable,
  epoch: number,
): Promise<{ readonly cellKeys: number; readonly secrets: number; readonly tags: number }> {
  const [row] = await rows<{ cell_keys: string; secrets: string; tags: string }>(
    keys,
    'epoch-former',
    `SELECT (SELECT count(*) FROM cell_key WHERE epoch < $1) AS cell_keys,
       (SELECT count(*) FROM secret WHERE epoch < $1) AS secrets, (SELECT count(*) FROM tag WHERE epoch < $1) AS tags`,
    [epoch],
  )
  return { cellKeys: Number(row?.cell_keys), secrets: Number(row?.secrets), tags: Number(row?.tags) }
}
