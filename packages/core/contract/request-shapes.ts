import Type, { type TArray, type TUnsafe } from 'typebox'
import { REQUEST_KINDS, type RequestKind } from '../base/index.ts'
import { recipientLetter, type RecipientLetter } from './demand-shapes.ts'
import { CLOSED, integerOrNull, orNull, type SchemaOf, schemaOf, textOrNull, uuid } from './schema.ts'

export const LETTER_CHANNELS = ['portal', 'api', 'mail', 'paper', 'phone'] as const
export type LetterChannel = (typeof LETTER_CHANNELS)[number]

export const requestKind: TUnsafe<RequestKind> = Type.Unsafe<RequestKind>({ type: 'string', enum: [...REQUEST_KINDS] })
export const requestKinds: TArray<TUnsafe<RequestKind>> = Type.Array(requestKind, { minItems: 1, maxItems: 15 })

/** A clock of a request. Instants are milliseconds; both ends are the first moment that is too late. */
export interface RequestClock {
  /** The law's clock, or `answer`: the person is told by the last of the others. */
  readonly rule: string
  readonly start: number
  /** What the operator plans by; calendar days do not move on from a day off here. */
  readonly planned: number
  /** What the law counts as late. */
  readonly outer: number
  /** False while a production calendar is missing: both ends are then sooner than the law asks. */
  readonly counted: boolean
  readonly extendedAt: number | null
  /** The share of the term, in percent, of which the officer was told. */
  readonly told: number
  readonly endedAt: number | null
  /** `done`, `refused`, `deferred` or `void`; null while it runs. */
  readonly ended: string | null
  readonly late: boolean
}

/** A request of the register. Nothing personal is in it. */
export interface RegisteredRequest {
  readonly id: string
  readonly number: string
  readonly letter: string
  readonly kind: RequestKind
  /** The legal entity it is addressed to; null where to the brand, and so to all. */
  readonly entity: string | null
  readonly state: string
  /** Whose move it is: `staff`, `person` or `system`; null at an end. */
  readonly owner: string | null
  /** How its kind was found: `mark`, `person`, `staff` or `words`. */
  readonly routedBy: string
  readonly receivedAt: number
  readonly registeredAt: number
  /** The earliest planned end of its running clocks, and the earliest outer one. */
  readonly dueAt: number | null
  readonly outerAt: number | null
  /** The day of a destruction that waits; null where none does. */
  readonly until: number | null
  readonly endedAt: number | null
  readonly late: boolean
  /** The law's ground by which it is refused; null where it is not. */
  readonly refusal: string | null
  /** How sure one must be of who asks, 0 to 3; the letter tells how sure one is. */
  readonly levelNeeded: number
  readonly clocks: readonly RequestClock[]
  /** What can happen to it next. */
  readonly steps: readonly string[]
  /** Why it does not go on by itself; null where nothing keeps it. */
  readonly hindered: RequestHindrance | null
}

/** What keeps a request from going on by itself. */
export interface RequestHindrance {
  /** `policy` refused the software what it wanted to do; `restored`: whether it was taken back since the backup nobody knows. */
  readonly by: 'policy' | 'restored'
  readonly at: number
  /** What the software wanted to do; the refusal's clauses, reasons and entry in the ledger. Null and empty after a restore. */
  readonly act: string | null
  readonly clauses: readonly string[]
  readonly reasons: readonly string[]
  readonly entry: string | null
}

const hindrance: SchemaOf<RequestHindrance> = schemaOf<RequestHindrance>()(
  Type.Object({
    by: Type.Unsafe<RequestHindrance['by']>({ type: 'string', enum: ['policy', 'restored'] }),
    at: Type.Integer(),
    act: textOrNull(64),
    clauses: Type.Array(Type.String()),
    reasons: Type.Array(Type.String()),
    entry: textOrNull(36),
  }),
)

const clock: SchemaOf<RequestClock> = schemaOf<RequestClock>()(
  Type.Object({
    rule: Type.String(),
    start: Type.Integer(),
    planned: Type.Integer(),
    outer: Type.Integer(),
    counted: Type.Boolean(),
    extendedAt: integerOrNull(),
    told: Type.Integer(),
    endedAt: integerOrNull(),
    ended: textOrNull(16),
    late: Type.Boolean(),
  }),
)

export const registeredRequest: SchemaOf<RegisteredRequest> = schemaOf<RegisteredRequest>()(
  Type.Object({
    id: Type.String(),
    number: Type.String(),
    letter: Type.String(),
    kind: requestKind,
    entity: textOrNull(64),
    state: Type.String(),
    owner: textOrNull(16),
    routedBy: Type.String(),
    receivedAt: Type.Integer(),
    registeredAt: Type.Integer(),
    dueAt: integerOrNull(),
    outerAt: integerOrNull(),
    until: integerOrNull(),
    endedAt: integerOrNull(),
    late: Type.Boolean(),
    refusal: textOrNull(64),
    levelNeeded: Type.Integer(),
    clocks: Type.Array(Type.Unsafe<RequestClock>(clock)),
    steps: Type.Array(Type.String()),
    hindered: orNull(hindrance),
  }),
)

/** The record of a check of who wrote: never a copy of what was shown. */
export interface IdentityCheck {
  readonly method: string
  readonly level: number
  readonly passed: boolean
  readonly at: number
  readonly by: string | null
}

