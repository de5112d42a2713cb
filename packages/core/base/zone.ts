import type { Instant } from './facts.ts'
import type { Period } from './period.ts'

/** A day of the calendar. Months and days count from 1. */
export interface Day {
  readonly year: number
  readonly month: number
  readonly day: number
}

const DAY = 86_400_000
const formats = new Map<string, Intl.DateTimeFormat>()

/** True where the time-zone database knows the name. */
export function isZone(zone: string): boolean {
  try {
    formatOf(zone)
    return true
  } catch {
    return false
  }
}

/** The day on the wall of `zone` at an instant. */
export function dayAt(zone: string, instant: Instant): Day {
  const wall = new Date(instant + offsetAt(zone, instant))
  return { year: wall.getUTCFullYear(), month: wall.getUTCMonth() + 1, day: wall.getUTCDate() }
}

/** The first instant of a day in `zone`; where the clock jumps over midnight, the jump. */
export function startOfDay(zone: string, day: Day): Instant {
  return instantOf(zone, day, 0)
}

/** The first instant at which the wall of `zone` shows a day and so many milliseconds of it; where it jumps over them, the jump. */
export function instantOf(zone: string, day: Day, milliseconds: number): Instant {
  const wall = Date.UTC(day.year, day.month - 1, day.day) + milliseconds
  const before = offsetAt(zone, wall - DAY)
  const after = offsetAt(zone, wall + DAY)
  const candidates = [wall - before, wall - after].sort((a, b) => a - b)
  const exact = candidates.find((instant) => offsetAt(zone, instant) === wall - instant)
  if (exact !== undefined) return exact
  // No such moment: the clock is put forward over it. Bisect for the first instant with the new offset.
  let [low = wall, high = wall] = candidates
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (offsetAt(zone, middle) === after) high = middle
    else low = middle
  }
  return high
}

/** The day after, by the calendar. */
export function nextDay(day: Day): Day {
  return dayOf(Date.UTC(day.year, day.month - 1, day.day) + DAY)
}

/** The day of the week: 1 is Monday, 7 Sunday. */
export function weekday(day: Day): number {
  return new Date(Date.UTC(day.year, day.month - 1, day.day)).getUTCDay() || 7
}

/** A day a term later; where the month has no such day, its last one (Civil Code art. 192). */
export function addPeriod(day: Day, period: Period): Day {
  const months = day.year * 12 + (day.month - 1) + period.years * 12 + period.months
  const year = Math.floor(months / 12)
  const month = months % 12
  const longest = new Date(Date.UTC(year, month + 1, 0)).getUTCDate()
  return dayOf(Date.UTC(year, month, Math.min(day.day, longest)) + period.days * DAY)
}

/** `2027-01-31`. */
export function formatDay(day: Day): string {
  const two = (n: number): string => String(n).padStart(2, '0')
  return `${String(day.year).padStart(4, '0')}-${two(day.month)}-${two(day.day)}`
}

/** An instant as the wall of `zone` shows it, to the second, with its offset: `2026-11-23T15:00:00+03:00` (RFC 3339). */
export function formatInstant(zone: string, instant: Instant): string {
  const offset = offsetAt(zone, instant)
  const wall = new Date(Math.floor((instant + offset) / 1000) * 1000).toISOString().slice(0, 19)
  const minutes = Math.floor(Math.abs(offset) / 60_000)
  const two = (n: number): string => String(n).padStart(2, '0')
  return `${wall}${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
}

/** The day of `2027-01-31`, or null where there is no such day. */
export function parseDay(text: string): Day | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)
  if (match === null) return null
  const day = dayOf(Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3])))
  return formatDay(day) === text ? day : null
}

function dayOf(utc: number): Day {
  const date = new Date(utc)
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() }
}

/** Milliseconds the wall of `zone` is ahead of UTC. */
function offsetAt(zone: string, instant: Instant): number {
  const part: Record<string, number> = {}
  for (const { type, value } of formatOf(zone).formatToParts(instant)) part[type] = Number(value)
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part
  const wall = Date.UTC(year, month - 1, day, hour, minute, second)
  return wall - (instant - (((instant % 1000) + 1000) % 1000))
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone)
  if (known !== undefined) return known
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  formats.set(zone, format)
  return format
}
