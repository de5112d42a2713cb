import { describe, expect, it } from 'vitest'
import { lawOf } from './law.ts'
import {
  DEMAND_STATES,
  DEMAND_STEPS,
  demandAfter,
  demandBeginning,
  demandDue,
  demandEscalation,
  isDemandEnd,
  nextDemandEscalation,
} from './demand.ts'

const law = lawOf('ru-152fz', 'Europe/Moscow')
const at = (text: string): number => Date.parse(text)
const last = (instant: number): string => new Date(instant - 1 + 3 * 3_600_000).toISOString().slice(0, 10)

describe('a demand', () => {
  it('has no state without a way on, and no end without a document that went out', () => {
    for (const state of DEMAND_STATES) {
      const ways = DEMAND_STEPS.filter((step) => demandAfter(state, step) !== null)
      expect([state, ways.length === 0]).toEqual([state, isDemandEnd(state)])
    }
    const into = DEMAND_STATES.flatMap((state) =>
      DEMAND_STEPS.flatMap((step) => {
        const next = demandAfter(state, step)
        return next !== null && isDemandEnd(next) ? [step] : []
      }),
    )
    expect(new Set(into)).toEqual(new Set(['handed', 'told']))
  })

  it('without a norm can be nothing but refused', () => {
    const reached = new Set([demandBeginning(null)])
    for (const state of reached) for (const step of DEMAND_STEPS) reached.add(demandAfter(state, step) ?? state)
    expect(reached).toEqual(new Set(['refusing', 'refused']))
    expect(demandBeginning('any')).toBe('registered')
  })
})

describe('the term of a demand', () => {
  const start = at('2026-12-25T12:00:00+03:00')
  it.each([
    [{ unit: 'working-days', count: 10 }, null, '2027-01-19', '2027-01-19'],
    [{ unit: 'working-days', count: 3 }, null, '2026-12-30', '2026-12-30'],
    [{ unit: 'calendar-days', count: 7 }, null, '2027-01-01', '2027-01-11'],
    [{ unit: 'working-days', count: 10 }, '2026-12-29', '2026-12-29', '2026-12-29'],
    [{ unit: 'working-days', count: 3 }, '2027-02-01', '2026-12-30', '2026-12-30'],
    [null, '2027-02-01', '2027-02-01', '2027-02-01'],
    [null, null, '2027-01-12', '2027-01-12'],
  ] as const)('%o with the day %s is planned by %s and over after %s', (term, day, planned, outer) => {
    const due = demandDue(law, term, day, start)
    expect([last(due.planned), last(due.outer), due.counted]).toEqual([planned, outer, true])
  })

  it('is never too late where a calendar is missing, and takes no day that is none', () => {
    const due = demandDue(law, { unit: 'working-days', count: 10 }, null, at('2027-12-29T12:00:00+03:00'))
    expect([due.counted, last(due.outer)]).toEqual([false, '2028-01-08'])
    expect(() => demandDue(law, null, '2027-02-30', start)).toThrow('no day')
  })

  it('is told of at 50, 80 and 100 %, each once', () => {
    const told = [0, 49, 50, 79, 80, 99, 100, 200].map((now) => demandEscalation(0, 100, 0, now))
    expect(told).toEqual([null, null, 50, 50, 80, 80, 100, 100])
    expect(demandEscalation(0, 100, 80, 99)).toBeNull()
    expect([0, 50, 80, 100].map((one) => nextDemandEscalation(0, 100, one))).toEqual([50, 80, 100, null])
  })
})
