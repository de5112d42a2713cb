import Type from 'typebox'
import { type OnPerson, onPerson, type Permitted, permitted } from './decided.ts'
import {
  type CorrectedValues,
  correctedValues,
  type DescribedPerson,
  described,
  type DestroyedData,
  type ErasureReceipts,
  erasureReceiptsAnswer,
  destroyedData,
  type EndedGround,
  type EntryReceipt,
  endedGround,
  recorded,
} from './facts.ts'
import { json, type None, type Operation } from './operation.ts'
import { CLOSED, name, orNull, type SchemaOf, schemaOf, text, textOrNull } from './schema.ts'

const tags = ['my data']
const auth = ['subject'] as const
const entity = onPerson.entity

interface Entity {
  readonly entity: string
}

const entityQuery: SchemaOf<Entity> = schemaOf<Entity>()(Type.Object({ entity }, CLOSED))

/** Everything held of the person who asks. */
export interface MyData extends DescribedPerson {
  readonly subject: string
  readonly values: Readonly<Record<string, string | readonly string[] | null>>
  /** True where nobody has said a word about the data for a year: ask whether they are still right. */
  readonly reviewDue: boolean
}

export const showMe: Operation<None, Entity, None, MyData> = {
  id: 'me',
  method: 'GET',
  path: '/v1/me',
  summary: 'What is held about me, on which grounds, and the values themselves.',
  tags,
  auth,
  params: null,
  query: entityQuery,
  body: null,
  success: json(
    schemaOf<MyData>()(
      Type.Object({
        ...permitted,
        ...described,
        subject: Type.String(),
        values: Type.Unsafe<MyData['values']>({ type: 'object', additionalProperties: true }),
        reviewDue: Type.Boolean(),
      }),
    ),
  ),
}

/** One entry of the person's history, with all that is needed to check it against the public tree. */
export interface HistoryEntry {
  readonly place: number
  /** The commitment, hex: SHA-256 of domain, salt and `body` exactly as given. */
  readonly leaf: string
  readonly salt: string
  /** Canonical JSON. */
  readonly body: string
  /** The same in plain words, by the version of the policy that judged it; null where this server no longer has that. */
  readonly words: EntryWords | null
}

/** A text in Russian and in English. */
interface InWords {
  readonly ru: string
  readonly en: string
}

export interface EntryWords {
  readonly who: InWords
  readonly what: InWords
  readonly purpose: InWords | null
  readonly data: InWords | null
  readonly clauses: readonly { readonly number: string; readonly title: InWords }[]
  /** Why it was refused; empty where it was permitted. */
  readonly reasons: readonly InWords[]
}

const twoWords: SchemaOf<InWords> = schemaOf<InWords>()(Type.Object({ ru: Type.String(), en: Type.String() }))
const words: ReturnType<typeof Type.Unsafe<InWords>> = Type.Unsafe<InWords>(twoWords)
const inWords: SchemaOf<EntryWords> = schemaOf<EntryWords>()(
  Type.Object({
    who: words,
    what: words,
    purpose: orNull<InWords>(twoWords),
    data: orNull<InWords>(twoWords),
    clauses: Type.Array(Type.Object({ number: Type.String(), title: words })),
    reasons: Type.Array(words),
  }),
)

export interface History {
  readonly entries: readonly HistoryEntry[]
}

interface Range {
  readonly from?: string
  readonly to?: string
}

const instant = Type.Optional(
  Type.String({ pattern: '^[0-9]{1,14}$', maxLength: 14, description: 'Milliseconds since 1970.' }),
)

export const showHistory: Operation<None, Range, None, History> = {
  id: 'history',
  method: 'GET',
  path: '/v1/me/history',
  summary: 'Who did what with my data, why, under which clause.',
  tags,
  auth,
  params: null,
  query: schemaOf<Range>()(Type.Object({ from: instant, to: instant }, CLOSED)),
  body: null,
  success: json(
    schemaOf<History>()(
      Type.Object({
        entries: Type.Array(
          Type.Object({
            place: Type.Integer(),
            leaf: Type.String(),
            salt: Type.String(),
            body: Type.String(),
            words: orNull<EntryWords>(inWords),
          }),
        ),
      }),
    ),
  ),
}

