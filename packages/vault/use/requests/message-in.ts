import { createHash } from 'node:crypto'
import type { Instant } from '@doverie/core/base'
import type { MailHeader } from '@doverie/core/request'
import type { MailNotes, Remark, Sender } from './letter-content.ts'
import type { PartIn } from './letter-content.ts'
import type { LetterIn } from './register-letter.ts'

/** A message as it lies in the mailbox. */
export interface MessageIn {
  /** When the operator's server took it (INTERNALDATE): the clocks count from here, whatever the message says of itself. */
  readonly receivedAt: Instant
  /** As it came; only its beginning where it was too large to be taken whole. */
  readonly raw: Uint8Array
  readonly bytes: number
  /** True where the server put it with spam. */
  readonly junk: boolean
  /** Null where nobody could take it apart: it is registered all the same. */
  readonly read: ReadMessage | null
}

/** A message taken apart. All of it is what its sender wrote. */
export interface ReadMessage {
  readonly headers: readonly MailHeader[]
  readonly from: { readonly name: string; readonly address: string } | null
  readonly heading: string
  /** As text, whatever it came as. */
  readonly text: string
  readonly messageId: string
  /** Ids of messages that it says it answers. */
  readonly references: readonly string[]
  readonly parts: readonly PartIn[]
  /** Of a bounce: what it says of whom, and the ids of the messages that it brings back. */
  readonly report: { readonly status: string; readonly returned: readonly string[] } | null
  readonly remarks: readonly Remark[]
}

/**
 * What makes a message this one, whichever way and however often it was delivered: its id, author, day, heading and words, without what relays
 * wrote above them. INVARIANT: the id alone is not enough: whoever knows it could have another's letter taken for a repetition.
 */
export function identityOf({ raw, bytes }: Pick<MessageIn, 'raw' | 'bytes'>): string {
  const whole = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength)
  const gap = /\r?\n\r?\n/.exec(whole.subarray(0, 262_144).toString('latin1'))
  const head = whole.subarray(0, gap?.index ?? 0).toString('latin1')
  const lines = head.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)
  const kept = lines.filter((line) => /^(message-id|from|date|subject):/i.test(line)).map((line) => line.trim())
  const body = whole.subarray(gap === null ? 0 : gap.index + gap[0].length)
  const hash = createHash('sha256')
    .update(JSON.stringify([bytes - whole.length, kept]))
    .update(body)
  return `mail ${hash.digest('hex')}`
}

/** No letter came before: a server whose clock was never set says so. */
const FIRST_DAY = Date.UTC(2000, 0, 1)

/** A message as a letter of the register, whoever it is about. `own` is what of it is looked at for what it asks. */
export function letterOfMessage(
  { read, raw, receivedAt }: Pick<MessageIn, 'read' | 'raw' | 'receivedAt'>,
  mail: MailNotes,
  own: string,
  now: Instant,
): LetterIn {
  return {
    channel: 'mail',
    receivedAt: receivedAt < FIRST_DAY ? undefined : Math.min(receivedAt, now),
    sender: senderOf(read),
    heading: read?.heading ?? '',
    text: read?.text ?? '',
    own,
    messageId: read?.messageId ?? '',
    parts: partsOf({ read, raw }),
    mail,
  }
}

export function senderOf(read: ReadMessage | null): Sender {
  const { name = '', address = '' } = read?.from ?? {}
  return { name: name.slice(0, 300), email: address.slice(0, 254), phone: '', address: '' }
}

/** What hung on a message, and the message as it came: what was reduced, cut or could not be read is in that. */
export function partsOf({ read, raw }: Pick<MessageIn, 'read' | 'raw'>): readonly PartIn[] {
  return [...(read?.parts ?? []), { name: 'message.eml', type: 'message/rfc822', content: raw }]
}