/** A letter of the register, without what it says. */
export interface RegisteredLetter {
  readonly id: string
  readonly number: string
  readonly channel: LetterChannel
  readonly receivedAt: number
  readonly registeredAt: number
  readonly registeredBy: string | null
  /** Who it is about; null while nobody knows. */
  readonly subject: string | null
  /** `none`, `claimed` (somebody says so) or `proved`. */
  readonly identity: string
  /** What the checks that passed reach together, 0 to 3. */
  readonly levelReached: number
  readonly proof: readonly IdentityCheck[]
  readonly parts: number
  readonly bytes: number
  /** Kinds of requests that its words speak of beyond those that it started. */
  readonly suggested: readonly RequestKind[]
}

export const registeredLetter: SchemaOf<RegisteredLetter> = schemaOf<RegisteredLetter>()(
  Type.Object({
    id: Type.String(),
    number: Type.String(),
    channel: Type.Unsafe<LetterChannel>({ type: 'string', enum: [...LETTER_CHANNELS] }),
    receivedAt: Type.Integer(),
    registeredAt: Type.Integer(),
    registeredBy: textOrNull(64),
    subject: textOrNull(36),
    identity: Type.String(),
    levelReached: Type.Integer(),
    proof: Type.Array(
      Type.Object({
        method: Type.String(),
        level: Type.Integer(),
        passed: Type.Boolean(),
        at: Type.Integer(),
        by: textOrNull(64),
      }),
    ),
    parts: Type.Integer(),
    bytes: Type.Integer(),
    suggested: Type.Array(requestKind),
  }),
)

/** A document that went out, or is to be posted. */
export interface RegisteredReply {
  readonly id: string
  readonly number: string
  readonly kind: string
  /** `mail`, `portal` or `print`. */
  readonly channel: string
  readonly madeAt: number
  readonly madeBy: string | null
  /** Null while it is printed and not posted. */
  readonly sentAt: number | null
  /** SHA-256 of the PDF, hex: the ledger has the same. */
  readonly sha256: string
  readonly bytes: number
}

export const registeredReply: SchemaOf<RegisteredReply> = schemaOf<RegisteredReply>()(
  Type.Object({
    id: Type.String(),
    number: Type.String(),
    kind: Type.String(),
    channel: Type.String(),
    madeAt: Type.Integer(),
    madeBy: textOrNull(64),
    sentAt: integerOrNull(),
    sha256: Type.String(),
    bytes: Type.Integer(),
  }),
)

/** An answered request that another repeats too soon. */
export interface RepeatedRequest {
  readonly request: string
  readonly number: string
  readonly receivedAt: number
  readonly answeredAt: number
  /** From when the same may be asked again. */
  readonly until: number
}

const repeatedRequest: SchemaOf<RepeatedRequest> = schemaOf<RepeatedRequest>()(
  Type.Object({
    request: Type.String(),
    number: Type.String(),
    receivedAt: Type.Integer(),
    answeredAt: Type.Integer(),
    until: Type.Integer(),
  }),
)

/** A request with all that happened to it. */
export interface DescribedRequest {
  readonly request: RegisteredRequest
  readonly letter: RegisteredLetter
  readonly events: readonly {
    readonly at: number
    /** `received`, a step, `extended`, `paused`, `resumed`, `escalated`, `recounted`, `reopened`. */
    readonly what: string
    readonly rule: string | null
    readonly by: string | null
    /** The ledger entry of the act. */
    readonly entry: string
  }[]
  readonly replies: readonly RegisteredReply[]
  /** The answered request of the same person that it repeats sooner than the law lets ask again; null where it repeats none. */
  readonly repeats: RepeatedRequest | null
  /** Letters to whoever was given the data, for staff: the request does not end before they went. */
  readonly recipients: readonly RecipientLetter[]
}

export const describedRequest: SchemaOf<DescribedRequest> = schemaOf<DescribedRequest>()(
  Type.Object({
    request: Type.Unsafe<RegisteredRequest>(registeredRequest),
    letter: Type.Unsafe<RegisteredLetter>(registeredLetter),
    events: Type.Array(
      Type.Object({
        at: Type.Integer(),
        what: Type.String(),
        rule: textOrNull(64),
        by: textOrNull(64),
        entry: Type.String(),
      }),
    ),
    replies: Type.Array(Type.Unsafe<RegisteredReply>(registeredReply)),
    repeats: orNull(repeatedRequest),
    recipients: Type.Array(Type.Unsafe<RecipientLetter>(recipientLetter)),
  }),
)

export interface RequestParams {
  readonly request: string
}
export interface LetterParams {
  readonly letter: string
}
export interface ReplyParams {
  readonly reply: string
}

export const onRequest: SchemaOf<RequestParams> = schemaOf<RequestParams>()(Type.Object({ request: uuid }, CLOSED))
export const onLetter: SchemaOf<LetterParams> = schemaOf<LetterParams>()(Type.Object({ letter: uuid }, CLOSED))
export const onReply: SchemaOf<ReplyParams> = schemaOf<ReplyParams>()(Type.Object({ reply: uuid }, CLOSED))

/** Requests, each as it stands. */
export interface RequestList {
  readonly requests: readonly RegisteredRequest[]
}

export const requestList: SchemaOf<RequestList> = schemaOf<RequestList>()(
  Type.Object({ requests: Type.Array(Type.Unsafe<RegisteredRequest>(registeredRequest)) }),
)