export const proveEntry: Operation<{ readonly place: string }, None, None, string> = {
  id: 'proof',
  method: 'GET',
  path: '/v1/me/history/:place/proof',
  summary:
    'The receipt of an entry of mine: what it says, and the proof that it stands in the ledger (C2SP tlog-proof).',
  tags,
  auth,
  params: schemaOf<{ readonly place: string }>()(
    Type.Object({ place: Type.String({ pattern: '^[0-9]{1,15}$', maxLength: 15 }) }, CLOSED),
  ),
  query: null,
  body: null,
  success: { status: 200, type: 'text/plain; charset=utf-8', schema: null },
}

export const showLedgerSecret: Operation<None, None, None, string> = {
  id: 'ledgerSecret',
  method: 'GET',
  path: '/v1/me/history/secret',
  summary: 'The secret by which entries of the ledger are known to be mine. To be kept apart from receipts.',
  tags,
  auth,
  params: null,
  query: null,
  body: null,
  success: { status: 200, type: 'text/plain; charset=utf-8', schema: null },
}

/** Corrected or supplemented values. */
export interface Correction extends OnPerson {
  readonly values: Readonly<Record<string, unknown>>
}

const values = Type.Unsafe<Readonly<Record<string, unknown>>>({
  type: 'object',
  minProperties: 1,
  maxProperties: 100,
  additionalProperties: true,
})

export const correction: SchemaOf<Correction> = schemaOf<Correction>()(Type.Object({ ...onPerson, values }, CLOSED))

export const correctMine: Operation<None, None, Correction, CorrectedValues> = {
  id: 'correctMine',
  method: 'PATCH',
  path: '/v1/me/values',
  summary: 'Corrects or supplements my data.',
  tags,
  auth,
  params: null,
  query: null,
  body: correction,
  success: json(correctedValues),
}

const closedTo = Type.Array(name, { maxItems: 50, description: 'Purposes; `*` is all but law; empty opens it again.' })

export const closeMine: Operation<
  { readonly field: string },
  None,
  Entity & { readonly closedTo: readonly string[] },
  Permitted
> = {
  id: 'closeMine',
  method: 'PUT',
  path: '/v1/me/confidentiality/:field',
  summary: 'Closes a field of mine to purposes.',
  tags,
  auth,
  params: schemaOf<{ readonly field: string }>()(Type.Object({ field: name }, CLOSED)),
  query: null,
  body: schemaOf<Entity & { readonly closedTo: readonly string[] }>()(Type.Object({ entity, closedTo }, CLOSED)),
  success: json(recorded),
}

/** A consent given outside an order, by the document of a form that was shown. */
export interface GivenConsent extends Entity {
  readonly purpose: string
  readonly form: string
  readonly snapshot: string
}

export const giveConsent: Operation<None, None, GivenConsent, Permitted> = {
  id: 'giveConsent',
  method: 'POST',
  path: '/v1/me/consents',
  summary: 'Gives one consent, by the document that was shown.',
  tags,
  auth,
  params: null,
  query: null,
  body: schemaOf<GivenConsent>()(Type.Object({ entity, purpose: name, form: name, snapshot: text(200) }, CLOSED)),
  success: json(recorded),
}

/** The receipt of a consent: a JWS (RFC 7515, flattened) over ISO/IEC TS 27560 in DPV's terms. */
export interface ConsentReceipt {
  readonly payload: string
  readonly protected: string
  readonly signature: string
  /** Unprotected: what shows that the receipt stands in the ledger. */
  readonly header: {
    /** Opens the entry whose `detail.receipt` is the SHA-256 of the payload. */
    readonly entry: EntryReceipt
    /** That entry's `.tlog-proof`; null where it had no place in the tree yet. */
    readonly proof: string | null
  }
}

