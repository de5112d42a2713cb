import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { REQUEST_KINDS } from '../base/index.ts'
import { type Law, lawOf } from './law.ts'
import { type Step, stepsFrom } from './machine.ts'
import { advance, type PlainStep, receive, type Request, type RequestEvent, requestOf } from './request.ts'
import { momentOf } from './term.ts'
import { ANSWER, earliest, escalationDue, nextEscalation, type Track } from './track.ts'

const RU = lawOf('ru-152fz')
const EU = lawOf('eu-gdpr')
const HOUR = 3_600_000
const DAY = 24 * HOUR

type Later = Exclude<RequestEvent, { kind: 'received' }>

function at(text: string, law: Law = RU): number {
  return momentOf(law.zone, text)!
}

function day(instant: number, law: Law = RU): string {
  return new Date(instant - 1).toLocaleDateString('sv-SE', { timeZone: law.zone })
}

function after(law: Law, request: Request, ...events: readonly Later[]): Request {
  return events.reduce((one, event) => {
    const next = advance(law, one, event)
    if (!next.ok) throw new Error(`${event.kind}: ${next.error}`)
    return next.value
  }, request)
}

function eventOf(name: Step, now: number): Later {
  if (name === 'replaced') return { kind: 'step', step: name, by: '', at: now }
  if (name === 'rejected') return { kind: 'step', step: name, reason: 'law', at: now }
  if (name === 'unmendable') return { kind: 'step', step: name, compartments: [], at: now }
  return { kind: 'step', step: name, at: now }
}

function track(request: Request, rule: string): Track {
  const found = request.tracks.find((one) => one.rule === rule)
  if (found === undefined) throw new Error(`no clock ${rule}`)
  return found
}

const step = (name: PlainStep | 'rejected', text: string, law: Law = RU): Later =>
  name === 'rejected'
    ? { kind: 'step', step: name, reason: 'law', at: at(text, law) }
    : { kind: 'step', step: name, at: at(text, law) }

describe('one letter with a withdrawal that also says stop', () => {
  const letter = at('2026-12-05T11:00')
  const withdrawal = receive(RU, 'withdrawal', letter)
  const stop = receive(RU, 'stop-processing', letter)

  it('starts both clocks, each tracked, and the earliest is the plan’s', () => {
    expect(day(track(withdrawal, 'withdrawal').planned)).toBe('2027-01-04')
    expect(day(track(withdrawal, 'withdrawal').outer)).toBe('2027-01-11')
    expect(day(track(stop, 'stop-processing').planned)).toBe('2026-12-18')
    expect(earliest([...withdrawal.tracks, ...stop.tracks])?.planned).toBe(track(stop, 'stop-processing').planned)
  })

  it('is answered by the day the last duty of each is due', () => {
    expect(track(withdrawal, ANSWER).outer).toBe(track(withdrawal, 'withdrawal').outer)
  })
})

describe('a complaint of unlawful processing', () => {
  const received = after(RU, receive(RU, 'unlawful', at('2026-12-21')), step('blocked', '2026-12-21'))

  it('starts the terms of stopping and destroying with the finding, not with the letter', () => {
    expect(received.tracks.map(({ rule }) => rule)).toEqual(['block', 'refusal', ANSWER])
    const found = after(RU, received, step('identity-proved', '2026-12-24'), step('accepted', '2026-12-25'))
    expect(day(track(found, 'unlawful-stop').outer)).toBe('2026-12-30')
    expect(day(track(found, 'unlawful-destroy').outer)).toBe('2027-01-19')
    expect(day(track(found, ANSWER).outer)).toBe('2027-01-19')
  })

  it('is blocked in time at its own moment, and late a moment after', () => {
    expect(track(received, 'block').end).toEqual({ how: 'done', at: at('2026-12-21'), late: false })
    const late = after(RU, receive(RU, 'unlawful', at('2026-12-21')), {
      kind: 'step',
      step: 'blocked',
      at: at('2026-12-21') + 1,
    })
    expect(track(late, 'block').end?.late).toBe(true)
  })
})

