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
}

export function sealContent(key: LetterKey, content: LetterContent): Buffer {
  return key.seal(CONTENT, Buffer.from(JSON.stringify(content)))
}

/** Throws `sealed-value-damaged`. */
export function openContent(key: LetterKey, sealed: Uint8Array): LetterContent {
  return JSON.parse(key.open(CONTENT, sealed).toString('utf8')) as LetterContent
}
