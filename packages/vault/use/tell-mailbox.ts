import type { Changing } from '../guard/change.ts'
import { type Letter, queueLetter } from '../guard/letters.ts'
import { currentValues } from '../guard/values.ts'
import type { Vault } from '../guard/vault.ts'
import { placeOf } from '../guard/vocabulary.ts'

/**
 * Tells a person under change something at the mailbox that is proved to be theirs, in the change's transaction; nobody where none
 * is. The change must touch the mailbox's compartment. True where there was somebody to tell.
 */
export async function tellMailbox(vault: Vault, changing: Changing, letter: Omit<Letter, 'to'>): Promise<boolean> {
  if (!changing.facts().proved.includes('email')) return false
  const { compartment, field } = placeOf(changing.policy, changing.policy.system.signIn)
  const to = (await currentValues(changing)).get(compartment)?.[field]
  if (typeof to !== 'string') return false
  await queueLetter(vault, changing.tx, changing.permit.subject, { ...letter, to })
  return true
}
