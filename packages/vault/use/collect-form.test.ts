import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asService, asStaff, asSubject, SUPPORT_TICKET } from '../testing/callers.ts'
import { deafen } from '../testing/deafen.ts'
import { canary, faultOf } from '../testing/fault.ts'
import { codeTo, lettersTo } from '../testing/mailbox.ts'
import { contents, everything } from '../testing/observed.ts'
import {
  EVIDENCE,
  freshEmail,
  netrackBundle,
  openTestVault,
  order,
  registration,
  submit,
  subjectOf,
  type TestVault,
} from '../testing/open-test-vault.ts'
import type { Vault } from '../guard/vault.ts'
import { type Collected, collectForm, type SubmittedForm } from './collect-form.ts'
import { confirmData } from './confirm-data.ts'
import { describePerson } from './describe-person.ts'
import { findPerson } from './find-person.ts'
import { listConflicts } from './list-conflicts.ts'
import { isOpened, openFields } from './open-fields.ts'
import { proveCode } from './prove-code.ts'
import { showForm } from './show-form.ts'

const CARD = '4111 1111 1111 1111'
const dpo = asStaff('dpo')

let test: TestVault
let vault: Vault
beforeAll(async () => {
  test = await openTestVault()
  ;({ vault } = test)
})
afterAll(() => test.close())

/** What a person sees of their own values. */
async function own(subject: string, fields: readonly string[]): Promise<Record<string, unknown>> {
  const outcome = await openFields(vault, asSubject(subject), { subject, purpose: 'rights', entity: 'start', fields })
  if (!isOpened(outcome)) throw new Error(JSON.stringify(outcome.decision.causes))
  return Object.fromEntries([...outcome.values].map(([field, value]) => [field, value.reveal(outcome.permit)]))
}

async function prove(collected: Collected, email: string): Promise<string> {
  const id = collected.signIn?.id ?? ''
  return (await proveCode(vault, { id, code: await codeTo(vault, email) })).subject
}

const confirm = (subject: string): ReturnType<typeof confirmData> =>
  confirmData(vault, dpo, { subject, entity: 'start', ticket: SUPPORT_TICKET, form: 'paper' })

async function facts(subject: string): Promise<Awaited<ReturnType<typeof describePerson>>['facts']> {
  return (await describePerson(vault, asSubject(subject), { subject, entity: 'start' })).facts
}

