import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  type KeyObject,
  timingSafeEqual,
} from 'node:crypto'
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
  readonly commitment: Buffer
}

/** Derives the working keys of a 32-byte compartment key. */
export function openKey(
  key: Uint8Array,
  of: { readonly keyId: Uuid; readonly subject: Uuid; readonly compartment: string; readonly generation: number },
): OpenKey {
  const info = `doverie/compartment/v1\n${of.subject}\n${of.compartment}\n${of.generation}`
  const block = createHmac('sha512', createSecretKey(key)).update(info).update(FIRST_BLOCK).digest()
  return { ...of, encryption: createSecretKey(block.subarray(0, 32)), commitment: block.subarray(32) }
}

/** Seals bytes. `nonce` is 12 random bytes used once; a compartment key seals far fewer than 2^32 values in its life. */
export function seal(key: OpenKey, context: SealContext, plain: Uint8Array, nonce: Uint8Array): Buffer {
  const header = headerOf(key.keyId)
  const cipher = createCipheriv('aes-256-gcm', key.encryption, nonce)
  cipher.setAAD(associated(header, context))
  return Buffer.concat([header, nonce, key.commitment, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

/**
 * Opens a sealed value, or throws `sealed-value-damaged` naming what does not fit (never the value). Everything in `sealed`
 * is attacker-controlled: it may come from another row, another person or an old backup.
 */
export function unseal(key: OpenKey, context: SealContext, sealed: Uint8Array): Buffer {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength)
  if (bytes.length < PREFIX + TAG) throw damaged('truncated', context)
  if (bytes[0] !== FORMAT) throw damaged('format', context)
  const header = bytes.subarray(0, HEADER)
  if (!header.equals(headerOf(key.keyId))) throw damaged('key', context)
  if (key.subject !== context.subject || key.compartment !== context.compartment) throw damaged('person', context)
  if (key.generation !== context.generation) throw damaged('generation', context)
  if (!timingSafeEqual(bytes.subarray(HEADER + NONCE, PREFIX), key.commitment)) throw damaged('commitment', context)
  const decipher = createDecipheriv('aes-256-gcm', key.encryption, bytes.subarray(HEADER, HEADER + NONCE))
  decipher.setAAD(associated(header, context))
  decipher.setAuthTag(bytes.subarray(bytes.length - TAG))
  try {
    return Buffer.concat([decipher.update(bytes.subarray(PREFIX, bytes.length - TAG)), decipher.final()])
  } catch {
    throw damaged('tag', context)
  }
}

function headerOf(keyId: Uuid): Buffer {
  const header = Buffer.allocUnsafe(HEADER)
  header[0] = FORMAT
  header.write(keyId.replaceAll('-', ''), 1, 16, 'hex')
  return header
}

function associated(header: Buffer, context: SealContext): Buffer {
  const { subject, compartment, generation, part, version } = context
  return Buffer.concat([
    header,
    Buffer.from(`doverie/sealed/v1\n${subject}\n${compartment}\n${generation}\n${part}\n${version}`),
  ])
}

function damaged(what: string, context: SealContext): DoverieError {
  return new DoverieError('sealed-value-damaged', `A sealed value does not verify (${what}).`, {
    what,
    compartment: context.compartment,
  })
}
