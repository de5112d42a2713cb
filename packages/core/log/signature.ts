import { ed25519 } from '@noble/curves/ed25519.js'
import { concat, DoverieError, isDoverieError, utf8 } from '../base/index.ts'
import { parseCheckpoint } from './checkpoint-text.ts'
import { KEY_TYPES, type Signer, type VerifierKey } from './note-key.ts'

type Verify = (signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array) => boolean

/** Verification of bare signatures. A server passes its platform's; where `mlDsa44` is null such signatures are ignored. */
export interface SignatureVerifiers {
  /** RFC 8032, with its strict checks. */
  readonly ed25519: Verify
  /** FIPS 204, pure, empty context. */
  readonly mlDsa44: Verify | null
}

/** The same everywhere, browsers included. It knows no ML-DSA. */
export const PORTABLE: SignatureVerifiers = {
  // zip215 off: the strict checks of RFC 8032, as every other verifier of the log applies them.
  ed25519: (signature, message, publicKey) => ed25519.verify(signature, message, publicKey, { zip215: false }),
  mlDsa44: null,
}

const TIME_SIZE = 8
const SIZES = { [KEY_TYPES.ed25519]: 64, [KEY_TYPES.cosignature]: 64, [KEY_TYPES.mlDsa44]: 2420 } as const

/** What a note's signature consists of: the bare signature, the message that it is of, and the time that it carries. */
interface SignatureParts {
  readonly message: Uint8Array
  readonly signature: Uint8Array
  /** POSIX seconds at which a cosigner says it signed; null for a plain signature. */
  readonly time: number | null
}

/** The signature that a signer puts under a note's text. Throws `invalid-value` where its type cannot sign this text. */
export function signatureOf(signer: Signer, text: string, time: number | null): Uint8Array {
  if (signer.type === KEY_TYPES.ed25519) return signer.sign(utf8(text))
  if (time === null || !Number.isSafeInteger(time) || time < 0) {
    throw new DoverieError('invalid-value', 'A cosignature has a time.', { field: 'time' })
  }
  const message = messageOf(signer, text, time)
  if (message === null) throw new DoverieError('invalid-value', 'This cannot be cosigned.', { field: 'note' })
  return concat(uint64(time), signer.sign(message))
}

/** Takes a signature line's bytes apart; null where they are none of this key's type, or the text is nothing it signs. */
export function splitSignature(key: VerifierKey, text: string, bytes: Uint8Array): SignatureParts | null {
  const size = SIZES[key.type]
  if (key.type === KEY_TYPES.ed25519) {
    return bytes.length === size ? { message: utf8(text), signature: bytes, time: null } : null
  }
  if (bytes.length !== TIME_SIZE + size) return null
  const time = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0)
  if (time > BigInt(Number.MAX_SAFE_INTEGER)) return null
  const message = messageOf(key, text, Number(time))
  return message === null ? null : { message, signature: bytes.subarray(TIME_SIZE), time: Number(time) }
}

/** Whether the signature verifies; null where the verifiers do not know its type. */
export function verifySignature(
  one: { readonly key: VerifierKey; readonly message: Uint8Array; readonly signature: Uint8Array },
  verifiers: SignatureVerifiers,
): boolean | null {
  const { key, message, signature } = one
  const verify = key.type === KEY_TYPES.mlDsa44 ? verifiers.mlDsa44 : verifiers.ed25519
  return verify === null ? null : verify(signature, message, key.publicKey)
}

/** What a cosigner signs (c2sp.org/tlog-cosignature); null where the text is no checkpoint that it could sign. */
function messageOf(key: Pick<VerifierKey, 'name' | 'type'>, text: string, time: number): Uint8Array | null {
  if (key.type !== KEY_TYPES.mlDsa44) return utf8(`cosignature/v1\ntime ${time}\n${text}`)
  const checkpoint = checkpointIn(text)
  const name = shortText(key.name)
  const origin = checkpoint === null ? null : shortText(checkpoint.origin)
  if (checkpoint === null || name === null || origin === null) return null
  // The structure `cosigned_message`; extension lines are not part of it.
  const { size, root } = checkpoint
  return concat(utf8('subtree/v1\n\0'), name, uint64(time), origin, uint64(0), uint64(size), root)
}

function checkpointIn(text: string): ReturnType<typeof parseCheckpoint> | null {
  try {
    return parseCheckpoint(text)
  } catch (error) {
    if (isDoverieError(error)) return null
    throw error
  }
}

/** `opaque<1..2^8-1>` of RFC 8446: a length of one byte, then the text. */
function shortText(text: string): Uint8Array | null {
  const bytes = utf8(text)
  return bytes.length < 1 || bytes.length > 255 ? null : concat(Uint8Array.of(bytes.length), bytes)
}

function uint64(value: number): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value))
  return bytes
}