describe('a submission that is refused at the door', () => {
  const EMAIL = canary(freshEmail('refused'))
  const bad: readonly (readonly [string, string, Record<string, unknown>, string, string])[] = [
    [
      'a field that no form asks for',
      'registration',
      { passport: canary('4509 123456') },
      'undeclared-field',
      'passport',
    ],
    ['a field of another form', 'registration', { 'tax-id': canary('500100732259') }, 'undeclared-field', 'tax-id'],
    [
      'a field that only the operator fills',
      'registration',
      { 'contract-numbers': ['D-2026-1'] },
      'undeclared-field',
      'contract-numbers',
    ],
    [
      'evidence written by the sender',
      'registration',
      { 'consent-records': ['{}'] },
      'undeclared-field',
      'consent-records',
    ],
    ['a missing mandatory field', 'registration', { surname: '  ' }, 'missing-field', 'surname'],
    ['a card number as a name', 'registration', { surname: canary(CARD) }, 'invalid-value', 'surname'],
    [
      'a card number as an address',
      'order-dedicated-server',
      { 'postal-address': `Москва ${CARD}` },
      'card-number',
      'postal-address',
    ],
    [
      'a card number as a payment token',
      'order-dedicated-server',
      { 'payment-token': CARD },
      'invalid-value',
      'payment-token',
    ],
    [
      'a card number in other digits',
      'registration',
      { 'postal-address': canary('Москва, ４１１１１１１１１１１１１１１１') },
      'card-number',
      'postal-address',
    ],
    ['half of a pair', 'order-dedicated-server', { 'payment-last4': '' }, 'missing-field', 'payment-last4'],
    ['an address that is none', 'registration', { email: canary('anna.at.example.org') }, 'invalid-value', 'email'],
    ['a phone that is none', 'registration', { phone: canary('12-secret-34') }, 'invalid-value', 'phone'],
    ['control characters', 'registration', { surname: canary('Пет\u0000рова') }, 'invalid-value', 'surname'],
    ['a text of ten thousand characters', 'registration', { surname: 'ж'.repeat(10_000) }, 'invalid-value', 'surname'],
    ['an object for a text', 'registration', { surname: { toString: 'Петрова' } }, 'invalid-value', 'surname'],
    ['a list for a text', 'registration', { surname: ['Петрова'] }, 'invalid-value', 'surname'],
  ]
  it.each(bad)('%s: named, with its clause, and nothing is kept', async (_, form, values, code, field) => {
    await showForm(vault, form)
    const before = await everything(vault)
    const full = form === 'registration' ? registration({ email: EMAIL }) : order({ email: EMAIL })
    const fault = await faultOf(submit(vault, form, { ...full, ...values }), code as 'card-number')
    const problems = fault.details.fields ?? []
    expect(problems.map((problem) => problem.field)).toContain(field)
    for (const problem of problems) expect(problem.clause).toMatch(/^\d/)
    expect(await everything(vault)).toEqual(before)
  })

  it('all that is wrong is told at once, and a field name that is no name is not repeated', async () => {
    const secret = canary('Мария Тайная')
    const values = registration({ [secret]: 'x', phone: canary('нет'), email: canary('нет@'), ['__proto__x']: 1 })
    const fault = await faultOf(submit(vault, 'registration', values), 'undeclared-field')
    expect(fault.details.fields?.map(({ field }) => field).sort()).toEqual(['email', 'phone', 'values', 'values'])
  })

  it('an entity that the form does not offer', async () => {
    await faultOf(submit(vault, 'registration', registration(), { entity: 'brand' }), 'unknown-entity')
  })

  it('a consent that the form does not ask for', async () => {
    await faultOf(submit(vault, 'registration', registration(), { consents: ['research'] }), 'unknown-purpose')
  })

  it('a campaign’s form without its consent, and any form of it after its end', async () => {
    const values = { 'given-name': 'Анна', email: canary(freshEmail('campaign')) }
    await faultOf(submit(vault, 'campaign-new-year-2027', values), 'missing-field')
    const { snapshot } = await showForm(vault, 'campaign-new-year-2027')
    const late = await openTestVault()
    try {
      late.pass(120 * 86_400_000)
      await faultOf(showForm(late.vault, 'campaign-new-year-2027'), 'campaign-ended')
      const submitted = { ...sent('campaign-new-year-2027', snapshot, values), consents: ['marketing'] }
      await faultOf(collectForm(late.vault, null, submitted), 'campaign-ended')
    } finally {
      await late.close()
    }
  })
})

function sent(form: string, snapshot: string, values: Readonly<Record<string, unknown>>): SubmittedForm {
  return { form, snapshot, entity: 'start', values, consents: [], age: 'adult', evidence: EVIDENCE }
}

describe('the snapshot of a form', () => {
  const send = (snapshot: string): Promise<unknown> =>
    collectForm(vault, null, sent('registration', snapshot, registration()))

  it('is refused with any one bit changed, cut, empty, or in another spelling', async () => {
    const { snapshot } = await showForm(vault, 'registration')
    const bytes = Buffer.from(snapshot, 'base64url')
    for (let byte = 0; byte < bytes.length; byte++) {
      const bad = Buffer.from(bytes)
      bad[byte] = (bad[byte] ?? 0) ^ (1 << (byte % 8))
      await faultOf(send(bad.toString('base64url')), 'snapshot-invalid')
    }
    for (const text of [
      '',
      snapshot.slice(0, -4),
      `${snapshot}A`,
      `${snapshot}=`,
      ` ${snapshot}`,
      bytes.toString('hex'),
    ]) {
      await faultOf(send(text), 'snapshot-invalid')
    }
  })

  it('is refused from another installation', async () => {
    const other = await openTestVault(netrackBundle())
    try {
      await faultOf(send((await showForm(other.vault, 'registration')).snapshot), 'snapshot-invalid')
    } finally {
      await other.close()
    }
  })

  it('is outdated for another form, and a day after it was shown', async () => {
    const { snapshot } = await showForm(vault, 'order-dedicated-server')
    await faultOf(send(snapshot), 'snapshot-outdated')
    const late = await openTestVault()
    try {
      const shown = await showForm(late.vault, 'registration')
      late.pass(24 * 3_600_000 + 60_000)
      const late1 = collectForm(late.vault, null, sent('registration', shown.snapshot, registration()))
      await faultOf(late1, 'snapshot-outdated')
    } finally {
      await late.close()
    }
  })
})

