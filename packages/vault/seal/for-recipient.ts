import { DoverieError } from '@doverie/core/base'
import { Encrypter } from 'age-encryption'

/** Encrypts bytes to a recipient's public key (age, X25519): whoever has the identity opens them, and nobody here. Throws as `checkRecipientKey`. */
export async function encryptTo(key: string, plain: Uint8Array): Promise<Buffer> {
  return Buffer.from(await recipientOf(key).encrypt(plain))
}

/** Throws `invalid-request` for what is no public key of age, and never quotes it. */
export function checkRecipientKey(key: string): void {
  recipientOf(key)
}

function recipientOf(key: string): Encrypter {
  const encrypter = new Encrypter()
  try {
    encrypter.addRecipient(key)
  } catch {
    const secret = /^AGE-SECRET-KEY-/i.test(key)
    const what = secret
      ? 'A secret key was given: the public one is wanted (age1…).'
      : 'This is no age recipient (age1…).'
    throw new DoverieError('invalid-request', what, { field: 'key' })
  }
  return encrypter
}
