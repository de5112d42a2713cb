import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DUTY_KINDS, DUTY_STATES, type DutyKind, PROFILE_IDS } from '../base/index.ts'
import {
  advanceDuty,
  type Duty,
  dutySteps,
  isDutyEnd,
  isNotice,
  isOwed,
  type LaterDutyEvent,
  openDuty,
  reviewEnds,
} from './duty.ts'
import { lawOf } from './law.ts'
import { escalationDue } from './track.ts'

const DAY = 86_400_000
const ru = lawOf('ru-152fz')
const NOW = Date.parse('2026-11-26T12:00:00+03:00')

function after(duty: Duty, ...events: readonly LaterDutyEvent[]): Duty {
  return events.reduce((before, event) => {
    const next = advanceDuty(ru, before, event)
    if (!next.ok) throw new Error(next.error)
    return next.value
  }, duty)
}
const dueOf = (duty: Duty): string => new Date(duty.tracks.find(({ end }) => end === null)?.outer ?? 0).toISOString()

describe('a notice to the authority', () => {
  // The last day is the 15th: the first moment that is too late is the next midnight in Moscow. The 15th of a day off rolls on.
  it.each([
    ['2026-11-01T00:00:00+03:00', '2026-12-15T21:00:00.000Z'],
    ['2026-11-30T23:59:59+03:00', '2026-12-15T21:00:00.000Z'],
    ['2026-12-01T00:00:00+03:00', '2027-01-15T21:00:00.000Z'],
    ['2026-12-31T23:59:59+03:00', '2027-01-15T21:00:00.000Z'],
    ['2027-01-10T12:00:00+03:00', '2027-02-15T21:00:00.000Z'],
    ['2026-10-31T12:00:00+03:00', '2026-11-16T21:00:00.000Z'],
  ])('of what changed at %s is due by the 15th of the next month (152-FZ art. 22(7)): %s', (at, due) => {
    expect(dueOf(openDuty(ru, 'notice-change', NOW, Date.parse(at)))).toBe(due)
  })

  it('of an end is due within ten working days', () => {
    expect(dueOf(openDuty(ru, 'notice-end', NOW, Date.parse('2026-12-25T12:00:00+03:00')))).toBe(
      '2027-01-19T21:00:00.000Z',
    )
  })

  it('of processing to come is due before it begins', () => {
    expect(dueOf(openDuty(ru, 'notice-intent', NOW, NOW + 5 * DAY))).toBe(new Date(NOW + 5 * DAY).toISOString())
  })

  it('is late where it was sent late, not where it was only entered late, and is then looked for in the register', () => {
    const open = openDuty(ru, 'notice-change', NOW, NOW)
    const sent = (at: string): Duty => after(open, { kind: 'step', step: 'sent', at: Date.parse(at) })
    expect(sent('2026-12-15T23:59:59+03:00').tracks[0]?.end?.late).toBe(false)
    expect(sent('2026-12-16T00:00:00+03:00').tracks[0]?.end?.late).toBe(true)
    expect(sent('2026-12-15T12:00:00+03:00').tracks.at(-1)).toMatchObject({ rule: 'confirm', end: null })
  })
})

describe('a document that must be there', () => {
  it('is renewed before its end, looked at again where it names none, and made anew when the policy has changed', () => {
    const open = openDuty(ru, 'harm', NOW, NOW)
    const until = after(open, { kind: 'step', step: 'in-force', at: NOW, until: NOW + 100 * DAY })
    const [, renew] = until.tracks
    if (renew === undefined) throw new Error()
    expect([49, 50, 80, 100].map((days) => escalationDue(renew, NOW + days * DAY))).toEqual([null, 50, 80, 100])
    expect(after(open, { kind: 'step', step: 'in-force', at: NOW }).tracks.at(-1)?.rule).toBe('review')
    const anew = after(until, { kind: 'outdated', at: NOW + DAY })
    expect([anew.state, anew.tracks.filter(({ end }) => end === null).map(({ rule }) => rule)]).toEqual([
      'open',
      ['settle'],
    ])
  })

  it('of a transfer abroad waits for the authority’s review by the law that has one: ten working days from the notice', () => {
    const open = openDuty(ru, 'cross-border', NOW, NOW)
    const sent = after(open, { kind: 'step', step: 'sent', at: NOW })
    expect(dueOf(sent)).toBe('2026-12-10T21:00:00.000Z')
    expect(reviewEnds(ru, NOW)).toBe(Date.parse('2026-12-10T21:00:00.000Z'))
    expect(after(sent, { kind: 'step', step: 'in-force', at: NOW + 20 * DAY }).state).toBe('in-force')
    const eu = lawOf('eu-gdpr')
    expect(
      advanceDuty(eu, openDuty(eu, 'cross-border', NOW, NOW), { kind: 'step', step: 'sent', at: NOW }),
    ).toMatchObject({
      error: 'not-now',
    })
    expect(reviewEnds(eu, NOW)).toBeNull()
  })

  it('does not end before it begins, and is not void without a reason', () => {
    const open = openDuty(ru, 'agreement', NOW, NOW)
    expect(advanceDuty(ru, open, { kind: 'step', step: 'in-force', at: NOW, until: NOW })).toMatchObject({
      error: 'ends-before',
    })
    expect(advanceDuty(ru, open, { kind: 'step', step: 'void', at: NOW })).toMatchObject({ error: 'no-reason' })
  })
})

describe('every duty', () => {
  it('owes the authority notices by the law that knows them alone', () => {
    const owed = (profile: 'ru-152fz' | 'eu-gdpr'): readonly DutyKind[] =>
      DUTY_KINDS.filter((kind) => isOwed(lawOf(profile), kind))
    expect(owed('ru-152fz')).toEqual([...DUTY_KINDS])
    expect(owed('eu-gdpr')).toEqual(['agreement', 'cross-border'])
  })

  it('has exactly one running clock in every state but the ends, whatever the order of events', () => {
    const steps = DUTY_STATES.filter((state) => state !== 'open')
    const event = fc.oneof(
      fc.record({
        ...{
          kind: fc.constant('step' as const),
          step: fc.constantFrom(...steps),
          at: fc.integer({ min: NOW, max: NOW + 900 * DAY }),
        },
        reason: fc.constant('repeated' as const),
      }),
      fc.record({
        kind: fc.constantFrom('outdated' as const, 'said' as const, 'drafted' as const),
        at: fc.constant(NOW + DAY),
      }),
    )
    const given = fc.record({
      profile: fc.constantFrom(...PROFILE_IDS),
      kind: fc.constantFrom(...DUTY_KINDS),
      start: fc.integer({ min: NOW - 300 * DAY, max: NOW + 300 * DAY }),
      events: fc.array(event, { maxLength: 12 }),
    })
    fc.assert(
      fc.property(given, ({ profile, kind, start, events }) => {
        const law = lawOf(profile)
        fc.pre(isOwed(law, kind))
        let duty = openDuty(law, kind, NOW, start)
        for (const one of events) {
          const next = advanceDuty(law, duty, one)
          if (next.ok) duty = next.value
          expect(duty.tracks.filter(({ end }) => end === null)).toHaveLength(isDutyEnd(duty.state) ? 0 : 1)
          expect(dutySteps(law, duty).length === 0).toBe(isDutyEnd(duty.state))
          if (isNotice(duty.kind)) expect(duty.state).not.toBe('in-force')
        }
      }),
    )
  })
})
