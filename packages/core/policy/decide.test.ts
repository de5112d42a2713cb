import { describe, expect, it } from 'vitest'
import type { AgeBand, Facts, RepresentativeKind } from '../base/index.ts'
import { decide } from './decide.ts'
import type { Act, Reason } from './decision.ts'
import { act, consent, customer, DAY, netrack, NOW } from './testing/netrack.ts'

const policy = netrack()

/** given facts | when act | then reasons (`rule` permits) and one clause that must be named. */
type Case = readonly [
  clause: string,
  words: string,
  fields: readonly string[],
  facts: Facts | null,
  then: Reason,
  change?: Partial<Act>,
]

const unconfirmed = customer({ confirmedAt: null })
const stale = customer({ confirmedAt: null, collectedAt: NOW - 30 * DAY })
const blocked = customer({ blocked: { since: NOW - DAY, reason: 'inaccuracy' } })
const registered = customer({
  contracts: [{ id: 'a', entity: 'start', service: 'account', since: NOW - DAY, endedAt: null }],
})
const ended = customer({
  contracts: [{ id: 'c1', entity: 'start', service: 'dedicated-server', since: NOW - 5 * DAY, endedAt: NOW - DAY }],
})
const gone = customer({ held: [], contracts: [] })
const minor = customer({ age: 'minor' })
const all = [...policy.compartments.keys()]
const contract = (service: string): Facts['contracts'][number] => {
  return { id: 'c2', entity: 'start', service, since: NOW - DAY, endedAt: null }
}
const domain = customer({ held: all, contracts: [contract('domain-name')], consents: [consent('domain-registration')] })
const published = { ...domain, consents: [consent('publication')] }
const colocated = customer({ held: all, contracts: [contract('co-location')] })
function represented(kind: RepresentativeKind, age: AgeBand = 'minor'): Facts {
  return customer({ age, representatives: [{ id: 'r1', kind, since: NOW - DAY, until: null }] })
}
const to = (recipient: string): Partial<Act> => ({ recipient })
const as = (name: string): Partial<Act> => ({ actor: { kind: 'representative', name } })
const name = ['surname', 'given-name', 'patronymic']

