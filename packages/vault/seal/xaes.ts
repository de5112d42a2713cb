import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto'
import { DoverieError } from '@doverie/core/base'

/**
 * XAES-256-GCM (C2SP, version 1): AES-256-GCM under a key and nonce derived from a 192-bit nonce, so that one key may seal
 * 2^80 messages under random nonces. For keys that many share and that live for long.
 */
export const XAES_NONCE = 24
const TAG = 16

/** Ciphertext and tag. `nonce` is 24 random bytes. */
export function sealXaes(key: KeyObject, nonce: Uint8Array, plain: Uint8Array, associated: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-gcm', derived(key, nonce), nonce.subarray(12))
  const body = cipher.setAAD(associated).update(plain)
  return Buffer.concat([body, cipher.final(), cipher.getAuthTag()])
}

/** The plain text. Throws `sealed-value-damaged`. */
export function openXaes(key: KeyObject, nonce: Uint8Array, sealed: Uint8Array, associated: Uint8Array): Buffer {
  if (nonce.length !== XAES_NONCE || sealed.length < TAG) throw new DoverieError('sealed-value-damaged')
  try {
    const decipher = createDecipheriv('aes-256-gcm', derived(key, nonce), nonce.subarray(12))
    decipher.setAAD(associated).setAuthTag(sealed.subarray(-TAG))
    return Buffer.concat([decipher.update(sealed.subarray(0, -TAG)), decipher.final()])
  } catch {
    throw new DoverieError('sealed-value-damaged')
  }
}

/** The message's own key: CMAC (SP 800-38B) of two fixed blocks that hold the nonce's first half, in counter mode (SP 800-108r1). */
function derived(key: KeyObject, nonce: Uint8Array): KeyObject {
  const ecb = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false)
  const subkey = doubled(ecb.update(Buffer.alloc(16)))
  const blocks = Buffer.alloc(32)
  for (const counter of [1, 2]) {
    const at = (counter - 1) * 16
    blocks.set([0, counter, 0x58, 0], at)
    blocks.set(nonce.subarray(0, 12), at + 4)
    for (let i = 0; i < 16; i++) blocks[at + i] = (blocks[at + i] ?? 0) ^ (subkey[i] ?? 0)
  }
  return createSecretKey(ecb.update(blocks))
}

/** Doubling in GF(2^128), as CMAC makes its first subkey. */
function doubled(block: Buffer): Buffer {
  const twice = Buffer.alloc(16)
  for (let i = 0; i < 16; i++) twice[i] = (((block[i] ?? 0) << 1) & 0xff) | ((block[i + 1] ?? 0) >> 7)
  if (((block[0] ?? 0) & 0x80) !== 0) twice[15] = (twice[15] ?? 0) ^ 0x87
  return twice
}
