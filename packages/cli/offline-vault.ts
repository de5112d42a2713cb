import { stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { DoverieError } from '@doverie/core/base'
import { joinInstallation, openInstallation } from '@doverie/server/installation'
import { openOffline } from '@doverie/server/offline'
import type { Vault } from '@doverie/vault'
import type { Command } from 'commander'

/** Where the two folders of an installation are. */
export interface Folders {
  readonly data: string
  readonly keys: string
}

/** The options that say where an installation is. */
export function withFolders(command: Command): Command {
  return command
    .option('--data <folder>', 'the data folder; its server may run', 'data')
    .option('--keys <folder>', 'its keys folder', 'keys')
}

/**
 * Opens the vault of a stopped server for one piece of work. No policy is put in force by it. Folders that hold no installation
 * are `not-found`: a command that only looks makes none.
 */
export async function withOfflineVault<T>(folders: Folders, work: (vault: Vault) => Promise<T>): Promise<T> {
  return withVault(folders, openInstallation, work)
}

/** The same beside a server that runs, or by itself where none does. */
export async function withJoinedVault<T>(folders: Folders, work: (vault: Vault) => Promise<T>): Promise<T> {
  return withVault(folders, joinInstallation, work)
}

async function withVault<T>(
  folders: Folders,
  open: typeof openInstallation,
  work: (vault: Vault) => Promise<T>,
): Promise<T> {
  const log = { info: () => undefined, warn: (line: string) => void process.stderr.write(`${line}\n`) }
  const where = { dataDir: resolve(folders.data), keysDir: resolve(folders.keys) }
  if (process.env['DATABASE_URL'] === undefined) await assertThere(join(where.dataDir, 'format.json'), folders.data)
  if (process.env['KMS_URL'] === undefined) await assertThere(join(where.keysDir, 'root.json'), folders.keys)
  const installation = await open({ ...where, env: process.env, log, onLost: () => undefined })
  try {
    const vault = await openOffline(installation, null)
    return await work(vault).finally(() => vault.close())
  } finally {
    await installation.close()
  }
}

async function assertThere(file: string, folder: string): Promise<void> {
  const there = await stat(file).then(
    () => true,
    () => false,
  )
  if (!there) throw new DoverieError('not-found', `${folder} holds no installation of Doverie`)
}
