import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dayAt, formatDay, type Instant, instantOf, parseDay, startOfDay } from '../base/index.ts'
import { embeddedCalendar, isWorkingDay } from './calendar.ts'
import { clockReport } from './clock-report.ts'
import { clockOf, lawOf } from './law.ts'
import { countTerm, momentOf, soonestTerm } from './term.ts'

const RU = lawOf('ru-152fz')
const EU = lawOf('eu-gdpr')
const HOUR = 3_600_000

function at(text: string, law: typeof RU = RU): Instant {
  const moment = momentOf(law.zone, text)
  if (moment === null) throw new Error(`no moment: ${text}`)
  return moment
}

function ends(rule: string, start: string, law: typeof RU = RU): readonly [string, string] {
  const { planned, outer } = clockReport(law, rule, at(start, law))
  return [planned, outer]
}

describe('terms of 152-FZ', () => {
  it.each([
    // The golden dates of the law page.
    ['unlawful-stop', '2026-12-25', '2026-12-30', '2026-12-30'],
    ['correction', '2026-12-25', '2027-01-14', '2027-01-14'],
    ['information', '2026-12-25', '2027-01-19', '2027-01-19'],
    ['information', '2026-04-28', '2026-05-14', '2026-05-14'],
    ['unlawful-stop', '2027-02-17', '2027-02-20', '2027-02-20'],
    ['withdrawal', '2026-12-05', '2027-01-04', '2027-01-11'],
    ['purpose-reached', '2026-12-05', '2027-01-04', '2027-01-11'],
    ['withdrawal', '2026-11-22', '2026-12-22', '2026-12-22'],
    // Months, the day of the next month, and what is due at once.
    ['destroy-late', '2026-08-31', '2027-02-28', '2027-03-01'],
    ['destroy-late', '2026-11-22', '2027-05-22', '2027-05-24'],
    ['notice-change', '2026-11-22', '2026-12-15', '2026-12-15'],
    ['notice-change', '2026-07-01', '2026-08-15', '2026-08-17'],
    ['marketing-stop', '2026-11-22T15:04:05', '2026-11-22T15:04:05+03:00', '2026-11-22T15:04:05+03:00'],
    ['block', '2026-11-22T15:04', '2026-11-22T15:04:00+03:00', '2026-11-22T15:04:00+03:00'],
    // Hours run through nights, weekends and holidays.
    ['incident-first', '2026-12-31T23:30', '2027-01-01T23:30:00+03:00', '2027-01-01T23:30:00+03:00'],
    ['incident-result', '2026-12-31T23:30', '2027-01-03T23:30:00+03:00', '2027-01-03T23:30:00+03:00'],
    // Old cases: 2025 has a working Saturday in November.
    ['unlawful-stop', '2025-10-29', '2025-11-01', '2025-11-01'],
    ['unlawful-stop', '2025-10-30', '2025-11-05', '2025-11-05'],
  ])('%s from %s: planned %s, at the latest %s', (rule, start, planned, outer) => {
    expect(ends(rule, start)).toEqual([planned, outer])
  })

  it('traps: calendar days are not working days, and each kind has its own term', () => {
    // "30 working days" after a withdrawal would be 2027-02-04; "30 days" for a demand to stop 2026-12-22.
    expect(ends('withdrawal', '2026-11-22')[0]).toBe('2026-12-22')
    expect(ends('stop-processing', '2026-11-22')[0]).toBe('2026-12-04')
    // Access was 30 days before September 2022; seven working days are no term of destruction after a withdrawal.
    expect(ends('information', '2026-11-22')[0]).toBe('2026-12-04')
    expect(ends('unnecessary-by-proof', '2026-11-22')[0]).toBe('2026-12-01')
    expect(
      new Set(
        ['withdrawal', 'information', 'correction', 'unlawful-stop', 'destroy-late'].map(
          (rule) => ends(rule, '2026-11-22')[0],
        ),
      ).size,
    ).toBe(5)
  })

  it('extend by five working days, and only what the law extends', () => {
    expect(clockReport(RU, 'information', at('2026-12-25')).extended).toMatchObject({
      planned: '2027-01-26',
      outer: '2027-01-26',
    })
    for (const rule of ['withdrawal', 'correction', 'unlawful-stop', 'unlawful-destroy', 'incident-first'])
      expect(clockReport(RU, rule, at('2026-11-22')).extended).toBeNull()
  })

  it('begin with the day of receipt in the operator’s zone, after closing time as well', () => {
    expect(ends('unlawful-stop', '2026-12-24T23:59:59')).toEqual(ends('unlawful-stop', '2026-12-24'))
    expect(ends('unlawful-stop', '2026-12-24T21:30:00Z')).toEqual(ends('unlawful-stop', '2026-12-25'))
    const far = lawOf('ru-152fz', 'Asia/Kamchatka')
    expect(clockReport(far, 'unlawful-stop', Date.parse('2026-12-24T12:30:00Z')).planned).toBe('2026-12-30')
  })

  it('name the decree of every year they asked', () => {
    const { calendar, article } = clockReport(RU, 'information', at('2026-12-25'))
    expect(calendar.map(({ id }) => id)).toEqual(['ru-2026', 'ru-2027'])
    expect(calendar[1]?.basis['ru']).toContain('№ 1187')
    expect(article).toEqual({ ru: 'ст. 14, ч. 1 и 2 ст. 20 152-ФЗ', en: '152-FZ art. 14, 20(1)-(2)' })
  })

  it.each(['information', 'withdrawal'])(
    '%s that runs into an unknown year is a fault, never Monday to Friday',
    (rule) => {
      expect(() => clockReport(RU, rule, at('2027-12-20'))).toThrow(
        expect.objectContaining({ code: 'calendar-unknown' }) as Error,
      )
    },
  )

  it('may not be asked for again before 30 days, and that does not move on', () => {
    expect(ends('information-repeat', '2026-12-05')).toEqual(['2027-01-04', '2027-01-04'])
  })

  it('rejects a rule that the law does not have, naming those it has', () => {
    expect(() => clockReport(RU, 'acces', 0)).toThrow(/ru-152fz has no such rule; it has information, /)
  })
})