describe('an extension', () => {
  const request = receive(RU, 'information', at('2026-12-25'))
  const extension = (rule: string, text: string): Later => ({ kind: 'extended', rule, reason: 'volume', at: at(text) })

  it('is had by a reasoned notice sent before the term ran out, once', () => {
    const longer = after(RU, request, extension('information', '2027-01-19T23:59:59'))
    expect(day(track(longer, 'information').outer)).toBe('2027-01-26')
    expect(advance(RU, longer, extension('information', '2027-01-20'))).toEqual({ ok: false, error: 'extended-before' })
  })

  it('is refused after the term ran out', () => {
    expect(advance(RU, request, extension('information', '2027-01-20'))).toEqual({ ok: false, error: 'too-late' })
  })

  it.each([
    ['withdrawal', 'withdrawal', 'not-extendable'],
    ['inaccuracy', 'correction', 'not-extendable'],
    ['information', 'withdrawal', 'no-such-clock'],
    ['information', ANSWER, 'not-extendable'],
  ] as const)('of a %s’s clock %s is refused: %s', (kind, rule, error) => {
    const one = receive(RU, kind, at('2026-12-25'))
    expect(advance(RU, one, extension(rule, '2026-12-26'))).toEqual({ ok: false, error })
  })
})

describe('a pause', () => {
  it('is refused by 152-FZ, whatever is waited for', () => {
    for (const kind of REQUEST_KINDS) {
      const request = receive(RU, kind, at('2026-11-23'))
      for (const { rule } of request.tracks)
        expect(advance(RU, request, { kind: 'paused', rule, at: at('2026-11-24') })).toEqual({
          ok: false,
          error: 'not-pausable',
        })
    }
  })

  it('lets a clock of the GDPR stand still by whole days, and nothing else', () => {
    const request = receive(EU, 'information', at('2026-11-23', EU))
    const paused = after(EU, request, { kind: 'paused', rule: 'information', at: at('2026-11-25', EU) })
    expect(escalationDue(track(paused, 'information'), at('2027-06-01', EU))).toBeNull()
    expect(advance(EU, paused, { kind: 'paused', rule: 'information', at: at('2026-11-26', EU) })).toEqual({
      ok: false,
      error: 'paused',
    })
    const on = after(EU, paused, { kind: 'resumed', rule: 'information', at: at('2026-12-01T15:00', EU) })
    expect(day(track(on, 'information').outer, EU)).toBe('2026-12-29')
    expect(advance(EU, on, { kind: 'resumed', rule: 'information', at: at('2026-12-02', EU) })).toEqual({
      ok: false,
      error: 'not-paused',
    })
    expect(advance(EU, request, { kind: 'paused', rule: 'refusal', at: at('2026-11-25', EU) })).toEqual({
      ok: false,
      error: 'not-pausable',
    })
  })
})

describe('a refusal', () => {
  const request = receive(RU, 'information', at('2026-11-23'))

  it('within the term ends every clock in time', () => {
    const refused = after(RU, request, step('rejected', '2026-12-01'), step('refused', '2026-12-04T23:59'))
    expect(refused.tracks.map(({ rule, end }) => [rule, end?.how, end?.late])).toEqual([
      ['refusal', 'refused', false],
      ['information', 'refused', false],
      [ANSWER, 'refused', false],
    ])
  })

  it('after the term is late, and says so of each clock', () => {
    const refused = after(RU, request, step('rejected', '2026-12-01'), step('refused', '2026-12-08'))
    expect(refused.tracks.every(({ end }) => end?.late === true)).toBe(true)
  })
})

describe('an erasure', () => {
  const letter = at('2026-11-23T12:00')
  const blocked = after(RU, receive(RU, 'erasure', letter), step('blocked', '2026-11-23T12:00'))
  const accepted = after(RU, blocked, step('identity-proved', '2026-11-24'), step('accepted', '2026-11-24'))
  const waiting = after(RU, accepted, { kind: 'step', step: 'stopped', until: at('2026-12-01'), at: at('2026-11-24') })

  it('is destroyed on its day, not before', () => {
    expect(advance(RU, waiting, step('due', '2026-11-30T23:59'))).toEqual({ ok: false, error: 'before-due' })
    expect(after(RU, waiting, step('due', '2026-12-01')).state).toBe('destroying')
  })

  it('that cannot be done in time gets the law’s six months, once', () => {
    const deferred = after(RU, waiting, step('due', '2026-12-01'), step('deferred', '2026-12-01'))
    expect(track(deferred, 'withdrawal').end?.how).toBe('deferred')
    expect(day(track(deferred, 'destroy-late').planned)).toBe('2027-06-01')
    expect(advance(RU, deferred, step('deferred', '2026-12-02'))).toEqual({ ok: false, error: 'not-now' })
  })

  it('shown to be unnecessary has seven working days from the proof', () => {
    const shown = after(RU, blocked, step('shown', '2026-11-25'))
    expect(shown.state).toBe('registered')
    expect(day(track(shown, 'unnecessary-by-proof').outer)).toBe('2026-12-04')
  })
})

