import { createHash } from 'node:crypto'
import type { Uuid } from '@doverie/core/base'
import type { LetterKey } from '../../guard/letter-keys.ts'

/** The part of a letter under which its words are sealed; what hung on it lies under the ids of its parts. */
export const CONTENT = 'content'

/** Who a letter says it is from. Whatever stands here is claimed, not proved. */
export interface Sender {
  readonly name: string
  readonly email: string
  readonly phone: string
  readonly address: string
}

/** What hung on a letter. The bytes lie sealed beside it. */
export interface PartInfo {
  readonly id: Uuid
  readonly name: string
  readonly type: string
  readonly bytes: number
  /** SHA-256, hex: what was brought is what is kept. */
  readonly hash: string
}

/**
 * What is to be known of how a message was taken. `unreadable`: nobody could take it apart, its bytes hang on it. `too-large`, `parts-left`: attachments that are not here, or only in
 * the original. `text-cut`: the rest of the words is in the original. `page`: reduced from a web page. `other-address`: it says that it
 * answers another letter (`answers`), but comes from another address.
 */
export type Remark = 'unreadable' | 'too-large' | 'parts-left' | 'text-cut' | 'page' | 'other-address'

/** How a message came to be this letter. */
export interface MailNotes {
  readonly remarks: readonly Remark[]
  /** What the operator's own mail server found of where it came from: a hint, no proof. */
  readonly authentication: string | null
  /** The number of the letter that it says it answers. */
  readonly answers: string | null
}

/** What a letter says. Personal: it lies sealed under the letter's own key and is never logged. */
export interface LetterContent {
  readonly sender: Sender
  readonly heading: string
  readonly text: string
  /** Marks on the envelope, as they stood there. */
  readonly marks: readonly string[]
  /** Who brought it or spoke, and what whoever registered it noted. */
  readonly broughtBy: string
  readonly note: string
  readonly parts: readonly PartInfo[]
  /** The message's own id, to answer into its thread; empty where it is no message. */
  readonly messageId: string
  /** Of a message only. */
  readonly mail?: MailNotes
}

/** True of what has no word, mark or file: nobody wrote it, and nobody could answer it. */
export function saysNothing({ heading = '', text, marks = [], note = '', parts = [] }: LetterWords): boolean {
  return parts.length === 0 && [heading, text, note, ...marks].every((words) => words.trim() === '')
}

/** What somebody wrote in answer, joined to their letter. Personal, sealed under the letter's key. */
export interface Addition {
  readonly sender: Sender
  readonly heading: string
  readonly text: string
  readonly messageId: string
  readonly parts: readonly PartInfo[]
  readonly mail: MailNotes
}

/** What hangs on a letter, as it came. Never opened here: what is packed in it stays packed. */
export interface PartIn {
  readonly name: string
  readonly type: string
  readonly content: Uint8Array
}

/** What a letter says, as somebody brings it. */
export interface LetterWords {
  readonly sender?: Partial<Sender> | undefined
  readonly heading?: string | undefined
  readonly text: string
  readonly marks?: readonly string[] | undefined
  readonly broughtBy?: string | undefined
  readonly note?: string | undefined
  readonly messageId?: string | undefined
  readonly parts?: readonly PartIn[] | undefined
  /** How a message came to be this letter. */
  readonly mail?: MailNotes | undefined
}

/** What is sealed of a letter: its words, and of what hung on it names, sizes and hashes. */
export function contentOf(
  given: LetterWords,
  parts: readonly { readonly id: Uuid; readonly part: PartIn }[],
): LetterContent {
  const { sender = {}, heading = '', text, marks = [], broughtBy = '', note = '', messageId = '', mail } = given
  return {
    sender: { name: '', email: '', phone: '', address: '', ...sender },
    heading,
    text,
    marks,
    broughtBy,
    note,
    messageId,
    ...(mail === undefined ? {} : { mail }),
    parts: parts.map(partInfo),
  }
}

export function partInfo({ id, part }: { readonly id: Uuid; readonly part: PartIn }): PartInfo {
  const { name, type, content } = part
  return { id, name, type, bytes: content.length, hash: createHash('sha256').update(content).digest('hex') }
}

export function sealContent(key: LetterKey, content: LetterContent): Buffer {
  return key.seal(CONTENT, Buffer.from(JSON.stringify(content)))
}

/** Throws `sealed-value-damaged`. */
export function openContent(key: LetterKey, sealed: Uint8Array): LetterContent {
  return JSON.parse(key.open(CONTENT, sealed).toString('utf8')) as LetterContent
}

export function sealAddition(key: LetterKey, id: Uuid, addition: Addition): Buffer {
  return key.seal(id, Buffer.from(JSON.stringify(addition)))
}

/** Throws `sealed-value-damaged`. */
export function openAddition(key: LetterKey, id: Uuid, sealed: Uint8Array): Addition {
  return JSON.parse(key.open(id, sealed).toString('utf8')) as Addition
}
