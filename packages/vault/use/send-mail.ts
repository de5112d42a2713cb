import type { Instant } from '@doverie/core/base'
import { type Letter, openLetter } from '../guard/letters.ts'
import type { Vault } from '../guard/vault.ts'
import { deleteMail, listMail, takeDueMail } from '../store/outbox.ts'

/**
 * Sends letters that are due through `send`, and forgets each once it was taken. A crash in between sends it once more. Gives
 * how many went; a letter that `send` rejects waits for its next time.
 */
export async function sendDueMail(vault: Vault, send: (letter: Letter) => Promise<void>): Promise<number> {
  let sent = 0
  for (const row of await takeDueMail(vault.data, vault.now(), 20)) {
    try {
      await send(await openLetter(vault, row))
    } catch {
      // The peer's words may quote the address; only the count of attempts remains of the failure.
      continue
    }
    await deleteMail(vault.data, row.id)
    sent += 1
  }
  return sent
}

/** What the development mailbox shows: the newest letters that no mail server has taken. */
export async function listDevelopmentMail(vault: Vault): Promise<readonly (Letter & { readonly at: Instant })[]> {
  const rows = await listMail(vault.data, 200)
  return Promise.all(rows.map(async (row) => ({ ...(await openLetter(vault, row)), at: row.createdAt })))
}
