import Type from 'typebox'
import { causes, type Permitted, permitted } from './decided.ts'
import { BATCH_BODY_LIMIT, BATCH_CALLS, json, type None, type Operation } from './operation.ts'
import type { DecisionCause, Problem } from './problem.ts'
import { CLOSED, integerOrNull, name, type SchemaOf, schemaOf, text, ticket, uuid } from './schema.ts'

/** What somebody asks to do with fields of one person. */
export interface AccessCall {
  /** The person's opaque id. */
  readonly subject: string
  readonly purpose: string
  /** The legal entity for which it is done. */
  readonly entity: string
  readonly fields: readonly string[]
  readonly ticket?: string
}

/** Opened values; null where a field holds nothing. */
export interface OpenedFields extends Permitted {
  readonly values: Readonly<Record<string, string | readonly string[] | null>>
}

const accessMembers = {
  subject: text(36, "The person's opaque id, a lower-case UUID."),
  purpose: name,
  entity: name,
  fields: Type.Array(name, { minItems: 1, maxItems: 50 }),
  ticket: Type.Optional(ticket),
}

const accessCall: SchemaOf<AccessCall> = schemaOf<AccessCall>()(Type.Object(accessMembers, CLOSED))

const openedFields: SchemaOf<OpenedFields> = schemaOf<OpenedFields>()(
  Type.Object({
    ...permitted,
    values: Type.Unsafe<Readonly<Record<string, string | readonly string[] | null>>>({
      type: 'object',
      additionalProperties: true,
      description: 'Field to its value, to its list of values, or to null where it holds nothing.',
    }),
  }),
)

export const open: Operation<None, None, AccessCall, OpenedFields> = {
  id: 'open',
  method: 'POST',
  path: '/v1/open',
  summary: 'Opens fields of a person for a purpose. A refusal is a problem `refused` with its clauses.',
  tags: ['access'],
  auth: ['service', 'staff', 'subject'],
  params: null,
  query: null,
  body: accessCall,
  success: json(openedFields),
}

export interface OpenQuery {
  readonly subject: string
  readonly purpose: string
  readonly entity: string
  /** Names of fields, separated by commas. */
  readonly fields: string
  readonly ticket?: string
}

/** The hot read without a body: an id is opaque and no value stands in the address. */
export const openByQuery: Operation<None, OpenQuery, None, OpenedFields> = {
  id: 'openByQuery',
  method: 'GET',
  path: '/v1/open',
  summary: 'The same as POST /v1/open, without a body.',
  tags: ['access'],
  auth: ['service', 'staff', 'subject'],
  params: null,
  query: schemaOf<OpenQuery>()(
    Type.Object({ ...accessMembers, fields: text(3300, 'Names of fields, separated by commas.') }, CLOSED),
  ),
  body: null,
  success: json(openedFields),
}

export interface OpenBatch {
  readonly calls: readonly AccessCall[]
}

/** One answer per call, in their order. A call that is refused or fails stands there as its problem. */
export interface OpenedBatch {
  readonly answers: readonly (OpenedFields | Problem)[]
}

export const openBatch: Operation<None, None, OpenBatch, OpenedBatch> = {
  id: 'openBatch',
  method: 'POST',
  path: '/v1/open/batch',
  summary: `Up to ${BATCH_CALLS} openings at once, each decided, recorded and answered on its own.`,
  tags: ['access'],
  auth: ['service', 'staff'],
  params: null,
  query: null,
  body: schemaOf<OpenBatch>()(
    Type.Object(
      { calls: Type.Array(Type.Unsafe<AccessCall>(accessCall), { minItems: 1, maxItems: BATCH_CALLS }) },
      CLOSED,
    ),
  ),
  bodyLimit: BATCH_BODY_LIMIT,
  success: json(
    schemaOf<OpenedBatch>()(
      Type.Object({
        answers: Type.Array(Type.Unsafe<OpenedFields | Problem>({ type: 'object', additionalProperties: true })),
      }),
    ),
  ),
}

/** A decision, permit or refusal, on an act that was not done. */
export interface DecidedAccess {
  readonly decision: 'permit' | 'refuse'
  readonly id: string
  readonly leaf: string
  readonly clauses: readonly string[]
  readonly policy: string
  readonly causes: readonly DecisionCause[]
  /** Milliseconds since 1970: from then on the same facts may give another answer; null where no term runs. */
  readonly until: number | null
}

