import Type from 'typebox'
import {
  type DemandParams,
  onDemand,
  onRecipientLetter,
  recipientLetter,
  type RecipientLetter,
  type RecipientLetterParams,
  registeredDemand,
  type RegisteredDemand,
} from './demand-shapes.ts'
import { type Permitted, permitted } from './decided.ts'
import { LETTER_BODY, letterParts, type LetterPart } from './letter-parts.ts'
import { json, type None, type Operation } from './operation.ts'
import { CLOSED, name, type SchemaOf, schemaOf, text, textOrNull, uuid } from './schema.ts'

const tags = ['demands']
const auth = ['staff'] as const
const day = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', maxLength: 10 })

/** A demand of an authority as staff bring it to the register. */
export interface NewDemand {
  readonly recipient: string
  /** One of the policy's norms of this authority; null where the demand names none of them. */
  readonly norm: string | null
  readonly reference: string
  /** The day it bears, and the day by which it wants an answer (`2026-12-01`). */
  readonly dated: string
  readonly dueBy?: string
  readonly entity: string
  readonly channel: 'paper' | 'mail'
  readonly receivedAt?: number
  readonly broughtBy?: string
  readonly text: string
  readonly note?: string
  /** The recipient's public key of age: the answer is encrypted to it. Without one it is a PDF under a password. */
  readonly key?: string
  /** The last day on which whom it is about must not be told, and by which norm. */
  readonly secretUntil?: string
  readonly secretNorm?: string
  readonly parts?: readonly LetterPart[]
}

const newDemand: SchemaOf<NewDemand> = schemaOf<NewDemand>()(
  Type.Object(
    {
      recipient: name,
      norm: textOrNull(64),
      reference: Type.String({ minLength: 1, maxLength: 100 }),
      dated: day,
      dueBy: Type.Optional(day),
      entity: name,
      channel: Type.Unsafe<NewDemand['channel']>({ type: 'string', enum: ['paper', 'mail'] }),
      receivedAt: Type.Optional(Type.Integer()),
      broughtBy: Type.Optional(text(300)),
      text: text(100_000),
      note: Type.Optional(text(4_000)),
      key: Type.Optional(text(4_000)),
      secretUntil: Type.Optional(day),
      secretNorm: Type.Optional(text(300)),
      parts: Type.Optional(letterParts),
    },
    CLOSED,
  ),
)

export const registerDemand: Operation<None, None, NewDemand, RegisteredDemand> = {
  id: 'registerDemand',
  method: 'POST',
  path: '/v1/demands',
  summary:
    'Registers a demand of an authority and starts its clock. One that names no norm of the policy can only be refused.',
  tags,
  auth,
  params: null,
  query: null,
  body: newDemand,
  idempotent: true,
  bodyLimit: LETTER_BODY,
  success: json(registeredDemand),
}

export interface DemandList {
  readonly demands: readonly RegisteredDemand[]
}

export const listDemands: Operation<None, None, None, DemandList> = {
  id: 'demands',
  method: 'GET',
  path: '/v1/demands',
  summary: 'Demands of authorities, the open ones by what is due first. Nothing personal is in them.',
  tags,
  auth,
  params: null,
  query: null,
  body: null,
  success: json(
    schemaOf<DemandList>()(Type.Object({ demands: Type.Array(Type.Unsafe<RegisteredDemand>(registeredDemand)) })),
  ),
}

/** A demand with whom it is about and what went out. */
export interface DescribedDemand {
  readonly demand: RegisteredDemand
  readonly people: readonly {
    readonly disclosure: string
    readonly subject: string
    readonly fields: readonly string[]
    readonly state: string
    readonly askedBy: string
  }[]
  readonly letters: readonly RecipientLetter[]
}

export const describeDemand: Operation<DemandParams, None, None, DescribedDemand> = {
  ...listDemands,
  id: 'demand',
  path: '/v1/demands/:demand',
  summary: 'A demand with whom it is about, by id and field, and what went out.',
  params: onDemand,
  success: json(
    schemaOf<DescribedDemand>()(
      Type.Object({
        demand: Type.Unsafe<RegisteredDemand>(registeredDemand),
        people: Type.Array(
          Type.Object({
            disclosure: Type.String(),
            subject: Type.String(),
            fields: Type.Array(Type.String()),
            state: Type.String(),
            askedBy: Type.String(),
          }),
        ),
        letters: Type.Array(Type.Unsafe<RecipientLetter>(recipientLetter)),
      }),
    ),
  ),
}

const act = { method: 'POST', tags, auth, params: onDemand, query: null } as const

/** Whom a demand is about, and which fields, categories or compartments it asks for; all that its norm covers where none is named. */
export interface DemandAbout {
  readonly subject: string
  readonly scope: readonly string[]
}

/** What is asked for: the least by norm, scope and what is held. */
export interface DemandAsked extends Permitted {
  readonly disclosure: string
  readonly fields: readonly string[]
  /** Asked for by the demand, and not covered by its norm. */
  readonly beyond: readonly string[]
  readonly absent: readonly string[]
}

