import Type from 'typebox'
import { HOLD_REASONS, type HoldReason, type LegalHold } from '../base/index.ts'
import { type OnPerson, onPerson, type Permitted, permitted, type SubjectParams } from './decided.ts'
import { recorded } from './facts.ts'
import { json, type None, type Operation } from './operation.ts'
import { actOnPerson } from './person-act.ts'
import { CLOSED, name, schemaOf, uuid } from './schema.ts'

const reason = Type.Unsafe<HoldReason>({ type: 'string', enum: [...HOLD_REASONS] })

/** Data to be kept from destruction. */
export interface NewHold extends OnPerson {
  /** The retention ground of the policy whose article it rests on. */
  readonly ground: string
  readonly reason: HoldReason
}

export interface HoldSet extends Permitted {
  readonly hold: string
}

export const setHold: Operation<SubjectParams, None, NewHold, HoldSet> = {
  ...actOnPerson(
    'setHold',
    'hold',
    'Keeps all data of a person from destruction, for a case; others may stand beside it.',
    schemaOf<NewHold>()(Type.Object({ ...onPerson, ground: name, reason }, CLOSED)),
    schemaOf<HoldSet>()(Type.Object({ ...permitted, hold: Type.String() })),
  ),
  auth: ['staff'],
}

export interface OnHold extends OnPerson {
  readonly hold: string
}

const onHold = schemaOf<OnHold>()(Type.Object({ ...onPerson, hold: uuid }, CLOSED))

export const confirmHold: Operation<SubjectParams, None, OnHold, Permitted> = {
  ...actOnPerson(
    'confirmHold',
    'confirm-hold',
    'Another member of staff confirms a legal hold: from then on it takes two to lift it.',
    onHold,
    recorded,
  ),
  auth: ['staff'],
}

export interface LiftedHold extends Permitted {
  /** False while it still holds: another member of staff lifts it by the same call. */
  readonly lifted: boolean
}

export const liftHold: Operation<SubjectParams, None, OnHold, LiftedHold> = {
  ...actOnPerson(
    'liftHold',
    'lift-hold',
    'Lifts one legal hold; a confirmed one is lifted by the words of two.',
    onHold,
    schemaOf<LiftedHold>()(Type.Object({ ...permitted, lifted: Type.Boolean() })),
  ),
  auth: ['staff'],
}

/** A hold that stands, and over whom. */
export interface StandingHold extends LegalHold {
  readonly subject: string
}

export interface HoldList {
  readonly holds: readonly StandingHold[]
}

export const listHolds: Operation<None, None, None, HoldList> = {
  id: 'holds',
  method: 'GET',
  path: '/v1/holds',
  summary: 'The legal holds that stand, the oldest first.',
  tags: ['staff'],
  auth: ['staff'],
  params: null,
  query: null,
  body: null,
  success: json(
    schemaOf<HoldList>()(
      Type.Object({
        holds: Type.Array(
          Type.Object({
            subject: Type.String(),
            id: Type.String(),
            since: Type.Integer(),
            ground: Type.String(),
            reason,
            setBy: Type.Optional(Type.String()),
            confirmedBy: Type.Optional(Type.String()),
            liftAskedBy: Type.Optional(Type.String()),
          }),
        ),
      }),
    ),
  ),
}
