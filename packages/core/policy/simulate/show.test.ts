import { describe, expect, it } from 'vitest'
import { consent, customer, act, netrack, NOW } from '../testing/netrack.ts'
import { variant, withRules } from '../testing/variant.ts'
import { breaksBetween } from './breaks.ts'
import { dayRange } from './day-range.ts'
import { PeopleTally } from './people.ts'
import { Replay } from './replay.ts'
import type { SimulationReport } from './report.ts'
import { showSimulation } from './show.ts'

const policy = netrack()

function reportOf(after: typeof policy): SimulationReport {
  const replay = new Replay(after)
  replay.add({
    act: act('billing extract identification', ['surname']),
    at: NOW,
    effect: 'permit',
    facts: customer(),
    person: 0,
    before: policy,
  })
  const people = new PeopleTally(policy, after, () => policy, NOW)
  people.add(customer({ consents: [consent('marketing')] }))
  const counts = { entries: 1, otherEntries: 0, untied: 0, versions: [{ version: 'old@1', decisions: 1, kept: false }] }
  const { from, to } = dayRange('Europe/Moscow', '2026-11-23')!
  return {
    before: policy.id,
    after: after.id,
    zone: 'Europe/Moscow',
    from,
    to,
    ...counts,
    replayed: replay.result(),
    breaks: breaksBetween(policy, after),
    people: people.result(),
  }
}

describe('a simulation in words', () => {
  const nothing = variant(
    withRules(policy, () => null),
    { forms: new Map(), services: new Map(), retention: [] },
  )

  it('tells in both languages what would change, for how many, and by which clauses', () => {
    const report = reportOf(nothing)
    const [ru, en] = [showSimulation(report, 'ru'), showSimulation(report, 'en')]
    for (const text of [ru, en]) {
      for (const name of [
        'service billing',
        'surname',
        'form',
        'dedicated-server',
        'identity',
        '2026-11-23',
        'old@1',
      ]) {
        expect(text).toContain(name === 'form' ? 'registration' : name)
      }
    }
    expect(ru).toContain('1 разрешений стали бы отказами')
    expect(en).toContain('1 permits would be refusals')
    expect(en).not.toMatch(/[а-я]/)
  })

  it('says so where nothing would', () => {
    expect(showSimulation(reportOf(policy), 'en').match(/^ {2}nothing$/gm)).toHaveLength(4)
  })
})

describe('the instants of a day', () => {
  it('are those of the wall of the zone', () => {
    expect(dayRange('Europe/Moscow', '2026-11-23')).toEqual({
      from: Date.UTC(2026, 10, 22, 21),
      to: Date.UTC(2026, 10, 23, 21),
    })
  })

  it.each(['2026-02-30', '23.11.2026', ''])('are none of %j', (text) => {
    expect(dayRange('Europe/Moscow', text)).toBeNull()
  })
})
