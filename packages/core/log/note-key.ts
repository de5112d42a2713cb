import { ed25519 } from '@noble/curves/ed25519.js'
import { base64, concat, DoverieError, fromBase64, hex, utf8 } from '../base/index.ts'
import { sha256 } from './hash.ts'

/**
 * Signature types of c2sp.org/signed-note that are known here: plain Ed25519, and cosignatures (c2sp.org/tlog-cosignature)
 * with Ed25519 and ML-DSA-44, which carry a time.
 */
export const KEY_TYPES = { ed25519: 0x01, cosignature: 0x04, mlDsa44: 0x06 } as const
export type KeyType = (typeof KEY_TYPES)[keyof typeof KEY_TYPES]

/** A key that is trusted to sign notes. Name and id together identify it; the id alone is a hint, not a fingerprint. */
export interface VerifierKey {
  readonly name: string
  /** 8 hex digits, lower case. */
  readonly keyId: string
  readonly type: KeyType
  /** 32 bytes (RFC 8032), or 1312 of an ML-DSA-44 key (FIPS 204). */
  readonly publicKey: Uint8Array
}

/** What signs a note: the caller holds the secret, in memory or behind a service. */
export interface Signer {
  readonly name: string
  readonly keyId: string
  readonly type: KeyType
  /** The bare signature of the message: 64 bytes (RFC 8032), or 2420 (FIPS 204, pure, empty context). */
  readonly sign: (message: Uint8Array) => Uint8Array
}

/** A secret signing key. Never log it. */
export interface SigningKey {
  readonly name: string
  readonly keyId: string
  /** 32 secret bytes (RFC 8032). */
  readonly seed: Uint8Array
  readonly publicKey: Uint8Array
}

const PUBLIC_KEY_SIZES: Readonly<Record<KeyType, number>> = { 1: 32, 4: 32, 6: 1312 }
const SEED_SIZE = 32
const VKEY = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/
const SKEY = /^PRIVATE\+KEY\+([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/

/** True for the types with which a log signs its own checkpoints (c2sp.org/tlog-checkpoint). */
export function isLogKey({ type }: { readonly type: KeyType }): boolean {
  return type === KEY_TYPES.ed25519 || type === KEY_TYPES.mlDsa44
}

/** True for the types with which a witness cosigns others' (c2sp.org/tlog-cosignature). */
export function isWitnessKey({ type }: { readonly type: KeyType }): boolean {
  return type === KEY_TYPES.cosignature || type === KEY_TYPES.mlDsa44
}

/** Key names are not empty and have no Unicode space, no plus sign and no control character. */
export function isKeyName(name: string): boolean {
  return name.isWellFormed() && /^[^\p{White_Space}+\u0000-\u001f]+$/u.test(name)
}

/** First four bytes of SHA-256(name | newline | type | public key), as 8 hex digits. */
export function keyId(name: string, type: KeyType, publicKey: Uint8Array): string {
  return hex(sha256(concat(utf8(`${name}\n`), Uint8Array.of(type), publicKey)).subarray(0, 4))
}

export function verifierKey(name: string, publicKey: Uint8Array, type: KeyType = KEY_TYPES.ed25519): VerifierKey {
  if (!isKeyName(name) || publicKey.length !== PUBLIC_KEY_SIZES[type]) throw malformed('vkey')
  return { name, keyId: keyId(name, type, publicKey), type, publicKey }
}

/** The text of a verifier key: `<name>+<key id>+<base64 of type and public key>`. */
export function formatVerifierKey(key: VerifierKey): string {
  return `${key.name}+${key.keyId}+${base64(concat(Uint8Array.of(key.type), key.publicKey))}`
}

/** The inverse of `formatVerifierKey`. Throws `invalid-value` also where the key id is not that of name and key. */
export function parseVerifierKey(text: string): VerifierKey {
  const [, name = '', id = '', encoded = ''] = VKEY.exec(text) ?? []
  const bytes = fromBase64(encoded)
  const type = Object.values(KEY_TYPES).find((known) => known === bytes?.[0])
  if (bytes === null || type === undefined) throw malformed('vkey')
  const key = verifierKey(name, bytes.subarray(1), type)
  if (key.keyId !== id) throw malformed('vkey')
  return key
}

/** An Ed25519 signing key from 32 secret random bytes of the caller's. */
export function signingKey(name: string, seed: Uint8Array): SigningKey {
  if (!isKeyName(name) || seed.length !== SEED_SIZE) throw malformed('skey')
  const publicKey = ed25519.getPublicKey(seed)
  return { name, keyId: keyId(name, KEY_TYPES.ed25519, publicKey), seed, publicKey }
}

/** The text of a signing key as Go's note tools write it: `PRIVATE+KEY+<name>+<key id>+<base64 of 1 and seed>`. Secret. */
export function formatSigningKey(key: SigningKey): string {
  return `PRIVATE+KEY+${key.name}+${key.keyId}+${base64(concat(Uint8Array.of(KEY_TYPES.ed25519), key.seed))}`
}

/** The inverse of `formatSigningKey`. Throws `invalid-value`, never with any part of the text. */
export function parseSigningKey(text: string): SigningKey {
  const [, name = '', id = '', encoded = ''] = SKEY.exec(text) ?? []
  const bytes = fromBase64(encoded)
  if (bytes?.[0] !== KEY_TYPES.ed25519) throw malformed('skey')
  const key = signingKey(name, bytes.subarray(1))
  if (key.keyId !== id) throw malformed('skey')
  return key
}

/** A portable signer; a server signs faster with the Ed25519 of its platform from the same seed. */
export function signerOf(key: SigningKey): Signer {
  const { name, keyId } = key
  return { name, keyId, type: KEY_TYPES.ed25519, sign: (message) => ed25519.sign(message, key.seed) }
}

function malformed(field: 'vkey' | 'skey'): DoverieError {
  return new DoverieError('invalid-value', 'This is not a note key of a known type.', { field })
}
