import { createCipheriv, createDecipheriv, createHmac, type KeyObject } from 'node:crypto'

/**
 * Blind indexes: exact search over sealed identifiers. tag = AES-256 under the epoch's key of the first 16 bytes of
 * HMAC-SHA-256(base key, kind | normalised value). Re-keying an epoch decrypts and encrypts tags without any value; without
 * both keys a tag tells nothing, not even to who guesses phone numbers.
 */
export interface IndexKeys {
  readonly base: KeyObject
  readonly key: KeyObject
}

export function blindTag(keys: IndexKeys, kind: string, indexForm: string): Buffer {
  const digest = createHmac('sha256', keys.base).update(kind).update('|').update(indexForm).digest().subarray(0, 16)
  const cipher = createCipheriv('aes-256-ecb', keys.key, null).setAutoPadding(false)
  return Buffer.concat([cipher.update(digest), cipher.final()])
}

/** A tag under another epoch's key, without its value: what lies inside is the same. */
export function rekeyTag(from: KeyObject, to: KeyObject, tag: Uint8Array): Buffer {
  const decipher = createDecipheriv('aes-256-ecb', from, null).setAutoPadding(false)
  const cipher = createCipheriv('aes-256-ecb', to, null).setAutoPadding(false)
  return cipher.update(decipher.update(tag))
}
