import { describe, expect, it } from 'vitest'
import { contractText, type FormContract, formContract } from './form-contract.ts'
import { checkPolicy } from './check.ts'
import { checkSubmission, type Submission } from './submission.ts'
import { netrack, NOW } from './testing/netrack.ts'
import { variant } from './testing/variant.ts'
import { checkValues } from './value-check.ts'

const policy = netrack()

function contractOf(form: string, now = NOW): FormContract {
  const made = formContract(policy, form, now)
  if (!made.ok) throw new Error(made.error.code)
  return made.value
}

const ORDER: Submission['values'] = {
  surname: 'Мамин-Сибиряк',
  'given-name': 'Анна',
  email: 'anna@example.ru',
  phone: '+7 916 123-45-67',
  'payment-token': 'tok_1f9Kq2Lz8mN4',
  'payment-last4': '4242',
  'technical-contact-name': 'Jane Doe',
  'technical-contact-phone': '+7 495 123-45-67',
}

/** `field code clause` of every problem. */
function problems(form: string, change: Partial<Submission>, now = NOW): readonly string[] {
  const base: Submission = { entity: 'start', values: ORDER, consents: [], age: 'adult' }
  const result = checkSubmission(policy, contractOf(form), { ...base, ...change }, now)
  return result.ok ? [] : result.error.map(({ field, code, clause }) => `${field} ${code} ${clause ?? '-'}`)
}

describe('the collection contract', () => {
  it('says of every mandatory field why, under which clause, in every language', () => {
    for (const form of policy.forms.keys()) {
      const { fields, consents, notice } = contractOf(form)
      for (const { mandatory } of fields) {
        if (mandatory === null) continue
        expect(Object.keys(mandatory.reason).sort()).toEqual(['en', 'ru'])
        expect(policy.texts.get('ru')?.clauses.has(mandatory.clause)).toBe(true)
      }
      expect(Object.keys(notice).sort()).toEqual(['en', 'ru'])
      expect(consents.map(({ preticked }) => preticked)).toEqual(consents.map(() => false))
    }
  })

  it('declares exactly its fields in its schema', () => {
    const { schema, fields } = contractOf('registration')
    expect(schema.additionalProperties).toBe(false)
    expect(Object.keys(schema.properties)).toEqual(fields.map(({ field }) => field))
    expect(schema.required).toEqual(['surname', 'given-name', 'email'])
    expect(schema.properties['email']).toEqual({ type: 'string', minLength: 1, maxLength: 254 })
  })

  it('asks the additional fields of a service with their own clause', () => {
    const order = contractOf('order-dedicated-server')
    const own = order.fields.filter(({ clauses }) => clauses.includes('1.1.2')).map(({ field }) => field)
    expect(own).toEqual(['technical-contact-name', 'technical-contact-phone', 'access-addresses', 'tax-id'])
    expect(order).toMatchObject({
      channel: 'service',
      service: 'dedicated-server',
      ground: 'contract',
      policy: policy.id,
    })
    expect(order.fields.find(({ field }) => field === 'tax-id')?.purposes).toEqual(['payment', 'legal', 'rights'])
  })

  it('has one canonical text, whatever the moment', () => {
    expect(contractText(contractOf('registration', NOW + 1))).toBe(contractText(contractOf('registration')))
  })

  it('ends with its campaign, at midnight of the operator', () => {
    const end = Date.parse('2027-02-01T00:00:00+03:00')
    expect(contractOf('campaign-new-year-2027', end - 1).campaign).toEqual({
      id: 'new-year-2027',
      lastDay: '2027-01-31',
      ends: end,
    })
    expect(formContract(policy, 'campaign-new-year-2027', end)).toMatchObject({
      ok: false,
      error: { code: 'campaign-ended', clause: '0.1' },
    })
    expect(
      problems('campaign-new-year-2027', { values: { email: 'a@example.ru' }, consents: ['marketing'] }, end),
    ).toEqual(['form campaign-ended 0.1'])
    expect(formContract(policy, 'no-such-form', NOW)).toMatchObject({ ok: false, error: { code: 'unknown-form' } })
  })
})

