import { type Clock, DoverieError, legalProfile, type LegalProfile, type ProfileId } from '../base/index.ts'
import { embeddedCalendar, type ProductionCalendar } from './calendar.ts'

/** By what terms are counted: the law, the days that are worked (null where the program has no calendar for it), the zone. */
export interface Law {
  readonly profile: LegalProfile
  readonly calendar: ProductionCalendar | null
  readonly zone: string
}

/** A profile with the calendar that comes with the program, in the operator's zone or the profile's own. */
export function lawOf(id: ProfileId, zone?: string): Law {
  const profile = legalProfile(id)
  const calendar = profile.calendar === null ? null : embeddedCalendar(profile.calendar)
  return { profile, calendar, zone: zone ?? profile.zone }
}

/** A clock of the law by its name. Throws `unknown-rule`, naming those that there are. */
export function clockOf({ id, clocks }: LegalProfile, rule: string): Clock {
  const clock = clocks.find((one) => one.id === rule)
  if (clock !== undefined) return clock
  const known = clocks.map((one) => one.id).join(', ')
  throw new DoverieError('unknown-rule', `${id} has no such rule; it has ${known}.`, { field: 'rule' })
}
