import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { DoverieError } from '@doverie/core/base'
import { type BackupContent, restoreBackup, type VaultUrls } from '@doverie/vault'
import type { Decrypter } from 'age-encryption'
import { type Manifest, openManifest } from './manifest.ts'
import { listBackups, MANIFEST_FILE } from './places.ts'
import { readProgress } from './progress-file.ts'
import { hashFile, readSealed } from './sealed-file.ts'

/** A backup in its folder, found whole. */
export interface VerifiedBackup {
  readonly folder: string
  readonly manifest: Manifest
}

export interface RestoreProgress {
  readonly step: 'verifying' | 'restoring'
  readonly done: number
  readonly of: number
}

type Tell = (progress: RestoreProgress) => void

/**
 * Verifies a backup without opening it: the manifest's signature and the hash of every file. Throws `not-found` where there is no
 * backup, `backup-damaged` for one that was not finished or is not as it was written, `data-newer`.
 */
export async function verifyBackup(folder: string, tell: Tell = () => undefined): Promise<VerifiedBackup> {
  const manifest = openManifest(await readManifest(folder), null)
  const { parts } = manifest
  for (const [i, { file, bytes, sha256 }] of parts.entries()) {
    tell({ step: 'verifying', done: i, of: parts.length })
    const lies = await hashFile(join(folder, file))
    if (lies === null) throw damaged(file, 'is missing')
    if (lies.bytes < bytes) throw damaged(file, 'is cut off')
    if (lies.sha256 !== sha256) throw damaged(file, 'is not as it was written')
  }
  tell({ step: 'verifying', done: parts.length, of: parts.length })
  return { folder, manifest }
}

async function readManifest(folder: string): Promise<string> {
  const note = await readFile(join(folder, MANIFEST_FILE), 'utf8').catch(() => null)
  if (note !== null) return note
  if ((await readProgress(folder)) !== null) {
    throw new DoverieError(
      'backup-damaged',
      `the backup in ${folder} was never finished; make it again, nothing was changed`,
    )
  }
  const inside = (await listBackups(folder)).filter(({ finished }) => finished).at(-1)
  const hint = inside === undefined ? '' : `; the newest in it is ${inside.name}`
  throw new DoverieError('not-found', `${folder} is no backup${hint}`)
}

function damaged(file: string, what: string): DoverieError {
  return new DoverieError('backup-damaged', `${file} of the backup ${what}; nothing was changed`)
}

/** Throws `wrong-identity` unless the identities open the backup, and `backup-damaged` where its smallest file does not verify. */
export async function assertOpens({ folder, manifest }: VerifiedBackup, decrypter: Decrypter): Promise<void> {
  const [smallest] = [...manifest.parts].sort((a, b) => a.bytes - b.bytes)
  if (smallest === undefined) return
  // To its end: only there its last seal is looked at.
  const chunks = readSealed(join(folder, smallest.file), decrypter)
  while ((await chunks.next()).done !== true);
}

/**
 * INVARIANT: of the key store only the newest copy may come back. Refuses one beside which a newer one lies (`conflict`), and
 * gives the older ones that lie there and should not.
 */
export async function assertNewest({ folder, manifest }: VerifiedBackup): Promise<readonly string[]> {
  const others = (await listBackups(dirname(folder))).filter(
    (one) => one.kind === 'keys' && one.name !== basename(folder),
  )
  for (const { path, name, finished } of others) {
    const other = finished ? openManifest(await readManifest(path), null) : null
    if (other !== null && other.takenAt > manifest.takenAt) {
      throw new DoverieError(
        'conflict',
        `a newer copy of the key store lies beside this one: ${name}; nothing was changed`,
      )
    }
  }
  return others.map(({ path }) => path)
}

/** Puts a verified backup into the empty database it is of, in one transaction: see `restoreBackup` of the vault. */
export async function restoreInto(
  place: VaultUrls,
  { folder, manifest }: VerifiedBackup,
  decrypter: Decrypter,
  tell: Tell = () => undefined,
): Promise<void> {
  const { id, kind, takenAt, level, tables, parts, origin, ledgerKey } = manifest
  const content: BackupContent = {
    kind,
    level,
    origin,
    ledgerKey,
    tables,
    backup: { id, takenAt },
    parts: parts.map(({ file, table, rows }) => ({
      table,
      rows,
      chunks: () => readSealed(join(folder, file), decrypter),
    })),
  }
  await restoreBackup(place, content, (done) => {
    tell({ step: 'restoring', done, of: parts.length })
  })
}
