import Type from 'typebox'
import type { RequestKind, SignatureChecker } from '../base/index.ts'
import { LETTER_BODY, type LetterPart, letterParts, OWN_BODY, ownParts } from './letter-parts.ts'
import { json, type None, type Operation } from './operation.ts'
import {
  describedRequest,
  type DescribedRequest,
  LETTER_CHANNELS,
  type LetterChannel,
  type LetterParams,
  onLetter,
  onRequest,
  registeredLetter,
  type RegisteredLetter,
  registeredRequest,
  type RegisteredRequest,
  requestKind,
  requestKinds,
  requestList,
  type RequestList,
  type RequestParams,
} from './request-shapes.ts'
import { type SaidSigned, saidSigned, signatureChecker } from './signatures.ts'
import { CLOSED, name, type SchemaOf, schemaOf, text, uuid } from './schema.ts'

const tags = ['requests']
const staff = ['staff'] as const

export interface LetterSender {
  readonly name?: string
  readonly email?: string
  readonly phone?: string
  readonly address?: string
}

/** A letter as staff bring it to the register. */
export interface NewLetter {
  readonly channel: LetterChannel
  /** When it was received, milliseconds; now unless told. The clocks count from here. */
  readonly receivedAt?: number
  readonly sender?: LetterSender
  readonly heading?: string
  readonly text: string
  /** What stands on the envelope. */
  readonly marks?: readonly string[]
  readonly broughtBy?: string
  readonly note?: string
  /** What it asks; by its marks and words unless told. A mark of the policy starts its request whatever is told. */
  readonly kinds?: readonly RequestKind[]
  readonly entity?: string
  readonly subject?: string
  /** Set where a block would harm the person or others (152-FZ art. 21(1)). */
  readonly harm?: 'subject' | 'third-parties'
  readonly parts?: readonly LetterPart[]
}

const newLetter: SchemaOf<NewLetter> = schemaOf<NewLetter>()(
  Type.Object(
    {
      channel: Type.Unsafe<LetterChannel>({ type: 'string', enum: [...LETTER_CHANNELS] }),
      receivedAt: Type.Optional(Type.Integer()),
      sender: Type.Optional(
        Type.Object(
          {
            name: Type.Optional(text(300)),
            email: Type.Optional(text(254)),
            phone: Type.Optional(text(40)),
            address: Type.Optional(text(600)),
          },
          CLOSED,
        ),
      ),
      heading: Type.Optional(text(1_000)),
      text: text(100_000),
      marks: Type.Optional(Type.Array(text(300), { maxItems: 20 })),
      broughtBy: Type.Optional(text(300)),
      note: Type.Optional(text(4_000)),
      kinds: Type.Optional(requestKinds),
      entity: Type.Optional(name),
      subject: Type.Optional(uuid),
      harm: Type.Optional(
        Type.Unsafe<'subject' | 'third-parties'>({ type: 'string', enum: ['subject', 'third-parties'] }),
      ),
      parts: Type.Optional(letterParts),
    },
    CLOSED,
  ),
)

/** A letter in the register with the requests that it started. */
export interface LetterRegistered {
  readonly letter: RegisteredLetter
  readonly requests: readonly RegisteredRequest[]
  /** What its words speak of beyond that; whoever sees to it decides. */
  readonly suggested: readonly RequestKind[]
}

export const registerLetter: Operation<None, None, NewLetter, LetterRegistered> = {
  id: 'registerLetter',
  method: 'POST',
  path: '/v1/letters',
  summary: 'Registers a letter and starts its requests; their clocks count from the receipt. Blocks and stops at once.',
  tags,
  auth: ['staff', 'service'],
  params: null,
  query: null,
  body: newLetter,
  idempotent: true,
  bodyLimit: LETTER_BODY,
  success: json(
    schemaOf<LetterRegistered>()(
      Type.Object({
        letter: Type.Unsafe<RegisteredLetter>(registeredLetter),
        requests: Type.Array(Type.Unsafe<RegisteredRequest>(registeredRequest)),
        suggested: Type.Array(requestKind),
      }),
    ),
  ),
}

/** What a letter says. Personal. */
export interface LetterRead extends LetterRegisteredParts {
  readonly letter: RegisteredLetter
  readonly requests: readonly RegisteredRequest[]
}
interface LetterRegisteredParts {
  /** Null once its term of keeping is over. */
  readonly content: LetterContent | null
  /** What came from the same address in answer to our letters, the oldest first. An address proves nobody. */
  readonly additions: readonly LetterAddition[]
}

/** What is to be known of how a message was taken from the mailbox. */
export interface MailNotes {
  /** `unreadable`, `too-large`, `parts-left`, `text-cut`, `page` (reduced from a web page), `other-address`. */
  readonly remarks: readonly string[]
  /** What the own mail server found of where it came from: a hint, no proof. */
  readonly authentication: string | null
  /** The number of the letter that it says it answers. */
  readonly answers: string | null
}

export interface LetterAddition {
  readonly receivedAt: number
  readonly sender: Readonly<Required<LetterSender>>
  readonly heading: string
  readonly text: string
  readonly parts: LetterContent['parts']
  readonly mail: MailNotes
}

