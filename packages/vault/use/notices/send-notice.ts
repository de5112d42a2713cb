import type { Uuid } from '@doverie/core/base'
import type { Policy } from '@doverie/core/policy'
import { queueLetter } from '../../guard/letters.ts'
import type { Vault } from '../../guard/vault.ts'
import { recordAct } from '../../guard/record-act.ts'
import { type Queryable, transaction } from '../../store/database.ts'
import { lockRecipientLetter, type RecipientLetterRow, saveRecipientLetter } from '../../store/recipient-letters.ts'

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
  // Under the letter's own id, by which it is found again where the mailbox does not take it.
  await queueLetter(vault, tx, letter.id, {
    to,
    subject: `Письмо № ${letter.number}, ${policy.operator.name} / Letter No. ${letter.number}`,
    text: `Письмо № ${letter.number} приложено. Подтвердите, пожалуйста, получение ответом на него.\n\nLetter No. ${letter.number} is attached. Please confirm it by a reply.`,
    attachments: [{ name: `${letter.number}.pdf`, type: 'application/pdf', content }],
  })
  const sent: RecipientLetterRow = { ...letter, state: 'sent', channel: 'mail', sentAt: vault.now(), wakeAt: null }
  await saveRecipientLetter(tx, sent)
  return sent
}

/**
 * Takes back that a letter about corrected or destroyed data was sent, where the recipient's mailbox did not take it (`holder` is what it
 * was queued under): it is to be printed and posted, its clock runs again, and requests that wait for it wait. Nothing for any other mail.
 */
export async function returnNotice(vault: Vault, holder: Uuid): Promise<void> {
  await transaction(vault.data, async (tx) => {
    const letter = await lockRecipientLetter(tx, holder)
    if (letter?.state !== 'sent' || letter.channel !== 'mail' || letter.demand !== null) return
    await saveRecipientLetter(tx, { ...letter, state: 'made', channel: 'print', sentAt: null, wakeAt: vault.now() })
    const { kind, recipient } = letter
    const clauses = vault.policy()?.recipients.get(recipient)?.clauses ?? []
    await recordAct(vault, tx, 'mark-recipient-letter', null, clauses, { document: kind, recipient, state: 'made' })
  })
}
