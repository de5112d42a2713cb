import { DoverieError, isUuid } from '@doverie/core/base'
import { renderAddressSheet } from '../../documents/pdf.ts'
import type { Caller } from '../../guard/caller.ts'
import type { Vault } from '../../guard/vault.ts'
import { findReply } from '../../store/replies.ts'
import { assertDuty } from '../duties.ts'
import { policyOf } from './law.ts'
import { readLetter } from './read-letter.ts'

/**
 * The address sheet of a printed reply, from what the letter says of its sender; the reading of the letter is in the ledger. Throws
 * `not-found`, and `conflict` where the letter gives no address to post to.
 */
export async function printAddressSheet(vault: Vault, caller: Caller, id: string): Promise<Buffer> {
  await assertDuty(vault, caller, 'requests')
  const reply = isUuid(id) ? await findReply(vault.data, id) : null
  if (reply === null) throw new DoverieError('not-found', undefined, { field: 'reply' })
  const { content } = await readLetter(vault, caller, reply.letter)
  const { name = '', address = '' } = content?.sender ?? {}
  if (address.trim() === '') throw new DoverieError('conflict', 'The letter gives no address to post to.')
  const { operator } = policyOf(vault)
  return renderAddressSheet([operator.name, operator.address['ru'] ?? ''], [name, address])
}
