import { createDecipheriv, createSecretKey } from 'node:crypto'
import sodium from 'libsodium-wrappers'

// The module is WebAssembly, compiled once as this one loads.
await sodium.ready

/** Bytes of a tag, under either cipher. */
export const TAG = 16

/**
 * ChaCha20-Poly1305 (RFC 8439) of libsodium: gives the cipher text with its tag behind it. Of a value of some hundred bytes
 * `node:crypto` takes most of its time making an object per call; this takes none, and its time does not depend on the key.
 */
export function chachaSeal(key: Uint8Array, nonce: Uint8Array, associated: Uint8Array, plain: Uint8Array): Uint8Array {
  return sodium.crypto_aead_chacha20poly1305_ietf_encrypt(plain, associated, null, nonce, key)
}

/** What was sealed, or null where the tag does not hold. */
export function chachaOpen(
  key: Uint8Array,
  nonce: Uint8Array,
  associated: Uint8Array,
  sealed: Uint8Array,
): Uint8Array | null {
  try {
    return sodium.crypto_aead_chacha20poly1305_ietf_decrypt(null, sealed, associated, nonce, key)
  } catch {
    // It says only that; a wrong length of key or nonce is a mistake of ours, and tests would meet it.
    return null
  }
}

/** AES-256-GCM (NIST SP 800-38D), for values sealed under the first format: the same, opening only. */
export function gcmOpen(
  key: Uint8Array,
  nonce: Uint8Array,
  associated: Uint8Array,
  sealed: Uint8Array,
): Uint8Array | null {
  const decipher = createDecipheriv('aes-256-gcm', createSecretKey(key), nonce)
  decipher.setAAD(associated)
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG))
  const plain = decipher.update(sealed.subarray(0, sealed.length - TAG))
  try {
    decipher.final()
  } catch {
    return null
  }
  return plain
}
