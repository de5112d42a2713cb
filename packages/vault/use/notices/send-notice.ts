import type { Policy } from '@doverie/core/policy'
import { queueLetter } from '../../guard/letters.ts'
import type { Vault } from '../../guard/vault.ts'
import type { Queryable } from '../../store/database.ts'
import { type RecipientLetterRow, saveRecipientLetter } from '../../store/recipient-letters.ts'

/**
 * Sends a made letter to the mailbox that the policy has of its recipient, attached: there is nobody's data in it. Where the policy has
 * none it stays to be printed. Gives the letter as it is then.
 */
export async function sendIfMailbox(
  vault: Vault,
  tx: Queryable,
  policy: Policy,
  letter: RecipientLetterRow,
): Promise<RecipientLetterRow> {
  const to = policy.recipients.get(letter.recipient)?.email ?? null
  if (to === null || letter.pdf === null || letter.number === null) return letter
  const content = Buffer.from(letter.pdf).toString('base64')
  await queueLetter(vault, tx, vault.newId(), {
    to,
    subject: `Письмо № ${letter.number}, ${policy.operator.name} / Letter No. ${letter.number}`,
    text: `Письмо № ${letter.number} приложено. Подтвердите, пожалуйста, получение ответом на него.\n\nLetter No. ${letter.number} is attached. Please confirm it by a reply.`,
    attachments: [{ name: `${letter.number}.pdf`, type: 'application/pdf', content }],
  })
  const sent: RecipientLetterRow = { ...letter, state: 'sent', channel: 'mail', sentAt: vault.now(), wakeAt: null }
  await saveRecipientLetter(tx, sent)
  return sent
}