describe('escalation', () => {
  it('comes at half, four fifths and the whole of the planned term, each once', () => {
    const request = receive(RU, 'withdrawal', at('2026-11-22'))
    const clock = track(request, 'withdrawal')
    const whole = clock.planned - clock.start
    expect(escalationDue(clock, clock.start + whole / 2 - 1)).toBeNull()
    expect(escalationDue(clock, clock.start + whole / 2)).toBe(50)
    expect(escalationDue(clock, clock.start + 0.9 * whole)).toBe(80)
    expect(nextEscalation(clock)).toBe(clock.start + whole / 2)
    const told = track(after(RU, request, { kind: 'escalated', rule: 'withdrawal', share: 80, at: 0 }), 'withdrawal')
    expect(escalationDue(told, clock.planned - 1)).toBeNull()
    expect(escalationDue(told, clock.planned)).toBe(100)
    expect(nextEscalation({ ...told, told: 100 })).toBeNull()
  })
})

describe('a receipt of a time whose calendar is not out yet', () => {
  const request = receive(RU, 'information', at('2027-12-24'))

  it('is registered all the same, by sooner terms, and counted anew once it is', () => {
    expect(track(request, 'information')).toMatchObject({ counted: false })
    expect(day(track(request, 'information').planned)).toBe('2028-01-03')
    const years = [
      ...(RU.calendar?.years ?? []),
      { year: 2028, basis: {}, off: ['01-03', '01-04', '01-05', '01-06', '01-07'], work: [] },
    ]
    const known = { ...RU, calendar: { id: 'ru', years } }
    const counted = after(known, request, { kind: 'recounted', at: at('2027-12-28') })
    expect(day(track(counted, 'information').outer)).toBe('2028-01-17')
    expect(counted.tracks.every((one) => one.counted)).toBe(true)
  })
})

describe('a request on its way to a destruction', () => {
  it.each(['erasure', 'withdrawal', 'unlawful'] as const)('of kind %s can be given back to who decides', (kind) => {
    const begun = receive(RU, kind, at('2026-06-01'))
    for (const state of ['stopping', 'destroying'] as const) {
      const going: Request = { ...begun, state, until: at('2026-07-01'), doomed: ['contact'] }
      expect(after(RU, going, { kind: 'reopened', at: 0 })).toEqual({
        ...begun,
        state: 'deciding',
        until: null,
        doomed: null,
      })
    }
    expect(advance(RU, begun, { kind: 'reopened', at: 0 }).ok).toBe(false)
  })

  it('is no request that only stops something, nor one that staff move on', () => {
    const stop = receive(RU, 'stop-processing', at('2026-06-01'))
    expect(advance(RU, { ...stop, state: 'stopping' }, { kind: 'reopened', at: 0 }).ok).toBe(false)
    const unlawful = receive(RU, 'unlawful', at('2026-06-01'))
    expect(advance(RU, { ...unlawful, state: 'mending' }, { kind: 'reopened', at: 0 }).ok).toBe(false)
  })
})

describe('the fold', () => {
  it('gives the same request for the same events, whatever happened', () => {
    const kinds = fc.constantFrom(...REQUEST_KINDS)
    fc.assert(
      fc.property(kinds, fc.array(fc.tuple(fc.nat(), fc.nat({ max: 9 })), { maxLength: 20 }), (kind, choices) => {
        let request = receive(RU, kind, at('2026-06-01'))
        const events: RequestEvent[] = [{ kind: 'received', request: kind, at: at('2026-06-01') }]
        let now = at('2026-06-01')
        for (const [choice, days] of choices) {
          const steps = stepsFrom(kind, request.state)
          const name = steps[choice % Math.max(1, steps.length)]
          if (name === undefined) break
          now += days * DAY
          const event = eventOf(name, now)
          const next = advance(RU, request, event)
          if (!next.ok) continue
          request = next.value
          events.push(event)
        }
        expect(requestOf(RU, events)).toEqual(request)
        for (const { end, outer, start } of request.tracks) {
          if (end !== null) expect(end.late).toBe(outer === start ? end.at > outer : end.at >= outer)
        }
      }),
    )
  })

  it('rejects events that are no request’s', () => {
    expect(() => requestOf(RU, [])).toThrow(TypeError)
    expect(() =>
      requestOf(RU, [{ kind: 'received', request: 'information', at: 0 }, step('answered', '2026-11-23')]),
    ).toThrow(/not-now/)
  })
})
