import Type from 'typebox'
import { CLOSED, integerOrNull, orNull, type SchemaOf, schemaOf, textOrNull, uuid } from './schema.ts'

/** A demand of an authority in the register. Who brought it and what it says lie sealed with its letter. Instants are milliseconds. */
export interface RegisteredDemand {
  readonly id: string
  readonly number: string
  readonly letter: string
  readonly recipient: string
  /** The policy's norm by which it asks; null where it names none: then it can only be refused. */
  readonly norm: string | null
  /** Its own number and day. */
  readonly reference: string
  readonly dated: string
  readonly entity: string
  readonly receivedAt: number
  readonly registeredAt: number
  readonly registeredBy: string
  /** `registered`, `answering` or `refusing` (a document is to go), `answered` or `refused`. */
  readonly state: string
  /** What is planned by, and the first moment that is too late. */
  readonly dueAt: number
  readonly outerAt: number
  readonly told: number
  /** The recipient's public key (age); null where it has none. */
  readonly key: string | null
  /** Until when whom it is about is not told, and by which norm; null where nothing forbids it. */
  readonly secretUntil: number | null
  readonly secretNorm: string | null
  readonly refusal: { readonly reason: string; readonly clauses: readonly string[] } | null
  readonly endedAt: number | null
  readonly late: boolean
}

export const registeredDemand: SchemaOf<RegisteredDemand> = schemaOf<RegisteredDemand>()(
  Type.Object({
    id: Type.String(),
    number: Type.String(),
    letter: Type.String(),
    recipient: Type.String(),
    norm: textOrNull(64),
    reference: Type.String(),
    dated: Type.String(),
    entity: Type.String(),
    receivedAt: Type.Integer(),
    registeredAt: Type.Integer(),
    registeredBy: Type.String(),
    state: Type.String(),
    dueAt: Type.Integer(),
    outerAt: Type.Integer(),
    told: Type.Integer(),
    key: textOrNull(4_000),
    secretUntil: integerOrNull(),
    secretNorm: textOrNull(300),
    refusal: orNull(
      schemaOf<NonNullable<RegisteredDemand['refusal']>>()(
        Type.Object({ reason: Type.String(), clauses: Type.Array(Type.String()) }),
      ),
    ),
    endedAt: integerOrNull(),
    late: Type.Boolean(),
  }),
)

/** A document to a recipient of data. It names nobody. */
export interface RecipientLetter {
  readonly id: string
  /** `corrected` or `destroyed` (data that it was given), `answer` or `refusal` (of a demand). */
  readonly kind: string
  readonly recipient: string
  readonly demand: string | null
  /** `asked`: being made; `made`: to be posted; `sent`; `confirmed` by the recipient; `unreachable`: no letter reaches it. */
  readonly state: string
  /** `mail` or `print`; null while it is being made. */
  readonly channel: string | null
  readonly number: string | null
  /** SHA-256, hex: the ledger has the same. */
  readonly sha256: string | null
  readonly askedAt: number
  readonly madeAt: number | null
  readonly sentAt: number | null
  readonly confirmedAt: number | null
  readonly dueAt: number
  /** The share of its term, in percent, of which the officer was told. */
  readonly told: number
  /** Why no letter reaches the recipient: `no-address`, `came-back` or `dissolved`; null unless that is its state. */
  readonly unreachable: string | null
  /** Requests that do not end before it went. */
  readonly requests: readonly string[]
  /** Lines of the register of disclosures that it is about, with the fields. */
  readonly about: readonly { readonly disclosure: string; readonly fields: readonly string[] }[]
}

export const recipientLetter: SchemaOf<RecipientLetter> = schemaOf<RecipientLetter>()(
  Type.Object({
    id: Type.String(),
    kind: Type.String(),
    recipient: Type.String(),
    demand: textOrNull(36),
    state: Type.String(),
    channel: textOrNull(16),
    number: textOrNull(32),
    sha256: textOrNull(64),
    askedAt: Type.Integer(),
    madeAt: integerOrNull(),
    sentAt: integerOrNull(),
    confirmedAt: integerOrNull(),
    dueAt: Type.Integer(),
    told: Type.Integer(),
    unreachable: textOrNull(16),
    requests: Type.Array(Type.String()),
    about: Type.Array(Type.Object({ disclosure: Type.String(), fields: Type.Array(Type.String()) })),
  }),
)

export interface DemandParams {
  readonly demand: string
}
export const onDemand: SchemaOf<DemandParams> = schemaOf<DemandParams>()(Type.Object({ demand: uuid }, CLOSED))

export interface RecipientLetterParams {
  readonly letter: string
}
export const onRecipientLetter: SchemaOf<RecipientLetterParams> = schemaOf<RecipientLetterParams>()(
  Type.Object({ letter: uuid }, CLOSED),
)