describe('a repeated submission', () => {
  it('with the same key and content gives the first answer and collects nothing twice', async () => {
    const email = canary(freshEmail('twice'))
    const values = registration({ email })
    const first = await submit(vault, 'registration', values, { key: 'one', consents: ['marketing'] })
    const before = await everything(vault)
    const second = await submit(vault, 'registration', values, { key: 'one', consents: ['marketing'] })
    expect(JSON.parse(JSON.stringify(second))).toEqual(JSON.parse(JSON.stringify(first)))
    expect(await everything(vault)).toEqual(before)
  })

  it('with the same key and other content is a conflict', async () => {
    await submit(vault, 'registration', registration({ email: freshEmail('a') }), { key: 'two' })
    const other = registration({ email: canary(freshEmail('b')) })
    await faultOf(submit(vault, 'registration', other, { key: 'two' }), 'idempotency-conflict')
  })

  it('at the same time from many connections makes one person, and all get the same answer', async () => {
    const values = registration({ email: canary(freshEmail('storm')) })
    const before = (await contents(vault.data))['subject']?.length ?? 0
    const second = await test.second()
    const calls = Array.from({ length: 12 }, (_, i) =>
      submit(i % 2 === 0 ? vault : second, 'registration', values, { key: 'storm' }),
    )
    const answers = (await Promise.all(calls)).map((answer) => JSON.stringify(sorted(answer)))
    expect(new Set(answers).size).toBe(1)
    expect((await contents(vault.data))['subject']?.length).toBe(before + 1)
  })

  it('leaves no personal value beside its answer: a contract’s number lies sealed only', async () => {
    const made = await submit(vault, 'order-dedicated-server', order({ email: freshEmail('n') }), { key: 'number' })
    const number = made.contract?.number ?? ''
    expect(number).toMatch(/^D-/)
    const again = JSON.stringify(await everything(vault))
    const forms = [number, Buffer.from(number).toString('hex'), Buffer.from(number).toString('base64').slice(0, -2)]
    expect(forms.map((form) => again.includes(form))).toEqual([false, false, false])
  })

  it('by somebody signed in is theirs alone: another person’s same key is another key', async () => {
    const [anna, boris] = [await registered('anna'), await registered('boris')]
    const values = order({ email: freshEmail('shared') })
    const [first, second] = [
      await submit(vault, 'order-dedicated-server', values, { subject: anna.subject, key: 'mine' }),
      await submit(vault, 'order-dedicated-server', values, { subject: boris.subject, key: 'mine' }),
    ]
    expect([first.subject, second.subject]).toEqual([anna.subject, boris.subject])
    expect(first.contract?.id).not.toBe(second.contract?.id)
  })
})

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, one]) => [key, sorted(one)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
}

/** A person whose mailbox is proved. */
async function registered(
  name: string,
  values: Record<string, unknown> = {},
): Promise<{ subject: string; email: string }> {
  const email = canary(freshEmail(name))
  const collected = await submit(vault, 'registration', registration({ email, ...values }))
  expect(await prove(collected, email)).toBe(collected.subject)
  return { subject: subjectOf(collected), email }
}

