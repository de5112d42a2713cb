import Type from 'typebox'
import { json, type None, NOTHING, type Operation } from './operation.ts'
import { CLOSED, integerOrNull, type SchemaOf, schemaOf, text, textOrNull, uuid } from './schema.ts'

const tags = ['duties']
const auth = ['staff'] as const

/** Somebody who stands in for the officer for a time. Instants are milliseconds. */
export interface Deputy {
  readonly id: string
  readonly staff: string
  readonly pseudonym: string
  /** The role that they stand in for. */
  readonly role: string
  readonly from: number
  readonly until: number
  readonly askedBy: string
  readonly askedAt: number
  /** Null while a second word is waited for. */
  readonly confirmedBy: string | null
  readonly confirmedAt: number | null
  readonly endedAt: number | null
  /** Null where its time was over. */
  readonly endedBy: string | null
}

const members = {
  id: Type.String(),
  staff: Type.String(),
  pseudonym: Type.String(),
  role: Type.String(),
  from: Type.Integer(),
  until: Type.Integer(),
  askedBy: Type.String(),
  askedAt: Type.Integer(),
  confirmedBy: textOrNull(64),
  confirmedAt: integerOrNull(),
  endedAt: integerOrNull(),
  endedBy: textOrNull(64),
}
const aDeputy: SchemaOf<Deputy> = schemaOf<Deputy>()(Type.Object(members))

export interface NewDeputyBody {
  readonly staff: string
  readonly from?: number
  readonly until: number
  /** Where escalations go meanwhile, beside the operator's address. */
  readonly email?: string
}

export const appointDeputy: Operation<None, None, NewDeputyBody, Deputy> = {
  id: 'appointDeputy',
  method: 'POST',
  path: '/v1/deputies',
  summary:
    'Appoints somebody to stand in for the officer: at the officer’s word at once, at another’s once a second one confirms it.',
  tags,
  auth,
  params: null,
  query: null,
  body: schemaOf<NewDeputyBody>()(
    Type.Object(
      {
        staff: uuid,
        from: Type.Optional(Type.Integer()),
        until: Type.Integer(),
        email: Type.Optional(text(254)),
      },
      CLOSED,
    ),
  ),
  success: { status: 201, type: 'application/json', schema: aDeputy },
}

export interface DeputyList {
  readonly deputies: readonly Deputy[]
}

export const listDeputies: Operation<None, None, None, DeputyList> = {
  id: 'deputies',
  method: 'GET',
  path: '/v1/deputies',
  summary: 'All who ever stood in for the officer, the newest first.',
  tags,
  auth,
  params: null,
  query: null,
  body: null,
  success: json(schemaOf<DeputyList>()(Type.Object({ deputies: Type.Array(Type.Object(members)) }))),
}

export interface DeputyParams {
  readonly deputy: string
}
const onDeputy: SchemaOf<DeputyParams> = schemaOf<DeputyParams>()(Type.Object({ deputy: uuid }, CLOSED))

export const confirmDeputy: Operation<DeputyParams, None, None, Deputy> = {
  id: 'confirmDeputy',
  method: 'POST',
  path: '/v1/deputies/:deputy/confirmation',
  summary: 'The second word for a deputy whom no officer appointed.',
  tags,
  auth,
  params: onDeputy,
  query: null,
  body: null,
  success: json(aDeputy),
}

export const endDeputy: Operation<DeputyParams, None, None, Deputy> = {
  id: 'endDeputy',
  method: 'POST',
  path: '/v1/deputies/:deputy/end',
  summary: 'Ends it before its time, or turns down what was proposed.',
  tags,
  auth,
  params: onDeputy,
  query: null,
  body: null,
  success: json(aDeputy),
}

export interface ActingBody {
  readonly acting: boolean
}

export const actAsDeputy: Operation<None, None, ActingBody, null> = {
  id: 'actAsDeputy',
  method: 'POST',
  path: '/v1/deputies/acting',
  summary: 'Begins or ends acting as the officer’s deputy in this session.',
  tags,
  auth,
  params: null,
  query: null,
  body: schemaOf<ActingBody>()(Type.Object({ acting: Type.Boolean() }, CLOSED)),
  success: NOTHING,
}
