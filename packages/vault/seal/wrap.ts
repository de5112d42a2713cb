import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto'
import { DoverieError } from '@doverie/core/base'

/** The alternative initial value of AES key wrap with padding (RFC 5649 section 3). */
const AIV = Buffer.from('A65959A6', 'hex')
/** The shortest wrapping there is: one semiblock and the initial value. */
const SHORTEST = 16

/**
 * Wraps key bytes under a 32-byte key (a `KeyObject`: raw bytes are prepared anew at each use, which costs five times the
 * cipher itself): AES-256 key wrap with padding (RFC 5649, NIST SP 800-38F KWP). Deterministic, so a
 * wrapping key needs no count of its uses; integrity comes with it.
 */
export function wrapKey(wrapping: KeyObject, key: Uint8Array): Buffer {
  const cipher = createCipheriv('id-aes256-wrap-pad', wrapping, AIV)
  return Buffer.concat([cipher.update(key), cipher.final()])
}

/** The key inside. Throws `sealed-value-damaged` where the wrapping does not verify. */
export function unwrapKey(wrapping: KeyObject, wrapped: Uint8Array): Buffer {
  try {
    // OpenSSL takes an emptied wrapping for an empty key without complaint: what is sealed under that, anybody opens.
    if (wrapped.length < SHORTEST) throw new RangeError()
    const decipher = createDecipheriv('id-aes256-wrap-pad', wrapping, AIV)
    return Buffer.concat([decipher.update(wrapped), decipher.final()])
  } catch {
    // The cause stays out: OpenSSL's error says nothing more, and nothing of the key may travel.
    throw new DoverieError('sealed-value-damaged', 'A wrapped key does not verify.')
  }
}
