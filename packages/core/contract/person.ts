import Type from 'typebox'
import { BLOCK_REASONS, type BlockReason } from '../base/index.ts'
import { type OnPerson, onPerson, type Permitted, type SubjectParams, subjectParams } from './decided.ts'
import {
  type CorrectedValues,
  correctedValues,
  type DescribedPerson,
  describedPerson,
  type DestroyedData,
  destroyedData,
  type EndedGround,
  endedGround,
  recorded,
} from './facts.ts'
import { type Correction, correction, type Destruction, destruction } from './me.ts'
import { json, type None, type Operation } from './operation.ts'
import { CLOSED, name, type SchemaOf, schemaOf, uuid } from './schema.ts'

const params: SchemaOf<SubjectParams> = schemaOf<SubjectParams>()(Type.Object(subjectParams, CLOSED))
const plain: SchemaOf<OnPerson> = schemaOf<OnPerson>()(Type.Object(onPerson, CLOSED))

/** An act of staff, or of a service, on one person. */
function act<Body, Answer>(
  id: string,
  path: string,
  summary: string,
  body: SchemaOf<Body>,
  answer: SchemaOf<Answer>,
): Operation<SubjectParams, None, Body, Answer> {
  return {
    id,
    method: 'POST',
    path: `/v1/people/:subject/${path}`,
    summary,
    tags: ['people'],
    auth: ['staff', 'service'],
    params,
    query: null,
    body,
    success: json(answer),
  }
}

export const describePerson: Operation<SubjectParams, OnPerson, None, DescribedPerson> = {
  id: 'describe',
  method: 'GET',
  path: '/v1/people/:subject',
  summary: 'What is held of a person and why, without any value.',
  tags: ['people'],
  auth: ['staff', 'service'],
  params,
  query: plain,
  body: null,
  success: json(describedPerson),
}

export const correctPerson: Operation<SubjectParams, None, Correction, CorrectedValues> = act(
  'correct',
  'correct',
  'Corrects or supplements values.',
  correction,
  correctedValues,
)

export interface ClosedField extends OnPerson {
  readonly field: string
  readonly closedTo: readonly string[]
}

export const closeField: Operation<SubjectParams, None, ClosedField, Permitted> = act(
  'confidentiality',
  'confidentiality',
  'Closes a field to purposes, as the person asked.',
  schemaOf<ClosedField>()(
    Type.Object({ ...onPerson, field: name, closedTo: Type.Array(name, { maxItems: 50 }) }, CLOSED),
  ),
  recorded,
)

export interface Withdrawal extends OnPerson {
  readonly purpose: string
  readonly allEntities: boolean
}

export const withdrawConsent: Operation<SubjectParams, None, Withdrawal, EndedGround> = act(
  'withdraw',
  'withdraw',
  'Registers the withdrawal of a consent.',
  schemaOf<Withdrawal>()(Type.Object({ ...onPerson, purpose: name, allEntities: Type.Boolean() }, CLOSED)),
  endedGround,
)

export interface Blocking extends OnPerson {
  readonly reason: BlockReason
}

export const blockPerson: Operation<SubjectParams, None, Blocking, Permitted> = act(
  'block',
  'block',
  'Stops processing for a time (152-FZ art. 21).',
  schemaOf<Blocking>()(
    Type.Object(
      { ...onPerson, reason: Type.Unsafe<BlockReason>({ type: 'string', enum: [...BLOCK_REASONS] }) },
      CLOSED,
    ),
  ),
  recorded,
)

export const unblockPerson: Operation<SubjectParams, None, OnPerson, Permitted> = act(
  'unblock',
  'unblock',
  'Lets processing go on.',
  plain,
  recorded,
)

/** The ways in which data are confirmed besides the site's form (clause 1.2). */
export const CONFIRMATIONS = ['in-person', 'paper', 'qualified-signature', 'phone-call'] as const
export type Confirmation = (typeof CONFIRMATIONS)[number]

export interface Confirming extends OnPerson {
  readonly form: Confirmation
}

export const confirmData: Operation<SubjectParams, None, Confirming, Permitted> = act(
  'confirm',
  'confirm',
  'Records that the data were confirmed in a form other than the site.',
  schemaOf<Confirming>()(
    Type.Object({ ...onPerson, form: Type.Unsafe<Confirmation>({ type: 'string', enum: [...CONFIRMATIONS] }) }, CLOSED),
  ),
  recorded,
)

export interface EndingContract extends OnPerson {
  readonly contract: string
}

export const endContract: Operation<SubjectParams, None, EndingContract, EndedGround> = act(
  'endContract',
  'end-contract',
  'Records that a contract has ended; purposes that rested on it close at once.',
  schemaOf<EndingContract>()(Type.Object({ ...onPerson, contract: uuid }, CLOSED)),
  endedGround,
)

export const destroyData: Operation<SubjectParams, None, Destruction, DestroyedData> = act(
  'destroy',
  'destroy',
  'Destroys compartments, or the person as far as no ground keeps data.',
  destruction,
  destroyedData,
)
