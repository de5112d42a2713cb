import Type from 'typebox'
import {
  type CodeSent,
  codeSent,
  onPerson,
  type OnPerson,
  type Permitted,
  permitted,
  type SubjectParams,
  subjectParams,
} from './decided.ts'
import { json, type None, NOTHING, type Operation } from './operation.ts'
import { CLOSED, integerOrNull, name, orNull, type SchemaOf, schemaOf, text, uuid } from './schema.ts'

const tags = ['people']
const auth = ['staff'] as const
const params = schemaOf<SubjectParams>()(Type.Object(subjectParams, CLOSED))
const body: SchemaOf<OnPerson> = schemaOf<OnPerson>()(Type.Object(onPerson, CLOSED))
const recorded: SchemaOf<Permitted> = schemaOf<Permitted>()(Type.Object(permitted))

/** Somebody has lost their mailbox, and wants to sign in by this one. */
export interface NewMailbox extends OnPerson {
  readonly email: string
  /** How staff checked who asks: a method of level 3. */
  readonly method: string
}

export interface MailboxProposed extends Permitted {
  readonly change: string
  /** The code that went to the new mailbox. */
  readonly code: CodeSent
}

export const proposeMailbox: Operation<SubjectParams, None, NewMailbox, MailboxProposed> = {
  id: 'proposeMailbox',
  method: 'POST',
  path: '/v1/people/:subject/mailbox',
  summary:
    'Writes down that somebody has lost their mailbox, and by which other one they want to sign in. It waits for a code from it, a second member of staff, and a week.',
  tags,
  auth,
  params,
  query: null,
  body: schemaOf<NewMailbox>()(Type.Object({ ...onPerson, email: text(320), method: name }, CLOSED)),
  success: json(
    schemaOf<MailboxProposed>()(
      Type.Object({
        ...permitted,
        change: Type.String(),
        code: Type.Object({ id: Type.String(), expiresAt: Type.Integer() }),
      }),
    ),
  ),
}

export const sendMailboxCode: Operation<SubjectParams, None, OnPerson, CodeSent> = {
  ...proposeMailbox,
  id: 'sendMailboxCode',
  path: '/v1/people/:subject/mailbox/codes',
  summary: 'Sends the new mailbox another code.',
  body,
  success: { ...json(codeSent), status: 202 },
}

export interface MailboxCodeParams extends SubjectParams {
  readonly id: string
}

export interface MailboxCode extends OnPerson {
  readonly code: string
}

export const proveMailbox: Operation<MailboxCodeParams, None, MailboxCode, null> = {
  id: 'proveMailbox',
  method: 'POST',
  path: '/v1/people/:subject/mailbox/codes/:id',
  summary: 'Notes that the code which went to the new mailbox was told by who asked.',
  tags,
  auth,
  params: schemaOf<MailboxCodeParams>()(Type.Object({ ...subjectParams, id: uuid }, CLOSED)),
  query: null,
  body: schemaOf<MailboxCode>()(Type.Object({ ...onPerson, code: text(12) }, CLOSED)),
  success: NOTHING,
}

/** What the second member of staff has checked: that very change, and the address as its owner told it to them. */
export interface MailboxConfirmation extends OnPerson {
  readonly change: string
  readonly email: string
}

export const confirmMailbox: Operation<SubjectParams, None, MailboxConfirmation, Permitted> = {
  ...proposeMailbox,
  id: 'confirmMailbox',
  path: '/v1/people/:subject/mailbox/confirmation',
  summary:
    'Another member of staff says that it is so, and names the address as its owner told it to them. The person is told by every channel until when it can be cancelled.',
  body: schemaOf<MailboxConfirmation>()(Type.Object({ ...onPerson, change: uuid, email: text(320) }, CLOSED)),
  success: json(recorded),
}

export const cancelMailbox: Operation<SubjectParams, None, OnPerson, Permitted> = {
  ...confirmMailbox,
  id: 'cancelMailbox',
  path: '/v1/people/:subject/mailbox/cancel',
  summary: 'Cancels the change of a mailbox that waits.',
  body,
}

/** A change of a mailbox that waits, without the address. */
export interface WaitingMailbox {
  readonly subject: string
  readonly id: string
  readonly method: string
  readonly entity: string
  readonly askedAt: number
  readonly askedBy: string
  readonly provedAt: number | null
  readonly dueAt: number | null
}

const waitingMembers = {
  subject: Type.String(),
  id: Type.String(),
  method: Type.String(),
  entity: Type.String(),
  askedAt: Type.Integer(),
  askedBy: Type.String(),
  provedAt: integerOrNull(),
  dueAt: integerOrNull(),
}
const waiting: SchemaOf<WaitingMailbox> = schemaOf<WaitingMailbox>()(Type.Object(waitingMembers))

export interface WaitingMailboxes {
  readonly waiting: readonly WaitingMailbox[]
}

export const listMailboxes: Operation<None, None, None, WaitingMailboxes> = {
  id: 'waitingMailboxes',
  method: 'GET',
  path: '/v1/mailboxes',
  summary: 'Changes of lost mailboxes that wait, for the officer.',
  tags,
  auth,
  params: null,
  query: null,
  body: null,
  success: json(schemaOf<WaitingMailboxes>()(Type.Object({ waiting: Type.Array(Type.Object(waitingMembers)) }))),
}

export interface MyMailbox {
  readonly waiting: WaitingMailbox | null
}

export const showMyMailbox: Operation<None, None, None, MyMailbox> = {
  ...listMailboxes,
  id: 'myMailbox',
  path: '/v1/me/mailbox',
  summary: 'Whether another mailbox is to be put in place of mine, and when.',
  tags: ['my data'],
  auth: ['subject'],
  success: json(schemaOf<MyMailbox>()(Type.Object({ waiting: orNull<WaitingMailbox>(waiting) }))),
}

export const cancelMyMailbox: Operation<None, None, { readonly entity: string }, Permitted> = {
  ...showMyMailbox,
  id: 'cancelMyMailbox',
  method: 'POST',
  path: '/v1/me/mailbox/cancel',
  summary: 'My mailbox is not lost: the change that waits is cancelled.',
  body: schemaOf<{ readonly entity: string }>()(Type.Object({ entity: name }, CLOSED)),
  success: json(recorded),
}
