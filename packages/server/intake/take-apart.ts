import { LETTER_BYTES } from '@doverie/core/contract'
import { htmlLines } from '@doverie/core/policy'
import { messageIdsIn } from '@doverie/core/request'
import type { ReadMessage } from '@doverie/vault'
import PostalMime, { type Address, type Attachment, decodeWords, type Email } from 'postal-mime'

/** What is looked at of a message's headers. */
const LOOKED_AT = new Set(
  `content-type received x-failed-recipients x-spam-flag x-spam-status x-spam auto-submitted precedence x-autoreply x-autorespond
  x-autoresponder x-vacation return-path list-id list-unsubscribe list-post x-auto-response-suppress authentication-results`.split(
    /\s+/,
  ),
)
const MOST_HEADERS = 300
const MOST_PARTS = 20
const MOST_TEXT = 100_000
const MOST_PAGE = 2_000_000

/**
 * Takes a message apart. Its sender made all of it: headers and nests of parts have their limits, beyond which it throws; attachments
 * are taken as they are, opened by nobody, as many as a letter may have. A web page becomes text: nothing in it is run or fetched.
 */
export async function takeApart(raw: Uint8Array): Promise<ReadMessage> {
  const email = await PostalMime.parse(raw, {
    forceRfc822Attachments: true,
    maxNestingDepth: 50,
    maxHeadersSize: 512 * 1024,
  })
  const headers = email.headers.filter(({ key }) => LOOKED_AT.has(key)).slice(0, MOST_HEADERS)
  const { text, page } = textOf(email)
  const parts = partsOf(email.attachments)
  return {
    headers: headers.map(({ key, value }) => ({ key, value: value.slice(0, 2_000) })),
    from: mailboxOf(email.from),
    heading: headingOf(email).slice(0, 1_000),
    text: text.slice(0, MOST_TEXT),
    messageId: messageIdsIn(email.messageId ?? '')[0] ?? '',
    references: [...messageIdsIn(email.inReplyTo ?? ''), ...messageIdsIn(email.references ?? '')],
    parts,
    report: reportOf(email),
    remarks: [
      ...(page ? (['page'] as const) : []),
      ...(text.length > MOST_TEXT ? (['text-cut'] as const) : []),
      ...(parts.length < email.attachments.length ? (['parts-left'] as const) : []),
    ],
  }
}

/**
 * The heading. Programs cut it into encoded words wherever a line is full, also within a letter (RFC 2047 forbids that): what belongs
 * together is put together before it is decoded.
 */
function headingOf({ headers, subject = '' }: Email): string {
  const value = headers.find(({ key }) => key === 'subject')?.value ?? ''
  if (value.length > 10_000) return subject
  const whole = value.replace(/(?:=\?[\w-]{1,40}\?b\?[\w+/=]*\?=\s*){2,}/gi, (run) => {
    const words = [...run.matchAll(/=\?([\w-]{1,40})\?b\?([\w+/=]*)\?=/gi)]
    const [charset = ''] = words.map((word) => word[1]?.toLowerCase() ?? '')
    if (words.some((word) => word[1]?.toLowerCase() !== charset)) return run
    const bytes = Buffer.concat(words.map((word) => Buffer.from(word[2] ?? '', 'base64')))
    return `=?${charset}?B?${bytes.toString('base64')}?=`
  })
  return whole === value ? subject : decodeWords(whole).trim()
}

function mailboxOf(from: Address | undefined): ReadMessage['from'] {
  const first = from?.group === undefined ? from : from.group[0]
  return first?.address === undefined || first.address === '' ? null : { name: first.name, address: first.address }
}

function textOf({ text = '', html = '' }: Email): { readonly text: string; readonly page: boolean } {
  if (text.trim() !== '' || html === '') return { text, page: false }
  const lines = htmlLines(html.slice(0, MOST_PAGE))
  return { text: lines.map((line) => line.text).join('\n'), page: true }
}

/** As many attachments as a letter may have, in their order, under names and types that are no more than names. */
function partsOf(attachments: readonly Attachment[]): ReadMessage['parts'] {
  const parts: { name: string; type: string; content: Uint8Array }[] = []
  let left = LETTER_BYTES
  for (const [at, { filename, mimeType, content }] of attachments.entries()) {
    const bytes = bytesOf(content)
    if (parts.length === MOST_PARTS || bytes.length > left) break
    left -= bytes.length
    const name = (filename ?? '')
      .replace(/[\p{C}/\\]+/gu, ' ')
      .trim()
      .slice(0, 255)
    const type = /^[a-z0-9.+-]{1,50}\/[a-z0-9.+-]{1,49}$/.test(mimeType) ? mimeType : 'application/octet-stream'
    parts.push({ name: name === '' ? `attachment-${at + 1}` : name, type, content: bytes })
  }
  return parts
}

function bytesOf(content: Attachment['content']): Uint8Array {
  return typeof content === 'string' ? Buffer.from(content) : new Uint8Array(content)
}

const RETURNED = new Set(['message/rfc822', 'text/rfc822-headers', 'message/global', 'message/global-headers'])

/** What a bounce says for machines, and the ids of the messages that it brings back (RFC 3464, RFC 6533). */
function reportOf({ headers, attachments }: Email): ReadMessage['report'] {
  const type = headers.find(({ key }) => key === 'content-type')?.value ?? ''
  if (!/^\s*multipart\/report\b/i.test(type)) return null
  const textIn = ({ content }: Attachment): string => Buffer.from(bytesOf(content)).toString('utf8')
  const status = attachments.filter(({ mimeType }) => /^message\/(global-)?delivery-status$/.test(mimeType))
  const returned = attachments.filter(({ mimeType }) => RETURNED.has(mimeType))
  return {
    status: status.map(textIn).join('\n\n').slice(0, 200_000),
    returned: returned.flatMap((part) => {
      const [head = ''] = textIn(part)
        .slice(0, 200_000)
        .split(/\r?\n\r?\n/)
      return messageIdsIn(/^message-id:\s*(.*(?:\r?\n[ \t].*)?)/im.exec(head)?.[1] ?? '')
    }),
  }
}
