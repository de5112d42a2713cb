import { DoverieError } from '@doverie/core/base'
import type { Caller } from '../guard/caller.ts'
import type { Changing } from '../guard/change.ts'
import { type Letter, queueLetter } from '../guard/letters.ts'
import { differing, type Values } from '../guard/values.ts'
import type { Vault } from '../guard/vault.ts'
import { placeOf } from '../guard/vocabulary.ts'
import { sendCode, type SentCode } from './request-code.ts'

/**
 * Where a change replaces a person's e-mail: tells the old mailbox (a hijacked session must not go unseen) and, where the person
 * made it, sends a code to the new one. Both letters belong to the change's transaction. Null where the e-mail stays, and where
 * staff changed it.
 */
export async function tellAddresses(
  vault: Vault,
  changing: Changing,
  caller: Caller,
  before: ReadonlyMap<string, Values>,
  given: ReadonlyMap<string, Values>,
): Promise<SentCode | null> {
  const { tx, policy } = changing
  const { compartment, field } = placeOf(policy, policy.system.signIn)
  const group = given.get(compartment)
  if (group === undefined || !Object.hasOwn(group, field)) return null
  const held = before.get(compartment) ?? {}
  if (!differing(held, group).includes(field)) return null
  const acting = caller.kind === 'representative' ? caller.representative : null
  if (changing.facts().representatives?.some(({ id, kind }) => id === acting && kind === 'attorney') === true) {
    throw new DoverieError('forbidden', 'An attorney does not change the mailbox by which the person signs in.')
  }
  const [old, next] = [held[field], group[field]]
  if (typeof old === 'string') await queueLetter(vault, tx, vault.newId(), changedLetter(old))
  if (caller.kind !== 'subject' || typeof next !== 'string') return null
  return sendCode(vault, tx, caller.subject, next)
}

function changedLetter(to: string): Letter {
  return {
    to,
    subject: 'Адрес изменён / Address changed',
    text: [
      'Вместо этого адреса в ваших данных указан другой. Если это сделали не вы, сообщите нам сразу.',
      '',
      'Another address stands in your data instead of this one. If that was not you, tell us at once.',
    ].join('\n'),
  }
}
