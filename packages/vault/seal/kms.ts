import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import { DoverieError } from '@doverie/core/base'
import { unwrapKey, wrapKey } from './wrap.ts'

/**
 * Whoever holds the root key. It wraps cell keys and the vault's own secrets and nothing else, under a version of the root
 * key that can be destroyed on its own: what only that version could open is gone with it.
 */
export interface Kms {
  /** The version new keys are wrapped under. */
  readonly current: number
  wrap(key: Uint8Array): Promise<{ readonly rootVersion: number; readonly wrapped: Buffer }>
  /** Throws `wrong-root-key` where this holder has no such version or it does not open what is given. */
  unwrap(rootVersion: number, wrapped: Uint8Array): Promise<Buffer>
  /** Names the root key of a version without telling it, to recognise a wrong key before anything is written. */
  fingerprint(rootVersion: number): string
}

export interface RootKeys {
  readonly current: number
  readonly versions: readonly { readonly version: number; readonly key: Uint8Array }[]
}

/** A KMS over root keys of a local file. The keys stay in this process's memory; zeroing them is not promised. */
export function localKms(root: RootKeys): Kms {
  const usable = root.versions.filter(({ key }) => key.length === 32)
  const keys = new Map(usable.map(({ version, key }) => [version, createSecretKey(key)]))
  const keyOf = (version: number): KeyObject => {
    const key = keys.get(version)
    if (key === undefined) throw new DoverieError('wrong-root-key', `The root key has no version ${version}.`)
    return key
  }
  keyOf(root.current)
  return {
    current: root.current,
    wrap: (key) => Promise.resolve({ rootVersion: root.current, wrapped: wrapKey(keyOf(root.current), key) }),
    unwrap: (version, wrapped) => {
      try {
        return Promise.resolve(unwrapKey(keyOf(version), wrapped))
      } catch {
        return Promise.reject(new DoverieError('wrong-root-key'))
      }
    },
    fingerprint: (version) =>
      createHmac('sha256', keyOf(version)).update('doverie/root-key/fingerprint/v1').digest('hex').slice(0, 16),
  }
}
