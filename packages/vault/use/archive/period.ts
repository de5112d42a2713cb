import { dayAt, DoverieError, formatDay, type Instant, nextDay, parseDay, startOfDay } from '@doverie/core/base'
import type { ArchivePeriod } from '../../store/archive.ts'

/** Days as an archive is asked for by: `2026-01-01`, both part of it. */
export interface PeriodRequest {
  readonly from: string
  readonly to: string
}

/** The moments of a period in the operator's zone. Throws `invalid-request` with the field for what is no day, ends before it begins, or is not over or today. */
export function periodOf({ from, to }: PeriodRequest, zone: string, now: Instant): ArchivePeriod {
  const [first, last] = [dayOf(from, 'from'), dayOf(to, 'to')]
  if (to < from) throw wrong('to', 'The period ends before it begins.')
  const today = formatDay(dayAt(zone, now))
  if (from > today) throw wrong('from', 'The period has not begun.')
  if (to > today) throw wrong('to', 'The period ends in the future: today is its last day at most.')
  return { begin: startOfDay(zone, first), end: startOfDay(zone, nextDay(last)) }
}

function dayOf(text: string, field: string): NonNullable<ReturnType<typeof parseDay>> {
  const day = parseDay(text)
  if (day === null) throw wrong(field, 'A day is written as 2026-01-31.')
  return day
}

function wrong(field: string, message: string): DoverieError {
  return new DoverieError('invalid-request', message, { field })
}
