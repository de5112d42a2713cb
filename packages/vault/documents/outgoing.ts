/** What an outgoing document says. Personal: it becomes a sealed PDF, and nothing else of it is kept. */
export interface OutgoingDocument {
  readonly language: 'ru' | 'en'
  /** Who it is from: the operator, the legal entity, its address and mailbox. */
  readonly from: readonly string[]
  readonly to: readonly string[]
  readonly number: string
  /** The day it is made, as it is to be read. */
  readonly day: string
  /** What it answers: number and day of the letter. */
  readonly about: string
  readonly title: string
  readonly blocks: readonly Block[]
  /** Who answers for it, and their place to sign. */
  readonly signature: string
  /** The line under each page. */
  readonly footer: string
}

export type Block =
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  | {
      readonly kind: 'table'
      readonly head: readonly string[]
      readonly rows: readonly (readonly string[])[]
      /** Shares of the width; equal unless told. */
      readonly widths?: readonly number[]
    }
