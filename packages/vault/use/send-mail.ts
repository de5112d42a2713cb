import type { Instant, Uuid } from '@doverie/core/base'
import { findHolders } from '../guard/index-identifiers.ts'
import { type Letter, openLetter } from '../guard/letters.ts'
import { mailName } from '../guard/mail-name.ts'
import type { Vault } from '../guard/vault.ts'
import { noteBounced } from './note-fact.ts'
import { returnNotice } from './notices/send-notice.ts'
import { deleteMail, listMail, type MailChannel, takeDueMail } from '../store/outbox.ts'

/** What a mail server, or a gateway, said to a letter: it has it, or nobody is there. Whatever else it says is thrown. */
export type MailAnswer = 'taken' | 'nobody-there'

/**
 * Sends letters that are due through `send`, and forgets each once it was taken, or nobody is there: that is noted of whoever has the
 * address as theirs. A crash in between sends it once more, under the same name (`mailName`). Gives how many went; a letter that `send` rejects waits for its next time.
 */
export async function sendDueMail(
  vault: Vault,
  send: (letter: Letter, name: string) => Promise<MailAnswer>,
  channel: MailChannel = 'mail',
): Promise<number> {
  let sent = 0
  for (const row of await takeDueMail(vault.data, channel, vault.now(), 20)) {
    let answer: MailAnswer | 'dropped' = 'dropped'
    try {
      const letter = await openLetter(vault, row)
      if (isWanted(letter, vault.now())) answer = await send(letter, mailName(vault, row.id, letter.to))
      if (answer === 'nobody-there' && channel === 'mail') {
        await noteNobody(vault, row.holder, letter.to)
        await returnNotice(vault, row.holder)
      }
    } catch {
      // The peer's words may quote the address; only the count of attempts remains of the failure.
      continue
    }
    await deleteMail(vault.data, row.id)
    if (answer === 'taken') sent += 1
  }
  return sent
}

/** What is to nobody was queued so that nobody can tell by the work done whether somebody is there; what is late is of no use. */
function isWanted({ to, until }: Letter, now: Instant): boolean {
  return to !== '' && (until === undefined || now < until)
}

/** A letter may be to an address of before, or to one that is not proved yet: only what is the person's own says something of them. */
export async function noteNobody(vault: Vault, holder: Uuid, to: string): Promise<void> {
  const holders = await findHolders(vault, 'email', to, 2)
  if (holders.includes(holder)) await noteBounced(vault, holder, 'email', vault.now())
}

/** What the development mailbox shows: the newest letters that no mail server has taken. */
export async function listDevelopmentMail(
  vault: Vault,
): Promise<readonly (Letter & { readonly at: Instant; readonly channel: MailChannel })[]> {
  const rows = await listMail(vault.data, 200)
  const letters = await Promise.all(
    rows.map(async (row) => ({ ...(await openLetter(vault, row)), at: row.createdAt, channel: row.channel })),
  )
  return letters.filter(({ to }) => to !== '')
}
