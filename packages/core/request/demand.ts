import {
  type Clock,
  DoverieError,
  formatDay,
  type Instant,
  isDoverieError,
  nextDay,
  parseDay,
  startOfDay,
} from '../base/index.ts'
import type { Law } from './law.ts'
import { countTerm, soonestTerm } from './term.ts'

/**
 * What becomes of an authority's demand: fields are asked for and approved by another, and handed over; or it is refused, and the refusal
 * sent. `registered` waits for whom it is about and for the second word; `answering` and `refusing` for the document to go.
 */
export const DEMAND_STATES = ['registered', 'answering', 'refusing', 'answered', 'refused'] as const
export type DemandState = (typeof DEMAND_STATES)[number]
export const DEMAND_STEPS = ['approved', 'rejected', 'handed', 'told'] as const
export type DemandStep = (typeof DEMAND_STEPS)[number]

const MACHINE: Readonly<Record<DemandState, Readonly<Partial<Record<DemandStep, DemandState>>>>> = {
  registered: { approved: 'answering', rejected: 'refusing' },
  answering: { handed: 'answered' },
  refusing: { told: 'refused' },
  answered: {},
  refused: {},
}

/** Where a demand begins: one that rests on no norm which the policy knows can only be refused. */
export function demandBeginning(norm: string | null): DemandState {
  return norm === null ? 'refusing' : 'registered'
}

/** Where a step leads, or null where it cannot happen there. */
export function demandAfter(state: DemandState, step: DemandStep): DemandState | null {
  return MACHINE[state][step] ?? null
}

/** True of an end: nothing is due any more, and a document went out. */
export function isDemandEnd(state: DemandState): boolean {
  return Object.keys(MACHINE[state]).length === 0
}

/** The term that a norm sets for its demands. */
interface DemandTerm {
  readonly unit: 'working-days' | 'calendar-days'
  readonly count: number
}

/** By when a demand is answered: what is planned by, and the first moment that is too late. */
interface DemandDue {
  readonly planned: Instant
  readonly outer: Instant
  /** False where the calendar of a year is not known yet: counted by what is certainly not too late. */
  readonly counted: boolean
}

/** Where neither the norm nor the demand says by when: as soon as anything that the law knows. */
const USUAL: DemandTerm = { unit: 'working-days', count: 5 }

/**
 * By when a demand is answered that came at `start`: by the day that it names itself, if it names one (that day counts whole), and by the
 * term of its norm, whichever comes first. Throws `invalid-request` for a day that is none.
 */
export function demandDue(law: Law, term: DemandTerm | null, day: string | null, start: Instant): DemandDue {
  const named = day === null ? null : endOfDay(law.zone, day)
  const counted = term === null && named !== null ? null : countOf(law, term ?? USUAL, start)
  if (counted === null) return { planned: named ?? start, outer: named ?? start, counted: true }
  if (named === null) return counted
  return { ...counted, planned: Math.min(named, counted.planned), outer: Math.min(named, counted.outer) }
}

function countOf(law: Law, { unit, count }: DemandTerm, start: Instant): DemandDue {
  const clock: Clock = {
    ...{ id: 'demand', trigger: {}, duty: {}, article: {}, met: 'answered', from: 'receipt', unit, count },
    ...{ extension: null, pause: null, source: 'norm', verified: true },
  }
  try {
    const { planned, outer } = countTerm(law, clock, start)
    return { planned: planned.at, outer: outer.at, counted: true }
  } catch (error) {
    if (!isDoverieError(error, 'calendar-unknown')) throw error
    const { planned, outer } = soonestTerm(law, clock, start)
    return { planned: planned.at, outer: outer.at, counted: false }
  }
}

/** The first moment after a day as it is written (`2026-12-01`). Throws `invalid-request`. */
export function endOfDay(zone: string, day: string): Instant {
  const parsed = parseDay(day)
  if (parsed === null || formatDay(parsed) !== day)
    throw new DoverieError('invalid-request', 'This is no day (2026-12-01).')
  return startOfDay(zone, nextDay(parsed))
}

/** The shares of a term of which the officer is told, in percent. */
const SHARES = [50, 80, 100] as const

/** The share of a demand's planned term that has passed and of which nobody was told yet; null where none. */
export function demandEscalation(start: Instant, planned: Instant, told: number, now: Instant): number | null {
  const passed = SHARES.filter((share) => now >= start + ((planned - start) * share) / 100).at(-1)
  return passed !== undefined && passed > told ? passed : null
}

/** When a demand is looked at next of itself; null once all shares were told. */
export function nextDemandEscalation(start: Instant, planned: Instant, told: number): Instant | null {
  const share = SHARES.find((one) => one > told)
  return share === undefined ? null : Math.ceil(start + ((planned - start) * share) / 100)
}
