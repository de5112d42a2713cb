import { DoverieError, type Instant, type Uuid } from '@doverie/core/base'
import { type OpenKey, seal, unseal } from '../seal/envelope.ts'
import type { HeldKey } from './key-ring.ts'
import type { LetterKey } from './letter-keys.ts'
import type { Vault } from './vault.ts'

const PREFIX = 'reply '

/** True of the name of a key under which an answer with a person's data lies: it goes with the first of these data that does. */
export function isAnswerKey(compartment: string): boolean {
  return compartment.startsWith(PREFIX)
}

export function answerKeyName(reply: Uuid): string {
  return PREFIX + reply
}

/**
 * Makes the key of an answer that has a person's data in it: the person's own, in their cell, durable before anything is sealed under it.
 * What is sealed lies under it and under the letter's key around it: the letter is kept for a term, the data in the answer no longer
 * than the data are. A crash before the answer is stored leaves a key that goes with the person. Throws `key-missing` for nobody.
 */
export async function createAnswerKey(vault: Vault, outer: LetterKey, subject: Uuid, reply: Uuid): Promise<LetterKey> {
  const at = vault.now()
  const cell = (await vault.ring.load([subject], at)).get(subject)?.[0]?.cellId
  if (cell === undefined) throw new DoverieError('key-missing')
  const keys = await vault.ring.extend(subject, cell, new Map([[answerKeyName(reply), 1]]), at)
  return within(vault, outer, subject, reply, keys)
}

/** The same key later. Throws `key-missing` once the data are destroyed. */
export async function loadAnswerKey(
  vault: Vault,
  outer: LetterKey,
  subject: Uuid,
  reply: Uuid,
  at: Instant,
): Promise<LetterKey> {
  return within(vault, outer, subject, reply, (await vault.ring.load([subject], at)).get(subject) ?? [])
}

function within(vault: Vault, outer: LetterKey, subject: Uuid, reply: Uuid, keys: readonly HeldKey[]): LetterKey {
  const compartment = answerKeyName(reply)
  const held = keys.find((key) => key.compartment === compartment)
  if (held === undefined) throw new DoverieError('key-missing', undefined, { compartment: 'reply' })
  const key: OpenKey = held.open(subject)
  const context = (part: string) => ({ subject, compartment, generation: held.generation, part, version: 1 })
  return {
    seal: (part, plain) => outer.seal(part, seal(key, context(part), plain, vault.random(12))),
    open: (part, sealed) => unseal(key, context(part), outer.open(part, sealed)),
  }
}
