import Type from 'typebox'
import type { RequestKind } from '../base/index.ts'
import { json, type None, type Operation } from './operation.ts'
import {
  describedRequest,
  type DescribedRequest,
  LETTER_CHANNELS,
  type LetterChannel,
  onReply,
  onRequest,
  registeredReply,
  type RegisteredReply,
  registeredRequest,
  type RegisteredRequest,
  type ReplyParams,
  requestKind,
  requestKinds,
  requestList,
  type RequestList,
  type RequestParams,
} from './request-shapes.ts'
import { CLOSED, name, type SchemaOf, schemaOf, text, textOrNull, uuid } from './schema.ts'

const tags = ['requests']
const auth = ['staff'] as const

/**
 * Which requests: all that are open, the earliest due first, unless told. With anything but kind, owner and lateness it is the register that is
 * looked through: what came last first, ended or not. Each narrows.
 */
export interface QueueQuery {
  readonly kind?: RequestKind
  readonly owner?: 'staff' | 'person' | 'system'
  readonly overdue?: 'true'
  readonly state?: 'open' | 'ended' | 'all'
  /** Of the request or of its letter, whole. */
  readonly number?: string
  readonly entity?: string
  readonly channel?: LetterChannel
  /** Whom the letter is about, by the id. */
  readonly subject?: string
  /** Days of receipt in the operator's zone, `2026-11-26`; both are within. */
  readonly from?: string
  readonly to?: string
  /** What the last page gave as `next`. */
  readonly after?: string
}

/** A page of the queue, the earliest due first. */
export interface QueuePage extends RequestList {
  /** Asks for the page after; null on the last. */
  readonly next: string | null
}

export const listQueue: Operation<None, QueueQuery, None, QueuePage> = {
  id: 'requests',
  method: 'GET',
  path: '/v1/requests',
  summary:
    'The open requests, the earliest due first; or the register, what ended with it, the last received first. Nothing personal is in them.',
  tags,
  auth,
  params: null,
  query: schemaOf<QueueQuery>()(
    Type.Object(
      {
        kind: Type.Optional(requestKind),
        owner: Type.Optional(
          Type.Unsafe<'staff' | 'person' | 'system'>({ type: 'string', enum: ['staff', 'person', 'system'] }),
        ),
        overdue: Type.Optional(Type.Unsafe<'true'>({ type: 'string', enum: ['true'] })),
        state: Type.Optional(Type.Unsafe<'open' | 'ended' | 'all'>({ type: 'string', enum: ['open', 'ended', 'all'] })),
        number: Type.Optional(text(40)),
        entity: Type.Optional(name),
        channel: Type.Optional(Type.Unsafe<LetterChannel>({ type: 'string', enum: [...LETTER_CHANNELS] })),
        subject: Type.Optional(uuid),
        from: Type.Optional(text(10)),
        to: Type.Optional(text(10)),
        after: Type.Optional(text(60)),
      },
      CLOSED,
    ),
  ),
  body: null,
  success: json(
    schemaOf<QueuePage>()(
      Type.Object({
        requests: Type.Array(Type.Unsafe<RegisteredRequest>(registeredRequest)),
        next: textOrNull(60),
      }),
    ),
  ),
}

export const describeRequest: Operation<RequestParams, None, None, DescribedRequest> = {
  ...listQueue,
  id: 'request',
  path: '/v1/requests/:request',
  summary: 'Where a request stands, how it came there, and what was sent.',
  params: onRequest,
  query: null,
  success: json(describedRequest),
}

const act = {
  method: 'POST',
  tags,
  auth,
  params: onRequest,
  query: null,
  success: json(registeredRequest),
} as const

/** A step that staff decide. */
export interface RequestStep {
  /** One of `identity-waived`, `identity-failed`, `shown`, `accepted`, `rejected`, `published`, `reviewed`, `mended`, `unmendable`, `told`, `recalled`. */
  readonly step: string
  /** For `rejected`: the law's ground of refusal. */
  readonly reason?: string
  /** For `unmendable`: what goes. */
  readonly compartments?: readonly string[]
}

export const stepRequest: Operation<RequestParams, None, RequestStep, RegisteredRequest> = {
  ...act,
  id: 'stepRequest',
  path: '/v1/requests/:request/steps',
  summary: 'Takes a step that staff decide; what follows of itself follows.',
  body: schemaOf<RequestStep>()(
    Type.Object(
      {
        step: name,
        reason: Type.Optional(name),
        compartments: Type.Optional(Type.Array(name, { minItems: 1, maxItems: 100 })),
      },
      CLOSED,
    ),
  ),
}

export interface RequestRerouting {
  readonly kinds: readonly RequestKind[]
}

export const rerouteRequest: Operation<RequestParams, None, RequestRerouting, RequestList> = {
  ...act,
  id: 'rerouteRequest',
  path: '/v1/requests/:request/kinds',
  summary:
    'Lets a request go on as others of the same letter, counted from its receipt: its kind was mistaken, or one of several.',
  body: schemaOf<RequestRerouting>()(Type.Object({ kinds: requestKinds }, CLOSED)),
  success: json(requestList),
}

/** Values that are right, for a request to correct or supplement. */
export interface RequestCorrection {
  readonly values: Readonly<Record<string, unknown>>
}