export const consentReceipt: Operation<{ readonly purpose: string }, Entity, None, ConsentReceipt> = {
  id: 'consentReceipt',
  method: 'GET',
  path: '/v1/me/consents/:purpose/receipt',
  summary: 'The receipt of a live consent of mine, signed, with the proof that it stands in the ledger.',
  tags,
  auth,
  params: schemaOf<{ readonly purpose: string }>()(Type.Object({ purpose: name }, CLOSED)),
  query: entityQuery,
  body: null,
  success: json(
    schemaOf<ConsentReceipt>()(
      Type.Object({
        payload: Type.String(),
        protected: Type.String(),
        signature: Type.String(),
        header: Type.Object({
          entry: Type.Object({ after: Type.Integer(), salt: Type.String(), body: Type.String() }),
          proof: textOrNull(2 * 524_288),
        }),
      }),
    ),
  ),
}

/** `allEntities=true` addresses the brand: every legal entity is reached. */
export interface WithdrawalQuery extends Entity {
  readonly allEntities?: 'true' | 'false'
}

export const withdrawMine: Operation<{ readonly purpose: string }, WithdrawalQuery, None, EndedGround> = {
  id: 'withdrawMine',
  method: 'DELETE',
  path: '/v1/me/consents/:purpose',
  summary: 'Withdraws a consent of mine. Effective when answered; says what other grounds remain.',
  tags,
  auth,
  params: schemaOf<{ readonly purpose: string }>()(Type.Object({ purpose: name }, CLOSED)),
  query: schemaOf<WithdrawalQuery>()(
    Type.Object(
      {
        entity,
        allEntities: Type.Optional(Type.Unsafe<'true' | 'false'>({ type: 'string', enum: ['true', 'false'] })),
      },
      CLOSED,
    ),
  ),
  body: null,
  success: json(endedGround),
}

/** Compartments to destroy, or null for the person as far as no ground keeps data. */
export interface Destruction extends OnPerson {
  readonly compartments: readonly string[] | null
}

export const destruction: SchemaOf<Destruction> = schemaOf<Destruction>()(
  Type.Object(
    {
      ...onPerson,
      compartments: Type.Unsafe<readonly string[] | null>({
        type: ['array', 'null'],
        items: name,
        minItems: 1,
        maxItems: 50,
      }),
    },
    CLOSED,
  ),
)

export const destroyMine: Operation<None, None, Destruction, DestroyedData> = {
  id: 'destroyMine',
  method: 'POST',
  path: '/v1/me/destroy',
  summary:
    'Destroys my data, as far as no law or contract keeps it; says what is kept, why and until when, and whether it waits first.',
  tags,
  auth,
  params: null,
  query: null,
  body: destruction,
  success: json(destroyedData),
}

export const erasureReceipts: Operation<None, None, { readonly claim: string }, ErasureReceipts> = {
  id: 'erasureReceipts',
  method: 'POST',
  path: '/v1/erasures/receipts',
  summary:
    'The receipts of a destruction that I asked for and that waited, by the claim that I was given: nobody is left to sign in as.',
  tags,
  auth: ['none'],
  params: null,
  query: null,
  body: schemaOf<{ readonly claim: string }>()(
    Type.Object({ claim: Type.String({ minLength: 1, maxLength: 100 }) }, CLOSED),
  ),
  success: json(erasureReceiptsAnswer),
}

export const cancelDestruction: Operation<None, None, Entity, Permitted> = {
  id: 'cancelDestruction',
  method: 'POST',
  path: '/v1/me/cancel-destruction',
  summary: 'Cancels the destruction that I asked for and that waits; what it stopped goes on.',
  tags,
  auth,
  params: null,
  query: null,
  body: schemaOf<Entity>()(Type.Object({ entity }, CLOSED)),
  success: json(recorded),
}

export const reviewMine: Operation<None, None, Entity, Permitted> = {
  id: 'reviewMine',
  method: 'POST',
  path: '/v1/me/review',
  summary: 'I have looked at my data: they are still right.',
  tags,
  auth,
  params: null,
  query: null,
  body: entityQuery,
  success: json(recorded),
}