const CASES: readonly Case[] = [
  // 0.4, 1.1: collection by the person's own conduct
  ['0.4', 'subject collect identification', ['surname', 'email'], null, 'rule'],
  ['2.1', 'subject collect performance', ['tax-id'], customer({ held: [] }), 'rule'],
  ['2.1', 'billing collect payment', ['bank-account'], null, 'no-rule'],
  // 1.2: unconfirmed data
  ['2.2.1', 'site extract identification', ['surname', 'email', 'phone'], unconfirmed, 'rule'],
  ['2.2.1', 'delivery extract delivery', ['postal-address', 'phone'], unconfirmed, 'rule'],
  ['5.2', 'support clarify:update rights', ['email'], unconfirmed, 'rule'],
  ['2.2.5', 'dpo extract legal', ['bank-account'], unconfirmed, 'rule'],
  ['5.3', 'subject extract rights', ['bank-account'], unconfirmed, 'rule'],
  ['1.2', 'billing extract payment', ['bank-account'], unconfirmed, 'not-confirmed'],
  ['1.2', 'provisioning extract performance', ['access-addresses'], unconfirmed, 'not-confirmed'],
  ['1.2', 'projection anonymise research', ['postal-address'], unconfirmed, 'not-confirmed'],
  ['1.2', 'newsletter use marketing', ['email'], { ...unconfirmed, consents: [consent('marketing')] }, 'not-confirmed'],
  [
    '1.2',
    'personaliser use personalisation',
    ['given-name'],
    { ...unconfirmed, consents: [consent('personalisation')] },
    'not-confirmed',
  ],
  [
    '1.2',
    'product use improvement',
    ['email'],
    { ...unconfirmed, consents: [consent('improvement')] },
    'not-confirmed',
  ],
  // 1.2: after the term they count as blocked
  ['1.2', 'site extract identification', ['surname'], stale, 'blocked'],
  ['5.1', 'support clarify:update rights', ['email'], stale, 'rule'],
  ['5.3', 'subject extract rights', ['email'], stale, 'rule'],
  ['2.2.1', 'site extract identification', ['surname'], { ...stale, collectedAt: stale.collectedAt + 1 }, 'rule'],
  // 1.2: blocked
  ['1.2', 'site extract identification', ['surname'], blocked, 'blocked'],
  ['1.2', 'delivery use delivery', ['postal-address'], blocked, 'blocked'],
  ['1.2', 'dpo extract rights', ['email'], blocked, 'blocked'],
  ['5.2', 'support clarify:change rights', ['email'], blocked, 'rule'],
  ['5.2', 'subject clarify:update rights', ['email'], blocked, 'rule'],
  ['2.2.5', 'dpo extract legal', ['email'], blocked, 'rule'],
  ['2.2.5', 'dpo block legal', [], blocked, 'rule'],
  ['5.2', 'subject block rights', [], customer({ blocked: { since: NOW, reason: 'subject' } }), 'rule'],
  ['1.2', 'subject block rights', [], customer({ blocked: { since: NOW, reason: 'operator' } }), 'blocked'],
  // 2.1: nothing beyond what is needed
  ['2.1', 'newsletter extract marketing', ['phone'], customer({ consents: [consent('marketing')] }), 'no-rule'],
  ['2.1', 'delivery extract delivery', ['bank-account'], customer(), 'no-rule'],
  ['2.1', 'support extract payment', ['bank-account'], customer(), 'no-rule'],
  ['2.1', 'site store identification', ['surname'], customer(), 'no-rule'],
  ['2.1', 'nobody extract identification', ['surname'], customer(), 'no-rule'],
  ['2.1', 'site extract no-such-purpose', ['surname'], customer(), 'no-rule'],
  ['2.1', 'site extract identification', ['no-such-field'], customer(), 'no-rule'],
  ['2.1', 'site extract identification', ['surname'], customer(), 'no-rule', { entity: 'no-such-entity' }],
  [
    '2.1',
    'site extract identification',
    ['surname'],
    customer(),
    'no-rule',
    { actor: { kind: 'staff', name: 'site' } },
  ],
  // 2.2.1: the party to the contract, and of that very entity
  ['2.2.1', 'billing extract identification', name, registered, 'rule'],
  ['2.2.1', 'site extract identification', name, customer({ contracts: [] }), 'no-ground'],
  ['2.2.1', 'site extract identification', name, customer(), 'no-ground', { entity: 'solutions' }],
  ['2.2.1', 'site extract identification', name, ended, 'no-ground'],
  ['1.1.1', 'billing extract payment', ['bank-bik', 'bank-account'], customer(), 'rule'],
  ['1.1.1', 'billing extract payment', ['bank-bik'], registered, 'no-ground'],
  ['1.1.1', 'delivery extract delivery', ['postal-address'], registered, 'no-ground'],
  ['1.1.2', 'provisioning extract performance', ['technical-contact-name', 'access-addresses'], customer(), 'rule'],
  ['1.1.2', 'provisioning extract performance', ['access-addresses'], registered, 'no-ground'],
  ['1.1.2', 'billing extract payment', ['tax-id'], customer(), 'rule'],
  ['2.2.1', 'support extract identification', ['phone'], customer(), 'ticket-needed', { ticket: false }],
  ['2.2.1', 'support extract identification', ['phone'], customer(), 'rule'],
  // 2.2.2, 2.2.3 and marketing: each on its own consent
  [
    '2.2.2',
    'personaliser extract personalisation',
    ['given-name'],
    customer({ consents: [consent('personalisation')] }),
    'rule',
  ],
  [
    '2.2.2',
    'personaliser extract personalisation',
    ['given-name'],
    customer({ consents: [consent('marketing')] }),
    'no-ground',
  ],
  ['2.2.3', 'product use improvement', ['email'], customer({ consents: [consent('improvement')] }), 'rule'],
  ['2.2.3', 'product use improvement', ['email'], customer(), 'no-ground'],
  ['2.1', 'newsletter use marketing', ['given-name', 'email'], customer({ consents: [consent('marketing')] }), 'rule'],
  ['0.1', 'newsletter use marketing', ['email'], customer(), 'no-ground'],
  [
    '0.1',
    'newsletter use marketing',
    ['email'],
    customer({ consents: [consent('marketing', 'solutions')] }),
    'no-ground',
  ],
  [
    '0.1',
    'newsletter use marketing',
    ['email'],
    customer({ consents: [consent('marketing', 'start', NOW)] }),
    'no-ground',
  ],
  // 2.2.4: research on anonymised data only
  ['2.2.4', 'projection anonymise research', ['postal-address'], customer(), 'rule'],
  ['2.2.4', 'projection extract research', ['postal-address'], customer(), 'anonymised-only'],
  ['2.2.4', 'dpo extract research', ['surname'], customer(), 'anonymised-only'],
  // 2.2.5: the law
  ['2.2.5', 'dpo extract legal', ['bank-account', 'surname'], ended, 'rule'],
  ['2.2.5', 'dpo extract legal', ['surname'], customer(), 'ticket-needed', { ticket: false }],
  ['2.1', 'support extract legal', ['surname'], customer(), 'no-rule'],
  // 3.1, 5.2: what the person closed
  [
    '3.1',
    'site extract identification',
    ['phone'],
    customer({ closed: { phone: ['identification'] } }),
    'closed-by-subject',
  ],
  [
    '5.2',
    'site extract identification',
    ['surname', 'phone'],
    customer({ closed: { phone: ['*'] } }),
    'closed-by-subject',
  ],
  ['2.2.1', 'site extract identification', ['phone'], customer({ closed: { phone: ['delivery'] } }), 'rule'],
  ['2.2.5', 'dpo extract legal', ['phone'], customer({ closed: { phone: ['*'] } }), 'rule'],
  ['5.2', 'support clarify:update rights', ['phone'], customer({ closed: { phone: ['*'] } }), 'rule'],
  ['5.2', 'subject extract rights', ['phone'], customer({ closed: { phone: ['*'] } }), 'rule'],
  // 3.1, 3.2.1: no third party without a norm
  ['3.2.1', 'dpo transfer:provide legal', ['surname'], customer(), 'rule', to('tax-service')],
  ['3.2.1', 'dpo transfer:access legal', ['surname'], customer(), 'rule', to('court')],
  ['3.2.1', 'dpo transfer:provide legal', ['surname'], customer(), 'wrong-recipient'],
  ['3.2.1', 'dpo transfer:provide legal', ['surname'], customer(), 'wrong-recipient', to('courier')],
  ['3.2.1', 'dpo transfer:provide legal', ['surname'], customer(), 'wrong-recipient', to('nobody-declared')],
  ['3.2.1', 'dpo transfer:provide legal', ['surname'], customer(), 'ticket-needed', { ...to('court'), ticket: false }],
  ['3.2.1', 'billing transfer:provide payment', ['surname'], customer(), 'no-norm'],
  ['3.2.1', 'dpo transfer:access rights', ['surname'], customer(), 'no-norm'],
  ['3.1', 'dpo transfer:disseminate legal', ['surname'], customer(), 'no-norm'],
  // note.1: from one of the two entities to the other
  ['note.1', 'dpo transfer:provide legal', ['surname'], customer(), 'rule', to('solutions')],
  ['3.2.1', 'dpo transfer:provide legal', ['surname'], customer(), 'wrong-recipient', to('start')],
  ['note.1', 'delivery transfer:provide delivery', ['phone'], customer(), 'no-norm', to('solutions')],
  ['3.2.1', 'delivery transfer:provide delivery', ['phone'], customer(), 'no-norm', to('start')],
  // 2.1, 3.1: processors, for what they are there for
  ['2.2.1', 'delivery transfer:provide delivery', ['postal-address', 'phone'], customer(), 'rule', to('courier')],
  ['1.1.1', 'delivery transfer:provide delivery', ['phone'], unconfirmed, 'not-confirmed', to('courier')],
  ['1.1.1', 'delivery transfer:provide delivery', ['phone'], customer(), 'wrong-recipient', to('payment-provider')],
  ['2.1', 'delivery transfer:provide delivery', ['bank-account'], customer(), 'no-rule', to('courier')],
  ['3.2.1', 'delivery transfer:provide delivery', ['phone'], customer(), 'no-norm', to('tax-service')],
  ['2.1', 'provisioning transfer:provide performance', ['phone'], customer(), 'rule', to('message-gateway')],
  ['0.1', 'newsletter transfer:provide marketing', ['email'], customer(), 'no-ground', to('message-gateway')],
  ['1.1.2', 'provisioning transfer:provide performance', ['visitor-name'], colocated, 'rule', to('data-centre')],
  // 3.2, 0.5: a third party, on a consent of its own
  ['3.1', 'provisioning transfer:provide domain-registration', ['registrant-name'], domain, 'rule', to('registrar')],
  [
    '3.2.1',
    'provisioning transfer:provide domain-registration',
    ['registrant-name'],
    { ...domain, consents: [] },
    'no-norm',
    to('registrar'),
  ],
  ['3.1', 'provisioning transfer:provide domain-registration', ['surname'], domain, 'no-rule', to('registrar')],
  [
    '3.1',
    'provisioning transfer:provide domain-registration',
    ['domain-names'],
    domain,
    'wrong-recipient',
    to('licensor'),
  ],
  ['2.1', 'provisioning extract domain-registration', ['registrant-name'], domain, 'no-rule'],
  // 3.1: opened to everyone by the person alone, and only what they did not close again
  ['3.1', 'provisioning transfer:disseminate publication', ['registrant-name'], published, 'rule'],
  ['3.1', 'provisioning transfer:disseminate publication', ['registrant-name'], domain, 'no-ground'],
  ['3.1', 'provisioning transfer:disseminate publication', ['registrant-address'], published, 'no-rule'],
  [
    '3.1',
    'provisioning transfer:disseminate publication',
    ['registrant-email'],
    { ...published, closed: { 'registrant-email': ['publication'] } },
    'closed-by-subject',
  ],
  ['3.1', 'provisioning transfer:disseminate performance', ['registrant-name'], published, 'no-norm'],
  // 1.2: minors and who acts for a person
  ['1.2', 'subject collect identification', ['surname'], minor, 'no-representative'],
  ['1.2', 'subject collect rights', ['surname'], minor, 'no-representative'],
  ['1.2', 'billing extract payment', ['bank-account'], minor, 'no-representative'],
  ['1.2', 'newsletter use marketing', ['email'], { ...minor, consents: [consent('marketing')] }, 'no-representative'],
  ['5.3', 'subject extract rights', ['surname'], minor, 'rule'],
  ['2.2.5', 'dpo extract legal', ['surname'], minor, 'rule'],
  ['2.1', 'subject collect identification', ['surname'], represented('parent'), 'rule'],
  ['1.1.1', 'billing extract payment', ['bank-account'], represented('guardian'), 'rule'],
  ['1.2', 'billing extract payment', ['bank-account'], represented('attorney'), 'no-representative'],
  ['1.2', 'representative collect identification', ['surname'], represented('parent'), 'rule'],
  ['1.2', 'representative extract rights', ['surname'], represented('parent'), 'rule'],
  ['1.2', 'representative extract rights', ['surname'], represented('parent', 'adult'), 'no-representative'],
  ['1.2', 'representative extract rights', ['surname'], represented('attorney', 'adult'), 'rule'],
  ['1.2', 'representative extract rights', ['surname'], customer(), 'no-representative'],
  ['1.2', 'representative extract rights', ['surname'], represented('parent'), 'rule', as('r1')],
  ['1.2', 'representative extract rights', ['surname'], represented('parent'), 'no-representative', as('r2')],
  ['2.1', 'representative extract payment', ['bank-account'], represented('parent'), 'no-rule'],
  // 2.2.5: a legal hold
  ['2.2.5', 'dpo store legal', [], customer(), 'rule'],
  ['2.2.5', 'dpo store legal', [], customer(), 'ticket-needed', { ticket: false }],
  ['2.1', 'support store legal', [], customer(), 'no-rule'],
  ['2.1', 'administrator store legal', [], customer(), 'no-rule'],
  ['2.1', 'keeper store legal', [], customer(), 'no-rule'],
  ['2.2.5', 'dpo destroy legal', ['postal-address'], { ...ended, hold: NOW }, 'legal-hold'],
  ['2.2.5', 'keeper destroy legal', [], { ...gone, hold: NOW }, 'legal-hold'],
  ['2.2.5', 'subject destroy rights', ['email'], { ...registered, hold: NOW }, 'legal-hold'],
  ['5.1', 'keeper destroy legal', ['postal-address'], { ...ended, hold: null }, 'rule'],
  // 2.2.4, 4: the analyst and the auditor meet no field, the administrator no data
  ['2.2.4', 'analyst anonymise research', [], customer(), 'rule'],
  ['2.1', 'analyst anonymise research', ['postal-address'], customer(), 'no-rule'],
  ['2.2.4', 'analyst extract research', ['postal-address'], customer(), 'anonymised-only'],
  ['2.1', 'auditor extract legal', ['surname'], customer(), 'no-rule'],
  ['2.1', 'administrator extract legal', ['surname'], customer(), 'no-rule'],
  // 5: rights
  ['5.2', 'subject clarify:change rights', [], customer(), 'rule'],
  ['5.2', 'site clarify:update rights', ['email'], customer(), 'rule'],
  ['5.2', 'site clarify:update rights', ['email'], customer({ proved: [] }), 'not-proved'],
  ['5.3', 'dpo extract rights', ['consent-records', 'surname'], customer(), 'rule'],
  ['5.4', 'support use rights', ['email'], customer(), 'rule'],
  ['5.4', 'support use rights', ['email'], customer(), 'ticket-needed', { ticket: false }],
  // 5.1, 5.2.1: destruction of what nothing keeps
  ['5.2.1', 'subject destroy rights', ['email', 'surname'], registered, 'rule'],
  ['5.1', 'dpo destroy legal', ['postal-address'], ended, 'rule'],
  ['5.2.1', 'subject destroy rights', ['postal-address'], customer(), 'contract-in-force'],
  ['2.2.5', 'dpo destroy legal', ['surname'], ended, 'retained'],
  ['2.2.5', 'subject destroy rights', [], ended, 'retained'],
  ['2.1', 'support destroy rights', ['postal-address'], ended, 'no-rule'],
]

