import Type from 'typebox'
import { type LetterRegistered, registerLetter } from './letters.ts'
import { json, type None, NOTHING, type Operation } from './operation.ts'
import { CLOSED, integerOrNull, type SchemaOf, schemaOf, textOrNull, uuid } from './schema.ts'

const tags = ['requests']
const staff = ['staff'] as const

/** Why a message was not taken for a letter. */
export const ASIDE_REASONS = ['auto-reply', 'bounce', 'list', 'loop', 'own', 'own-address', 'spam'] as const
export type AsideReason = (typeof ASIDE_REASONS)[number]

/** How letters come by mail of themselves. */
export interface MailIntake {
  /** `none` is set; `unreached`: not for a quarter of an hour. */
  readonly mailbox: 'none' | 'reached' | 'unreached'
  /** When it was last looked through. */
  readonly fetchedAt: number | null
  readonly failingSince: number | null
  /** `unreachable`, `refused`, `no-folder` or `other`. */
  readonly fault: string | null
  /** Messages that lay there before the first look, and are not taken (`IMAP_SINCE`). */
  readonly before: number
  /** How many of each reason were set aside and nobody has looked through. */
  readonly aside: Readonly<Record<string, number>>
}

const mailIntake: SchemaOf<MailIntake> = schemaOf<MailIntake>()(
  Type.Object({
    mailbox: Type.Unsafe<MailIntake['mailbox']>({ type: 'string', enum: ['none', 'reached', 'unreached'] }),
    fetchedAt: integerOrNull(),
    failingSince: integerOrNull(),
    fault: textOrNull(32),
    before: Type.Integer(),
    aside: Type.Record(Type.String(), Type.Integer()),
  }),
)

export const describeMail: Operation<None, None, None, MailIntake> = {
  id: 'mailIntake',
  method: 'GET',
  path: '/v1/mail',
  summary: 'How the mailbox is from which letters are taken, and how many messages were set aside.',
  tags,
  auth: staff,
  params: null,
  query: null,
  body: null,
  success: json(mailIntake),
}

/** A message that was set aside. Nothing personal is in it. */
export interface AsideMessage {
  readonly id: string
  readonly reason: string
  readonly receivedAt: number
  readonly bytes: number
  /** The letter whose answer did not arrive, by a bounce. */
  readonly letter: string | null
  readonly dismissedAt: number | null
  readonly dismissedBy: string | null
}

export interface AsideQuery {
  readonly reason?: AsideReason
  /** `true`: with what was looked through. */
  readonly all?: 'true' | 'false'
  readonly after?: string
}

export interface AsideList {
  readonly messages: readonly AsideMessage[]
  readonly next: string | null
}

export const listAside: Operation<None, AsideQuery, None, AsideList> = {
  id: 'asideMessages',
  method: 'GET',
  path: '/v1/mail/aside',
  summary: 'Messages that were not taken for letters, the newest first: automatic answers, bounces, lists, spam.',
  tags,
  auth: staff,
  params: null,
  query: schemaOf<AsideQuery>()(
    Type.Object(
      {
        reason: Type.Optional(Type.Unsafe<AsideReason>({ type: 'string', enum: [...ASIDE_REASONS] })),
        all: Type.Optional(Type.Unsafe<'true' | 'false'>({ type: 'string', enum: ['true', 'false'] })),
        after: Type.Optional(Type.String({ maxLength: 64 })),
      },
      CLOSED,
    ),
  ),
  body: null,
  success: json(
    schemaOf<AsideList>()(
      Type.Object({
        messages: Type.Array(
          Type.Object({
            id: Type.String(),
            reason: Type.String(),
            receivedAt: Type.Integer(),
            bytes: Type.Integer(),
            letter: textOrNull(36),
            dismissedAt: integerOrNull(),
            dismissedBy: textOrNull(64),
          }),
        ),
        next: textOrNull(64),
      }),
    ),
  ),
}

export interface AsideParams {
  readonly message: string
}
const onAside: SchemaOf<AsideParams> = schemaOf<AsideParams>()(Type.Object({ message: uuid }, CLOSED))

export const readAside: Operation<AsideParams, None, None, Uint8Array> = {
  id: 'asideMessage',
  method: 'GET',
  path: '/v1/mail/aside/:message',
  summary: 'A message that was set aside, as it came. The reading is entered in the ledger.',
  tags,
  auth: staff,
  params: onAside,
  query: null,
  body: null,
  success: { status: 200, type: 'application/octet-stream', schema: null },
}

export const registerAside: Operation<AsideParams, None, None, LetterRegistered> = {
  id: 'registerAside',
  method: 'POST',
  path: '/v1/mail/aside/:message/letter',
  summary: 'Registers a message that was set aside after all; its clocks count from when the mailbox took it.',
  tags,
  auth: staff,
  params: onAside,
  query: null,
  body: null,
  success: registerLetter.success,
}

export const dismissAside: Operation<AsideParams, None, None, null> = {
  id: 'dismissAside',
  method: 'POST',
  path: '/v1/mail/aside/:message/dismissal',
  summary: 'Notes that a message was looked through and is no letter.',
  tags,
  auth: staff,
  params: onAside,
  query: null,
  body: null,
  success: NOTHING,
}
