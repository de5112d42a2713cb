import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type Day, formatDay, nextDay, parseDay } from '../base/index.ts'
import { embeddedCalendar, isWorkingDay, withYears } from './calendar.ts'
import { readCalendar } from './read-calendar.ts'

interface Source {
  readonly name: string
  readonly years: Readonly<Record<string, { readonly off: readonly string[]; readonly work: readonly string[] }>>
}

const { sources } = JSON.parse(
  readFileSync(new URL('../../../vectors/calendars/ru.json', import.meta.url), 'utf8'),
) as { readonly sources: readonly Source[] }
const RU = embeddedCalendar('ru')!

function daysOf(year: number): readonly Day[] {
  const days: Day[] = []
  for (let day = parseDay(`${year}-01-01`)!; day.year === year; day = nextDay(day)) days.push(day)
  return days
}

describe('the Russian production calendar', () => {
  it.each(sources.flatMap(({ name, years }) => Object.keys(years).map((year) => [name, year] as const)))(
    'is on every day as %s has %s',
    (name, year) => {
      const source = sources.find((one) => one.name === name)?.years[year]
      for (const day of daysOf(Number(year))) {
        const text = formatDay(day)
        const weekend = new Date(`${text}T00:00Z`).getUTCDay() % 6 === 0
        const works = weekend ? source?.work.includes(text.slice(5)) : source?.off.includes(text.slice(5)) === false
        expect([text, isWorkingDay(RU, day)]).toEqual([text, works])
      }
    },
  )

  // The law page's own count, made from the decrees.
  it.each([
    [2025, [17, 20, 21, 22, 18, 19, 23, 21, 22, 23, 19, 22]],
    [2026, [15, 19, 21, 22, 19, 21, 23, 21, 22, 22, 20, 22]],
    [2027, [15, 19, 22, 22, 19, 21, 22, 22, 22, 21, 20, 22]],
  ])('has 247 working days in %i, in these months', (year, months) => {
    const worked = daysOf(year).filter((day) => isWorkingDay(RU, day))
    expect(Array.from({ length: 12 }, (_, at) => worked.filter(({ month }) => month === at + 1).length)).toEqual(months)
    expect(worked).toHaveLength(247)
  })

  it.each([2025, 2026, 2027])('has the holidays of the Labour Code off in %i, each decree by name', (year) => {
    for (const day of [
      '01-01',
      '01-02',
      '01-03',
      '01-04',
      '01-05',
      '01-06',
      '01-07',
      '01-08',
      '02-23',
      '03-08',
      '05-01',
      '05-09',
      '06-12',
      '11-04',
    ])
      expect(isWorkingDay(RU, parseDay(`${year}-${day}`)!)).toBe(false)
    expect(RU.years.find((one) => one.year === year)?.basis['ru']).toMatch(
      /ТК РФ; постановление Правительства РФ от .* № \d+/,
    )
  })

  it.each(['2024-06-03', '2028-01-10'])('rejects %s, a year it does not know, with a remedy', (text) => {
    const ask = (): unknown => isWorkingDay(RU, parseDay(text)!)
    expect(ask).toThrow(expect.objectContaining({ code: 'calendar-unknown' }) as Error)
    expect(ask).toThrow(/knows 2025, 2026, 2027, and not (2024|2028): give that year's days off/)
  })

  it('takes further years and another region’s holidays from a file', () => {
    const read = readCalendar({
      years: [
        { year: 2028, basis: { ru: 'проект' }, off: ['01-03'], work: ['02-19'] },
        { year: 2026, basis: { ru: 'указ главы республики' }, off: ['05-27'], work: [] },
      ],
    })
    if (!read.ok) throw new Error(read.error)
    const more = withYears(RU, read.value)
    expect(more.years.map(({ year }) => year)).toEqual([2025, 2026, 2027, 2028])
    const works = (text: string): boolean => isWorkingDay(more, parseDay(text)!)
    expect(['2028-01-03', '2028-02-19', '2028-01-04', '2026-05-27', '2026-03-09'].map(works)).toEqual([
      false,
      true,
      true,
      false,
      true,
    ])
  })

  it.each([
    [null, 'years: a list'],
    [{ years: [] }, 'years: a list'],
    [{ years: [7] }, 'years[0].year: an object'],
    [{ years: [{ year: '2028' }] }, 'years[0].year: a whole number'],
    [{ years: [{ year: 2028, basis: {} }] }, 'years[0].basis'],
    [{ years: [{ year: 2028, basis: { ru: 'п' }, off: ['02-30'], work: [] }] }, 'years[0].off[0]: is no day'],
    [{ years: [{ year: 2028, basis: { ru: 'п' }, off: ['01-01'], work: [] }] }, 'off[0]: changes nothing'],
    [{ years: [{ year: 2028, basis: { ru: 'п' }, off: [], work: ['01-03'] }] }, 'work[0]: changes nothing'],
    [{ years: [{ year: 2028, basis: { ru: 'п' }, off: ['01-03', '01-03'], work: [] }] }, 'off[1]: is given twice'],
    [{ years: [{ year: 2028, basis: { ru: 'п' }, off: [] }] }, 'work: a list'],
    [
      {
        years: [
          { year: 2028, basis: { ru: 'п' }, off: [], work: [] },
          { year: 2028, basis: { ru: 'п' }, off: [], work: [] },
        ],
      },
      'years[1].year: is given twice',
    ],
  ])('rejects a file that holds %j', (value, says) => {
    const read = readCalendar(value)
    expect(read.ok ? '' : read.error).toContain(says)
  })
})
