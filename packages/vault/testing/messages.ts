import type { Vault } from '../guard/vault.ts'
import { listMail } from '../store/outbox.ts'
import { openLetter } from '../guard/letters.ts'
import type { MessageIn, ReadMessage } from '../use/requests/message-in.ts'
import { freshNumber } from './open-test-vault.ts'

export interface Written {
  readonly from?: string | null
  readonly heading?: string
  readonly text?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly id?: string
  readonly references?: readonly string[]
  readonly report?: ReadMessage['report']
  readonly junk?: boolean
  readonly receivedAt?: number
  readonly parts?: ReadMessage['parts']
}

/** A message as it lies in the mailbox, taken apart. */
export function message(vault: Vault, written: Written): MessageIn {
  const { from = `anna.${freshNumber()}@example.org`, heading = 'вопрос', text = '', headers = {} } = written
  const id = written.id ?? `${freshNumber()}@mail.example.org`
  const all = { 'message-id': `<${id}>`, from: from ?? '', subject: heading, ...headers }
  const head = Object.entries(all).map(([key, value]) => ({ key, value }))
  const raw = Buffer.from(`${head.map(({ key, value }) => `${key}: ${value}`).join('\r\n')}\r\n\r\n${text}`)
  return {
    receivedAt: written.receivedAt ?? vault.now(),
    raw,
    bytes: raw.length,
    junk: written.junk === true,
    read: {
      headers: head,
      from: from === null ? null : { name: '', address: from },
      heading,
      text,
      messageId: id,
      references: written.references ?? [],
      parts: written.parts ?? [],
      report: written.report ?? null,
      remarks: [],
    },
  }
}

/** Letters to an address that wait to go, newest first, with the id that their Message-ID has. */
export async function queuedTo(
  vault: Vault,
  address: string,
): Promise<readonly { readonly id: string; readonly subject: string; readonly text: string }[]> {
  const rows = await listMail(vault.data, 500)
  const letters = await Promise.all(rows.map(async (row) => ({ id: row.id, ...(await openLetter(vault, row)) })))
  return letters.filter(({ to }) => to === address)
}
