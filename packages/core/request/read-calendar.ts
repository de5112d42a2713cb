import { err, type Localised, ok, parseDay, type Result, weekday } from '../base/index.ts'
import type { CalendarYear } from './calendar.ts'

/**
 * Reads an operator's calendar file: `{"years": [{"year": 2028, "basis": {"ru": "…"}, "off": ["01-03"], "work": []}]}`. Gives the
 * years, or what is wrong with the first offending place. Every listed day must change something: an `off` that is a weekend, or
 * a `work` that is a weekday, is a slip and not taken.
 */
export function readCalendar(value: unknown): Result<readonly CalendarYear[], string> {
  const years = isObject(value) ? value['years'] : undefined
  if (!Array.isArray(years) || years.length === 0) return err('years: a list of years is wanted')
  const read: CalendarYear[] = []
  for (const [at, item] of years.entries()) {
    const year = readYear(item)
    if (!year.ok) return err(`years[${at}].${year.error}`)
    if (read.some((other) => other.year === year.value.year)) return err(`years[${at}].year: is given twice`)
    read.push(year.value)
  }
  return ok(read)
}

function readYear(item: unknown): Result<CalendarYear, string> {
  if (!isObject(item)) return err('year: an object is wanted')
  const { year, basis, off, work } = item
  if (typeof year !== 'number' || !Number.isInteger(year) || year < 2000 || year > 2200) {
    return err('year: a whole number from 2000 to 2200 is wanted')
  }
  if (!isLocalised(basis)) return err('basis: the norm or decree is wanted, a text per language')
  const free = readDays(year, off, (day) => day <= 5)
  if (!free.ok) return err(`off${free.error}`)
  const worked = readDays(year, work, (day) => day > 5)
  if (!worked.ok) return err(`work${worked.error}`)
  return ok({ year, basis, off: free.value, work: worked.value })
}

function readDays(
  year: number,
  value: unknown,
  changes: (weekday: number) => boolean,
): Result<readonly string[], string> {
  if (!Array.isArray(value)) return err(': a list of days MM-DD is wanted')
  const days: string[] = []
  for (const [at, text] of value.entries()) {
    const day = typeof text === 'string' ? parseDay(`${year}-${text}`) : null
    if (day === null || typeof text !== 'string') return err(`[${at}]: is no day MM-DD of ${year}`)
    if (!changes(weekday(day))) return err(`[${at}]: changes nothing, that day is so anyway`)
    if (days.includes(text)) return err(`[${at}]: is given twice`)
    days.push(text)
  }
  return ok(days)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isLocalised(value: unknown): value is Localised {
  return (
    isObject(value) &&
    Object.keys(value).length > 0 &&
    Object.values(value).every((text) => typeof text === 'string' && text.trim() !== '')
  )
}
