import Type from 'typebox'
import { type AgeBand, BLOCK_REASONS, type BlockReason } from '../base/index.ts'
import { type OnPerson, onPerson, type Permitted, type SubjectParams } from './decided.ts'
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
import { actOnPerson, onePerson as params } from './person-act.ts'
import { ageBand, CLOSED, name, type SchemaOf, schemaOf, uuid } from './schema.ts'

const plain: SchemaOf<OnPerson> = schemaOf<OnPerson>()(Type.Object(onPerson, CLOSED))

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

export const correctPerson: Operation<SubjectParams, None, Correction, CorrectedValues> = actOnPerson(
  'correct',
  'correct',
  'Corrects or supplements values.',
  correction,
  correctedValues,
)

export interface AgeCorrection extends OnPerson {
  readonly age: AgeBand
}

export const correctAge: Operation<SubjectParams, None, AgeCorrection, Permitted> = actOnPerson(
  'correctAge',
  'age',
  'Corrects whether the person is of age, by a document that was shown.',
  schemaOf<AgeCorrection>()(Type.Object({ ...onPerson, age: ageBand }, CLOSED)),
  recorded,
)

export interface ClosedField extends OnPerson {
  readonly field: string
  readonly closedTo: readonly string[]
}

export const closeField: Operation<SubjectParams, None, ClosedField, Permitted> = actOnPerson(
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

export const withdrawConsent: Operation<SubjectParams, None, Withdrawal, EndedGround> = actOnPerson(
  'withdraw',
  'withdraw',
  'Registers the withdrawal of a consent.',
  schemaOf<Withdrawal>()(Type.Object({ ...onPerson, purpose: name, allEntities: Type.Boolean() }, CLOSED)),
  endedGround,
)

export interface Blocking extends OnPerson {
  readonly reason: BlockReason
}

export const blockPerson: Operation<SubjectParams, None, Blocking, Permitted> = actOnPerson(
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

export const unblockPerson: Operation<SubjectParams, None, OnPerson, Permitted> = actOnPerson(
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

export const confirmData: Operation<SubjectParams, None, Confirming, Permitted> = actOnPerson(
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

export const endContract: Operation<SubjectParams, None, EndingContract, EndedGround> = actOnPerson(
  'endContract',
  'end-contract',
  'Records that a contract has ended; purposes that rested on it close at once.',
  schemaOf<EndingContract>()(Type.Object({ ...onPerson, contract: uuid }, CLOSED)),
  endedGround,
)

export const destroyData: Operation<SubjectParams, None, Destruction, DestroyedData> = actOnPerson(
  'destroy',
  'destroy',
  'Destroys compartments, or the person as far as no ground keeps data.',
  destruction,
  destroyedData,
)

export const cancelTheirDestruction: Operation<SubjectParams, None, OnPerson, Permitted> = {
  ...actOnPerson(
    'cancelTheirDestruction',
    'cancel-destruction',
    'Cancels, as the person asked, the destruction that waits.',
    plain,
    recorded,
  ),
  auth: ['staff'],
}