export const correctForRequest: Operation<RequestParams, None, RequestCorrection, RegisteredRequest> = {
  ...act,
  id: 'correctForRequest',
  path: '/v1/requests/:request/correction',
  summary: 'Corrects or supplements the person’s values, as accepted; the policy decides as of any correction.',
  body: schemaOf<RequestCorrection>()(
    Type.Object(
      {
        values: Type.Unsafe<Readonly<Record<string, unknown>>>({
          type: 'object',
          additionalProperties: true,
          maxProperties: 100,
        }),
      },
      CLOSED,
    ),
  ),
}

/** What a person wants closed to whom. */
export interface RequestSettings {
  readonly settings: readonly { readonly field: string; readonly closedTo: readonly string[] }[]
}

export const settleForRequest: Operation<RequestParams, None, RequestSettings, RegisteredRequest> = {
  ...act,
  id: 'settleForRequest',
  path: '/v1/requests/:request/settings',
  summary: 'Sets the person’s confidentiality settings, as accepted; an empty list opens a field again.',
  body: schemaOf<RequestSettings>()(
    Type.Object(
      {
        settings: Type.Array(Type.Object({ field: name, closedTo: Type.Array(name, { maxItems: 100 }) }, CLOSED), {
          minItems: 1,
          maxItems: 100,
        }),
      },
      CLOSED,
    ),
  ),
}

/** A document to be made from the registers and sent. */
export interface NewReply {
  readonly kind: 'identity' | 'extension' | 'answer' | 'refusal' | 'confirmation'
  readonly note?: string
  /** For an extension: which clock, and why by the closed list; in words in `note`. */
  readonly rule?: string
  readonly reason?: 'volume' | 'archive' | 'recipients' | 'check' | 'complexity'
  /** `attachment`: by mail, encrypted under a password, where the person asked for that. */
  readonly channel?: 'mail' | 'portal' | 'print' | 'attachment'
  readonly language?: 'ru' | 'en'
  /** Who signs, by name, for the line where they do. */
  readonly signatory?: string
}

const newReply: SchemaOf<NewReply> = schemaOf<NewReply>()(
  Type.Object(
    {
      kind: Type.Unsafe<NewReply['kind']>({
        type: 'string',
        enum: ['identity', 'extension', 'answer', 'refusal', 'confirmation'],
      }),
      note: Type.Optional(text(10_000)),
      rule: Type.Optional(name),
      reason: Type.Optional(
        Type.Unsafe<NonNullable<NewReply['reason']>>({
          type: 'string',
          enum: ['volume', 'archive', 'recipients', 'check', 'complexity'],
        }),
      ),
      channel: Type.Optional(
        Type.Unsafe<NonNullable<NewReply['channel']>>({
          type: 'string',
          enum: ['mail', 'portal', 'print', 'attachment'],
        }),
      ),
      language: Type.Optional(Type.Unsafe<'ru' | 'en'>({ type: 'string', enum: ['ru', 'en'] })),
      signatory: Type.Optional(text(200)),
    },
    CLOSED,
  ),
)

/** A document, and the request as it is after it. */
export interface SentReply {
  readonly reply: RegisteredReply
  readonly request: RegisteredRequest
  /** Of what is attached encrypted: to be told by another way than mail. It is given once and kept nowhere. */
  readonly password: string | null
}

const sentReply: SchemaOf<SentReply> = schemaOf<SentReply>()(
  Type.Object({
    reply: Type.Unsafe<RegisteredReply>(registeredReply),
    request: Type.Unsafe<RegisteredRequest>(registeredRequest),
    password: textOrNull(64),
  }),
)

export const sendReply: Operation<RequestParams, None, NewReply, SentReply> = {
  ...act,
  id: 'sendReply',
  path: '/v1/requests/:request/replies',
  summary: 'Makes a numbered document from the registers and sends it; what is printed counts once it is posted.',
  body: newReply,
  success: json(sentReply),
}

export const markPosted: Operation<ReplyParams, None, None, SentReply> = {
  ...act,
  id: 'markPosted',
  path: '/v1/replies/:reply/posted',
  summary: 'Says that a printed document was posted; what it brings about is so from now on.',
  params: onReply,
  body: null,
  success: json(sentReply),
}

export const printAddressSheet: Operation<ReplyParams, None, None, Uint8Array> = {
  id: 'replyAddress',
  method: 'GET',
  path: '/v1/replies/:reply/address',
  summary: 'The address sheet of a printed document, a PDF for the window of an envelope.',
  tags,
  auth,
  params: onReply,
  query: null,
  body: null,
  success: { status: 200, type: 'application/pdf', schema: null },
}

export interface ExportParams extends ReplyParams {
  readonly format: 'json' | 'csv'
}

export const readExport: Operation<ExportParams, None, None, string> = {
  id: 'replyExport',
  method: 'GET',
  path: '/v1/replies/:reply/export/:format',
  summary: 'The same for a machine, of an answer with a person’s data: JSON, or the data alone as CSV.',
  tags,
  auth: ['staff', 'subject'],
  params: schemaOf<ExportParams>()(
    Type.Object(
      { reply: uuid, format: Type.Unsafe<'json' | 'csv'>({ type: 'string', enum: ['json', 'csv'] }) },
      CLOSED,
    ),
  ),
  query: null,
  body: null,
  success: { status: 200, type: 'text/plain; charset=utf-8', schema: null },
}

export const readReply: Operation<ReplyParams, None, None, Uint8Array> = {
  id: 'reply',
  method: 'GET',
  path: '/v1/replies/:reply',
  summary: 'A document as it went out, a PDF. The reading is entered in the ledger.',
  tags,
  auth: ['staff', 'subject'],
  params: onReply,
  query: null,
  body: null,
  success: { status: 200, type: 'application/pdf', schema: null },
}
