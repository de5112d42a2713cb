import Type from 'typebox'
import { json, type None, type Operation } from './operation.ts'
import { CLOSED, schemaOf, textOrNull, uuid } from './schema.ts'

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
  /** `idle` or `unconfirmed` where a contract in force keeps it no longer by itself; null where there is none. */
  readonly because: string | null
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
            because: textOrNull(16),
          }),
        ),
      }),
    ),
  ),
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
