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

export interface LiftedHold extends OnPerson {
  readonly hold: string
}

export const liftHold: Operation<SubjectParams, None, LiftedHold, Permitted> = {
  ...actOnPerson(
    'liftHold',
    'lift-hold',
    'Lifts one legal hold.',
    schemaOf<LiftedHold>()(Type.Object({ ...onPerson, hold: uuid }, CLOSED)),
    recorded,
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
          }),
        ),
      }),
    ),
  ),
}