export const askForDemand: Operation<DemandParams, None, DemandAbout, DemandAsked> = {
  ...act,
  id: 'askForDemand',
  path: '/v1/demands/:demand/people',
  summary:
    'Names whom a demand is about. The fields are computed from its norm and scope; another member of staff approves.',
  body: schemaOf<DemandAbout>()(Type.Object({ subject: uuid, scope: Type.Array(name, { maxItems: 50 }) }, CLOSED)),
  success: json(
    schemaOf<DemandAsked>()(
      Type.Object({
        ...permitted,
        disclosure: Type.String(),
        fields: Type.Array(Type.String()),
        beyond: Type.Array(Type.String()),
        absent: Type.Array(Type.String()),
      }),
    ),
  ),
}

/** The answer to a demand, given once: no copy of it is kept. */
export interface DemandAnswer {
  readonly demand: RegisteredDemand
  readonly letter: RecipientLetter
  /** Base64: an age file, or a PDF under the password where the recipient has no key. */
  readonly file: string
  readonly name: string
  /** To be told by another way than the file goes. */
  readonly password: string | null
  /** Lines that the policy refused by the facts of now. */
  readonly refused: readonly string[]
}

export const approveDemand: Operation<DemandParams, None, { readonly key: string | null }, DemandAnswer> = {
  ...act,
  id: 'approveDemand',
  path: '/v1/demands/:demand/approval',
  summary:
    'The second word: another member of staff names the recipient’s key again, and is given the encrypted answer, once.',
  body: schemaOf<{ readonly key: string | null }>()(Type.Object({ key: textOrNull(4_000) }, CLOSED)),
  success: json(
    schemaOf<DemandAnswer>()(
      Type.Object({
        demand: Type.Unsafe<RegisteredDemand>(registeredDemand),
        letter: Type.Unsafe<RecipientLetter>(recipientLetter),
        file: Type.String(),
        name: Type.String(),
        password: textOrNull(64),
        refused: Type.Array(Type.String()),
      }),
    ),
  ),
}

/** A refusal, and the demand as it is after it. */
export interface DemandRefused {
  readonly demand: RegisteredDemand
  readonly letter: RecipientLetter
}

export const refuseDemand: Operation<DemandParams, None, { readonly note?: string }, DemandRefused> = {
  ...act,
  id: 'refuseDemand',
  path: '/v1/demands/:demand/refusal',
  summary:
    'Refuses a demand by a numbered letter that names the clauses; one that names a norm, with a reason in words.',
  body: schemaOf<{ readonly note?: string }>()(Type.Object({ note: Type.Optional(text(10_000)) }, CLOSED)),
  success: json(
    schemaOf<DemandRefused>()(
      Type.Object({
        demand: Type.Unsafe<RegisteredDemand>(registeredDemand),
        letter: Type.Unsafe<RecipientLetter>(recipientLetter),
      }),
    ),
  ),
}

export interface RecipientLetterList {
  readonly letters: readonly RecipientLetter[]
}

export const listRecipientLetters: Operation<None, None, None, RecipientLetterList> = {
  ...listDemands,
  id: 'recipientLetters',
  path: '/v1/recipient-letters',
  summary: 'Letters to recipients of data, those not confirmed by what is due first.',
  success: json(
    schemaOf<RecipientLetterList>()(
      Type.Object({ letters: Type.Array(Type.Unsafe<RecipientLetter>(recipientLetter)) }),
    ),
  ),
}

/** What staff say of a letter. */
export interface RecipientLetterMark {
  readonly state: 'sent' | 'confirmed' | 'unreachable'
  /** Why no letter reaches the recipient, with `unreachable` alone. */
  readonly reason?: 'no-address' | 'came-back' | 'dissolved'
}

export const markRecipientLetter: Operation<RecipientLetterParams, None, RecipientLetterMark, RecipientLetter> = {
  id: 'markRecipientLetter',
  method: 'POST',
  path: '/v1/recipient-letters/:letter/state',
  summary: 'Says that a letter to a recipient went, that the recipient confirmed it, or why none reaches it.',
  tags,
  auth,
  params: onRecipientLetter,
  query: null,
  body: schemaOf<RecipientLetterMark>()(
    Type.Object(
      {
        state: Type.Unsafe<RecipientLetterMark['state']>({
          type: 'string',
          enum: ['sent', 'confirmed', 'unreachable'],
        }),
        reason: Type.Optional(
          Type.Unsafe<NonNullable<RecipientLetterMark['reason']>>({
            type: 'string',
            enum: ['no-address', 'came-back', 'dissolved'],
          }),
        ),
      },
      CLOSED,
    ),
  ),
  success: json(recipientLetter),
}

export const readRecipientLetter: Operation<RecipientLetterParams, None, None, Uint8Array> = {
  id: 'recipientLetter',
  method: 'GET',
  path: '/v1/recipient-letters/:letter',
  summary: 'A letter to a recipient as it went out, a PDF.',
  tags,
  auth,
  params: onRecipientLetter,
  query: null,
  body: null,
  success: { status: 200, type: 'application/pdf', schema: null },
}

export const printRecipientAddress: Operation<RecipientLetterParams, None, None, Uint8Array> = {
  ...readRecipientLetter,
  id: 'recipientAddress',
  path: '/v1/recipient-letters/:letter/address',
  summary: 'The address sheet of a letter to a recipient, by the policy’s address of it.',
}
