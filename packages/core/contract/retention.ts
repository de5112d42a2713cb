import Type from 'typebox'
import { type OnPerson, onPerson, type Permitted, type SubjectParams } from './decided.ts'
import { recorded } from './facts.ts'
import { json, type None, type Operation } from './operation.ts'
import { actOnPerson } from './person-act.ts'
import { CLOSED, integerOrNull, name, orNull, schemaOf, textOrNull, ticket, uuid } from './schema.ts'

const tags = ['staff']
const auth = ['staff'] as const

/** A compartment that no law, contract or consent keeps, and when it goes. Instants are milliseconds. */
export interface Planned {
  readonly subject: string
  readonly compartment: string
  readonly since: number
  readonly plannedAt: number
  /** The first moment that the law counts as too late. */
  readonly dueAt: number
  /** Destroyed of itself from then on: `plannedAt`, or the end of the pause after a restore. */
  readonly goesAt: number
  /** True where the law's term is over by then: end the pause, or destroy it by a request of its own. */
  readonly late: boolean
  /** `idle` or `unconfirmed` where a contract in force keeps it no longer by itself; null where there is none. */
  readonly because: string | null
}

/** The time after a restore in which nothing planned is carried out. Instants are milliseconds. */
export interface RestorePause {
  readonly since: number
  /** Of when the backup is. */
  readonly takenAt: number
  readonly until: number
  /** The pseudonym of the officer who wants it ended: another ends it. */
  readonly endAskedBy: string | null
  readonly endAskedAt: number | null
  /** Compartments whose planned moment has come: they go once it is over. */
  readonly due: number
  /** Compartments whose term by law ends before it does. */
  readonly late: number
}

export interface PlanList {
  readonly planned: readonly Planned[]
  /** Null where what is planned is carried out. */
  readonly pause: RestorePause | null
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
            goesAt: Type.Integer(),
            late: Type.Boolean(),
            because: textOrNull(16),
          }),
        ),
        pause: orNull(
          schemaOf<RestorePause>()(
            Type.Object({
              since: Type.Integer(),
              takenAt: Type.Integer(),
              until: Type.Integer(),
              endAskedBy: textOrNull(32),
              endAskedAt: integerOrNull(),
              due: Type.Integer(),
              late: Type.Integer(),
            }),
          ),
        ),
      }),
    ),
  ),
}

export interface PauseEnd {
  /** Of the case in which the plan was compared with what was agreed since the backup. */
  readonly ticket: string
}

export interface PauseEnded {
  /** False while it is on: another officer ends it by the same call. */
  readonly ended: boolean
}

export const endPause: Operation<None, None, PauseEnd, PauseEnded> = {
  id: 'endPause',
  method: 'POST',
  path: '/v1/destructions/plan/resumption',
  summary:
    'Ends the pause after a restore before its time, by the words of two officers: what is planned is carried out.',
  tags,
  auth,
  params: null,
  query: null,
  body: schemaOf<PauseEnd>()(Type.Object({ ticket }, CLOSED)),
  success: json(schemaOf<PauseEnded>()(Type.Object({ ended: Type.Boolean() }))),
}

/** Data that may be excess, inaccurate or outdated (152-FZ art. 5(5), 5(6)). */
export interface DoubtfulData {
  readonly subject: string
  /** `not-collected`, `unproved`, `bounced`, `unconfirmed` or `old`. */
  readonly kind: string
  readonly compartment: string | null
  readonly field: string | null
  readonly since: number
  /** What would settle it: `destroy`, `prove`, `correct`, `confirm` or `ask`. */
  readonly proposes: string
}

export interface DoubtfulList {
  readonly doubts: readonly DoubtfulData[]
  /** People of whom it is not known which fields they hold: a field of theirs that nothing declares is not seen. */
  readonly unlisted: number
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
        unlisted: Type.Integer(),
        next: textOrNull(36),
      }),
    ),
  ),
}

/** A field that nothing declares any more. */
export interface ExcessField extends OnPerson {
  readonly compartment: string
  readonly field: string
}

export const destroyField: Operation<SubjectParams, None, ExcessField, Permitted> = {
  ...actOnPerson(
    'destroyField',
    'destroy-field',
    'Destroys one field that no form, rule or ground declares any more; the rest of its compartment is sealed under another key.',
    schemaOf<ExcessField>()(Type.Object({ ...onPerson, compartment: name, field: name }, CLOSED)),
    recorded,
  ),
  auth: ['staff'],
}
