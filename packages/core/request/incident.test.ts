import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { INCIDENT_STATES, type ProfileId, PROFILE_IDS } from '../base/index.ts'
import {
  advanceIncident,
  CLOSE,
  type Incident,
  incidentSteps,
  isIncidentEnd,
  type LaterIncidentEvent,
  openIncident,
} from './incident.ts'
import { lawOf } from './law.ts'
import { escalationDue } from './track.ts'

const HOUR = 3_600_000
// Friday evening: hours run on through the weekend.
const FOUND = Date.parse('2026-11-27T18:00:00+03:00')
const ru = lawOf('ru-152fz')

function after(profile: ProfileId, events: readonly LaterIncidentEvent[]): Incident {
  const law = lawOf(profile)
  return events.reduce(
    (incident, event) => {
      const next = advanceIncident(law, incident, event)
      if (!next.ok) throw new Error(next.error)
      return next.value
    },
    openIncident(law, FOUND),
  )
}

const assessed = { kind: 'step', step: 'assessed', risk: 'high', at: FOUND + HOUR } as const
const step = (to: 'reported' | 'investigated' | 'result-reported' | 'closed', hours: number): LaterIncidentEvent => ({
  kind: 'step',
  step: to,
  at: FOUND + hours * HOUR,
})

describe('an incident', () => {
  it('has 24 and 72 hours from the moment it was found, nights and days off included (152-FZ art. 21(3.1))', () => {
    const { tracks } = openIncident(ru, FOUND)
    expect(tracks.map(({ rule, outer }) => [rule, (outer - FOUND) / HOUR])).toEqual([
      ['incident-first', 24],
      ['incident-result', 72],
      [CLOSE, 30 * 24],
    ])
    const [first] = tracks
    if (first === undefined) throw new Error()
    expect([11, 12, 20, 24].map((hours) => escalationDue(first, FOUND + hours * HOUR))).toEqual([null, 50, 80, 100])
  })

  it('is late where the report was sent late, and not where it was only entered late', () => {
    const reports = (hours: number): boolean | undefined =>
      after('ru-152fz', [assessed, step('reported', hours)]).tracks[0]?.end?.late
    expect([reports(23), reports(24)]).toEqual([false, true])
  })

  it('under the GDPR is reported once within 72 hours, and with a high risk the people are told or there is a reason', () => {
    const all = after('eu-gdpr', [assessed, step('reported', 70), step('investigated', 100)])
    expect(all.tracks.map(({ rule }) => rule)).toEqual(['incident-first', CLOSE, 'incident-people'])
    const law = lawOf('eu-gdpr')
    expect(incidentSteps(law, all)).toEqual(['closed'])
    expect(advanceIncident(law, all, step('closed', 101))).toEqual({ ok: false, error: 'people-wait' })
    for (const event of [
      { kind: 'people-told', at: FOUND },
      { kind: 'people-untold', reason: 'unintelligible', at: FOUND },
    ] as const) {
      const told = advanceIncident(law, all, event)
      expect(told.ok && advanceIncident(law, told.value, step('closed', 101)).ok).toBe(true)
    }
  })

  it('rejects a step before it was found, an assessment without a risk, and a dismissal without a reason', () => {
    const opened = openIncident(ru, FOUND)
    const errors = [
      { ...assessed, at: FOUND - 1 },
      { kind: 'step', step: 'assessed', at: FOUND },
      { kind: 'step', step: 'not-a-breach', at: FOUND },
      step('reported', 1),
      { kind: 'people-untold', reason: 'risk-removed', at: FOUND },
    ].map((event) => advanceIncident(ru, opened, event as LaterIncidentEvent))
    expect(errors.map((one) => (one.ok ? null : one.error))).toEqual([
      'before-detection',
      'no-risk',
      'no-reason',
      'not-now',
      'not-now',
    ])
  })

  it('is in no state but an end without a running clock and a way on, whatever happens; an end leaves no clock running', () => {
    const event = fc.oneof(
      fc.record({
        kind: fc.constant('step' as const),
        step: fc.constantFrom(...INCIDENT_STATES.filter((state) => state !== 'opened')),
        at: fc.integer({ min: FOUND, max: FOUND + 2000 * HOUR }),
        risk: fc.constantFrom('low' as const, 'high' as const),
        reason: fc.constant('lawful' as const),
      }),
      fc.constant<LaterIncidentEvent>({ kind: 'people-told', at: FOUND + HOUR }),
      fc.constant<LaterIncidentEvent>({ kind: 'people-untold', reason: 'public-notice', at: FOUND + HOUR }),
      fc.constant<LaterIncidentEvent>({ kind: 'counted', at: FOUND + HOUR }),
    )
    fc.assert(
      fc.property(fc.constantFrom(...PROFILE_IDS), fc.array(event, { maxLength: 40 }), (profile, events) => {
        const law = lawOf(profile)
        let incident = openIncident(law, FOUND)
        for (const one of events) {
          const next = advanceIncident(law, incident, one)
          if (next.ok) incident = next.value
          const running = incident.tracks.filter(({ end }) => end === null)
          const ended = isIncidentEnd(incident.state)
          expect(running.length > 0).toBe(!ended)
          expect(incidentSteps(law, incident).length > 0).toBe(!ended)
        }
      }),
    )
  })
})
