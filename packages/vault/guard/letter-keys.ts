import { DoverieError, type Instant, isDoverieError, type Uuid } from '@doverie/core/base'
import { type OpenKey, seal, unseal } from '../seal/envelope.ts'
import type { HeldKey } from './key-ring.ts'
import type { Vault } from './vault.ts'

/** The one compartment of a letter: what came, what hung on it and what was answered share a key and a fate. */
export const LETTER = 'letter'

/** What a letter and all that belongs to it is sealed under. Holds a secret: never log. */
export interface LetterKey {
  readonly seal: (part: string, plain: Uint8Array) => Buffer
  /** Throws `sealed-value-damaged` where the bytes are not those that were sealed as this part of this letter. */
  readonly open: (part: string, sealed: Uint8Array) => Buffer
}

/**
 * Makes the keys of a letter, durable before anything is sealed under them. A letter holds keys as a person does: they are wrapped,
 * re-wrapped and destroyed alike. A crash before the letter is stored leaves keys of nobody, for the sweep.
 */
export async function createLetterKey(vault: Vault, letter: Uuid, at: Instant): Promise<LetterKey> {
  return keyIn(vault, letter, await vault.ring.create(letter, [LETTER], at))
}

/**
 * The key under which a letter that is still kept is answered: its own, or, where an older copy of the key store has lost that, a new one.
 * What came stays closed then, and the answer opens. Throws as `loadLetterKey` does where the cell of its key is gone.
 */
export async function answeringKey(vault: Vault, letter: Uuid, at: Instant): Promise<LetterKey> {
  const held = (await vault.ring.load([letter], at)).get(letter) ?? []
  // Read again: of two who answer at once one has made it.
  if (held.length === 0) await createLetterKey(vault, letter, at)
  return loadLetterKey(vault, letter, at)
}

/** True of the fault of what was sealed under a key that is no more, as against bytes that were changed. */
export function isOfLostKey(error: unknown): boolean {
  if (isDoverieError(error, 'key-missing')) return true
  return isDoverieError(error, 'sealed-value-damaged') && error.details['what'] === 'key'
}

/** The key of a letter in the register. Throws `key-missing` once it is destroyed. */
export async function loadLetterKey(vault: Vault, letter: Uuid, at: Instant): Promise<LetterKey> {
  return keyIn(vault, letter, (await vault.ring.load([letter], at)).get(letter) ?? [])
}

function keyIn(vault: Vault, letter: Uuid, keys: readonly HeldKey[]): LetterKey {
  const held = keys.find(({ compartment }) => compartment === LETTER)
  if (held === undefined) throw new DoverieError('key-missing', undefined, { compartment: LETTER })
  const key: OpenKey = held.open(letter)
  const context = (part: string) => ({
    subject: letter,
    compartment: LETTER,
    generation: held.generation,
    part,
    version: 1,
  })
  return {
    seal: (part, plain) => seal(key, context(part), plain, vault.random(12)),
    open: (part, sealed) => unseal(key, context(part), sealed),
  }
}
