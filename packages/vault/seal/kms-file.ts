import { createSecretKey, type KeyObject } from 'node:crypto'
import { DoverieError } from '@doverie/core/base'
import { unwrapBound, wrapBound } from './bound-key.ts'
import type { Kms } from './kms.ts'

/** The root keys of a local file: 32 bytes each. */
export interface RootKeys {
  /** The newest version. */
  readonly current: number
  readonly versions: readonly { readonly version: number; readonly key: Uint8Array }[]
}

/** The file itself, which other processes of this machine may change too. */
export interface RootKeyFile {
  /** Throws `wrong-root-key` where there is none or it is damaged. */
  readonly read: () => Promise<RootKeys>
  /** Adds a version with a fresh key, durable when it resolves, and gives its number. */
  readonly add: () => Promise<number>
  /** Takes a version and all older ones out and overwrites what the disk held of them, as far as the file system lets it. */
  readonly destroyUpTo: (version: number) => Promise<void>
}

/**
 * A KMS over root keys of a local file. It is read once, and again where a version is asked for that was not there. The keys
 * stay in this process's memory; zeroing them is not promised.
 */
export function fileKms(file: RootKeyFile): Kms {
  let known: Map<string, KeyObject> | null = null
  const load = async (): Promise<Map<string, KeyObject>> => {
    const { versions } = await file.read()
    const usable = versions.filter(({ key }) => key.length === 32)
    known = new Map(usable.map(({ version, key }) => [String(version), createSecretKey(key)]))
    return known
  }
  const keyOf = async (root: string): Promise<KeyObject> => {
    const key = (known ?? (await load())).get(root) ?? (await load()).get(root)
    if (key === undefined) throw new DoverieError('wrong-root-key', `The root key file has no version ${root}.`)
    return key
  }
  return {
    kind: 'file',
    newest: async () => String((await file.read()).current),
    add: async () => String(await file.add()),
    wrap: async (root, key, place) => wrapBound(await keyOf(root), key, Buffer.from(place)),
    unwrap: async (root, wrapped, place) => unwrapBound(await keyOf(root), wrapped, Buffer.from(place)),
    destroy: async (root) => {
      await file.destroyUpTo(Number(root))
      known = null
      return { irrecoverableFrom: null }
    },
  }
}