describe('the question of age', () => {
  it('comes with its reason, in every language, in every form', () => {
    for (const form of policy.forms.keys()) {
      const { age } = contractOf(form)
      expect(age?.clause).toBe('1.2')
      for (const words of [age?.question, age?.reason, age?.answers.adult, age?.answers.minor])
        expect(Object.keys(words ?? {}).sort()).toEqual(['en', 'ru'])
    }
  })

  it('need not be answered by whose age is known, and is not asked where no rule depends on it', () => {
    expect(problems('order-dedicated-server', { age: undefined, ageKnown: 'adult' })).toEqual([])
    const careless = variant(policy, {
      age: null,
      rules: policy.rules.filter(({ when }) => when.every(({ is }) => is !== 'minor')),
    })
    const contract = formContract(careless, 'registration', NOW)
    expect(contract).toMatchObject({ ok: true, value: { age: null } })
    if (!contract.ok) return
    const { surname, 'given-name': name, email } = ORDER
    const told = { entity: 'start', values: { surname, 'given-name': name, email }, consents: [], age: 'adult' }
    const judged = checkSubmission(careless, contract.value, told, NOW)
    expect(judged).toMatchObject({ ok: false, error: [{ field: 'age', code: 'undeclared-field', clause: '2.1' }] })
  })

  it('is asked if, and only if, a rule depends on it: else the bundle does not pass its check', () => {
    const unasked = checkPolicy(variant(policy, { age: null }))
    expect(unasked.map(({ message }) => message).join()).toContain("the key 'age' is missing")
    const idle = variant(policy, { rules: policy.rules.filter(({ when }) => when.every(({ is }) => is !== 'minor')) })
    expect(checkPolicy(idle).map(({ message }) => message)).toContainEqual(expect.stringContaining('age is asked'))
  })
})

