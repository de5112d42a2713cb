import { canonical, DoverieError, equalBytes, fromHex, fromUtf8, hex, utf8 } from '../base/index.ts'
import { SALT_SIZE } from './entry.ts'
import { type Sha256, sha256 } from './hash.ts'

/**
 * What opens one entry of the log: the salt and the body that the public 32 bytes commit to. Private: whoever holds it can show
 * what was done, and that it stands in the log. It goes into a proof file as its `extra`.
 */
export interface Opening {
  readonly salt: Uint8Array
  /** Canonical JSON, exactly as committed to. */
  readonly body: string
}

/** Separates the name by which a person knows an entry from any other use of their secret. */
export const REF_DOMAIN = 'doverie/ref/v1\n'
const REF_KEY_SIZE = 32
const BLOCK = 64

/** The bytes of an opening: canonical JSON of `body`, `salt` (hex) and `v`, which is 1. */
export function formatOpening({ salt, body }: Opening): Uint8Array {
  if (salt.length !== SALT_SIZE || !body.isWellFormed()) throw malformed()
  return utf8(canonical({ body, salt: hex(salt), v: 1 }))
}

/** The inverse of `formatOpening`; throws `invalid-value` on any other bytes. That they open an entry is for who hashes to say. */
export function parseOpening(bytes: Uint8Array): Opening {
  const { body, salt } = membersOf(bytes)
  const decoded = typeof salt === 'string' ? fromHex(salt) : null
  if (typeof body !== 'string' || decoded?.length !== SALT_SIZE || !body.isWellFormed()) throw malformed()
  const opening = { salt: decoded, body }
  // One text for one value: upper-case digits, another order, further members are all refused by this.
  if (!equalBytes(formatOpening(opening), bytes)) throw malformed()
  return opening
}

function membersOf(bytes: Uint8Array): { readonly body?: unknown; readonly salt?: unknown } {
  let value: unknown
  try {
    value = JSON.parse(fromUtf8(bytes))
  } catch {
    throw malformed()
  }
  return typeof value === 'object' && value !== null ? value : {}
}

/**
 * The name by which the holder of a ledger secret (32 bytes) recognises an entry as theirs: HMAC-SHA-256 (RFC 2104) of the
 * entry's id, the first 16 bytes in hex. It is the `ref` of the entry's body.
 */
export function refOf(secret: Uint8Array, entry: string, hash: Sha256 = sha256): string {
  if (secret.length !== REF_KEY_SIZE) {
    throw new DoverieError('invalid-value', 'A ledger secret has 32 bytes.', { field: 'secret' })
  }
  const message = utf8(REF_DOMAIN + entry)
  const inner = new Uint8Array(BLOCK + message.length).fill(0x36, 0, BLOCK)
  const outer = new Uint8Array(BLOCK + 32).fill(0x5c, 0, BLOCK)
  for (const [i, byte] of secret.entries()) {
    inner[i] = byte ^ 0x36
    outer[i] = byte ^ 0x5c
  }
  inner.set(message, BLOCK)
  outer.set(hash(inner), BLOCK)
  return hex(hash(outer).subarray(0, 16))
}

function malformed(): DoverieError {
  return new DoverieError('invalid-value', 'This does not open an entry.', { field: 'extra' })
}