describe('the decision over the shipped policy', () => {
  for (const [i, [clause, words, fields, facts, then, change]] of CASES.entries()) {
    it(`${i}: clause ${clause}: ${words} of ${fields.join(', ') || 'the person'}: ${then}`, () => {
      const decision = decide(policy, act(words, fields, change), facts)
      expect(decision.causes.map(({ reason }) => reason)).toContain(then)
      expect(decision.effect).toBe(then === 'rule' ? 'permit' : 'refuse')
      if (then !== 'contract-in-force') expect(decision.clauses).toContain(clause)
      expect(decision.policy).toBe(policy.id)
    })
  }

  it('names the article of law that keeps the data', () => {
    const decision = decide(policy, act('dpo destroy legal', ['surname']), ended)
    expect(decision.clauses).toContain('ст. 29 402-ФЗ, пп. 8 п. 1 ст. 23 НК РФ')
    expect(decision.until).toBe(Date.UTC(2029, 10, 22, 21))
  })

  it('answers alike for an unknown person, a destroyed one, one being destroyed, and data that were never there', () => {
    const ask = act('site extract identification', ['email'])
    const answers = [
      null,
      customer({ state: 'destroyed' }),
      customer({ state: 'destroying' }),
      customer({ held: ['identity'] }),
      customer({ dying: ['contact'] }),
      customer({ held: [], blocked: { since: NOW, reason: 'operator' }, confirmedAt: null }),
    ].map((facts) => JSON.stringify(decide(policy, ask, facts)))
    expect(new Set(answers).size).toBe(1)
    expect(answers[0]).toContain('no-live-data')
  })

  it('tells who may not act at all nothing of the person', () => {
    const ask = act('support extract payment', ['bank-account'])
    const withoutTicket = act('support extract identification', ['email'], { ticket: false })
    for (const question of [ask, withoutTicket]) {
      const answers = [null, customer(), blocked, stale, customer({ state: 'destroyed' })].map((facts) =>
        JSON.stringify(decide(policy, question, facts)),
      )
      expect(new Set(answers).size).toBe(1)
    }
  })

  it('refuses to write into a compartment that is being destroyed', () => {
    const ask = act('subject clarify:update rights', ['email'])
    expect(decide(policy, ask, customer({ dying: ['contact'] })).causes[0]?.reason).toBe('no-live-data')
    expect(
      decide(policy, act('subject collect identification', ['email']), customer({ state: 'destroyed' })).effect,
    ).toBe('refuse')
  })

  it('permits a supplement of data not held yet', () => {
    expect(
      decide(policy, act('subject clarify:change rights', ['postal-address']), customer({ held: ['contact'] })).effect,
    ).toBe('permit')
  })

  it('refuses the whole act for one refused field, and names that field', () => {
    const decision = decide(
      policy,
      act('site extract identification', ['surname', 'phone']),
      customer({ closed: { phone: ['*'] } }),
    )
    expect(decision.causes).toEqual([
      { reason: 'closed-by-subject', field: 'phone', rule: 'closed', clauses: ['3.1', '5.2'] },
    ])
  })

  it('says from when on it may answer otherwise', () => {
    const read = act('site extract identification', ['surname'])
    expect(decide(policy, read, unconfirmed).until).toBe(unconfirmed.collectedAt + 30 * DAY)
    expect(decide(policy, read, customer()).until).toBeNull()
    const offers = act('newsletter use marketing', ['email'])
    expect(decide(policy, offers, customer({ consents: [consent('marketing', 'start', NOW + DAY)] })).until).toBe(
      NOW + DAY,
    )
    const later = { ...consent('marketing'), since: NOW + DAY }
    expect(decide(policy, offers, customer({ consents: [later] })).until).toBe(NOW + DAY)
  })

  it('never repeats a name that the policy does not know', () => {
    expect(JSON.stringify(decide(policy, act('site extract identification', ['Иванов']), customer()))).not.toContain(
      'Иванов',
    )
  })
})
