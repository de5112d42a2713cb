import { describe, expect, it } from 'vitest'
import { decide } from '../decide.ts'
import { act, consent, customer, netrack, NOW } from '../testing/netrack.ts'
import { netrackTests } from '../testing/netrack-tests.ts'
import type { Case } from './case.ts'
import { explain } from './explain.ts'
import { showExplanation } from './show.ts'
import { waysOut } from './ways-out.ts'

const policy = netrack()
const cases = netrackTests(policy).flatMap(({ name, question }) =>
  question.kind === 'act' ? [[name, { act: question.act, facts: question.facts }] as const] : [],
)

function effect(one: Case): string {
  return decide(policy, one.act, one.facts).effect
}

/** The ways out in English, each as one line. */
function ways(...[one, facts]: readonly [Case['act'], Case['facts']]): readonly string[] {
  return explain(policy, one, facts).otherwise.map((way) => way.map(({ en }) => en).join(' + '))
}

const offers = act('newsletter use marketing', ['email'], { ticket: false })

describe('an explanation', () => {
  it.each(cases)('turns the answer by each way out, and by no part of it: %s', (_, one) => {
    for (const way of waysOut(policy, one)) {
      const after = (changes: typeof way): string => effect(changes.reduce((so, change) => change.apply(so), one))
      expect(after(way)).not.toBe(effect(one))
      for (const left of way) expect(after(way.filter((change) => change !== left))).toBe(effect(one))
    }
  })

  it('tells whoever has no consent that it takes one, for that purpose and that company', () => {
    expect(ways(offers, customer())).toEqual(['a consent to “News and offers” for LLC Start'])
  })

  it('tells together what is needed together', () => {
    const facts = customer({ confirmedAt: null, blocked: { since: NOW, reason: 'unlawful' } })
    expect(ways(offers, facts)).toEqual([
      'the block lifted + confirmation of the data + a consent to “News and offers” for LLC Start',
    ])
  })

  it('tells of a ticket, and that asking for less would do', () => {
    expect(ways(act('support extract identification', ['phone'], { ticket: false }), customer())).toEqual(['a ticket'])
    expect(
      ways(act('newsletter use marketing', ['email', 'phone']), customer({ consents: [consent('marketing')] })),
    ).toEqual(['not asking for “Phone”'])
  })

  it('tells of a permit what would close it, one thing at a time', () => {
    const told = ways(offers, customer({ consents: [consent('marketing')] }))
    expect(told).toContain('withdrawal of the consent to “News and offers” for LLC Start')
    expect(told).toContain('a block (the data are blocked by the operator)')
    expect(told).toContain('the person closing “E-mail” to “News and offers”')
    expect(told.filter((way) => way.includes(' + '))).toEqual([])
  })

  it('tells of data that are kept what keeps them', () => {
    const { rules, clauses, otherwise } = explain(policy, act('keeper destroy legal', ['surname']), customer())
    expect(rules.map(({ id }) => id)).toContain('accounting')
    expect(clauses.find(({ number }) => number === '2.2.5')?.texts['ru']?.text).toContain('российский закон')
    expect(otherwise.map((way) => way.map(({ ru }) => ru))).toEqual([
      ['конец всех договоров и сроков, по которым эти данные хранятся'],
    ])
  })

  it('says so where nothing known of the person changes the answer', () => {
    const explained = explain(policy, act('delivery extract delivery', ['bank-account']), customer())
    expect(explained.otherwise).toEqual([])
    expect(showExplanation(explained, 'ru')).toContain('Что бы ни было известно о человеке, ответ тот же.')
  })

  it('gives every clause in both languages', () => {
    for (const { texts } of explain(policy, offers, customer()).clauses)
      expect(Object.keys(texts)).toEqual(['ru', 'en'])
  })

  it('is soon there for any act', () => {
    const start = process.cpuUsage().user
    for (const [, one] of cases) explain(policy, one.act, one.facts)
    expect((process.cpuUsage().user - start) / cases.length).toBeLessThan(500_000)
  })
})
