import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ServiceCaller } from '../guard/caller.ts'
import { asService, asStaff, asSubject, SUPPORT_TICKET } from '../testing/callers.ts'
import { canary, faultOf } from '../testing/fault.ts'
import { EVIDENCE, openTestVault, type TestVault } from '../testing/open-test-vault.ts'
import { confirm, see, seeOwn, someone } from '../testing/people.ts'
import { paper } from '../testing/requests.ts'
import type { Vault } from '../guard/vault.ts'
import { blockPerson, unblockPerson } from './block-person.ts'
import { compareValue } from './compare-value.ts'
import { correctValues } from './correct-values.ts'
import { describePerson } from './describe-person.ts'
import { giveConsent } from './give-consent.ts'
import { decideAccess } from './open-fields.ts'
import { setConfidentiality } from './set-confidentiality.ts'
import { showForm } from './show-form.ts'
import { withdrawConsent } from './withdraw-consent.ts'

const dpo = asStaff('dpo')
const on = (subject: string): { subject: string; entity: string; ticket: string } => ({
  subject,
  entity: 'start',
  ticket: SUPPORT_TICKET,
})

let test: TestVault
let vault: Vault
let newsletter: ServiceCaller
let personaliser: ServiceCaller
let site: ServiceCaller
let delivery: ServiceCaller
beforeAll(async () => {
  test = await openTestVault()
  ;({ vault } = test)
  newsletter = await asService(vault, 'newsletter', ['marketing'])
  personaliser = await asService(vault, 'personaliser', ['personalisation'])
  site = await asService(vault, 'site', ['identification', 'rights'])
  delivery = await asService(vault, 'delivery', ['delivery'])
})
afterAll(() => test.close())

const mail = (subject: string, entity = 'start'): Promise<unknown> =>
  see(vault, newsletter, subject, 'marketing', ['email'], { entity })
const personal = (subject: string): Promise<unknown> => see(vault, personaliser, subject, 'personalisation', ['email'])
const withdraw = (subject: string, purpose: string, entity: string, allEntities = false) =>
  withdrawConsent(vault, asSubject(subject), { subject, entity, purpose, allEntities })

async function give(subject: string, purpose: string, entity: string): Promise<void> {
  const { snapshot } = await showForm(vault, 'registration')
  const request = { subject, entity, purpose, form: 'registration', snapshot, evidence: EVIDENCE }
  expect((await giveConsent(vault, asSubject(subject), request)).decision.effect).toBe('permit')
}

