import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseExactDuration, parsePeriod } from './period.ts'
import { addPeriod, dayAt, formatDay, isZone, nextDay, parseDay, startOfDay } from './zone.ts'

const day = (text: string) => parseDay(text)!

describe('days of a zone', () => {
  it.each([
    ['Europe/Moscow', '2027-02-01', '2027-01-31T21:00:00Z'],
    ['Europe/Moscow', '2014-10-27', '2014-10-26T21:00:00Z'],
    ['Europe/Moscow', '2014-10-26', '2014-10-25T20:00:00Z'],
    ['Asia/Kathmandu', '2026-11-22', '2026-11-21T18:15:00Z'],
    ['America/New_York', '2026-03-09', '2026-03-09T04:00:00Z'],
    ['UTC', '1970-01-01', '1970-01-01T00:00:00Z'],
    // The clock goes forward over midnight: the day begins at the jump.
    ['Africa/Cairo', '2023-04-28', '2023-04-27T22:00:00Z'],
    ['America/Toronto', '1919-03-31', '1919-03-31T04:30:00Z'],
    // It goes back over midnight: midnight comes twice, and the first counts.
    ['America/Havana', '2026-11-01', '2026-11-01T04:00:00Z'],
    // A whole day is left out at the date line.
    ['Pacific/Apia', '2011-12-31', '2011-12-30T10:00:00Z'],
  ])('in %s the day %s begins at %s', (zone, text, instant) => {
    expect(new Date(startOfDay(zone, day(text))).toISOString()).toBe(instant.replace('Z', '.000Z'))
  })

  it('begin where the wall first shows them', () => {
    const zones = fc.constantFrom(
      'Europe/Moscow',
      'America/New_York',
      'Asia/Tehran',
      'Australia/Lord_Howe',
      'America/Sao_Paulo',
    )
    const days = fc.date({ min: new Date('1995-01-01'), max: new Date('2040-01-01'), noInvalidDate: true })
    fc.assert(
      fc.property(zones, days, (zone, date) => {
        const wanted = day(date.toISOString().slice(0, 10))
        const start = startOfDay(zone, wanted)
        expect(dayAt(zone, start)).toEqual(wanted)
        expect(dayAt(zone, start - 1)).not.toEqual(wanted)
      }),
      { numRuns: 300 },
    )
  })

  it('add terms by the calendar, and end a month on its last day', () => {
    expect(formatDay(addPeriod(day('2024-02-29'), { years: 1, months: 0, days: 0 }))).toBe('2025-02-28')
    expect(formatDay(addPeriod(day('2026-10-31'), { years: 0, months: 1, days: 0 }))).toBe('2026-11-30')
    expect(formatDay(addPeriod(day('2026-12-31'), { years: 5, months: 0, days: 0 }))).toBe('2031-12-31')
    expect(formatDay(addPeriod(day('2026-11-22'), { years: 0, months: 0, days: 30 }))).toBe('2026-12-22')
    expect(formatDay(nextDay(day('2026-12-31')))).toBe('2027-01-01')
  })

  it('rejects days, zones and terms that there are not', () => {
    expect(['2027-02-29', '2027-13-01', '2027-1-1', 'today'].map(parseDay)).toEqual([null, null, null, null])
    expect(isZone('Europe/Moscow')).toBe(true)
    expect(isZone('Europe/Nowhere')).toBe(false)
    expect(['P', 'PT', 'P1W', '5Y', 'P1.5Y', '-P1D'].map(parsePeriod)).toEqual(Array(6).fill(null))
    expect(['P', 'PT', 'P30DT', 'P1M', 'P1Y'].map(parseExactDuration)).toEqual(Array(5).fill(null))
    expect(parsePeriod('P1Y6M2D')).toEqual({ years: 1, months: 6, days: 2 })
    expect([parseExactDuration('P30D'), parseExactDuration('P1DT2H'), parseExactDuration('PT72H')]).toEqual([
      2_592_000_000, 93_600_000, 259_200_000,
    ])
  })
})
