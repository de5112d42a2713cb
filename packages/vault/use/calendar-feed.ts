import { dayAt, DoverieError, formatDay, formatInstant, type Instant, startOfDay } from '@doverie/core/base'
import { type CalendarEvent, calendarText, type Law, type Track } from '@doverie/core/request'
import { clockWords } from '../documents/clock-words.ts'
import { DUTY_WORDS } from '../documents/duty-words.ts'
import { KIND_WORDS } from '../documents/kind-words.ts'
import type { Caller } from '../guard/caller.ts'
import { mac } from '../guard/mac.ts'
import { recordAct } from '../guard/record-act.ts'
import type { Vault } from '../guard/vault.ts'
import { findStaff } from '../store/access.ts'
import { deleteFeed, feedHolder, putFeed } from '../store/calendar-feeds.ts'
import { transaction } from '../store/database.ts'
import { findActing } from '../store/deputies.ts'
import { listDuties } from '../store/duties.ts'
import { listIncidents } from '../store/incidents.ts'
import { listQueue } from '../store/requests.ts'
import { accessClauses, assertDuty } from './duties.ts'
import { lawFor, policyOf } from './requests/law.ts'

/** Requests that a calendar shows, the earliest due first: more than that nobody plans by a calendar. */
const MOST = 500
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
 * one. Incidents and the operator's own duties are in the officer's alone. Throws `not-found` for a link that was ended, whose member was switched off or has the duty no more.
 */
export async function readCalendarFeed(vault: Vault, token: string): Promise<string> {
  const holder = TOKEN.test(token) ? await feedHolder(vault.data, mac(vault, 'calendar', token)) : null
  const member = holder === null ? null : await findStaff(vault.data, holder)
  const policy = policyOf(vault)
  if (member === null || policy.actors.get(member.role)?.duties.includes('requests') !== true) {
    throw new DoverieError('not-found')
  }
  const law = lawFor(vault, policy)
  const requests = await listQueue(vault.data, {}, MOST)
  const { officer: role } = policy.system
  const officer = member.role === role || (await findActing(vault.data, role, vault.now(), member.staff_id)) !== null
  const incidents = officer ? await listIncidents(vault.data, MOST) : []
  const duties = officer ? await listDuties(vault.data, MOST) : []
  const events = [
    ...requests.flatMap(({ number, kind, fold }) =>
      eventsOf(law, `request-${number}`, `Обращение ${number}, ${KIND_WORDS[kind]['ru'] ?? kind}`, fold.tracks),
    ),
    ...incidents.flatMap(({ number, fold }) => eventsOf(law, `incident-${number}`, `Инцидент ${number}`, fold.tracks)),
    ...duties.flatMap(({ number, kind, fold }) =>
      eventsOf(law, `duty-${number}`, `Обязанность ${number}, ${DUTY_WORDS[kind]['ru'] ?? kind}`, fold.tracks),
    ),
  ]
  return calendarText(`Сроки, ${policy.operator.name}`, events, vault.now())
}

function eventsOf(law: Law, id: string, about: string, tracks: readonly Track[]): readonly CalendarEvent[] {
  const running = tracks.filter(({ end, pausedAt }) => end === null && pausedAt === null)
  return running.flatMap(({ rule, planned, outer }) => {
    const ends =
      planned === outer
        ? [['planned', planned] as const]
        : ([
            ['planned', planned],
            ['outer', outer],
          ] as const)
    return ends.map(([which, at]) => ({
      uid: `${id}-${rule}-${which}@doverie`,
      when: whenOf(law.zone, at),
      summary: `${about}: ${clockWords(law, rule)['ru'] ?? rule}${which === 'outer' ? ' (крайний срок)' : ''}`,
      description: `${rule}; ${which === 'outer' ? 'крайний' : 'плановый'}; до ${formatInstant(law.zone, at)}`,
    }))
  })
}

/** What ends with a day is the last day; what is counted in hours is a moment. */
function whenOf(zone: string, at: Instant): CalendarEvent['when'] {
  const last = dayAt(zone, at - 1)
  return startOfDay(zone, dayAt(zone, at)) === at ? { day: formatDay(last) } : { at }
}