export const decideAccess: Operation<None, None, AccessCall, DecidedAccess> = {
  id: 'decide',
  method: 'POST',
  path: '/v1/decide',
  summary: 'What POST /v1/open would answer, opening nothing. A refusal is an answer here, not a problem.',
  tags: ['access'],
  auth: ['service', 'staff', 'subject'],
  params: null,
  query: null,
  body: accessCall,
  success: json(
    schemaOf<DecidedAccess>()(
      Type.Object({
        ...permitted,
        decision: Type.Unsafe<'permit' | 'refuse'>({ type: 'string', enum: ['permit', 'refuse'] }),
        causes,
        until: integerOrNull(),
      }),
    ),
  ),
}

export interface CompareCall {
  readonly subject: string
  readonly purpose: string
  readonly entity: string
  readonly field: string
  /** What the caller was told; brought to the field's form before it is compared. */
  readonly value: string
  readonly ticket?: string
}

export interface ComparedValue extends Permitted {
  readonly matches: boolean
}

export const compare: Operation<None, None, CompareCall, ComparedValue> = {
  id: 'compare',
  method: 'POST',
  path: '/v1/compare',
  summary: 'Says whether a field holds this value, without showing it.',
  tags: ['access'],
  auth: ['service', 'staff'],
  params: null,
  query: null,
  body: schemaOf<CompareCall>()(
    Type.Object(
      {
        subject: accessMembers.subject,
        purpose: name,
        entity: name,
        field: name,
        value: text(2000),
        ticket: Type.Optional(ticket),
      },
      CLOSED,
    ),
  ),
  success: json(schemaOf<ComparedValue>()(Type.Object({ ...permitted, matches: Type.Boolean() }))),
}

export const SEARCH_KINDS = ['email', 'phone', 'contract-number'] as const
export type SearchKind = (typeof SEARCH_KINDS)[number]

export interface SearchCall {
  readonly kind: SearchKind
  readonly value: string
  readonly purpose: string
  readonly entity: string
  readonly ticket?: string
}

export interface FoundPeople extends Permitted {
  readonly subjects: readonly string[]
}

/** What staff are told of somebody: a surname, and at least one thing more by which people of that name are told apart. */
export interface SurnameCall {
  readonly surname: string
  /** Field of the policy's `beside-surname` to what is told of it. */
  readonly beside: Readonly<Record<string, string>>
  readonly purpose: string
  readonly entity: string
  readonly ticket: string
}

/** Who may be meant, masked; nobody where there are more than twenty. */
export interface SurnameCandidates extends Permitted {
  readonly candidates: readonly { readonly subject: string; readonly shown: Readonly<Record<string, string>> }[]
  readonly tooMany: boolean
}

const told = Type.Unsafe<Readonly<Record<string, string>>>({
  type: 'object',
  additionalProperties: { type: 'string', minLength: 1, maxLength: 400 },
  propertyNames: name,
  minProperties: 1,
  maxProperties: 5,
})
const masked = Type.Unsafe<Readonly<Record<string, string>>>({
  type: 'object',
  additionalProperties: { type: 'string' },
  description: 'Field to what is shown of its value.',
})

export const searchBySurname: Operation<None, None, SurnameCall, SurnameCandidates> = {
  id: 'searchBySurname',
  method: 'POST',
  path: '/v1/search/surname',
  summary:
    'Finds who may have written, by surname and at least one thing more: at most twenty, masked, each shown with an entry in their history.',
  tags: ['access'],
  auth: ['staff'],
  params: null,
  query: null,
  body: schemaOf<SurnameCall>()(
    Type.Object({ surname: text(200), beside: told, purpose: name, entity: name, ticket }, CLOSED),
  ),
  success: json(
    schemaOf<SurnameCandidates>()(
      Type.Object({
        ...permitted,
        candidates: Type.Array(Type.Object({ subject: uuid, shown: masked }), { maxItems: 20 }),
        tooMany: Type.Boolean(),
      }),
    ),
  ),
}

export const search: Operation<None, None, SearchCall, FoundPeople> = {
  id: 'search',
  method: 'POST',
  path: '/v1/search',
  summary: 'Finds the person behind an exact e-mail, phone or contract number.',
  tags: ['access'],
  auth: ['service', 'staff'],
  params: null,
  query: null,
  body: schemaOf<SearchCall>()(
    Type.Object(
      {
        kind: Type.Unsafe<SearchKind>({ type: 'string', enum: [...SEARCH_KINDS] }),
        value: text(400),
        purpose: name,
        entity: name,
        ticket: Type.Optional(ticket),
      },
      CLOSED,
    ),
  ),
  success: json(schemaOf<FoundPeople>()(Type.Object({ ...permitted, subjects: Type.Array(uuid) }))),
}
