import { describe, expect, it } from 'vitest'
import { groundless, liveGrounds } from './groundless.ts'
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
