import { type Day, DoverieError, formatDay, type Localised, weekday } from '../base/index.ts'
import ru from './ru-calendar.json' with { type: 'json' }

/** One year of a production calendar: what differs from Monday to Friday. Days are written `MM-DD`. */
export interface CalendarYear {
  readonly year: number
  /** The norm or decree it was made from. */
  readonly basis: Localised
  /** Weekdays that are days off. */
  readonly off: readonly string[]
  /** Weekend days that are worked. */
  readonly work: readonly string[]
}

/** Which days are worked, for the years that are known. */
export interface ProductionCalendar {
  readonly id: string
  readonly years: readonly CalendarYear[]
}

const EMBEDDED: Readonly<Record<string, ProductionCalendar>> = { ru }

/** The calendar that comes with the program (`ru`: 2025 to 2027), or null where it has none of that name. */
export function embeddedCalendar(id: string): ProductionCalendar | null {
  return EMBEDDED[id] ?? null
}

/** The calendar with years put in or replaced, as an operator does for its region or once next year's decree is out. */
export function withYears(calendar: ProductionCalendar, years: readonly CalendarYear[]): ProductionCalendar {
  const replaced = new Set(years.map(({ year }) => year))
  const kept = calendar.years.filter(({ year }) => !replaced.has(year))
  return { ...calendar, years: [...kept, ...years].sort((a, b) => a.year - b.year) }
}

/**
 * Whether a day is worked. INVARIANT: a year that is not known is a fault, `calendar-unknown`, and never read as Monday to
 * Friday: the term would be wrong by exactly the days that matter.
 */
export function isWorkingDay(calendar: ProductionCalendar, day: Day): boolean {
  const known = calendar.years.find(({ year }) => year === day.year)
  if (known === undefined) throw unknownYear(calendar, day.year)
  const name = formatDay(day).slice(5)
  return weekday(day) > 5 ? known.work.includes(name) : !known.off.includes(name)
}

function unknownYear({ id, years }: ProductionCalendar, year: number): DoverieError {
  const known = years.map((one) => one.year).join(', ')
  return new DoverieError(
    'calendar-unknown',
    `The production calendar '${id}' knows ${known === '' ? 'no year' : known}, and not ${year}: give that year's days off as a calendar file, or install a newer version.`,
    { year, calendar: id },
  )
}
