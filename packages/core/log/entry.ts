import { concat, DoverieError, utf8 } from '../base/index.ts'
import { type Sha256, sha256 } from './hash.ts'

/** Separates these commitments from any other use of SHA-256. The trailing digit changes with the leaf format, never in place. */
export const ENTRY_DOMAIN = 'doverie/entry/v1\n'

/** Bytes of an entry's salt. */
export const SALT_SIZE = 32

/**
 * What a log entry commits to: domain, 32 random bytes, the body. Salt and body stay private: whoever is given both can
 * check the public entry, and without the salt a body cannot be guessed from it.
 * `body` is canonical JSON (`canonical` of core/base); the length of the salt is fixed, so the text splits in one way only.
 */
export function commitmentInput(salt: Uint8Array, body: string): Uint8Array {
  if (salt.length !== SALT_SIZE) throw new DoverieError('invalid-value', 'A salt has 32 bytes.', { field: 'salt' })
  // Two bodies with lone surrogates would become the same bytes.
  if (!body.isWellFormed())
    throw new DoverieError('invalid-value', 'The body is not well-formed text.', { field: 'body' })
  return concat(utf8(ENTRY_DOMAIN), salt, utf8(body))
}

/** The log entry: 32 bytes, the only part of a decision or a change of state that is public. */
export function commitment(salt: Uint8Array, body: string, hash: Sha256 = sha256): Uint8Array {
  return hash(commitmentInput(salt, body))
}
