import { describe, expect, it } from 'vitest'
import type { Facts } from '../../base/index.ts'
import type { Policy } from '../policy.ts'
import { consent, customer, DAY, netrack, NOW } from '../testing/netrack.ts'
import { variant, withPurpose, withRules } from '../testing/variant.ts'
import { consentsNeeded } from './consents.ts'
import { PeopleTally } from './people.ts'

const policy = netrack()
const MARKETING = 'marketing'
const holder = customer({ consents: [consent(MARKETING)] })

function needed(after: Policy, facts: Facts = holder, given: Policy = policy) {
  return consentsNeeded(policy, after, () => given, facts, NOW)
}

function withDocument(words: string): Policy {
  const forms = [...policy.forms].map(([id, form]) => {
    const consents = form.consents.map((one) =>
      one.purpose === MARKETING ? { ...one, document: { ru: words, en: words } } : one,
    )
    return [id, { ...form, consents }] as const
  })
  return variant(policy, { forms: new Map(forms) })
}

function tally(after: Policy, ...people: readonly Facts[]) {
  const counted = new PeopleTally(policy, after, () => policy, NOW)
  for (const facts of people) counted.add(facts)
  return counted.result()
}

describe('a consent to be asked for again', () => {
  it('is none where nothing of it changed', () => {
    expect(needed(policy)).toEqual([])
  })

  it('is one whose document is another, also where the version it was given under is older than the one in force', () => {
    const expected = [{ purpose: MARKETING, entity: 'start', reasons: ['document'] }]
    expect(needed(withDocument('иной'))).toEqual(expected)
    expect(needed(policy, holder, withDocument('старый'))).toEqual(expected)
  })

  it('is one whose purpose means something else, or that would open more than it did', () => {
    expect(needed(withPurpose(policy, MARKETING, { plain: { ru: 'x', en: 'x' } }))[0]?.reasons).toEqual(['meaning'])
    const wider = withRules(policy, (rule) =>
      'only' in rule.purposes && rule.purposes.only.includes(MARKETING) ? { ...rule, data: { except: [] } } : rule,
    )
    expect(needed(wider)[0]?.reasons).toEqual(['scope'])
  })

  it('is none where the policy only permits less, asks no consent any more, or knows the entity no more', () => {
    expect(needed(withRules(policy, (rule) => (rule.effect === 'permit' ? null : rule)))).toEqual([])
    expect(needed(withPurpose(policy, MARKETING, { grounds: ['contract'] }))).toEqual([])
    const moved = variant(policy, { entities: new Map([...policy.entities].filter(([id]) => id !== 'start')) })
    expect(needed(moved)).toEqual([])
  })

  it('is none for whom it has ended', () => {
    const after = withDocument('иной')
    expect(needed(after, customer({ consents: [consent(MARKETING, 'start', NOW - 1)] }))).toEqual([])
    expect(needed(after, { ...holder, state: 'destroying' })).toEqual([])
  })

  it('is a new one where a purpose rested on the contract and now does not', () => {
    const onConsent = withPurpose(policy, 'identification', { grounds: ['consent'] })
    expect(needed(onConsent, customer())).toEqual([
      { purpose: 'identification', entity: 'start', reasons: ['new-ground'] },
    ])
    expect(needed(onConsent, customer({ contracts: [] }))).toEqual([])
    expect(needed(onConsent, customer({ consents: [consent('identification')] }))).toEqual([])
    expect(needed(withPurpose(policy, 'identification', { grounds: ['consent', 'contract'] }), customer())).toEqual([])
  })
})

describe('people under another policy', () => {
  it('are not affected by the policy they have', () => {
    expect(tally(policy, holder, customer())).toEqual({
      people: 2,
      consentAgain: 0,
      consents: [],
      losingData: 0,
      data: [],
      contracts: [],
    })
  })

  it('are counted once, however many consents they are asked for', () => {
    const both = customer({ consents: [consent(MARKETING), consent(MARKETING, 'solutions')] })
    expect(tally(withDocument('иной'), both, holder)).toMatchObject({
      people: 2,
      consentAgain: 2,
      consents: [
        { purpose: MARKETING, entity: 'solutions', people: 1 },
        { purpose: MARKETING, entity: 'start', people: 2 },
      ],
    })
  })

  it('lose at once what only a ground kept that is gone', () => {
    const nothing = withRules(variant(policy, { retention: [] }), () => null)
    const { losingData, data } = tally(nothing, customer(), customer({ held: ['identity'] }))
    expect(losingData).toBe(2)
    expect(data.find(({ compartment }) => compartment === 'identity')).toMatchObject({
      day: '2026-11-23',
      atOnce: true,
      people: 2,
    })
    expect(data.every(({ people }) => people > 0)).toBe(true)
  })

  it('lose later what a shorter term keeps less long, on the first day it does not', () => {
    const ended = customer({
      contracts: [{ id: 'c', entity: 'start', service: 'dedicated-server', since: NOW - 9 * DAY, endedAt: NOW - DAY }],
    })
    const shorter = variant(policy, {
      retention: policy.retention.map((one) =>
        one.after === null || one.kind !== 'contract'
          ? one
          : { ...one, after: { term: { years: 1, months: 0, days: 0 }, from: 'event' as const } },
      ),
    })
    const { data } = tally(shorter, ended)
    // The contract ended on 22 November 2026 in the operator's zone: the term's last day is a year later.
    expect(data.find(({ compartment }) => compartment === 'payment')).toMatchObject({
      day: '2027-11-23',
      atOnce: false,
    })
  })

  it('lose nothing that no policy kept', () => {
    const gone = customer({ contracts: [], consents: [] })
    expect(
      tally(
        withRules(variant(policy, { retention: [] }), () => null),
        gone,
      ).data,
    ).toEqual(
      // Evidence of consents whose end is unknown is kept by the policy rather than lost.
      [{ compartment: 'consent', day: '2026-11-23', atOnce: true, people: 1 }],
    )
  })

  it('have contracts of a service that is gone', () => {
    const none = variant(policy, { services: new Map() })
    expect(tally(none, customer(), customer()).contracts).toEqual([
      { service: 'dedicated-server', entity: 'start', people: 2 },
    ])
  })
})
