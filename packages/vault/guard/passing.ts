import { createCipheriv, createDecipheriv } from 'node:crypto'
import { mac } from './mac.ts'
import type { PassingKeys } from './secrets.ts'
import type { Vault } from './vault.ts'

/**
 * A hash of what can be guessed (an address, a code of six digits): 16 bytes, keyed. It never lies anywhere as it is, only hidden under
 * its epoch's key: once that is gone, no guess can be tried against an old copy.
 */
export function guessable(vault: Vault, what: string, message: string): Buffer {
  return mac(vault, what, message).subarray(0, 16)
}

/** A hash as it is kept: AES-256 of it under the epoch's key. Equal ones stay equal within an epoch. */
export function hidden({ hashes }: PassingKeys, digest: Uint8Array): Buffer {
  return createCipheriv('aes-256-ecb', hashes, null).setAutoPadding(false).update(digest)
}

export function revealed({ hashes }: PassingKeys, kept: Uint8Array): Buffer {
  return createDecipheriv('aes-256-ecb', hashes, null).setAutoPadding(false).update(kept)
}
