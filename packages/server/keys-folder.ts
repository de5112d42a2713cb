import { randomBytes } from 'node:crypto'
import { chmod, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DoverieError, isDoverieError } from '@doverie/core/base'
import { createFile, makeFolder, ownerOfFolder } from './durable-file.ts'

const KEY_FILE = 'root.json'
const KEY_BYTES = 32

/** The root keys of one installation. They never travel further than the sealing layer, and are never logged. */
export interface RootKeys {
  /** The version that new cell keys are wrapped under. */
  readonly current: number
  /** 32 bytes per version; older ones stay until everything is wrapped anew. */
  readonly versions: readonly { readonly version: number; readonly key: Uint8Array }[]
}

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
    const key = randomBytes(KEY_BYTES).toString('base64')
    const content = `${JSON.stringify({ current: 1, versions: [{ version: 1, key }] })}\n`
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