describe('a consent', () => {
  it('opens its own purpose for its own entity and no other', async () => {
    const { subject, email } = await someone(vault, { consents: ['marketing'], confirmed: true })
    expect(await mail(subject)).toEqual({ email })
    expect(await mail(subject, 'solutions')).toBeNull()
    expect(await personal(subject)).toBeNull()
  })

  it('withdrawn closes at once what rested on it, and only that', async () => {
    const { subject, email } = await someone(vault, { consents: ['marketing', 'personalisation'], confirmed: true })
    await give(subject, 'marketing', 'solutions')
    expect(await withdraw(subject, 'marketing', 'start')).toMatchObject({ decision: { effect: 'permit' } })
    expect(await mail(subject)).toBeNull()
    expect(await mail(subject, 'solutions')).toEqual({ email })
    expect(await personal(subject)).toEqual({ email })
    expect(await see(vault, site, subject, 'identification', ['email'])).toEqual({ email })
  })

  it('withdrawn from the brand is withdrawn from every entity', async () => {
    const { subject } = await someone(vault, { consents: ['marketing'], confirmed: true })
    await give(subject, 'marketing', 'solutions')
    await withdraw(subject, 'marketing', 'start', true)
    expect([await mail(subject), await mail(subject, 'solutions')]).toEqual([null, null])
  })

  it('given again opens again, each time with evidence of its own', async () => {
    const { subject, email } = await someone(vault, { consents: ['marketing'], confirmed: true })
    for (let i = 0; i < 3; i++) {
      await withdraw(subject, 'marketing', 'start')
      expect(await mail(subject)).toBeNull()
      await give(subject, 'marketing', 'start')
      expect(await mail(subject)).toEqual({ email })
    }
    const evidence = await see(vault, dpo, subject, 'legal', ['consent-records'], { ticket: SUPPORT_TICKET })
    const records = (evidence?.['consent-records'] ?? []) as string[]
    expect(records).toHaveLength(4)
    for (const record of records) {
      const { purpose, document, address } = JSON.parse(record) as Record<string, string>
      expect([purpose, address]).toEqual(['marketing', '127.0.0.1'])
      const { rows } = await vault.data.query('SELECT FROM document WHERE hash = $1', [
        Buffer.from(document ?? '', 'hex'),
      ])
      expect(rows).toHaveLength(1)
    }
  })

  it('withdrawn that was never given changes nothing and is no fault', async () => {
    const { subject } = await someone(vault, { confirmed: true })
    expect(await withdraw(subject, 'marketing', 'start')).toMatchObject({ decision: { effect: 'permit' } })
    expect(await mail(subject)).toBeNull()
  })

  it('is given and withdrawn by the person alone: another person may not, a service may not', async () => {
    const [anna, boris] = [await someone(vault, { consents: ['marketing'] }), await someone(vault)]
    const request = { subject: anna.subject, entity: 'start', purpose: 'marketing', allEntities: true }
    await faultOf(withdrawConsent(vault, asSubject(boris.subject), request), 'forbidden')
    expect((await withdrawConsent(vault, newsletter, request)).decision.effect).toBe('refuse')
    const { facts } = await describePerson(vault, asSubject(anna.subject), { subject: anna.subject, entity: 'start' })
    expect(facts?.consents).toHaveLength(1)
  })

  it('is not given under a snapshot that was not shown, nor for what the form does not offer', async () => {
    const { subject } = await someone(vault)
    const { snapshot } = await showForm(vault, 'registration')
    const base = { subject, entity: 'start', form: 'registration', evidence: EVIDENCE }
    const attempt = (purpose: string, given: string): Promise<unknown> =>
      giveConsent(vault, asSubject(subject), { ...base, purpose, snapshot: given })
    await faultOf(
      attempt('marketing', `${snapshot.slice(0, -1)}${snapshot.endsWith('A') ? 'B' : 'A'}`),
      'snapshot-invalid',
    )
    await faultOf(attempt('legal', snapshot), 'unknown-purpose')
    await faultOf(attempt('nonsense', snapshot), 'unknown-purpose')
  })
})

describe('confidentiality', () => {
  it('closes a field to a purpose and opens it again, at once', async () => {
    const { subject, email } = await someone(vault, { consents: ['marketing', 'personalisation'], confirmed: true })
    const set = (closedTo: readonly string[]): Promise<unknown> =>
      setConfidentiality(vault, asSubject(subject), { subject, entity: 'start', field: 'email', closedTo })
    await set(['marketing'])
    expect([await mail(subject), await personal(subject)]).toEqual([null, { email }])
    await set(['*'])
    expect([await mail(subject), await personal(subject)]).toEqual([null, null])
    expect(await see(vault, dpo, subject, 'legal', ['email'], { ticket: SUPPORT_TICKET })).toEqual({ email })
    expect(await seeOwn(vault, subject, ['email'])).toEqual({ email })
    await set([])
    expect([await mail(subject), await personal(subject)]).toEqual([{ email }, { email }])
  })

  it('takes no field and no purpose that the policy does not know', async () => {
    const { subject } = await someone(vault)
    const set = (field: string, closedTo: readonly string[]): Promise<unknown> =>
      setConfidentiality(vault, asSubject(subject), { subject, entity: 'start', field, closedTo })
    await faultOf(set('passport', ['*']), 'unknown-field')
    await faultOf(set('email', ['nonsense']), 'unknown-purpose')
    await faultOf(set('__proto__', ['*']), 'unknown-field')
  })
})

