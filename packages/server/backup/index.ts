import { type DatabaseKind, openBackupSource } from '@doverie/vault'
import type { Log } from '../embedded/index.ts'
import { reachInstallation } from '../installation.ts'
import { openKms } from '../kms-settings.ts'
import { ledgerOrigin } from '../settings.ts'
import { type BackupProgress, type BackupReport, backUp } from './back-up.ts'
import { assertApart } from './places.ts'

export { type Drill, drillRestore } from './drill.ts'
export { createIdentity } from './identity-file.ts'
export { replayInstallation } from './replay.ts'
export type { RestoreProgress } from './restore.ts'
export { restoreInstallation } from './restore-installation.ts'
export type { BackupProgress, BackupReport }

export interface InstallationBackup {
  readonly dataDir: string
  readonly keysDir: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly log: Log
  readonly kind: DatabaseKind
  readonly to: string
  readonly recipients: readonly string[]
  readonly partBytes?: number
  readonly onProgress?: (progress: BackupProgress) => void
}

/**
 * Backs up the data, or the key store, of an installation, beside its running server or without one. Throws what `backUp`,
 * `reachInstallation` and `openBackupSource` throw, and `invalid-request` for a place where the backup must not lie.
 */
export async function backUpInstallation(options: InstallationBackup): Promise<BackupReport> {
  const { dataDir, keysDir, env, log, kind, to } = options
  const external = (env['DATABASE_URL'] ?? '') !== ''
  await assertApart(to, kind, { dataDir: external ? null : dataDir, keysDir })
  const kms = openKms(keysDir, env)
  const installation = await reachInstallation({ dataDir, keysDir, env, log, onLost: () => undefined })
  try {
    const { dataUrl, keystoreUrl } = installation
    const source = await openBackupSource({ dataUrl, keystoreUrl, kms, origin: ledgerOrigin(env) }, kind)
    try {
      return await backUp({ ...options, source, now: () => Date.now() })
    } finally {
      await source.close()
    }
  } finally {
    await installation.close()
  }
}
