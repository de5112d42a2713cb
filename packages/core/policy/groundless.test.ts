import { describe, expect, it } from 'vitest'
import { groundless, lapsed, liveGrounds } from './groundless.ts'
import { consent, customer, DAY, netrack, NOW } from './testing/netrack.ts'

const policy = netrack()
const account = { id: 'c', entity: 'start', service: 'account', since: 0, endedAt: null }

describe('what nothing keeps any more', () => {
  it('is nothing of a person with a contract in force, though no law keeps their account', () => {
    expect(groundless(policy, customer({ contracts: [account], held: ['identity', 'contact'] }), NOW)).toEqual([])
  })

  it('is all but what law keeps once the contract has ended and no consent lives', () => {
    const ended = { ...account, service: 'dedicated-server', endedAt: NOW - DAY }
    const left = groundless(policy, customer({ contracts: [ended] }), NOW)
    expect(left).toContain('contact')
    expect(left).not.toContain('payment')
    expect(left).not.toContain('identity')
  })

  it('is not what a live consent serves, and is once it was withdrawn or has lapsed', () => {
    const of = (consents: readonly ReturnType<typeof consent>[]) =>
      groundless(policy, customer({ contracts: [], held: ['contact'], consents }), NOW)
    expect(of([consent('marketing')])).toEqual([])
    expect(of([consent('marketing', 'start', NOW)])).toEqual(['contact'])
    expect(of([])).toEqual(['contact'])
  })

  it('is what the account of somebody too long away kept, or of somebody who never confirmed, and the policy gives it that term', () => {
    const of = (facts: Parameters<typeof customer>[0], now = NOW) => {
      const held = customer({ held: ['contact'], contracts: [account], consents: [], collectedAt: NOW - DAY, ...facts })
      return [lapsed(policy, held, now), groundless(policy, held, now)]
    }
    const kept = [null, []]
    const [month, year] = [30 * DAY, 365 * DAY]
    expect(of({})).toEqual(kept)
    expect(of({ confirmedAt: NOW - DAY }, NOW + 2 * year)).toEqual(kept)
    expect(of({ confirmedAt: NOW - DAY }, NOW + 3 * year)).toEqual(['idle', ['contact']])
    // A word of the person, whatever it is, and a contract that keeps data for good.
    for (const said of [{ seenAt: NOW }, { reviewedAt: NOW }, { contracts: [{ ...account, since: NOW + 1 }] }])
      expect(of({ confirmedAt: NOW - DAY, ...said }, NOW + 3 * year - 1)).toEqual(kept)
    const paid = { ...account, id: 'p', service: 'dedicated-server' }
    expect(of({ confirmedAt: NOW - DAY, contracts: [account, paid] }, NOW + 9 * year)).toEqual(kept)
    expect(of({ confirmedAt: null }, NOW + 5 * month)).toEqual(kept)
    expect(of({ confirmedAt: null }, NOW + 6 * month)).toEqual(['unconfirmed', ['contact']])
    // A consent keeps what serves it.
    expect(of({ confirmedAt: null, consents: [consent('marketing')] }, NOW + 6 * month)[1]).toEqual([])
  })

  it('tells what a compartment is still held for', () => {
    const facts = customer({ contracts: [account], consents: [consent('marketing')] })
    expect(liveGrounds(policy, facts, 'contact', NOW).map(({ purpose, kind }) => `${purpose} ${kind}`)).toEqual([
      'identification contract',
      'delivery contract',
      'payment contract',
      'performance contract',
      'marketing consent',
    ])
  })
})