describe('a block', () => {
  it('closes everything but what the policy spares: the person, clarification, the law', async () => {
    const { subject, email } = await someone(vault, { consents: ['marketing'], confirmed: true })
    await blockPerson(vault, dpo, { ...on(subject), reason: 'inaccuracy' })
    expect(await mail(subject)).toBeNull()
    expect(await see(vault, site, subject, 'identification', ['email'])).toBeNull()
    expect(
      await see(vault, asStaff('support'), subject, 'identification', ['email'], { ticket: SUPPORT_TICKET }),
    ).toBeNull()
    expect(await seeOwn(vault, subject, ['email'])).toEqual({ email })
    expect(await see(vault, dpo, subject, 'legal', ['email'], { ticket: SUPPORT_TICKET })).toEqual({ email })
    const corrected = await correctValues(vault, dpo, { ...on(subject), values: { surname: 'Исправленная' } })
    expect(corrected.decision.effect).toBe('permit')
    await unblockPerson(vault, dpo, on(subject))
    expect(await mail(subject)).toEqual({ email })
  })

  it('by the operator is not the person’s to lift; their own is', async () => {
    const { subject, email } = await someone(vault, { confirmed: true })
    await blockPerson(vault, dpo, { ...on(subject), reason: 'operator' })
    expect((await unblockPerson(vault, asSubject(subject), on(subject))).decision.effect).toBe('refuse')
    await unblockPerson(vault, dpo, on(subject))
    await blockPerson(vault, asSubject(subject), { ...on(subject), reason: 'subject' })
    expect(await see(vault, site, subject, 'identification', ['email'])).toBeNull()
    await unblockPerson(vault, asSubject(subject), on(subject))
    expect(await see(vault, site, subject, 'identification', ['email'])).toEqual({ email })
  })

  it('by a request that is gone is lifted with the operator’s own; by one that is open it is not', async () => {
    const [lost, open] = [(await someone(vault)).subject, (await someone(vault)).subject]
    const { requests } = await paper(vault, { text: '', kinds: ['inaccuracy'], subject: lost })
    await paper(vault, { text: '', kinds: ['inaccuracy'], subject: open })
    await vault.data.query('DELETE FROM request WHERE request_id = $1', [requests[0]?.id])
    for (const subject of [lost, open]) await unblockPerson(vault, dpo, on(subject))
    const blockedOf = async (subject: string): Promise<string | undefined> =>
      (await describePerson(vault, dpo, on(subject))).facts?.blocked?.reason
    expect([await blockedOf(lost), await blockedOf(open)]).toEqual([undefined, 'claimed'])
  })

  it('is not made by a service or by support', async () => {
    const { subject } = await someone(vault)
    for (const caller of [site, asStaff('support')]) {
      expect((await blockPerson(vault, caller, { ...on(subject), reason: 'operator' })).decision.effect).toBe('refuse')
    }
  })
})

describe('data that nobody has confirmed', () => {
  it('serve identification and delivery only, and after thirty days nothing but the law and the person', async () => {
    const late = await openTestVault()
    try {
      const { subject, email, phone } = await someone(late.vault, {
        form: 'order-dedicated-server',
        consents: ['marketing'],
      })
      const caller = await asService(late.vault, 'site', ['identification'])
      const courier = await asService(late.vault, 'delivery', ['delivery'])
      const mailer = await asService(late.vault, 'newsletter', ['marketing'])
      expect(await see(late.vault, mailer, subject, 'marketing', ['email'])).toBeNull()
      expect(await see(late.vault, courier, subject, 'delivery', ['phone'])).toEqual({ phone })
      late.pass(29 * 86_400_000)
      expect(await see(late.vault, caller, subject, 'identification', ['email'])).toEqual({ email })
      late.pass(2 * 86_400_000)
      const fresh = await asService(late.vault, 'site', ['identification'])
      const couriers = await asService(late.vault, 'delivery', ['delivery'])
      expect(await see(late.vault, fresh, subject, 'identification', ['email'])).toBeNull()
      expect(await see(late.vault, couriers, subject, 'delivery', ['phone'])).toBeNull()
      expect(await seeOwn(late.vault, subject, ['email'])).toEqual({ email })
      expect(await see(late.vault, dpo, subject, 'legal', ['email'], { ticket: SUPPORT_TICKET })).toEqual({ email })
      await confirm(late.vault, subject)
      expect(await see(late.vault, fresh, subject, 'identification', ['email'])).toEqual({ email })
    } finally {
      await late.close()
    }
  })
})

