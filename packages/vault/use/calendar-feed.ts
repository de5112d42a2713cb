import { dayAt, DoverieError, formatDay, formatInstant, type Instant, startOfDay } from '@doverie/core/base'
import { type CalendarEvent, calendarText } from '@doverie/core/request'
import type { Caller } from '../guard/caller.ts'
import { mac } from '../guard/mac.ts'
import { recordAct } from '../guard/record-act.ts'
import type { Vault } from '../guard/vault.ts'
import { findStaff } from '../store/access.ts'
import { deleteFeed, feedHolder, putFeed } from '../store/calendar-feeds.ts'
import { transaction } from '../store/database.ts'
import { accessClauses, assertDuty } from './duties.ts'
import { policyOf } from './requests/law.ts'
import { clocksFor, type RunningClock } from './running-clocks.ts'

const TOKEN = /^[\w-]{43}$/

/**
 * Makes the link by which the caller's calendar reads all clocks; a former one ends. The secret in it is told once and kept as a keyed
 * hash. It shows kinds, numbers and dates, and opens nothing. Throws `forbidden` without the duty `requests`.
 */
export async function makeCalendarFeed(vault: Vault, caller: Caller): Promise<{ readonly path: string }> {
  const member = await assertDuty(vault, caller, 'requests')
  const token = vault.random(32).toString('base64url')
  await transaction(vault.data, async (tx) => {
    await putFeed(tx, member.staff, mac(vault, 'calendar', token), vault.now())
    await recordAct(vault, tx, 'make-calendar-feed', member, accessClauses(vault), {})
  })
  return { path: `/v1/calendar/${token}/clocks.ics` }
}

/** Ends the caller's link. Throws `not-found` where there is none. */
export async function endCalendarFeed(vault: Vault, caller: Caller): Promise<void> {
  const member = await assertDuty(vault, caller, 'requests')
  await transaction(vault.data, async (tx) => {
    if (!(await deleteFeed(tx, member.staff))) throw new DoverieError('not-found')
    await recordAct(vault, tx, 'end-calendar-feed', member, accessClauses(vault), {})
  })
}

/**
 * All running clocks as a calendar (RFC 5545), for whoever has a link that holds: by the planned day and, where it is another, the outer
 * one. Incidents and the operator's own duties are in the officer's and the deputy's alone. Throws `not-found` for a link that was ended, whose member was switched off or has the duty no more.
 */
export async function readCalendarFeed(vault: Vault, token: string): Promise<string> {
  const holder = TOKEN.test(token) ? await feedHolder(vault.data, mac(vault, 'calendar', token)) : null
  const member = holder === null ? null : await findStaff(vault.data, holder)
  const policy = policyOf(vault)
  if (member === null || policy.actors.get(member.role)?.duties.includes('requests') !== true) {
    throw new DoverieError('not-found')
  }
  const clocks = await clocksFor(vault, { staff: member.staff_id, role: member.role })
  const events = clocks.flatMap((clock) => eventsOf(policy.zone, clock))
  return calendarText(`Сроки, ${policy.operator.name}`, events, vault.now())
}

function eventsOf(zone: string, clock: RunningClock): readonly CalendarEvent[] {
  const { register, id, number, about, rule, duty, planned, outer } = clock
  // A letter that is not made yet has no number.
  const name = register === 'recipient-letter' ? id : number
  const what = about['ru'] ?? ''
  const ends = [['planned', planned] as const, ...(planned === outer ? [] : [['outer', outer] as const])]
  return ends.map(([which, at]) => ({
    uid: `${register}-${name}-${rule}-${which}@doverie`,
    when: whenOf(zone, at),
    summary: `${CALLED[register]} ${number}${CALLED[register].toLowerCase() === what ? '' : `, ${what}`}: ${duty['ru'] ?? rule}${which === 'outer' ? ' (крайний срок)' : ''}`,
    description: `${rule}; ${which === 'outer' ? 'крайний' : 'плановый'}; до ${formatInstant(zone, at)}`,
  }))
}

const CALLED: Readonly<Record<RunningClock['register'], string>> = {
  request: 'Обращение',
  demand: 'Требование',
  'recipient-letter': 'Письмо',
  incident: 'Инцидент',
  duty: 'Обязанность',
}

/** What ends with a day is the last day; what is counted in hours is a moment. */
function whenOf(zone: string, at: Instant): CalendarEvent['when'] {
  const last = dayAt(zone, at - 1)
  return startOfDay(zone, dayAt(zone, at)) === at ? { day: formatDay(last) } : { at }
}
