import Type from 'typebox'
import { type OnPerson, onPerson, type Permitted, permitted, type SubjectParams, subjectParams } from './decided.ts'
import { json, type None, type Operation } from './operation.ts'
import { CLOSED, type SchemaOf, schemaOf, textOrNull, uuid } from './schema.ts'

const tags = ['staff']
const auth = ['staff'] as const

/** A compartment that no law, contract or consent keeps, and when it goes. Instants are milliseconds. */
export interface Planned {
  readonly subject: string
  readonly compartment: string
  readonly since: number
  /** Destroyed of itself from then on. */
  readonly plannedAt: number
  /** The first moment that the law counts as too late. */
  readonly dueAt: number
}

export interface PlanList {
  readonly planned: readonly Planned[]
}

export interface PlanQuery {
  /** `plannedAt` and `subject` of the last one of the page before. */
  readonly after?: string
  readonly subject?: string
}

export const listPlan: Operation<None, PlanQuery, None, PlanList> = {
  id: 'plan',
  method: 'GET',
  path: '/v1/destructions/plan',
  summary: 'What is going to be destroyed because nothing keeps it, the soonest first.',
  tags,
  auth,
  params: null,
  query: schemaOf<PlanQuery>()(
    Type.Object(
      { after: Type.Optional(Type.String({ pattern: '^\\d{1,15}$', maxLength: 15 })), subject: Type.Optional(uuid) },
      CLOSED,
    ),
  ),
  body: null,
  success: json(
    schemaOf<PlanList>()(
      Type.Object({
        planned: Type.Array(
          Type.Object({
            subject: Type.String(),
            compartment: Type.String(),
            since: Type.Integer(),
            plannedAt: Type.Integer(),
            dueAt: Type.Integer(),
          }),
        ),
      }),
    ),
  ),
}

export const HOLD_STATES = ['unconfirmed', 'confirmed', 'to-be-lifted', 'lifted'] as const
export type HoldState = (typeof HOLD_STATES)[number]

export interface HeldPerson extends Permitted {
  /** `unconfirmed` and `confirmed` keep the data; so does `to-be-lifted`, until another member of staff lifts it. */
  readonly state: HoldState
}

const heldPerson: SchemaOf<HeldPerson> = schemaOf<HeldPerson>()(
  Type.Object({ ...permitted, state: Type.Unsafe<HoldState>({ type: 'string', enum: [...HOLD_STATES] }) }),
)

function holding(id: string, path: string, summary: string): Operation<SubjectParams, None, OnPerson, HeldPerson> {
  return {
    id,
    method: 'POST',
    path: `/v1/people/:subject/${path}`,
    summary,
    tags: ['people'],
    auth,
    params: schemaOf<SubjectParams>()(Type.Object(subjectParams, CLOSED)),
    query: null,
    body: schemaOf<OnPerson>()(Type.Object(onPerson, CLOSED)),
    success: json(heldPerson),
  }
}

export const holdPerson: Operation<SubjectParams, None, OnPerson, HeldPerson> = holding(
  'hold',
  'hold',
  'Keeps a person’s data from destruction; another member of staff confirms it by the same call.',
)

export const liftHold: Operation<SubjectParams, None, OnPerson, HeldPerson> = holding(
  'liftHold',
  'lift-hold',
  'Asks for a hold to be lifted; another member of staff lifts it by the same call.',
)

/** A hold that stands, and who had a part in it (ids of members of staff). */
export interface StandingHold {
  readonly subject: string
  readonly ticket: string
  readonly setBy: string
  readonly setAt: number
  readonly confirmedBy: string | null
  readonly liftBy: string | null
}

export interface HoldList {
  readonly holds: readonly StandingHold[]
}

export const listHolds: Operation<None, None, None, HoldList> = {
  id: 'holds',
  method: 'GET',
  path: '/v1/holds',
  summary: 'All legal holds, the oldest first.',
  tags,
  auth,
  params: null,
  query: null,
  body: null,
  success: json(
    schemaOf<HoldList>()(
      Type.Object({
        holds: Type.Array(
          Type.Object({
            subject: Type.String(),
            ticket: Type.String(),
            setBy: Type.String(),
            setAt: Type.Integer(),
            confirmedBy: textOrNull(36),
            liftBy: textOrNull(36),
          }),
        ),
      }),
    ),
  ),
}

/** Data that may be excess, inaccurate or outdated (152-FZ art. 5(5), 5(6)). */
export interface DoubtfulData {
  readonly subject: string
  /** `not-collected`, `unproved`, `unconfirmed` or `old`. */
  readonly kind: string
  readonly compartment: string | null
  readonly field: string | null
  readonly since: number
  /** What would settle it: `destroy`, `prove`, `confirm` or `ask`. */
  readonly proposes: string
}

export interface DoubtfulList {
  readonly doubts: readonly DoubtfulData[]
  /** To be given as `after` for the next people; null at the end. */
  readonly next: string | null
}

export interface DoubtfulQuery {
  readonly after?: string
}

export const listDoubts: Operation<None, DoubtfulQuery, None, DoubtfulList> = {
  id: 'doubts',
  method: 'GET',
  path: '/v1/doubts',
  summary: 'Data that may be excess, inaccurate or outdated, a thousand people at a time; no value is opened.',
  tags,
  auth,
  params: null,
  query: schemaOf<DoubtfulQuery>()(Type.Object({ after: Type.Optional(uuid) }, CLOSED)),
  body: null,
  success: json(
    schemaOf<DoubtfulList>()(
      Type.Object({
        doubts: Type.Array(
          Type.Object({
            subject: Type.String(),
            kind: Type.String(),
            compartment: textOrNull(64),
            field: textOrNull(64),
            since: Type.Integer(),
            proposes: Type.String(),
          }),
        ),
        next: textOrNull(36),
      }),
    ),
  ),
}