describe('terms of the GDPR', () => {
  it.each([
    ['information', '2026-01-31', '2026-02-28', '2026-02-28'],
    ['correction', '2026-11-22', '2026-12-22', '2026-12-22'],
    ['incident-first', '2026-11-20T18:00', '2026-11-23T18:00:00+01:00', '2026-11-23T18:00:00+01:00'],
    ['marketing-stop', '2026-11-22', '2026-11-22T00:00:00+01:00', '2026-11-22T00:00:00+01:00'],
  ])('%s from %s: %s', (rule, start, planned, outer) => {
    expect(ends(rule, start, EU)).toEqual([planned, outer])
  })

  it('extend to three months from the receipt', () => {
    expect(clockReport(EU, 'information', at('2026-01-31', EU)).extended?.planned).toBe('2026-04-30')
  })
})

describe('counting', () => {
  const days = fc
    .date({ min: new Date('2025-01-01'), max: new Date('2027-10-01'), noInvalidDate: true })
    .map((date) => parseDay(date.toISOString().slice(0, 10))!)
  const calendar = embeddedCalendar('ru')!

  it('ends on the working day before which exactly so many have passed', () => {
    fc.assert(
      fc.property(days, fc.integer({ min: 1, max: 20 }), (day, count) => {
        const clock = { ...clockOf(RU.profile, 'information'), count }
        const { planned, outer } = countTerm(RU, clock, startOfDay(RU.zone, day))
        expect(outer).toEqual(planned)
        let passed = 0
        for (let one = startOfDay(RU.zone, day) + 36 * HOUR; one < planned.at; one += 24 * HOUR)
          if (isWorkingDay(calendar, dayAt(RU.zone, one))) passed += 1
        expect(passed).toBe(count)
        expect(isWorkingDay(calendar, dayAt(RU.zone, planned.at - 1))).toBe(true)
      }),
    )
  })

  it('plans never later than the law allows, and with no calendar sooner than with it', () => {
    const rules = fc.constantFrom(...RU.profile.clocks)
    fc.assert(
      fc.property(days, rules, fc.boolean(), (day, clock, extended) => {
        const start = startOfDay(RU.zone, day)
        if (clock.id === 'destroy-late' && day.year === 2027) return
        const term = countTerm(RU, clock, start, { extended, paused: 0 })
        const soonest = soonestTerm(RU, clock, start, { extended, paused: 0 })
        expect(term.planned.at).toBeLessThanOrEqual(term.outer.at)
        expect(soonest.planned.at).toBeLessThanOrEqual(term.planned.at)
        expect(soonest.outer).toEqual(soonest.planned)
        if (clock.unit !== 'instant') expect(term.planned.at).toBeGreaterThan(start)
      }),
    )
  })

  it('gives the same day whatever the hour of the receipt', () => {
    fc.assert(
      fc.property(days, fc.integer({ min: 0, max: 86_399 }), (day, second) => {
        const clock = clockOf(RU.profile, 'information')
        const ofDay = countTerm(RU, clock, startOfDay(RU.zone, day)).planned
        expect(countTerm(RU, clock, instantOf(RU.zone, day, second * 1000)).planned).toEqual(ofDay)
      }),
    )
  })
})

describe('a moment as it is written', () => {
  it.each([
    ['2026-11-22', '2026-11-21T21:00:00Z'],
    ['2026-11-22T15:00', '2026-11-22T12:00:00Z'],
    ['2026-11-22T15:00:30', '2026-11-22T12:00:30Z'],
    ['2026-11-22T15:00Z', '2026-11-22T15:00:00Z'],
    ['2026-11-22T15:00:00+05:00', '2026-11-22T10:00:00Z'],
  ])('%s is %s', (text, instant) => {
    expect(momentOf('Europe/Moscow', text)).toBe(Date.parse(instant))
  })

  it.each([
    '',
    '22.11.2026',
    '2026-02-29',
    '2026-13-01',
    '2026-11-22T24:00',
    '2026-11-22T1:00',
    '2026-11-22 15:00',
    '2026-11-22T15:00+3',
  ])('rejects %j', (text) => {
    expect(momentOf('Europe/Moscow', text)).toBeNull()
  })

  it('of an hour that comes twice is the first, and of one that does not come the jump', () => {
    expect(momentOf('Europe/Brussels', '2026-10-25T02:30')).toBe(Date.parse('2026-10-25T00:30:00Z'))
    expect(momentOf('Europe/Brussels', '2026-03-29T02:30')).toBe(Date.parse('2026-03-29T01:00:00Z'))
    expect(formatDay(dayAt('Europe/Moscow', at('2026-11-22T23:59')))).toBe('2026-11-22')
  })
})
