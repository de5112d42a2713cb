import { describe, expect, it } from 'vitest'
import type { Facts, Instant } from '../base/index.ts'
import { retained } from './retained.ts'
import { consent, customer, DAY, netrack, NOW } from './testing/netrack.ts'

const policy = netrack()

function ended(endedAt: Instant, change: Partial<Facts> = {}): Facts {
  return customer({
    contracts: [{ id: 'c', entity: 'start', service: 'dedicated-server', since: 0, endedAt }],
    ...change,
  })
}

/** `ground compartment lastDay`, of one ground. */
function rows(facts: Facts, ground: string, now = NOW): readonly string[] {
  return retained(policy, facts, now)
    .filter((row) => row.ground === ground)
    .map(({ compartment, lastDay }) => `${compartment} ${lastDay ?? 'in force'}`)
}

describe('what outlives a purpose', () => {
  it('keeps accounting data until the end of the fifth year after the year of the contract’s end', () => {
    expect(rows(ended(NOW - DAY), 'accounting')).toEqual(['identity 2031-12-31', 'payment 2031-12-31'])
    const [row] = retained(policy, ended(NOW - DAY), NOW).filter(({ ground }) => ground === 'accounting')
    expect(row?.until).toBe(Date.parse('2032-01-01T00:00:00+03:00'))
    expect(row).toMatchObject({
      verified: false,
      inForce: false,
      purposes: ['legal'],
      fields: ['surname', 'given-name', 'patronymic'],
    })
  })

  it('keeps everything held while a legal hold stands, and nothing for it after', () => {
    const held = { ...customer({ contracts: [], held: ['contact', 'server-tax'] }), hold: NOW - DAY }
    const kept = retained(policy, held, NOW)
    expect(kept.map(({ ground, compartment }) => `${ground} ${compartment}`)).toEqual([
      'legal-hold contact',
      'server-hold server-tax',
    ])
    expect(kept.every(({ until, inForce }) => until === null && !inForce)).toBe(true)
    expect(retained(policy, { ...held, hold: null }, NOW)).toEqual([])
  })

  it('counts the year on the operator’s wall, not in UTC', () => {
    const newYear = Date.parse('2026-12-31T21:00:00Z')
    expect(rows(ended(newYear), 'accounting', newYear + DAY)).toEqual(['identity 2032-12-31', 'payment 2032-12-31'])
    expect(rows(ended(newYear - 1), 'accounting', newYear + DAY)).toEqual(['identity 2031-12-31', 'payment 2031-12-31'])
  })

  it('keeps nothing from the instant on at which the term has run out', () => {
    const until = Date.parse('2032-01-01T00:00:00+03:00')
    expect(rows(ended(NOW - DAY), 'accounting', until - 1)).toHaveLength(2)
    expect(rows(ended(NOW - DAY), 'accounting', until)).toEqual([])
  })

  it('keeps what a contract in force needs, with no end', () => {
    const kept = retained(policy, customer(), NOW)
    expect(kept.filter(({ ground }) => ground === 'hosting-client').map(({ compartment }) => compartment)).toEqual([
      'identity',
      'contact',
    ])
    expect(
      kept.every(({ ground, inForce, until }) => ground === 'consent-evidence' || (inForce && until === null)),
    ).toBe(true)
    expect(rows(ended(NOW), 'hosting-client')).toEqual([])
  })

  it('keeps nothing for an account that costs nothing, and nothing of the destroyed, the dying or the never held', () => {
    const account = customer({
      held: ['identity', 'contact'],
      contracts: [{ id: 'a', entity: 'start', service: 'account', since: 0, endedAt: null }],
    })
    expect(retained(policy, account, NOW)).toEqual([])
    expect(retained(policy, customer({ state: 'destroying' }), NOW)).toEqual([])
    expect(rows(customer({ dying: ['payment'] }), 'accounting')).toEqual(['identity in force'])
    expect(rows(customer({ held: ['payment'] }), 'accounting')).toEqual(['payment in force'])
  })

  it('lets the longest of several contracts decide', () => {
    const two = customer({
      contracts: [
        { id: 'a', entity: 'start', service: 'dedicated-server', since: 0, endedAt: Date.UTC(2024, 5, 1) },
        { id: 'b', entity: 'solutions', service: 'dedicated-server', since: 0, endedAt: Date.UTC(2025, 5, 1) },
      ],
    })
    expect(rows(two, 'accounting')[0]).toBe('identity 2030-12-31')
    expect(rows(two, 'limitation')).toEqual(['identity 2028-06-01', 'contract 2028-06-01'])
  })

  it('keeps evidence of consents while one lives and three years after the last one ended', () => {
    expect(rows(customer({ consents: [consent('marketing')] }), 'consent-evidence')).toEqual(['consent in force'])
    expect(rows(customer({ consentEndedAt: NOW - DAY }), 'consent-evidence')).toEqual(['consent 2029-11-22'])
    const lapsed = { ...consent('marketing'), until: NOW - 1 }
    expect(rows(customer({ consents: [lapsed], consentEndedAt: 0 }), 'consent-evidence')).toEqual([
      'consent 2029-11-23',
    ])
    expect(rows(customer({ consentEndedAt: NOW - 1200 * DAY }), 'consent-evidence')).toEqual([])
    expect(rows(customer(), 'consent-evidence')).toEqual(['consent in force'])
  })
})
