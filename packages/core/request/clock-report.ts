import { type Clock, formatInstant, type Instant, type Localised } from '../base/index.ts'
import { clockOf, type Law } from './law.ts'
import { countTerm, type End } from './term.ts'

/** A term counted, as a lawyer can check it: which rule of which law, from when, by which calendar, until when. */
export interface ClockReport {
  readonly rule: string
  readonly profile: string
  readonly article: Localised
  readonly trigger: Localised
  readonly duty: Localised
  readonly unit: Clock['unit']
  readonly count: number
  readonly zone: string
  readonly start: string
  /** Days (`2027-01-19`) on which the term ends, or moments where it is counted in hours or due at once. */
  readonly planned: string
  readonly outer: string
  /** The same with the law's extension; null where it has none. */
  readonly extended: { readonly planned: string; readonly outer: string; readonly condition: Localised } | null
  /** The years of the production calendar that were asked, each with its decree. */
  readonly calendar: readonly { readonly id: string; readonly basis: Localised }[]
  /** False where a lawyer must still confirm the rule. */
  readonly verified: boolean
}

/** Counts a term of the law. Throws `unknown-rule`, and `calendar-unknown` where it runs into a year that is not known. */
export function clockReport(law: Law, rule: string, start: Instant): ClockReport {
  const clock = clockOf(law.profile, rule)
  const term = countTerm(law, clock, start)
  const { extension } = clock
  const longer = extension === null ? null : countTerm(law, clock, start, { extended: true, paused: 0 })
  const show = ({ day, at }: End): string => day ?? formatInstant(law.zone, at)
  const years = new Set([...term.years, ...(longer?.years ?? [])])
  return {
    rule,
    profile: law.profile.id,
    article: clock.article,
    trigger: clock.trigger,
    duty: clock.duty,
    unit: clock.unit,
    count: clock.count,
    zone: law.zone,
    start: formatInstant(law.zone, start),
    planned: show(term.planned),
    outer: show(term.outer),
    extended:
      extension === null || longer === null
        ? null
        : { planned: show(longer.planned), outer: show(longer.outer), condition: extension.condition },
    calendar: (law.calendar?.years ?? [])
      .filter(({ year }) => years.has(year))
      .map(({ year, basis }) => ({ id: `${law.calendar?.id ?? ''}-${year}`, basis })),
    verified: clock.verified,
  }
}
