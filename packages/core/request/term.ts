import {
  addPeriod,
  type Clock,
  type Day,
  dayAt,
  DoverieError,
  formatDay,
  type Instant,
  instantOf,
  nextDay,
  parseDay,
  startOfDay,
} from '../base/index.ts'
import { isWorkingDay, type ProductionCalendar } from './calendar.ts'
import type { Law } from './law.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** One end of a term. */
export interface End {
  /** The last day on which the duty can be done (`2027-01-19`, operator's zone); null where the term is counted in hours or due at once. */
  readonly day: string | null
  /** The first instant that is too late: the end of that day (Civil Code art. 194), or the moment itself. */
  readonly at: Instant
}

/** A term counted. */
export interface Term {
  readonly start: Instant
  /** What the operator plans by: a calendar term is not moved on from a day off. */
  readonly planned: End
  /** The last moment the law can be read to allow: a calendar term that ends on a day off ends on the next working day (art. 193). */
  readonly outer: End
  /** The years of the production calendar that were asked; empty where none was. */
  readonly years: readonly number[]
}

/** More time by a reasoned notice, and time during which the law let the clock stand still. */
export interface Longer {
  readonly extended: boolean
  /** Milliseconds; whole days of 24 hours of it count. */
  readonly paused: number
}

const NO_LONGER: Longer = { extended: false, paused: 0 }

/**
 * Counts a term from the moment that starts it. The day after that moment's day (in the operator's zone) is day 1 (Civil Code
 * art. 191); hours run on through nights and days off. Throws `calendar-unknown` where it runs into a year that is not known.
 */
export function countTerm(law: Law, clock: Clock, start: Instant, longer: Longer = NO_LONGER): Term {
  const more = longer.extended ? (clock.extension?.count ?? 0) : 0
  const count = clock.count + more
  const paused = Math.floor(longer.paused / DAY)
  const asked = new Set<number>()
  const works = workingDays(law.calendar, asked)
  const first = dayAt(law.zone, start)
  const planned = ((): End => {
    switch (clock.unit) {
      case 'instant':
        return { day: null, at: start }
      case 'hours':
        return { day: null, at: start + count * HOUR + longer.paused }
      case 'working-days':
        return endOf(law.zone, addDays(workingDaysLater(works, first, count), paused))
      case 'calendar-days':
        return endOf(law.zone, addDays(first, count + paused))
      case 'calendar-months':
        return endOf(law.zone, addDays(addPeriod(first, { years: 0, months: count, days: 0 }), paused))
      case 'day-of-next-month':
        return endOf(law.zone, dayOfNextMonth(first, count))
    }
  })()
  return { start, planned, outer: rolled(law, clock, planned, works), years: [...asked].sort((a, b) => a - b) }
}

/** A term that is certainly not over-long, for a time in which the calendar is not known: working days are counted as if all were. */
export function soonestTerm(law: Law, clock: Clock, start: Instant, longer: Longer = NO_LONGER): Term {
  const every = clock.unit === 'working-days' ? { ...clock, unit: 'calendar-days' as const } : clock
  return countTerm({ ...law, calendar: null }, every, start, longer)
}

/** A term before which something may not be done again does not move on; nor does what is due at once or in hours. */
function rolled(law: Law, clock: Clock, planned: End, works: (day: Day) => boolean): End {
  if (planned.day === null || clock.met === null || clock.unit === 'working-days' || law.calendar === null)
    return planned
  let day = dayAt(law.zone, planned.at - 1)
  if (works(day)) return planned
  while (!works(day)) day = nextDay(day)
  return endOf(law.zone, day)
}

function workingDays(calendar: ProductionCalendar | null, asked: Set<number>): (day: Day) => boolean {
  return (day) => {
    if (calendar === null) {
      throw new DoverieError('calendar-unknown', 'This law has no production calendar to count working days by.')
    }
    asked.add(day.year)
    return isWorkingDay(calendar, day)
  }
}

function workingDaysLater(works: (day: Day) => boolean, from: Day, count: number): Day {
  let day = from
  for (let left = count; left > 0; ) {
    day = nextDay(day)
    if (works(day)) left -= 1
  }
  return day
}

function addDays(day: Day, days: number): Day {
  return addPeriod(day, { years: 0, months: 0, days })
}

function dayOfNextMonth(day: Day, count: number): Day {
  return { ...addPeriod({ ...day, day: 1 }, { years: 0, months: 1, days: 0 }), day: count }
}

function endOf(zone: string, day: Day): End {
  return { day: formatDay(day), at: startOfDay(zone, nextDay(day)) }
}

/** The moment of `2026-11-22` (its first), or of `2026-11-22T15:00`, on the wall of the zone; or null where the text is none. */
export function momentOf(zone: string, text: string): Instant | null {
  const match =
    /^(\d{4})-(\d{2})-(\d{2})(?:T([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)?)?$/.exec(
      text,
    )
  const day = match === null ? null : parseDay(text.slice(0, 10))
  if (match === null || day === null) return null
  const [hours, minutes, seconds] = [match[4], match[5], match[6]].map((part) => Number(part ?? 0))
  const wall = (((hours ?? 0) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0)) * 1000
  return match[7] === undefined ? instantOf(zone, day, wall) : Date.parse(text)
}
