import { randomBytes } from 'node:crypto'
import { chmod, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DoverieError, isDoverieError } from '@doverie/core/base'
import type { RootKeyFile, RootKeys } from '@doverie/vault'
import {
  createFile,
  makeFolder,
  ownerOfFolder,
  removeAndWipe,
  replaceAndWipe,
  replaceFile,
  wipeReplaced,
} from './durable-file.ts'

const KEY_FILE = 'root.json'
const KEY_BYTES = 32

/**
 * Reads `root.json` of the keys folder; undefined if there is none. A damaged file is `wrong-root-key`, and the message
 * never quotes it.
 */
export async function readRootKeys(dir: string): Promise<RootKeys | undefined> {
  const path = join(dir, KEY_FILE)
  let content: string
  try {
    content = await readFile(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    throw new DoverieError('data-unwritable', `${path} cannot be read (${code ?? 'unknown reason'})`, {}, error)
  }
  const keys = parse(content)
  if (!keys) throw new DoverieError('wrong-root-key', `${path} is not a root key file`)
  return keys
}

/**
 * Makes the first root key, durable when it resolves, or returns the one that is already there. Call it only for an
 * installation without data: a new key beside old data would open nothing.
 */
export async function createRootKeys(dir: string): Promise<RootKeys> {
  try {
    await makeFolder(dir, 0o700)
    const content = serialise({ current: 1, versions: [{ version: 1, key: randomBytes(KEY_BYTES) }] })
    if (await createFile(join(dir, KEY_FILE), content, await ownerOfFolder(dir))) await chmod(dir, 0o700)
  } catch (error) {
    if (isDoverieError(error)) throw error
    const { code } = error as NodeJS.ErrnoException
    throw new DoverieError('data-unwritable', `${dir} cannot be written (${code ?? 'unknown reason'})`, {}, error)
  }
  const keys = await readRootKeys(dir)
  if (!keys) throw new DoverieError('data-unwritable', `${join(dir, KEY_FILE)} went away while it was read`)
  return keys
}

/**
 * The root key file of an installation, as the vault changes it. One process changes it at a time: whoever holds the key store's
 * lock of epochs. Throws `wrong-root-key` where there is no file, `data-unwritable` where it cannot be written.
 */
export function rootKeyFile(dir: string): RootKeyFile {
  const path = join(dir, KEY_FILE)
  const read = async (): Promise<RootKeys> => {
    const keys = await readRootKeys(dir)
    if (keys === undefined) throw new DoverieError('wrong-root-key', `there is no root key file in ${dir}`)
    return keys
  }
  const write = async (keys: RootKeys, put: typeof replaceFile): Promise<void> => {
    try {
      await put(path, serialise(keys), await ownerOfFolder(dir))
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      throw new DoverieError('data-unwritable', `${path} cannot be written (${code ?? 'unknown reason'})`, {}, error)
    }
  }
  return {
    read,
    add: async () => {
      const { versions } = await read()
      const current = Math.max(...versions.map(({ version }) => version)) + 1
      await write({ current, versions: [...versions, { version: current, key: randomBytes(KEY_BYTES) }] }, replaceFile)
      return current
    },
    destroyUpTo: async (version) => {
      const keys = await readRootKeys(dir)
      const left = keys?.versions.filter((one) => one.version > version) ?? []
      // Of an installation that has moved to a key management service nothing is left, and so no file.
      if (keys !== undefined && left.length === 0) await removeAndWipe(path)
      else if (keys !== undefined && left.length < keys.versions.length) {
        await write({ current: keys.current, versions: left }, replaceAndWipe)
      }
      await wipeReplaced(dir)
    },
  }
}

function serialise({ current, versions }: RootKeys): string {
  const lines = versions.map(({ version, key }) => ({ version, key: Buffer.from(key).toString('base64') }))
  return `${JSON.stringify({ current, versions: lines })}\n`
}

function parse(content: string): RootKeys | undefined {
  let file: unknown
  try {
    file = JSON.parse(content)
  } catch {
    return undefined
  }
  const { current, versions } = (file ?? {}) as { readonly current?: unknown; readonly versions?: unknown }
  if (!Array.isArray(versions) || !isVersion(current)) return undefined
  const keys = new Map<number, Uint8Array>()
  for (const entry of versions as readonly unknown[]) {
    const { version, key } = (entry ?? {}) as { readonly version?: unknown; readonly key?: unknown }
    if (!isVersion(version) || typeof key !== 'string' || keys.has(version)) return undefined
    const bytes = Buffer.from(key, 'base64')
    // The decoder skips what it does not know; only the exact form counts.
    if (bytes.length !== KEY_BYTES || bytes.toString('base64') !== key) return undefined
    keys.set(version, new Uint8Array(bytes))
  }
  if (!keys.has(current)) return undefined
  return { current, versions: [...keys].map(([version, bytes]) => ({ version, key: bytes })) }
}

function isVersion(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1
}
