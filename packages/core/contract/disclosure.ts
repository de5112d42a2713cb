import Type from 'typebox'
import type { Localised } from '../base/index.ts'
import { type OnPerson, onPerson, type Permitted, permitted, type SubjectParams } from './decided.ts'
import { recorded } from './facts.ts'
import { json, type None, type Operation } from './operation.ts'
import { actOnPerson } from './person-act.ts'
import { CLOSED, integerOrNull, name, orNull, type SchemaOf, schemaOf, textOrNull, uuid } from './schema.ts'

/** Data to be handed to somebody whom the policy names as a recipient. */
export interface Disclosing extends OnPerson {
  readonly recipient: string
  readonly purpose: string
  readonly fields: readonly string[]
}

export const DISCLOSURE_STATES = ['waiting', 'made', 'declined'] as const
export type DisclosureState = (typeof DISCLOSURE_STATES)[number]

/** What entitles a recipient: a norm of law, a contract that binds it to instructions, or the person's own consent. */
export interface DisclosureBasis {
  readonly by: 'norm' | 'contract' | 'consent'
  /** The norm or contract in the policy's words, or the purpose consented to. */
  readonly text: Localised
}

const basis = Type.Object({
  by: Type.Unsafe<DisclosureBasis['by']>({ type: 'string', enum: ['norm', 'contract', 'consent'] }),
  text: Type.Unsafe<Localised>({ type: 'object', additionalProperties: { type: 'string' } }),
})
const state = Type.Unsafe<DisclosureState>({ type: 'string', enum: [...DISCLOSURE_STATES] })

/** Values to hand over; a field that holds nothing is null. All of them are null while a second person's word is awaited. */
export interface Disclosed extends Permitted {
  readonly disclosure: string
  readonly state: DisclosureState
  readonly basis: DisclosureBasis
  readonly values: Readonly<Record<string, string | readonly string[] | null>> | null
}

const disclosed: SchemaOf<Disclosed> = schemaOf<Disclosed>()(
  Type.Object({
    ...permitted,
    disclosure: Type.String(),
    state,
    basis,
    values: Type.Unsafe<Disclosed['values']>({
      type: ['object', 'null'],
      additionalProperties: true,
      description: 'Field to its value, to its list of values, or to null where it holds nothing; null while it waits.',
    }),
  }),
)

export const disclose: Operation<SubjectParams, None, Disclosing, Disclosed> = actOnPerson(
  'disclose',
  'disclosures',
  'Opens fields to be handed to a recipient of the policy. What an authority demands waits for a second member of staff.',
  schemaOf<Disclosing>()(
    Type.Object(
      { ...onPerson, recipient: name, purpose: name, fields: Type.Array(name, { minItems: 1, maxItems: 50 }) },
      CLOSED,
    ),
  ),
  disclosed,
)

export interface DisclosureParams extends SubjectParams {
  readonly disclosure: string
}

const onDisclosure: SchemaOf<DisclosureParams> = schemaOf<DisclosureParams>()(
  Type.Object({ subject: uuid, disclosure: uuid }, CLOSED),
)

export const approveDisclosure: Operation<DisclosureParams, None, None, Disclosed> = {
  id: 'approveDisclosure',
  method: 'POST',
  path: '/v1/people/:subject/disclosures/:disclosure/approval',
  summary: 'Another member of staff than the one who asked says the second word, and is given the values.',
  tags: ['people'],
  auth: ['staff'],
  params: onDisclosure,
  query: null,
  body: null,
  success: json(disclosed),
}

export const declineDisclosure: Operation<DisclosureParams, None, None, Permitted> = {
  ...approveDisclosure,
  id: 'declineDisclosure',
  path: '/v1/people/:subject/disclosures/:disclosure/decline',
  summary: 'Declines, or takes back, what waits for a second word. Nothing was or will be handed over by it.',
  success: json(recorded),
}

/** Who did something, as the ledger names them. */
export interface NamedActor {
  readonly kind: string
  readonly name: string
  readonly id?: string
}

/** A line of the register of disclosures. Instants are milliseconds. */
export interface RegisteredDisclosure {
  readonly id: string
  readonly subject: string
  readonly recipient: string
  /** `processor`, `third-party`, `authority`, or `entity`: another of the operator's own. */
  readonly kind: string
  readonly basis: DisclosureBasis
  readonly entity: string
  readonly purpose: string
  readonly fields: readonly string[]
  readonly ticket: string | null
  readonly policy: string
  readonly state: DisclosureState
  readonly askedAt: number
  readonly askedBy: NamedActor
  /** When it was handed over or declined, and by whom; null while it waits. */
  readonly settledAt: number | null
  readonly settledBy: NamedActor | null
  /** The ledger's entry of the handing over or declining; while it waits, of the asking. */
  readonly entry: string
}

export interface DisclosureList {
  readonly disclosures: readonly RegisteredDisclosure[]
  /** `before` of the next page; null where this is the last. */
  readonly next: string | null
}

export const namedActor: SchemaOf<NamedActor> = schemaOf<NamedActor>()(
  Type.Object({ kind: Type.String(), name: Type.String(), id: Type.Optional(Type.String()) }),
)

const disclosureList: SchemaOf<DisclosureList> = schemaOf<DisclosureList>()(
  Type.Object({
    next: textOrNull(52),
    disclosures: Type.Array(
      Type.Object({
        id: Type.String(),
        subject: Type.String(),
        recipient: Type.String(),
        kind: Type.String(),
        basis,
        entity: Type.String(),
        purpose: Type.String(),
        fields: Type.Array(Type.String()),
        ticket: textOrNull(21),
        policy: Type.String(),
        state,
        askedAt: Type.Integer(),
        askedBy: Type.Unsafe<NamedActor>(namedActor),
        settledAt: integerOrNull(),
        settledBy: orNull(namedActor),
        entry: Type.String(),
      }),
    ),
  }),
)

export interface DisclosureQuery {
  /** About this person only: the look is decided, by `entity` and `ticket`, and stands in their history. */
  readonly subject?: string
  readonly entity?: string
  readonly ticket?: string
  readonly recipient?: string
  readonly state?: DisclosureState
  /** Only those asked for before this moment, or the `next` of a page. */
  readonly before?: string
}

export const listDisclosures: Operation<None, DisclosureQuery, None, DisclosureList> = {
  id: 'disclosures',
  method: 'GET',
  path: '/v1/disclosures',
  summary: 'The register of disclosures, newest first: to whom data went, or are about to go, and by what.',
  tags: ['staff'],
  auth: ['staff'],
  params: null,
  query: schemaOf<DisclosureQuery>()(
    Type.Object(
      {
        subject: Type.Optional(uuid),
        entity: Type.Optional(name),
        ticket: Type.Optional(onPerson.ticket),
        recipient: Type.Optional(name),
        state: Type.Optional(state),
        before: Type.Optional(
          Type.String({ pattern: '^\\d{1,15}(\\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})?$', maxLength: 52 }),
        ),
      },
      CLOSED,
    ),
  ),
  body: null,
  success: json(disclosureList),
}

export const showMyDisclosures: Operation<None, None, None, DisclosureList> = {
  ...listDisclosures,
  id: 'myDisclosures',
  path: '/v1/me/disclosures',
  summary: 'To whom my data went, newest first, and by what.',
  tags: ['my data'],
  auth: ['subject'],
  query: null,
}
