import { resolve } from 'node:path'
import { openInstallation } from '@doverie/server/installation'
import { openOffline } from '@doverie/server/offline'
import type { Vault } from '@doverie/vault'

/** Where the two folders of an installation are. */
export interface Folders {
  readonly data: string
  readonly keys: string
}

/** Opens the vault of a stopped server for one piece of work. No policy is put in force by it. */
export async function withOfflineVault<T>(folders: Folders, work: (vault: Vault) => Promise<T>): Promise<T> {
  const log = { info: () => undefined, warn: (line: string) => void process.stderr.write(`${line}\n`) }
  const where = { dataDir: resolve(folders.data), keysDir: resolve(folders.keys) }
  const installation = await openInstallation({ ...where, env: process.env, log, onLost: () => undefined })
  try {
    const vault = await openOffline(installation, null)
    return await work(vault).finally(() => vault.close())
  } finally {
    await installation.close()
  }
}