export interface LetterContent {
  readonly sender: Readonly<Required<LetterSender>>
  readonly heading: string
  readonly text: string
  readonly marks: readonly string[]
  readonly broughtBy: string
  readonly note: string
  readonly parts: readonly {
    readonly id: string
    readonly name: string
    readonly type: string
    readonly bytes: number
    readonly sha256: string
  }[]
  /** Of a message only. */
  readonly mail: MailNotes | null
}

export const readLetter: Operation<LetterParams, None, None, LetterRead> = {
  id: 'letter',
  method: 'GET',
  path: '/v1/letters/:letter',
  summary: 'What a letter says. The reading is entered in the ledger, and in the history of whom it is about.',
  tags,
  auth: staff,
  params: onLetter,
  query: null,
  body: null,
  success: json(
    schemaOf<LetterRead>()(
      Type.Object({
        letter: Type.Unsafe<RegisteredLetter>(registeredLetter),
        requests: Type.Array(Type.Unsafe<RegisteredRequest>(registeredRequest)),
        content: Type.Unsafe<LetterContent | null>({ type: ['object', 'null'], additionalProperties: true }),
        additions: Type.Array(Type.Unsafe<LetterAddition>({ type: 'object', additionalProperties: true })),
      }),
    ),
  ),
}

export interface LetterPartParams extends LetterParams {
  readonly part: string
}

export const readLetterPart: Operation<LetterPartParams, None, None, Uint8Array> = {
  id: 'letterPart',
  method: 'GET',
  path: '/v1/letters/:letter/parts/:part',
  summary: 'What hung on a letter, as it came.',
  tags,
  auth: staff,
  params: schemaOf<LetterPartParams>()(Type.Object({ letter: uuid, part: uuid }, CLOSED)),
  query: null,
  body: null,
  success: { status: 200, type: 'application/octet-stream', schema: null },
}

export const linkLetter: Operation<LetterParams, None, { readonly subject: string }, RegisteredLetter> = {
  id: 'linkLetter',
  method: 'POST',
  path: '/v1/letters/:letter/subject',
  summary: 'Says who a letter is about. Until they are proved, what it blocks spares their contract.',
  tags,
  auth: staff,
  params: onLetter,
  query: null,
  body: schemaOf<{ readonly subject: string }>()(Type.Object({ subject: uuid }, CLOSED)),
  success: json(registeredLetter),
}

/** A check of who wrote, made by staff. */
export interface NewIdentityCheck {
  readonly method: string
  readonly passed: boolean
  /** Of a qualified signature whose file was checked before: where it was found to be one. */
  readonly checkedBy?: SignatureChecker
  /** Of that signature: which part of the letter is it, of which, and that what is asked stands in that one. */
  readonly signed?: SaidSigned
}

export const checkIdentity: Operation<LetterParams, None, NewIdentityCheck, RegisteredLetter> = {
  ...linkLetter,
  id: 'checkIdentity',
  path: '/v1/letters/:letter/checks',
  summary: 'Records a check of who wrote: method, result, who and when; no copy of a document.',
  body: schemaOf<NewIdentityCheck>()(
    Type.Object(
      {
        method: name,
        passed: Type.Boolean(),
        checkedBy: Type.Optional(signatureChecker),
        signed: Type.Optional(Type.Unsafe<SaidSigned>(saidSigned)),
      },
      CLOSED,
    ),
  ),
}

/** What a person asks, signed in. */
export interface OwnRequest {
  readonly kinds: readonly RequestKind[]
  readonly text: string
  readonly entity?: string
  /** What goes with it, a document and its signature; 10 files of 8 MB in all. Kept sealed. */
  readonly parts?: readonly LetterPart[]
}

export const askMine: Operation<None, None, OwnRequest, LetterRegistered> = {
  ...registerLetter,
  id: 'askMine',
  path: '/v1/me/requests',
  summary: 'Asks something of the operator, signed in. What I may decide alone takes effect at once.',
  tags: ['my data'],
  auth: ['subject'],
  bodyLimit: OWN_BODY,
  body: schemaOf<OwnRequest>()(
    Type.Object(
      { kinds: requestKinds, text: text(20_000), entity: Type.Optional(name), parts: Type.Optional(ownParts) },
      CLOSED,
    ),
  ),
}

export const listMine: Operation<None, None, None, RequestList> = {
  id: 'myRequests',
  method: 'GET',
  path: '/v1/me/requests',
  summary: 'What I have asked, the newest first, and by when I am answered.',
  tags: ['my data'],
  auth: ['subject'],
  params: null,
  query: null,
  body: null,
  success: json(requestList),
}

export const showMine: Operation<RequestParams, None, None, DescribedRequest> = {
  ...listMine,
  id: 'myRequest',
  path: '/v1/me/requests/:request',
  summary: 'Where a request of mine stands, how it came there, and what I was sent.',
  params: onRequest,
  success: json(describedRequest),
}

export const recallMine: Operation<RequestParams, None, None, RegisteredRequest> = {
  ...showMine,
  id: 'recallMine',
  method: 'POST',
  path: '/v1/me/requests/:request/recall',
  summary: 'Takes a request back, while it can be; what it blocked is blocked no more.',
  success: json(registeredRequest),
}
