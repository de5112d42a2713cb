import {
  err,
  type IncidentRisk,
  type IncidentState,
  type Instant,
  type NoBreachReason,
  ok,
  type Result,
  type UntoldReason,
} from '../base/index.ts'
import type { Law } from './law.ts'
import { endTrack, type Escalation, startTrack, type Track, type TrackEnd, trackTo } from './track.ts'

/** A step is named by the state that it leads to. */
export type IncidentStep = Exclude<IncidentState, 'opened'>

/** Clocks of the law by the name of their rule. A law that has no such rule has no such duty. */
const FIRST = 'incident-first'
const RESULT = 'incident-result'
const PEOPLE = 'incident-people'

/**
 * The operator's own clock, so that an incident of which everything was reported does not stay open unseen: days of 24 hours from its
 * detection. No law asks for it.
 */
export const CLOSE = 'close'
const CLOSE_IN = 30 * 86_400_000

/** An incident as its events have made it. No word of anybody is in it. */
export interface Incident {
  readonly state: IncidentState
  readonly detectedAt: Instant
  readonly risk: IncidentRisk | null
  readonly tracks: readonly Track[]
}

export type IncidentEvent =
  | { readonly kind: 'opened'; readonly detectedAt: Instant; readonly at: Instant }
  | {
      readonly kind: 'step'
      readonly step: IncidentStep
      /** When it took place: what was reported counts from the moment it was sent. */
      readonly at: Instant
      readonly risk?: IncidentRisk
      readonly reason?: NoBreachReason
    }
  | { readonly kind: 'people-told'; readonly at: Instant }
  | { readonly kind: 'people-untold'; readonly reason: UntoldReason; readonly at: Instant }
  | { readonly kind: 'escalated'; readonly rule: string; readonly share: Escalation; readonly at: Instant }
  /** What changes no state: its scope was set, who was affected was counted, a draft was made. */
  | { readonly kind: 'scoped' | 'counted' | 'drafted' | 'telling'; readonly at: Instant }

export type LaterIncidentEvent = Exclude<IncidentEvent, { readonly kind: 'opened' }>

/** Why an event cannot follow. */
export type IncidentFault = 'not-now' | 'no-risk' | 'no-reason' | 'people-wait' | 'before-detection'

const NEXT: Readonly<Record<IncidentState, readonly IncidentStep[]>> = {
  opened: ['assessed', 'not-a-breach'],
  assessed: ['reported', 'not-a-breach'],
  reported: ['investigated'],
  investigated: ['result-reported'],
  'result-reported': ['closed'],
  closed: [],
  'not-a-breach': [],
}

/** An incident from the moment it was found: by the operator, the authority or anybody else. Its hours run from then, nights and days off included. */
export function openIncident(law: Law, detectedAt: Instant): Incident {
  const rules = [FIRST, RESULT].filter((rule) => has(law, rule))
  const close = trackTo(CLOSE, detectedAt, detectedAt + CLOSE_IN)
  return {
    state: 'opened',
    detectedAt,
    risk: null,
    tracks: [...rules.map((rule) => startTrack(law, rule, detectedAt)), close],
  }
}

function has({ profile }: Law, rule: string): boolean {
  return profile.clocks.some(({ id }) => id === rule)
}

/** The steps that can follow, under this law: one without a report of results closes once it is investigated. */
export function incidentSteps(law: Law, { state }: Incident): readonly IncidentStep[] {
  const result = has(law, RESULT)
  return NEXT[state].map((step) => (step === 'result-reported' && !result ? 'closed' : step))
}

/** True of a state that nothing follows on. */
export function isIncidentEnd(state: IncidentState): boolean {
  return NEXT[state].length === 0
}

/** The incident after an event, or why that cannot follow. Nothing is late that was reported in time, whenever it is entered. */
export function advanceIncident(
  law: Law,
  incident: Incident,
  event: LaterIncidentEvent,
): Result<Incident, IncidentFault> {
  switch (event.kind) {
    case 'step':
      return step(law, incident, event)
    case 'people-told':
      return ok({ ...incident, tracks: ended(incident, [PEOPLE], 'done', event.at) })
    case 'people-untold':
      if (!incident.tracks.some(({ rule, end }) => rule === PEOPLE && end === null)) return err('not-now')
      return ok({ ...incident, tracks: ended(incident, [PEOPLE], 'void', event.at) })
    case 'escalated': {
      const tracks = incident.tracks.map((track) =>
        track.rule === event.rule ? { ...track, told: event.share } : track,
      )
      return ok({ ...incident, tracks })
    }
    case 'scoped':
    case 'counted':
    case 'drafted':
    case 'telling':
      return isIncidentEnd(incident.state) && event.kind !== 'drafted' ? err('not-now') : ok(incident)
  }
}

function step(
  law: Law,
  incident: Incident,
  { step: to, at, risk, reason }: Extract<IncidentEvent, { kind: 'step' }>,
): Result<Incident, IncidentFault> {
  if (!incidentSteps(law, incident).includes(to)) return err('not-now')
  if (at < incident.detectedAt) return err('before-detection')
  const moved = { ...incident, state: to }
  switch (to) {
    case 'assessed': {
      if (risk === undefined) return err('no-risk')
      const people = risk === 'high' && has(law, PEOPLE) ? [startTrack(law, PEOPLE, incident.detectedAt)] : []
      return ok({ ...moved, risk, tracks: [...incident.tracks, ...people] })
    }
    case 'reported':
      return ok({ ...moved, tracks: ended(incident, [FIRST], 'done', at) })
    case 'investigated':
      return ok(moved)
    case 'result-reported':
      return ok({ ...moved, tracks: ended(incident, [RESULT], 'done', at) })
    case 'closed':
      if (incident.tracks.some(({ rule, end }) => rule !== CLOSE && end === null)) return err('people-wait')
      return ok({ ...moved, tracks: ended(incident, [CLOSE], 'done', at) })
    case 'not-a-breach':
      if (reason === undefined) return err('no-reason')
      return ok({ ...moved, tracks: ended(incident, null, 'void', at) })
  }
}

function ended({ tracks }: Incident, rules: readonly string[] | null, how: TrackEnd, at: Instant): readonly Track[] {
  return tracks.map((track) =>
    track.end === null && (rules === null || rules.includes(track.rule)) ? endTrack(track, how, at) : track,
  )
}
