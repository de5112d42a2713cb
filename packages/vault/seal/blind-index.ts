import { createCipheriv, createHmac, type KeyObject } from 'node:crypto'

/**
 * Blind indexes: exact search over sealed identifiers. tag = AES-256 under the epoch's key of the first 16 bytes of
 * HMAC-SHA-256(base key, kind | normalised value). Re-keying an epoch decrypts and encrypts tags without any value; without
 * both keys a tag tells nothing, not even to who guesses phone numbers.
 */
export interface IndexKeys {
  readonly base: KeyObject
  readonly epoch: number
  readonly key: KeyObject
}

export function blindTag(keys: IndexKeys, kind: string, indexForm: string): Buffer {
  const digest = createHmac('sha256', keys.base).update(kind).update('|').update(indexForm).digest().subarray(0, 16)
  const cipher = createCipheriv('aes-256-ecb', keys.key, null).setAutoPadding(false)
  return Buffer.concat([cipher.update(digest), cipher.final()])
}
