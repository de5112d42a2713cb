import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { backUpInstallation, createIdentity, restoreInstallation } from '@doverie/server/backup'
import { copyRunning, openInstallation } from '@doverie/server/installation'
import { type OldCopy, readOldCopy } from '@doverie/vault'

/** How an old copy was made: of the running server's files with its write-ahead log, by `doverie backup`, of the stopped folder. */
export const COPIES = ['base', 'backup', 'folder'] as const
export type CopyKind = (typeof COPIES)[number]

const QUIET = { info: () => undefined, warn: () => undefined }
const run = promisify(execFile)

/** Where the installation is that is copied, and where its copies go. */
export interface CopyPlace {
  readonly folder: string
  readonly dataDir: string
  readonly keysDir: string
  readonly origin: string
}

/** The copies that are made while the server runs: a base backup, and the product's own backups of both databases. */
export async function copyBeside({ folder, dataDir, keysDir, origin }: CopyPlace): Promise<void> {
  await mkdir(join(folder, 'before'), { mode: 0o711 })
  await copyRunning(dataDir, join(folder, 'before', 'base'))
  const env = { LEDGER_ORIGIN: origin }
  for (const kind of ['keys', 'data'] as const) {
    const identity = join(folder, `identities/${kind}.key`)
    const recipients = [await createIdentity(identity)]
    const to = join(folder, `backups-${kind}`)
    const made = await backUpInstallation({ dataDir, keysDir, env, log: QUIET, kind, to, recipients })
    const place = { dataDir: join(folder, 'before', 'backup'), keysDir, env, log: QUIET }
    await restoreInstallation({ ...place, backup: made.folder, identity, kind })
  }
}

/** The copy that is made of the stopped server's folder. */
export async function copyStopped({ folder, dataDir }: CopyPlace): Promise<void> {
  await run('cp', ['-a', dataDir, join(folder, 'before', 'folder')])
}

/** What whoever holds the copies reads in them. */
export async function readCopies({ folder, keysDir }: CopyPlace): Promise<ReadonlyMap<CopyKind, OldCopy>> {
  const found = new Map<CopyKind, OldCopy>()
  for (const kind of COPIES) {
    const dataDir = join(folder, 'before', kind)
    const opened = await openInstallation({ dataDir, keysDir, env: {}, log: QUIET, onLost: () => undefined })
    try {
      found.set(kind, await readOldCopy(opened))
    } finally {
      await opened.close()
    }
  }
  return found
}
