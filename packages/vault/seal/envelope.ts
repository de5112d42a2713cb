import { createCipheriv, createDecipheriv, createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import { DoverieError, type Uuid } from '@doverie/core/base'

/**
 * A sealed value, version 1:
 *
 *     01 | key id (16) | nonce (12) | commitment (32) | AES-256-GCM ciphertext | tag (16)
 *
 * The encryption key and the commitment are the two halves of one HKDF-Expand block (RFC 5869 with SHA-512; the compartment
 * key is uniformly random, so it is the PRK itself, section 3.3), whose info names person, compartment and generation; the associated data repeats them with the value's version and what is sealed. A swapped record, person,
 * generation or older version fails, and the commitment is compared before decryption, so no second key opens a value.
 */
const FORMAT = 1
/** The counter of HKDF-Expand's first block. */
const FIRST_BLOCK = Buffer.of(1)
const HEADER = 1 + 16
const NONCE = 12
const COMMITMENT = 32
const TAG = 16
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

/** A compartment key ready for use. Holds secrets: never log, never serialise. */
export interface OpenKey {
  readonly keyId: Uuid
  readonly subject: Uuid
  readonly compartment: string
  readonly generation: number
  readonly encryption: KeyObject
  /** The header of what this key seals, and the start of its associated data: the same at every use. */
  readonly header: Buffer
  readonly associated: Buffer
  readonly commitment: Buffer
}

/** Derives the working keys of a 32-byte compartment key. */
export function openKey(
  key: Uint8Array,
  of: { readonly keyId: Uuid; readonly subject: Uuid; readonly compartment: string; readonly generation: number },
): OpenKey {
  const { keyId, subject, compartment, generation } = of
  const info = `doverie/compartment/v1\n${subject}\n${compartment}\n${generation}`
  const block = createHmac('sha512', createSecretKey(key)).update(info).update(FIRST_BLOCK).digest()
  const header = headerOf(keyId)
  return {
    ...of,
    encryption: createSecretKey(block.subarray(0, 32)),
    commitment: block.subarray(32),
    header,
    associated: Buffer.concat([header, Buffer.from(`doverie/sealed/v1\n${subject}\n${compartment}\n${generation}\n`)]),
  }
}

/**
 * Seals bytes under a key that must be the context's own. `nonce` is 12 random bytes used once; a compartment key seals far
 * fewer than 2^32 values in its life.
 */
export function seal(key: OpenKey, context: SealContext, plain: Uint8Array, nonce: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key.encryption, nonce)
  cipher.setAAD(associatedOf(key, context))
  const body = cipher.update(plain)
  cipher.final()
  return Buffer.concat([key.header, nonce, key.commitment, body, cipher.getAuthTag()])
}

/**
 * Opens a sealed value, or throws `sealed-value-damaged` naming what does not fit (never the value). Everything in `sealed`
 * is attacker-controlled: it may come from another row, another person or an old backup.
 */
export function unseal(key: OpenKey, context: SealContext, sealed: Uint8Array): Buffer {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength)
  if (bytes.length < PREFIX + TAG) throw damaged('truncated', context)
  if (bytes[0] !== FORMAT) throw damaged('format', context)
  if (key.header.compare(bytes, 0, HEADER) !== 0) throw damaged('key', context)
  if (key.subject !== context.subject || key.compartment !== context.compartment) throw damaged('person', context)
  if (key.generation !== context.generation) throw damaged('generation', context)
  // Both sides stand in the clear in every value under this key: there is no secret for the comparison's time to tell.
  if (key.commitment.compare(bytes, HEADER + NONCE, PREFIX) !== 0) throw damaged('commitment', context)
  const decipher = createDecipheriv('aes-256-gcm', key.encryption, bytes.subarray(HEADER, HEADER + NONCE))
  decipher.setAAD(associatedOf(key, context))
  decipher.setAuthTag(bytes.subarray(bytes.length - TAG))
  const plain = decipher.update(bytes.subarray(PREFIX, bytes.length - TAG))
  try {
    // GCM gives nothing more here: this only says whether the tag holds.
    decipher.final()
  } catch {
    throw damaged('tag', context)
  }
  return plain
}

function headerOf(keyId: Uuid): Buffer {
  const header = Buffer.allocUnsafe(HEADER)
  header[0] = FORMAT
  header.write(keyId.replaceAll('-', ''), 1, 16, 'hex')
  return header
}

function associatedOf(key: OpenKey, { part, version }: SealContext): Buffer {
  return Buffer.concat([key.associated, Buffer.from(`${part}\n${version}`)])
}

function damaged(what: string, context: SealContext): DoverieError {
  return new DoverieError('sealed-value-damaged', `A sealed value does not verify (${what}).`, {
    what,
    compartment: context.compartment,
  })
}
