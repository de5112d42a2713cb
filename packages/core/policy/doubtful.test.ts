import { describe, expect, it } from 'vitest'
import { legalProfile } from '../base/index.ts'
import { legalReport } from './legal/index.ts'
import { doubtful, dueForReview } from './doubtful.ts'
import { excess, unlisted } from './excess.ts'
import type { Policy } from './policy.ts'
import { customer, DAY, netrack, NOW } from './testing/netrack.ts'

const policy = netrack()
const kinds = (facts: Parameters<typeof customer>[0]): readonly string[] =>
  doubtful(policy, customer({ held: ['contact', 'identity'], ...facts }), NOW).map(({ kind, field, compartment }) =>
    [kind, field ?? compartment].filter(Boolean).join(' '),
  )
const campaignOf = ({ campaigns }: Policy) => {
  const [first] = campaigns.values()
  if (first === undefined) throw new Error('the bundle has no campaign')
  return first
}
const fresh = { collectedAt: NOW - DAY, confirmedAt: NOW - DAY, proved: ['email', 'phone'] }

describe('data that should be looked at', () => {
  it('are none of somebody new, whatever is not proved or confirmed yet', () => {
    expect(kinds(fresh)).toEqual([])
    expect(kinds({ ...fresh, confirmedAt: null, proved: [] })).toEqual([])
  })

  it('are what no open form collects', () => {
    expect(kinds({ ...fresh, held: ['contact', 'former'] })).toEqual(['not-collected former'])
  })

  it('are single fields that nothing asks for, though the rest of their compartment is asked for', () => {
    const contact = ['email', 'phone']
    const fields = { contact, identity: ['given-name', 'maiden-name', 'surname'] }
    expect(kinds({ ...fresh, fields })).toEqual(['not-collected maiden-name'])
    expect(kinds({ ...fresh, fields: { contact, identity: ['given-name'] } })).toEqual([])
    // Nobody knows which fields it holds.
    expect(kinds({ ...fresh, fields: { contact } })).toEqual([])
    expect(unlisted(customer({ held: ['contact', 'identity'], fields: { contact } }))).toEqual(['identity'])
    // Of a compartment that the policy knows no more each by itself: no act destroys what has no name.
    const former = { ...fresh, held: ['contact', 'former'], fields: { contact, former: ['a', 'b'] } }
    expect(kinds(former)).toEqual(['not-collected a', 'not-collected b'])
  })

  it('are fields of an ended campaign, but not while what it began is in force, or the law keeps their compartment', () => {
    const forms = [...policy.forms].map(([id, form]) => [id, { ...form, campaign: 'over' }] as const)
    const over: Policy = {
      ...policy,
      forms: new Map(forms),
      campaigns: new Map([['over', { ...campaignOf(policy), ends: NOW - DAY }]]),
    }
    const found = (facts: Parameters<typeof customer>[0]): readonly string[] =>
      excess(over, customer({ held: ['contact'], fields: { contact: ['email', 'phone'] }, ...facts }), NOW).map(
        ({ compartment, field }) => field ?? compartment,
      )
    expect(found({})).toEqual([])
    expect(found({ contracts: [], held: ['delivery'], fields: { delivery: ['address'] } })).toEqual(['delivery'])
    expect(found({ contracts: [], held: ['delivery'], fields: { delivery: ['address'] }, hold: 1 })).toEqual([])
  })

  it('are identifiers that nobody proved in a month, each by itself', () => {
    const since = NOW - 31 * DAY
    expect(kinds({ ...fresh, collectedAt: since, proved: ['email'] })).toEqual(['unproved phone'])
    expect(kinds({ ...fresh, collectedAt: since, proved: ['email', 'phone'] })).toEqual([])
  })

  it('are identifiers at which nobody is', () => {
    expect(kinds({ ...fresh, bounced: ['email'] })).toEqual(['bounced email'])
  })

  it('are those never confirmed for longer than the policy lets them be used', () => {
    expect(kinds({ ...fresh, confirmedAt: null, collectedAt: NOW - 31 * DAY })).toEqual(['unconfirmed'])
  })

  it('are those of which nobody said a word for a year', () => {
    expect(kinds({ ...fresh, collectedAt: NOW - 900 * DAY, confirmedAt: NOW - 400 * DAY })).toEqual(['old'])
    expect(kinds({ ...fresh, collectedAt: 0, confirmedAt: 0, reviewedAt: NOW - DAY })).toEqual([])
  })

  it('are none of somebody who is being destroyed', () => {
    expect(kinds({ ...fresh, collectedAt: 0, state: 'destroying' })).toEqual([])
  })
})

describe('the terms of doubts', () => {
  const since = { collectedAt: NOW - 40 * DAY, confirmedAt: NOW - 40 * DAY, proved: ['email'] }
  const facts = customer({ held: ['contact'], ...since })
  const given = (old: number, unproved: number): readonly string[] => {
    const doubts = { at: policy.operator.at, clauses: [], old: old * DAY, unproved: unproved * DAY, verified: false }
    return doubtful({ ...policy, doubts }, facts, NOW).map(({ kind }) => kind)
  }

  it('are the bundle’s, and of a bundle that gives none a year and 30 days', () => {
    expect([given(41, 41), given(40, 41), given(41, 40)]).toEqual([[], ['old'], ['unproved']])
    expect(doubtful({ ...policy, doubts: null }, facts, NOW).map(({ kind }) => kind)).toEqual(['unproved'])
  })

  it('are asked of a lawyer until the bundle says that they are confirmed', () => {
    const doubts = { at: policy.operator.at, clauses: [], old: 200 * DAY, unproved: 10 * DAY }
    const asked = (verified: boolean): number =>
      legalReport({ ...policy, doubts: { ...doubts, verified } }, legalProfile('ru-152fz')).filter(
        ({ entry }) => entry === 'doubts',
      ).length
    expect([asked(false), asked(true)]).toEqual([1, 0])
  })
})

describe('who is asked by letter whether their data are still right', () => {
  const since = NOW - 400 * DAY
  const silent = customer({ held: ['contact'], collectedAt: since, confirmedAt: since, proved: ['email'] })

  it('is who said nothing for a year, and was not asked within one', () => {
    expect(dueForReview(policy, silent, NOW)).toBe(true)
    expect(dueForReview(policy, { ...silent, reviewAskedAt: NOW - 366 * DAY }, NOW)).toBe(true)
    expect(dueForReview(policy, { ...silent, reviewAskedAt: NOW - 364 * DAY }, NOW)).toBe(false)
    expect(dueForReview(policy, { ...silent, reviewedAt: NOW - DAY }, NOW)).toBe(false)
  })

  it.each([
    ['has no proved mailbox', { proved: ['phone'] }],
    ['has a mailbox at which nobody is', { bounced: ['email'] }],
    ['has their data stopped', { blocked: { since, reason: 'subject' } }],
    ['is being destroyed', { state: 'destroying' }],
  ] as const)('is nobody who %s', (_, facts) => {
    expect(dueForReview(policy, { ...silent, ...facts }, NOW)).toBe(false)
  })
})
