import { isAbsolute, relative, resolve } from 'node:path'
import { DoverieError, isDoverieError } from '@doverie/core/base'
import { assertWritable, claimDataFolder, inspectDataFolder } from './data-folder.ts'
import {
  attachEmbedded,
  type ExternalUrls,
  externalUrls,
  inspectExternal,
  type Log,
  startEmbedded,
} from './embedded/index.ts'
import { wipeReplaced } from './durable-file.ts'
import { createRootKeys, readRootKeys } from './keys-folder.ts'
import { usesRootKeyFile } from './kms-settings.ts'

export { copyRunning } from './embedded/index.ts'
export type { Log }

export interface InstallationOptions {
  readonly dataDir: string
  readonly keysDir: string
  /** Where `DATABASE_URL` and `KEYSTORE_URL` are looked up. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly log: Log
  /** Called once if the embedded PostgreSQL goes away by itself: the server must then stop. */
  readonly onLost: (reason: string) => void
}

/** What a server runs on: two databases that answer, and a root key, in the keys folder or with a KMS. */
export interface Installation {
  /** Carries a password: never log it. */
  readonly dataUrl: string
  /** Carries a password: never log it. */
  readonly keystoreUrl: string
  readonly keysDir: string
  /** Stops the embedded PostgreSQL, if there is one. Close every connection first. */
  close(): Promise<void>
}

/**
 * Opens an installation, making it on the first start. Everything that can be refused is looked at before anything is
 * changed: `data-unwritable`, `data-newer`, `wrong-root-key`, `unsafe-storage`, `storage-unavailable`,
 * `invalid-request`, and `data-in-use`.
 */
export async function openInstallation(options: InstallationOptions): Promise<Installation> {
  const { dataDir, keysDir, env, log, onLost } = options
  const external = externalUrls(env)
  assertOutside(dataDir, keysDir)
  const state = external ? await inspectExternal(external) : await inspectDataFolder(dataDir)
  const file = usesRootKeyFile(env)
  if (file.own || file.previous) {
    const place = external ? 'the databases hold' : `${dataDir} holds`
    await ensureRootKey(keysDir, state === 'current' || !file.own ? `${place} data` : null)
  }
  if (external) return fromExternal(external, keysDir)
  if (state === 'new') {
    log.info(`setting up a new database in ${dataDir}`)
    await claimDataFolder(dataDir)
  }
  const embedded = await startEmbedded({ dir: dataDir, log, onLost })
  const { dataUrl, keystoreUrl } = embedded
  return { dataUrl, keystoreUrl, keysDir, close: () => embedded.stop() }
}

/**
 * Opens an installation, or joins the server that runs on it: for work that may go on beside a server, since the databases' own
 * locks order it. Throws as `openInstallation` does.
 */
export async function joinInstallation(options: InstallationOptions): Promise<Installation> {
  try {
    return await openInstallation(options)
  } catch (error) {
    if (!isDoverieError(error, 'data-in-use')) throw error
    const running = await attachEmbedded(options.dataDir)
    if (running === null) throw error
    return fromExternal(running, options.keysDir)
  }
}

/** The root key file is there, or is made where nothing is held yet (`held` null). */
async function ensureRootKey(keysDir: string, held: string | null): Promise<void> {
  if ((await readRootKeys(keysDir)) !== undefined) return wipeReplaced(keysDir)
  if (held !== null) throw new DoverieError('wrong-root-key', `${held}, but there is no root key file in ${keysDir}`)
  await assertWritable(keysDir)
  // Before the data folder is claimed: a crash in between must not leave data without a key.
  await createRootKeys(keysDir)
}

/**
 * An installation as it is, for work beside its server: it makes none. `not-found` where there is nothing, else as
 * `joinInstallation`.
 */
export async function reachInstallation(options: InstallationOptions): Promise<Installation> {
  const { dataDir, env } = options
  const external = externalUrls(env)
  const state = external ? await inspectExternal(external) : await inspectDataFolder(dataDir)
  if (state === 'current') return joinInstallation(options)
  const place = external ? 'the databases hold' : `${dataDir} holds`
  throw new DoverieError('not-found', `${place} no installation of Doverie`)
}

function fromExternal(urls: ExternalUrls, keysDir: string): Installation {
  return { ...urls, keysDir, close: () => Promise.resolve() }
}

/** A backup of the data folder must never carry the key that opens it. */
function assertOutside(dataDir: string, keysDir: string): void {
  const way = relative(resolve(dataDir), resolve(keysDir))
  if (way === '' || (way.split(/[/\\]/)[0] !== '..' && !isAbsolute(way))) {
    throw new DoverieError('invalid-request', 'the keys folder must lie outside the data folder')
  }
}
