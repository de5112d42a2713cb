import type { Changing } from '../guard/change.ts'
import { type Letter, queueLetter } from '../guard/letters.ts'
import { currentValues } from '../guard/values.ts'
import type { Vault } from '../guard/vault.ts'
import { placeOf } from '../guard/vocabulary.ts'
import { type OwnPage, pageOf } from './page-of.ts'

/** A letter to whoever it is about, and the page of theirs that it speaks of, whose address ends it. */
export interface OwnLetter extends Omit<Letter, 'to'> {
  readonly page?: OwnPage
}

/**
 * Tells a person under change something at the mailbox that is proved to be theirs, in the change's transaction; nobody where none
 * is. The change must touch the mailbox's compartment. True where there was somebody to tell.
 */
export async function tellMailbox(vault: Vault, changing: Changing, { page, ...letter }: OwnLetter): Promise<boolean> {
  if (!changing.facts().proved.includes('email')) return false
  const { compartment, field } = placeOf(changing.policy, changing.policy.system.signIn)
  const to = (await currentValues(changing)).get(compartment)?.[field]
  if (typeof to !== 'string') return false
  const text = page === undefined ? letter.text : `${letter.text}\n\n${pageOf(vault, changing.policy, page)}`
  await queueLetter(vault, changing.tx, changing.permit.subject, { ...letter, text, to })
  return true
}