describe('a submission', () => {
  it('is taken in canonical form, by compartment, with the consents given', () => {
    const result = checkSubmission(
      policy,
      contractOf('order-dedicated-server'),
      { entity: 'start', values: ORDER, consents: ['marketing', 'marketing'], age: 'adult' },
      NOW,
    )
    expect(result).toEqual({
      ok: true,
      value: {
        entity: 'start',
        values: {
          identity: { surname: 'Мамин-Сибиряк', 'given-name': 'Анна' },
          contact: { email: 'anna@example.ru', phone: '+79161234567' },
          payment: { 'payment-token': 'tok_1f9Kq2Lz8mN4', 'payment-last4': '4242' },
          'server-contact': { 'technical-contact-name': 'Jane Doe', 'technical-contact-phone': '+74951234567' },
        },
        consents: ['marketing'],
        age: 'adult',
      },
    })
  })

  it.each<[string, Partial<Submission>, readonly string[]]>([
    ['an undeclared field', { values: { ...ORDER, passport: '4510 123456' } }, ['passport undeclared-field 2.1']],
    [
      'a field of the policy that this form does not ask',
      { values: { ...ORDER, 'contract-numbers': 'D-1' } },
      ['contract-numbers undeclared-field 2.2.1'],
    ],
    [
      'a name of an object’s machinery',
      { values: JSON.parse(JSON.stringify(ORDER).replace('{', '{"__proto__":"x",')) as Submission['values'] },
      ['values undeclared-field 2.1'],
    ],
    ['a missing mandatory field', { values: { ...ORDER, email: undefined } }, ['email missing-field 1.1.1']],
    ['nothing of the age', { age: undefined }, ['age missing-field 1.2']],
    ['an age in years', { age: 34 }, ['age invalid-value 1.2']],
    ['an age that is none of the answers', { age: 'elderly' }, ['age invalid-value 1.2']],
    ['another age than is known', { ageKnown: 'minor' }, ['age invalid-value 1.2']],
    [
      'a blank mandatory field',
      { values: { ...ORDER, 'technical-contact-name': '  ' } },
      ['technical-contact-name missing-field 1.1.2'],
    ],
    ['another entity', { entity: 'other' }, ['entity unknown-entity 0.5']],
    ['a consent it does not ask', { consents: ['research'] }, ['consents.research unknown-purpose 2.1']],
    ['a consent nobody knows', { consents: ['Иванов'] }, ['consents unknown-purpose 2.1']],
    [
      'no payment details',
      { values: { ...ORDER, 'payment-token': null, 'payment-last4': null } },
      ['payment missing-field 1.1.1'],
    ],
    [
      'half of the payment details',
      { values: { ...ORDER, 'payment-last4': '' } },
      ['payment-last4 missing-field 1.1.1'],
    ],
    [
      'both kinds of payment details',
      { values: { ...ORDER, 'bank-bik': '044525225' } },
      ['payment invalid-value 1.1.1'],
    ],
    ['a value that is no text', { values: { ...ORDER, phone: 79161234567 } }, ['phone invalid-value 1.1.1']],
    [
      'a card number',
      { values: { ...ORDER, 'payment-token': '4111111111111111' } },
      ['payment-token card-number 1.1.1'],
    ],
  ])('rejects %s', (_, change, expected) => {
    expect(problems('order-dedicated-server', change)).toEqual(expected)
  })

  it('rejects an account that is not of its bank', () => {
    const { 'payment-token': _, 'payment-last4': __, ...rest } = ORDER
    const bank = { 'bank-bik': '044525225', 'bank-account': '40817810099910004312' }
    const given = problems('order-dedicated-server', { values: { ...rest, ...bank } })
    const digits = Array.from({ length: 10 }, (_, i) => `40817810${i}99910004312`)
    const fitting = digits.filter(
      (account) =>
        problems('order-dedicated-server', { values: { ...rest, ...bank, 'bank-account': account } }).length === 0,
    )
    expect(fitting).toHaveLength(1)
    expect(given).toEqual(fitting.includes(bank['bank-account']) ? [] : ['bank-account invalid-value 1.1.1'])
  })

  it('rejects a form that rests on a consent which is not given', () => {
    expect(problems('campaign-new-year-2027', { values: { email: 'a@example.ru' } })).toEqual([
      'consents.marketing missing-field 0.1',
    ])
    expect(problems('campaign-new-year-2027', { values: { email: 'a@example.ru' }, consents: ['marketing'] })).toEqual(
      [],
    )
  })

  it('rejects a contract of another version of the policy', () => {
    const old = { ...contractOf('registration'), policy: 'netrack@0.9.0' }
    expect(checkSubmission(policy, old, { entity: 'start', values: {}, consents: [] }, NOW)).toMatchObject({
      ok: false,
      error: [{ code: 'snapshot-outdated' }],
    })
  })

  it('never repeats a value in what it says', () => {
    const values = Object.fromEntries(Object.keys(ORDER).map((field) => [field, 'КАНАРЕЙКА <b>\u0000']))
    const result = checkSubmission(
      policy,
      contractOf('order-dedicated-server'),
      { entity: 'КАНАРЕЙКА', values, consents: ['КАНАРЕЙКА'] },
      NOW,
    )
    expect(result.ok).toBe(false)
    expect(JSON.stringify(result)).not.toContain('КАНАРЕЙКА')
  })
})

describe('values outside a form', () => {
  it('are taken for any field that the person provides', () => {
    expect(checkValues(policy, { phone: '8 916 123 45 67', 'tax-id': '7707083893' })).toEqual({
      ok: true,
      value: { contact: { phone: '+79161234567' }, 'server-tax': { 'tax-id': '7707083893' } },
    })
  })

  it.each([
    ['a field nobody declares', { passport: 'x' }, 'passport undeclared-field 2.1'],
    ['a field the operator issues', { 'contract-numbers': 'D-1' }, 'contract-numbers undeclared-field 2.2.1'],
    ['a blank value', { phone: '' }, 'phone missing-field 1.1.1'],
    ['an account without its bank', { 'bank-account': '40817810099910004312' }, 'bank-bik missing-field 1.1.1'],
  ])('reject %s', (_, values, expected) => {
    const result = checkValues(policy, values)
    expect(result.ok ? [] : result.error.map(({ field, code, clause }) => `${field} ${code} ${clause}`)).toContain(
      expected,
    )
  })
})