describe('a returning person', () => {
  it('is not found by an anonymous submission: it links nothing, shows nothing, changes nothing of theirs', async () => {
    const anna = await registered('anna')
    const fields = ['surname', 'given-name', 'email', 'phone']
    const before = await own(anna.subject, fields)
    const stranger = await submit(
      vault,
      'registration',
      registration({ email: anna.email, surname: canary('Чужая'), phone: canary('+79160000099') }),
      { consents: ['marketing'] },
    )
    const unknown = await submit(vault, 'registration', registration({ email: freshEmail('new') }))
    expect(stranger.subject).not.toBe(anna.subject)
    expect(Object.keys(stranger).sort()).toEqual(Object.keys(unknown).sort())
    expect(stranger.decision).toEqual(unknown.decision)
    expect(await own(anna.subject, fields)).toEqual(before)
    expect((await facts(anna.subject))?.consents).toEqual([])
    expect((await facts(anna.subject))?.contracts).toHaveLength(1)
  })

  it('is linked by proving the address in this session; the submission goes over to them and its own person is gone', async () => {
    const anna = await registered('anna')
    const second = await submit(vault, 'order-dedicated-server', order({ email: anna.email, surname: 'Новая' }), {
      consents: ['marketing'],
    })
    expect(await prove(second, anna.email)).toBe(anna.subject)
    expect(await own(anna.subject, ['surname', 'payment-last4', 'contract-numbers'])).toEqual({
      surname: 'Новая',
      'payment-last4': '4477',
      'contract-numbers': [second.contract?.number],
    })
    const known = await facts(anna.subject)
    expect(known?.contracts.map(({ service }) => service).sort()).toEqual(['account', 'dedicated-server'])
    expect(known?.consents.map(({ purpose }) => purpose)).toEqual(['marketing'])
    const { rows } = await vault.keys.query('SELECT FROM key WHERE subject_id = $1', [second.subject])
    expect(rows).toEqual([])
    expect((await facts(second.subject ?? ''))?.state).toBeUndefined()
  })

  it('who orders a numbered service again has both contracts', async () => {
    const email = canary(freshEmail('two'))
    const first = await submit(vault, 'order-dedicated-server', order({ email }))
    const subject = await prove(first, email)
    const second = await submit(vault, 'order-dedicated-server', order({ email }))
    expect(await prove(second, email)).toBe(subject)
    const contracts = (await facts(subject))?.contracts ?? []
    expect(contracts.map(({ id }) => id).sort()).toEqual([first.contract?.id, second.contract?.id].sort())
    expect(await own(subject, ['contract-numbers'])).toEqual({
      'contract-numbers': [first.contract?.number, second.contract?.number],
    })
  })

  it('never has confirmed values overwritten: what differs goes to staff and is kept apart', async () => {
    const anna = await registered('anna', { surname: 'Петрова' })
    await confirm(anna.subject)
    const second = await submit(
      vault,
      'registration',
      registration({ email: anna.email, surname: canary('Подменова') }),
    )
    expect(await prove(second, anna.email)).toBe(anna.subject)
    expect(await own(anna.subject, ['surname'])).toEqual({ surname: 'Петрова' })
    const conflict = (await listConflicts(vault, dpo)).find(({ subject }) => subject === anna.subject)
    expect(conflict?.fields).toEqual(['surname'])
    expect([anna.subject, second.subject]).not.toContain(conflict?.other)
    expect(JSON.stringify(conflict)).not.toContain('Подменова')
    expect(await own(conflict?.other ?? '', ['surname'])).toEqual({ surname: 'Подменова' })
    await faultOf(listConflicts(vault, asStaff('support')), 'forbidden')
  })

  it('signed in and confirmed, supplements what is new and leaves to staff what differs', async () => {
    const anna = await registered('anna', { surname: 'Петрова' })
    await confirm(anna.subject)
    const made = await submit(
      vault,
      'order-dedicated-server',
      order({ email: anna.email, surname: canary('Другая') }),
      {
        subject: anna.subject,
      },
    )
    expect(made.conflicts).toEqual(['surname'])
    expect(made.signIn).toBeNull()
    expect(await own(anna.subject, ['surname', 'payment-last4'])).toEqual({
      surname: 'Петрова',
      'payment-last4': '4477',
    })
    const conflict = (await listConflicts(vault, dpo)).find(({ subject }) => subject === anna.subject)
    expect(await own(conflict?.other ?? '', ['surname'])).toEqual({ surname: 'Другая' })
  })

  it('signed in and confirmed, loses nothing where what differs cannot be set aside: the whole is tried again', async () => {
    const anna = await registered('anna', { surname: 'Петрова' })
    await confirm(anna.subject)
    const values = order({ email: anna.email, surname: canary('Третья') })
    const { snapshot } = await showForm(vault, 'order-dedicated-server')
    const send = (): Promise<Collected> =>
      collectForm(vault, asSubject(anna.subject), {
        ...sent('order-dedicated-server', snapshot, values),
        idempotencyKey: 'aside',
      })
    const before = await contents(vault.data)
    await vault.data.query(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
      CREATE TRIGGER refuse BEFORE INSERT ON conflict FOR EACH ROW EXECUTE FUNCTION refuse()`)
    try {
      await faultOf(send(), 'storage-unavailable')
    } finally {
      await vault.data.query('DROP TRIGGER refuse ON conflict; DROP FUNCTION refuse')
    }
    expect(await contents(vault.data)).toEqual(before)
    const answers = [await send(), await send()]
    expect(answers.map(({ conflicts }) => conflicts)).toEqual([['surname'], ['surname']])
    const own = (await listConflicts(vault, dpo)).filter(({ subject }) => subject === anna.subject)
    expect(own.map(({ fields }) => fields)).toEqual([['surname']])
  })

  it('is never linked by a phone alone: two people with the same number stay apart', async () => {
    const phone = canary('+79161112233')
    const [anna, boris] = [
      await registered('anna', { phone }),
      await registered('boris', { phone, surname: 'Борисов' }),
    ]
    expect(anna.subject).not.toBe(boris.subject)
    expect(await own(anna.subject, ['surname'])).toEqual({ surname: 'Петрова' })
    expect(await own(boris.subject, ['surname'])).toEqual({ surname: 'Борисов' })
    await confirm(anna.subject)
    await confirm(boris.subject)
    const request = { kind: 'phone', value: phone, purpose: 'rights', entity: 'start', ticket: SUPPORT_TICKET } as const
    const found = await findPerson(vault, asStaff('support'), request)
    expect('subjects' in found ? [...found.subjects].sort() : []).toEqual([anna.subject, boris.subject].sort())
  })

  it('is the same whatever the letters’ case of the address they type', async () => {
    const email = canary('Anna.Case@Example.ORG')
    const first = await submit(vault, 'registration', registration({ email }))
    const id = first.signIn?.id ?? ''
    const code = await codeTo(vault, String((await own(subjectOf(first), ['email']))['email']))
    const subject = (await proveCode(vault, { id, code })).subject
    const again = await submit(vault, 'registration', registration({ email: email.toLowerCase() }))
    expect(
      (await proveCode(vault, { id: again.signIn?.id ?? '', code: await codeTo(vault, email.toLowerCase()) })).subject,
    ).toBe(subject)
  })
})

describe('a person signed in', () => {
  it('whose data are gone submits to nobody: a refusal, and no person begins', async () => {
    const subject = vault.newId()
    const before = (await contents(vault.data))['subject']
    const answer = await submit(vault, 'registration', registration({ email: freshEmail('ghost') }), { subject })
    expect(answer.decision).toMatchObject({ effect: 'refuse', causes: [{ reason: 'no-live-data' }] })
    expect(answer.subject).toBeUndefined()
    expect((await contents(vault.data))['subject']).toEqual(before)
  })

  it('supplements in crowds: thirty at once, each with new compartments, all succeed', async () => {
    const crowd: string[] = []
    for (let i = 0; i < 30; i++) {
      crowd.push(subjectOf(await submit(vault, 'registration', registration({ email: freshEmail(`crowd${i}`) }))))
    }
    const orders = await Promise.all(
      crowd.map((subject) => submit(vault, 'order-dedicated-server', order({ email: freshEmail('c') }), { subject })),
    )
    expect(orders.map(({ decision }) => decision.effect)).toEqual(crowd.map(() => 'permit'))
    for (const [i, subject] of crowd.entries()) {
      expect(await own(subject, ['contract-numbers'])).toEqual({ 'contract-numbers': [orders[i]?.contract?.number] })
    }
  })

  it('with another e-mail, while unconfirmed, is told at the old one and sent a code to the new', async () => {
    const { subject } = await registered('move')
    const old = String((await own(subject, ['email']))['email'])
    const next = freshEmail('moved')
    const { signIn } = await submit(vault, 'order-dedicated-server', order({ email: next }), { subject })
    expect(signIn).toBeTruthy()
    expect((await lettersTo(vault, old))[0]).toContain('Another address stands in your data')
    await proveCode(vault, { id: signIn?.id ?? '', code: await codeTo(vault, next) })
    expect(await own(subject, ['email'])).toEqual({ email: next })
    const same = await submit(vault, 'order-dedicated-server', order({ email: next }), { subject })
    expect(same.signIn).toBeNull()
  })

  it('on a server whose knowledge of them is old, supplements all the same', async () => {
    const { subject } = await registered('old')
    const second = await test.second()
    const site = await asService(vault, 'site', ['identification'])
    await deafen(vault)
    await openFields(second, site, { subject, purpose: 'identification', entity: 'start', fields: ['email'] })
    expect(second.people.cached(subject, test.now())).toBeDefined()
    const first = await submit(vault, 'order-dedicated-server', order({ email: freshEmail('x') }), { subject })
    const other = await submit(second, 'order-dedicated-server', order({ email: freshEmail('y') }), { subject })
    expect(await own(subject, ['contract-numbers'])).toEqual({
      'contract-numbers': [first.contract?.number, other.contract?.number],
    })
  })
})
