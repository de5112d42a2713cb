import type { Localised } from '../base/index.ts'
import Type from 'typebox'
import { type None, NOTHING, type Operation } from './operation.ts'
import { CLOSED, schemaOf, text } from './schema.ts'

const tags = ['duties']
const auth = ['staff'] as const

/** The address from which a calendar reads; its secret is told this once. */
export interface CalendarFeed {
  readonly path: string
}

/** A clock that runs. Instants are milliseconds; both ends are the first moment that is too late. */
export interface ListedClock {
  /** Whose clock it is: `request`, `demand`, `recipient-letter`, `incident` or `duty`, by id and number. */
  readonly register: string
  readonly id: string
  readonly number: string
  readonly about: Localised
  readonly rule: string
  readonly duty: Localised
  readonly start: number
  readonly planned: number
  readonly outer: number
  /** The share of the term, in percent, of which the officer was told. */
  readonly told: number
}

export interface ClockList {
  readonly clocks: readonly ListedClock[]
}

const localised = Type.Unsafe<Localised>({ type: 'object', additionalProperties: { type: 'string' } })

export const listClocks: Operation<None, None, None, ClockList> = {
  id: 'clocks',
  method: 'GET',
  path: '/v1/clocks',
  summary:
    'All running clocks, the earliest due first: requests, demands, letters to recipients; for the officer and a deputy incidents and duties, too.',
  tags,
  auth,
  params: null,
  query: null,
  body: null,
  success: {
    status: 200,
    type: 'application/json',
    schema: schemaOf<ClockList>()(
      Type.Object({
        clocks: Type.Array(
          Type.Object({
            ...{ register: Type.String(), id: Type.String(), number: Type.String(), about: localised },
            ...{ rule: Type.String(), duty: localised, start: Type.Integer(), planned: Type.Integer() },
            ...{ outer: Type.Integer(), told: Type.Integer() },
          }),
        ),
      }),
    ),
  },
}

export const makeCalendarFeed: Operation<None, None, None, CalendarFeed> = {
  id: 'makeCalendarFeed',
  method: 'POST',
  path: '/v1/calendar',
  summary: 'Makes the address by which your calendar reads all clocks; a former one ends.',
  tags,
  auth,
  params: null,
  query: null,
  body: null,
  success: {
    status: 201,
    type: 'application/json',
    schema: schemaOf<CalendarFeed>()(Type.Object({ path: Type.String() })),
  },
}

export const endCalendarFeed: Operation<None, None, None, null> = {
  id: 'endCalendarFeed',
  method: 'DELETE',
  path: '/v1/calendar',
  summary: 'Ends that address.',
  tags,
  auth,
  params: null,
  query: null,
  body: null,
  success: NOTHING,
}

export interface CalendarParams {
  readonly token: string
}

export const readCalendarFeed: Operation<CalendarParams, None, None, string> = {
  id: 'calendarFeed',
  method: 'GET',
  path: '/v1/calendar/:token/clocks.ics',
  summary: 'All running clocks as a calendar (RFC 5545): kinds, numbers and dates.',
  tags,
  auth: ['none'],
  limited: true,
  params: schemaOf<CalendarParams>()(Type.Object({ token: text(64) }, CLOSED)),
  query: null,
  body: null,
  success: { status: 200, type: 'text/calendar; charset=utf-8', schema: null },
}
