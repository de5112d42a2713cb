import { DoverieError } from '@doverie/core/base'
import type { DatabaseKind } from '@doverie/vault'
import { inspectDataFolder } from '../data-folder.ts'
import { externalUrls, type Log } from '../embedded/index.ts'
import { openInstallation } from '../installation.ts'
import { readRootKeys } from '../keys-folder.ts'
import { openKms, usesRootKeyFile } from '../kms-settings.ts'
import { ledgerOrigin } from '../settings.ts'
import { readIdentities } from './identity-file.ts'
import type { Manifest } from './manifest.ts'
import { assertNewest, assertOpens, type RestoreProgress, restoreInto, verifyBackup } from './restore.ts'

export interface InstallationRestore {
  readonly dataDir: string
  readonly keysDir: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly log: Log
  /** The folder of the backup. */
  readonly backup: string
  /** The file of the age identity that opens it. */
  readonly identity: string
  readonly kind: DatabaseKind
  readonly onProgress?: (progress: RestoreProgress) => void
}

export interface Restored {
  readonly manifest: Manifest
  /** Older copies of the key store that lie beside the one restored, and should not. */
  readonly older: readonly string[]
}

/**
 * Restores a backup of the data, or of the key store, into a place where there is none: the embedded databases of folders, or the
 * two of the environment. All that can be refused is looked at before anything is made; from then on it is one transaction.
 */
export async function restoreInstallation(options: InstallationRestore): Promise<Restored> {
  const { dataDir, keysDir, env, log, kind, onProgress } = options
  const found = await verifyBackup(options.backup, onProgress)
  if (found.manifest.kind !== kind) {
    const what = kind === 'data' ? 'of a key store: give --keystore' : 'of the data: leave --keystore out'
    throw new DoverieError('invalid-request', `this backup is ${what}`)
  }
  const older = kind === 'keys' ? await assertNewest(found) : []
  const decrypter = await readIdentities(options.identity)
  await assertOpens(found, decrypter)
  const kms = openKms(keysDir, env)
  await assertRootKeyFile(keysDir, env)
  if (kind === 'data' && !externalUrls(env) && (await inspectDataFolder(dataDir)) === 'new') {
    throw new DoverieError('key-missing', 'there is no key store here yet: restore its newest copy first (--keystore)')
  }
  const installation = await openInstallation({ dataDir, keysDir, env, log, onLost: () => undefined })
  try {
    const { dataUrl, keystoreUrl } = installation
    await restoreInto({ dataUrl, keystoreUrl, kms, origin: ledgerOrigin(env) }, found, decrypter, onProgress)
  } finally {
    await installation.close()
  }
  return { manifest: found.manifest, older }
}

/** INVARIANT: a restore makes no root key. One that is made beside old data would open nothing, and look like the right one. */
async function assertRootKeyFile(keysDir: string, env: InstallationRestore['env']): Promise<void> {
  const { own, previous } = usesRootKeyFile(env)
  if ((own || previous) && (await readRootKeys(keysDir)) === undefined) {
    throw new DoverieError(
      'wrong-root-key',
      `there is no root key file in ${keysDir}: put the installation's own there first`,
    )
  }
}
