import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DoverieError } from '@doverie/core/base'
import { createFile, type FileOwner, replaceFile } from '../durable-file.ts'

/** What the supervisor keeps of its cluster, in `postgres.json` of the data folder (mode 0600). */
export interface ClusterSecrets {
  /** The superuser's password, held by the supervisor alone. */
  readonly superuser: string
  readonly doverie: string
  readonly doverie_keys: string
  /** The cluster was complete once: a missing one is a loss to report, not a first start. */
  readonly initialised: boolean
  /** The temporary socket folder, if the data folder's path is too long for one. */
  readonly socketFolder?: string
}

/**
 * Reads the secrets, or makes them for a folder without a cluster. Two first starts at once agree: the file is created
 * exclusively and the loser takes the winner's.
 */
export async function claimSecrets(dir: string, hasCluster: boolean, owner?: FileOwner): Promise<ClusterSecrets> {
  const found = await readSecrets(dir)
  if (found) return found
  if (hasCluster) {
    throw new DoverieError('storage-unavailable', `${fileOf(dir)} is missing: the database's passwords are lost`)
  }
  const secret = (): string => randomBytes(32).toString('base64url')
  const fresh = { superuser: secret(), doverie: secret(), doverie_keys: secret(), initialised: false }
  if (await createFile(fileOf(dir), serialise(fresh), owner)) return fresh
  const winner = await readSecrets(dir)
  if (!winner) throw new DoverieError('storage-unavailable', `${fileOf(dir)} went away while it was read`)
  return winner
}

/** Replaces the secrets, durably. */
export async function keepSecrets(dir: string, secrets: ClusterSecrets, owner?: FileOwner): Promise<void> {
  await replaceFile(fileOf(dir), serialise(secrets), owner)
}

/** The secrets of a folder; undefined where there are none. */
export async function readSecrets(dir: string): Promise<ClusterSecrets | undefined> {
  let content: string
  try {
    content = await readFile(fileOf(dir), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new DoverieError('data-unwritable', `${fileOf(dir)} cannot be read`, {}, error)
  }
  try {
    const parsed = JSON.parse(content) as Partial<ClusterSecrets>
    if (parsed.superuser && parsed.doverie && parsed.doverie_keys && parsed.initialised !== undefined) {
      return parsed as ClusterSecrets
    }
  } catch {
    // Falls through to the fault below; the parser's own message would quote the file.
  }
  throw new DoverieError('storage-unavailable', `${fileOf(dir)} is damaged: the database's passwords are lost`)
}

function serialise(secrets: ClusterSecrets): string {
  return `${JSON.stringify(secrets, undefined, 2)}\n`
}

function fileOf(dir: string): string {
  return join(dir, 'postgres.json')
}
