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
