import type { Instant, Localised, Uuid } from '@doverie/core/base'
import type { Law, Track } from '@doverie/core/request'
import { clockWords } from '../documents/clock-words.ts'
import { DUTY_WORDS } from '../documents/duty-words.ts'
import { KIND_WORDS } from '../documents/kind-words.ts'
import type { Caller } from '../guard/caller.ts'
import type { Vault } from '../guard/vault.ts'
import { listDemands } from '../store/demands.ts'
import { findActing } from '../store/deputies.ts'
import { listDuties } from '../store/duties.ts'
import { listIncidents } from '../store/incidents.ts'
import { listUnsentLetters } from '../store/recipient-letters.ts'
import { listQueue } from '../store/requests.ts'
import { assertDuty } from './duties.ts'
import { lawFor, policyOf } from './requests/law.ts'

/** Entries of one register that are looked at, the earliest due first: more than that nobody plans by. */
const MOST = 500

/** One clock that runs, of whichever register: number, kind and moments; nothing personal. */
export interface RunningClock {
  readonly register: 'request' | 'demand' | 'recipient-letter' | 'incident' | 'duty'
  readonly id: Uuid
  readonly number: string
  /** What it is a clock of, and what is to be done by it. */
  readonly about: Localised
  /** By its name in the law, or an own one. */
  readonly rule: string
  readonly duty: Localised
  readonly start: Instant
  /** The first moment that the plan counts as too late, and the first that the law does. */
  readonly planned: Instant
  readonly outer: Instant
  /** The share of its term, in percent, of which the officer was told. */
  readonly told: number
}

/**
 * All running clocks, the earliest due first. Those of incidents and of the operator's own duties are the officer's and, while their time runs, the deputy's alone: as the
 * deputy in any session, for it shows and opens nothing. Throws `forbidden` without the duty `requests`.
 */
export async function listClocks(vault: Vault, caller: Caller): Promise<readonly RunningClock[]> {
  const { staff, name } = await assertDuty(vault, caller, 'requests')
  return clocksFor(vault, { staff, role: name })
}

/** The same for a member of staff who has that duty. */
export async function clocksFor(
  vault: Vault,
  member: { readonly staff: Uuid; readonly role: string },
): Promise<readonly RunningClock[]> {
  const policy = policyOf(vault)
  const law = lawFor(vault, policy)
  const { officer } = policy.system
  const all = member.role === officer || (await findActing(vault.data, officer, vault.now(), member.staff)) !== null
  const [requests, demands, letters, incidents, duties] = await Promise.all([
    listQueue(vault.data, {}, MOST),
    listDemands(vault.data, MOST),
    listUnsentLetters(vault.data, MOST),
    all ? listIncidents(vault.data, MOST) : [],
    all ? listDuties(vault.data, MOST) : [],
  ])
  const clocks = [
    ...requests.flatMap(({ id, number, kind, fold }) =>
      running(law, { register: 'request', id, number, about: KIND_WORDS[kind] }, fold.tracks),
    ),
    ...demands
      .filter(({ endedAt }) => endedAt === null)
      .map(
        ({ id, number, receivedAt, dueAt, outerAt, told }): RunningClock => ({
          ...{ register: 'demand', id, number, about: DEMAND, rule: 'demand', duty: ANSWER_IT },
          ...{ start: receivedAt, planned: dueAt, outer: outerAt, told },
        }),
      ),
    ...letters.map(
      ({ id, number, askedAt, dueAt, told }): RunningClock => ({
        ...{ register: 'recipient-letter', id, number: number ?? '…', about: LETTER, rule: 'tell', duty: SEND_IT },
        ...{ start: askedAt, planned: dueAt, outer: dueAt, told },
      }),
    ),
    ...incidents.flatMap(({ id, number, fold }) =>
      running(law, { register: 'incident', id, number, about: INCIDENT }, fold.tracks),
    ),
    ...duties.flatMap(({ id, number, kind, fold }) =>
      running(law, { register: 'duty', id, number, about: DUTY_WORDS[kind] }, fold.tracks),
    ),
  ]
  return clocks.sort((a, b) => a.planned - b.planned || (a.number < b.number ? -1 : 1))
}

const DEMAND: Localised = { ru: 'требование органа', en: 'demand of an authority' }
const ANSWER_IT: Localised = { ru: 'ответить', en: 'answer' }
const LETTER: Localised = { ru: 'письмо получателю данных', en: 'letter to a recipient of data' }
const SEND_IT: Localised = { ru: 'отправить', en: 'send' }
const INCIDENT: Localised = { ru: 'инцидент', en: 'incident' }

function running(
  law: Law,
  of: Pick<RunningClock, 'register' | 'id' | 'number' | 'about'>,
  tracks: readonly Track[],
): readonly RunningClock[] {
  return tracks
    .filter(({ end, pausedAt }) => end === null && pausedAt === null)
    .map(({ rule, start, planned, outer, told }) => ({
      ...{ ...of, rule, duty: clockWords(law, rule), start, planned, outer, told },
    }))
}