describe('a correction', () => {
  it('replaces what was there, and keeps no history of it anywhere', async () => {
    const old = canary('Староверова')
    const { subject } = await someone(vault, { values: { surname: old } })
    await correctValues(vault, asSubject(subject), { subject, entity: 'start', values: { surname: 'Новая' } })
    expect(await seeOwn(vault, subject, ['surname'])).toEqual({ surname: 'Новая' })
    const { rows } = await vault.data.query('SELECT FROM record WHERE subject_id = $1 AND compartment = $2', [
      subject,
      'identity',
    ])
    expect(rows).toHaveLength(1)
  })

  it('with a bad value changes nothing and names every field', async () => {
    const { subject } = await someone(vault)
    const values = { email: canary('никак'), phone: canary('ничего'), surname: 'Хорошая' }
    const fault = await faultOf(
      correctValues(vault, asSubject(subject), { subject, entity: 'start', values }),
      'invalid-value',
    )
    expect(fault.details.fields?.map(({ field }) => field).sort()).toEqual(['email', 'phone'])
    expect(await seeOwn(vault, subject, ['surname'])).toEqual({ surname: 'Петрова' })
    await faultOf(correctValues(vault, asSubject(subject), { subject, entity: 'start', values: {} }), 'invalid-request')
    const operator = { 'contract-numbers': ['D-1'] }
    await faultOf(
      correctValues(vault, asSubject(subject), { subject, entity: 'start', values: operator }),
      'undeclared-field',
    )
  })

  it('of another person is forbidden', async () => {
    const [anna, boris] = [await someone(vault), await someone(vault)]
    const request = { subject: anna.subject, entity: 'start', values: { surname: 'Чужая' } }
    await faultOf(correctValues(vault, asSubject(boris.subject), request), 'forbidden')
    expect(await seeOwn(vault, anna.subject, ['surname'])).toEqual({ surname: 'Петрова' })
  })

  it('many at once all take place, one after another', async () => {
    const { subject } = await someone(vault)
    const second = await test.second()
    const letters = Array.from('абвгдежзик')
    const outcomes = await Promise.all(
      letters.map((letter, i) =>
        correctValues(i % 2 === 0 ? vault : second, asSubject(subject), {
          subject,
          entity: 'start',
          values: i < 5 ? { patronymic: `${letter.toUpperCase()}ович` } : { surname: `${letter.toUpperCase()}ов` },
        }),
      ),
    )
    expect(outcomes.every(({ decision }) => decision.effect === 'permit')).toBe(true)
    const { rows } = await vault.data.query<{ version: number }>(
      `SELECT version FROM record WHERE subject_id = $1 AND compartment = 'identity'`,
      [subject],
    )
    expect(rows[0]?.version).toBe(11)
    expect(Object.keys((await seeOwn(vault, subject, ['patronymic', 'surname', 'given-name'])) ?? {})).toHaveLength(3)
  })
})

describe('asking without seeing', () => {
  const compare = (subject: string, field: string, value: string): Promise<unknown> =>
    compareValue(vault, asStaff('support'), { ...on(subject), purpose: 'rights', field, value })

  it('compares a value however it is written, and shows none', async () => {
    const { subject, phone } = await someone(vault)
    const spelt = `8 (${phone.slice(2, 5)}) ${phone.slice(5, 8)}-${phone.slice(8, 10)}-${phone.slice(10)}`
    const match = await compare(subject, 'phone', spelt)
    expect(match).toMatchObject({ matches: true })
    expect(JSON.stringify(match)).not.toContain(phone.slice(2))
    expect(await compare(subject, 'phone', '+7 916 000-00-00')).toMatchObject({ matches: false })
    expect(await compare(subject, 'phone', canary('не телефон'))).toMatchObject({ matches: false })
    expect(await compare(vault.newId(), 'phone', phone)).toMatchObject({ decision: { effect: 'refuse' } })
  })

  it('decides as opening would, and opens nothing', async () => {
    const { subject, email } = await someone(vault)
    const request = { subject, purpose: 'identification', entity: 'start', fields: ['email'] }
    const decided = await decideAccess(vault, site, request)
    expect(decided.decision.effect).toBe('permit')
    expect(Object.keys(decided).sort()).toEqual(['decision', 'id', 'leaf'])
    expect(JSON.stringify(decided)).not.toContain(email)
    expect((await decideAccess(vault, delivery, { ...request, purpose: 'delivery' })).decision.effect).toBe('refuse')
  })

  it('refuses names that nobody declared, with the clause', async () => {
    const { subject } = await someone(vault)
    const request = { subject, purpose: 'identification', entity: 'start', fields: ['email'] }
    await faultOf(decideAccess(vault, site, { ...request, purpose: 'nonsense' }), 'unknown-purpose')
    await faultOf(decideAccess(vault, site, { ...request, entity: 'nonsense' }), 'unknown-entity')
    await faultOf(decideAccess(vault, site, { ...request, fields: ['__proto__'] }), 'unknown-field')
    await faultOf(decideAccess(vault, site, { ...request, fields: [] }), 'invalid-request')
    await faultOf(decideAccess(vault, site, { ...request, subject: canary('Анна Петрова') }), 'invalid-request')
    await faultOf(decideAccess(vault, site, { ...request, ticket: canary('звонила Анна') }), 'invalid-request')
  })
})
