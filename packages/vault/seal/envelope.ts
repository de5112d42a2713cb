import { createHmac, createSecretKey } from 'node:crypto'
import { DoverieError, type Uuid } from '@doverie/core/base'
import { chachaOpen, chachaSeal, gcmOpen, TAG } from './aead.ts'

/**
 * A sealed value:
 *
 *     format (1) | key id (16) | nonce (12) | commitment (32) | cipher text | tag (16)
 *
 * Format 2, which is written, is ChaCha20-Poly1305; format 1, which still opens, AES-256-GCM. The encryption key and the
 * commitment are the two halves of one HKDF-Expand block (RFC 5869 with SHA-512; the compartment key is uniformly random, so it
 * is the PRK itself, section 3.3), whose info names format, person, compartment and generation; the associated data repeats
 * them with the value's version and what is sealed. A swapped record, person, generation or older version fails, and the
 * commitment is compared before decryption, so no second key opens a value.
 */
type Format = 1 | 2
const FORMAT = 2
/** The counter of HKDF-Expand's first block. */
const FIRST_BLOCK = Buffer.of(1)
const HEADER = 1 + 16
const NONCE = 12
const COMMITMENT = 32
const PREFIX = HEADER + NONCE + COMMITMENT

/** Where a value belongs: everything that must still be true when it is opened. */
export interface SealContext {
  readonly subject: Uuid
  readonly compartment: string
  readonly generation: number
  /** `record` for a compartment's values, else what hangs on the person under this key (an event's id). */
  readonly part: string
  readonly version: number
}

/**
 * A compartment key ready for use. Holds secrets: never log, never serialise. Bytes are text of a character each: text is the
 * smallest thing that holds bytes, and there are keys for everybody remembered.
 */
export interface OpenKey {
  readonly subject: Uuid
  readonly compartment: string
  readonly generation: number
  /** Its id, 16 bytes. */
  readonly id: string
  /** The compartment key itself, 32 bytes. */
  readonly secret: string
  readonly encryption: string
  readonly commitment: string
}

/** Derives the working keys of a 32-byte compartment key. */
export function openKey(
  key: Uint8Array,
  of: { readonly keyId: Uuid; readonly subject: Uuid; readonly compartment: string; readonly generation: number },
): OpenKey {
  const { keyId, subject, compartment, generation } = of
  const id = Buffer.from(keyId.replaceAll('-', ''), 'hex').toString('latin1')
  const secret = Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1')
  return { subject, compartment, generation, id, secret, ...workingKeys(FORMAT, key, of) }
}

function workingKeys(
  format: Format,
  key: Uint8Array,
  of: { readonly subject: Uuid; readonly compartment: string; readonly generation: number },
): { readonly encryption: string; readonly commitment: string } {
  const info = `doverie/compartment/v${format}\n${of.subject}\n${of.compartment}\n${of.generation}`
  const block = createHmac('sha512', createSecretKey(key)).update(info).update(FIRST_BLOCK).digest()
  return { encryption: block.toString('latin1', 0, 32), commitment: block.toString('latin1', 32) }
}

/**
 * Seals bytes under a key that must be the context's own. `nonce` is 12 random bytes used once; a compartment key seals far
 * fewer than 2^32 values in its life.
 */
export function seal(key: OpenKey, context: SealContext, plain: Uint8Array, nonce: Uint8Array): Buffer {
  const body = chachaSeal(Buffer.from(key.encryption, 'latin1'), nonce, associatedOf(FORMAT, key, context), plain)
  const prefix = Buffer.allocUnsafe(PREFIX)
  prefix[0] = FORMAT
  prefix.write(key.id, 1, 'latin1')
  prefix.set(nonce, HEADER)
  prefix.write(key.commitment, HEADER + NONCE, 'latin1')
  return Buffer.concat([prefix, body])
}

/**
 * Opens a sealed value, or throws `sealed-value-damaged` naming what does not fit (never the value). Everything in `sealed`
 * is attacker-controlled: it may come from another row, another person or an old backup.
 */
export function unseal(key: OpenKey, context: SealContext, sealed: Uint8Array): Buffer {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength)
  if (bytes.length < PREFIX + TAG) throw damaged('truncated', context)
  const format = bytes[0]
  if (format !== 1 && format !== 2) throw damaged('format', context)
  // Both sides stand in the clear in every value under this key: there is no secret for these comparisons' time to tell.
  if (bytes.toString('latin1', 1, HEADER) !== key.id) throw damaged('key', context)
  if (key.subject !== context.subject || key.compartment !== context.compartment) throw damaged('person', context)
  if (key.generation !== context.generation) throw damaged('generation', context)
  const { encryption, commitment } =
    format === FORMAT ? key : workingKeys(format, Buffer.from(key.secret, 'latin1'), key)
  if (bytes.toString('latin1', HEADER + NONCE, PREFIX) !== commitment) throw damaged('commitment', context)
  const open = format === FORMAT ? chachaOpen : gcmOpen
  const nonce = bytes.subarray(HEADER, HEADER + NONCE)
  const associated = associatedOf(format, key, context)
  const plain = open(Buffer.from(encryption, 'latin1'), nonce, associated, bytes.subarray(PREFIX))
  if (plain === null) throw damaged('tag', context)
  return Buffer.from(plain.buffer, plain.byteOffset, plain.byteLength)
}

/** Where the associated data of one value is put together, to be taken in by the cipher at once. */
const scratch = Buffer.alloc(1_024)

/** The header and, in words, everything that must still be true when the value is opened. */
function associatedOf(format: Format, key: OpenKey, { part, version }: SealContext): Buffer {
  const words = `doverie/sealed/v${format}\n${key.subject}\n${key.compartment}\n${key.generation}\n${part}\n${version}`
  // A character of UTF-16 is three bytes of UTF-8 at most.
  const room = HEADER + 3 * words.length <= scratch.length ? scratch : Buffer.alloc(HEADER + 3 * words.length)
  room[0] = format
  room.write(key.id, 1, 'latin1')
  return room.subarray(0, HEADER + room.write(words, HEADER))
}

function damaged(what: string, context: SealContext): DoverieError {
  return new DoverieError('sealed-value-damaged', `A sealed value does not verify (${what}).`, {
    what,
    compartment: context.compartment,
  })
}
