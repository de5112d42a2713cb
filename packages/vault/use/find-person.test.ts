import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bucketsOf } from '../testing/buckets.ts'
import { asService, asStaff, asSubject, SUPPORT_TICKET } from '../testing/callers.ts'
import { canary, faultOf } from '../testing/fault.ts'
import { ledgerBodies } from '../testing/ledger-bodies.ts'
import { codeTo } from '../testing/mailbox.ts'
import {
  freshEmail,
  openTestVault,
  order,
  registration,
  submit,
  subjectOf,
  type TestVault,
} from '../testing/open-test-vault.ts'
import { confirm, someone } from '../testing/people.ts'
import type { Vault } from '../guard/vault.ts'
import { correctValues } from './correct-values.ts'
import { findPerson, type FindRequest } from './find-person.ts'
import { proveCode } from './prove-code.ts'
import { sweep } from './sweep.ts'

const support = asStaff('support')

let test: TestVault
let vault: Vault
beforeAll(async () => {
  test = await openTestVault()
  ;({ vault } = test)
})
afterAll(() => test.close())

const by = (kind: FindRequest['kind'], value: string, ticket: string | null = SUPPORT_TICKET): FindRequest => ({
  kind,
  value,
  purpose: 'rights',
  entity: 'start',
  ...(ticket === null ? {} : { ticket }),
})

async function found(request: FindRequest): Promise<readonly string[] | null> {
  const outcome = await findPerson(vault, support, request)
  return 'subjects' in outcome ? outcome.subjects : null
}

/** A person whose mailbox is proved. */
async function registered(): Promise<{ subject: string; email: string }> {
  const email = canary(freshEmail('numbers'))
  const made = await submit(vault, 'registration', registration({ email }))
  await proveCode(vault, { id: made.signIn?.id ?? '', code: await codeTo(vault, email) })
  return { subject: subjectOf(made), email }
}

describe('a search', () => {
  it('finds by an e-mail that was proved, not by one that was only typed', async () => {
    const email = canary(freshEmail('find'))
    const made = await submit(vault, 'registration', registration({ email }))
    expect(await found(by('email', email))).toEqual([])
    await proveCode(vault, { id: made.signIn?.id ?? '', code: await codeTo(vault, email) })
    expect(await found(by('email', email))).toEqual([made.subject])
    expect(await found(by('email', email.toUpperCase()))).toEqual([made.subject])
  })

  it('finds by what was confirmed: e-mail, phone however written', async () => {
    const { subject, email, phone } = await someone(vault)
    for (const request of [by('email', email), by('phone', phone)]) expect(await found(request)).toEqual([])
    await confirm(vault, subject)
    const spelt = `8 (${phone.slice(2, 5)}) ${phone.slice(5)}`
    for (const request of [by('email', email), by('phone', spelt)]) expect(await found(request)).toEqual([subject])
  })

  it('finds by a contract’s number from when it is issued, before and after the data are confirmed', async () => {
    const { subject, email, number } = await someone(vault, { form: 'order-dedicated-server' })
    expect(await found(by('contract-number', (number ?? '').toLowerCase()))).toEqual([subject])
    expect(await found(by('email', email))).toEqual([])
    await confirm(vault, subject)
    const second = await submit(vault, 'order-dedicated-server', order({ email }), { subject })
    for (const one of [number, second.contract?.number]) {
      expect(await found(by('contract-number', one ?? ''))).toEqual([subject])
    }
  })

  it('finds the holder of the mailbox by the number of a contract that was carried over to them', async () => {
    const { subject, email } = await registered()
    const made = await submit(vault, 'order-dedicated-server', order({ email }))
    const number = by('contract-number', made.contract?.number ?? '')
    expect(await found(number)).toEqual([made.subject])
    await proveCode(vault, { id: made.signIn?.id ?? '', code: await codeTo(vault, email) })
    expect(await found(number)).toEqual([subject])
  })

  it('finds nobody by a number whose contract never came about', async () => {
    const { subject, email } = await registered()
    const tags = async (): Promise<unknown> =>
      (await vault.keys.query('SELECT FROM tag WHERE subject_id = $1', [subject])).rows.length
    const before = await tags()
    await vault.data.query(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
      CREATE TRIGGER refuse BEFORE INSERT ON ledger_batch FOR EACH ROW EXECUTE FUNCTION refuse()`)
    try {
      const ordering = submit(vault, 'order-dedicated-server', order({ email }), { subject })
      await faultOf(ordering, 'storage-unavailable')
    } finally {
      await vault.data.query('DROP TRIGGER refuse ON ledger_batch; DROP FUNCTION refuse')
    }
    await sweep(vault)
    expect(await tags()).toBe(before)
  })

  it('needs a ticket of staff', async () => {
    const { email } = await someone(vault, { confirmed: true })
    const outcome = await findPerson(vault, support, by('email', email, null))
    expect(outcome.decision.effect).toBe('refuse')
    expect('subjects' in outcome).toBe(false)
  })

  it('is refused to services, and tells a person of nobody but themselves', async () => {
    const [anna, boris] = [await someone(vault, { confirmed: true }), await someone(vault, { confirmed: true })]
    const newsletter = await asService(vault, 'newsletter', ['marketing', 'rights'])
    expect((await findPerson(vault, newsletter, by('email', anna.email))).decision.effect).toBe('refuse')
    const outcome = await findPerson(vault, asSubject(boris.subject), by('email', anna.email))
    expect('subjects' in outcome ? outcome.subjects : []).toEqual([])
  })

  it('says the same whether it finds nobody or the policy permits nobody', async () => {
    const outcome = await findPerson(vault, support, by('email', freshEmail('nobody')))
    const { email } = await someone(vault)
    const unproved = await findPerson(vault, support, by('email', email))
    expect(outcome.decision).toEqual(unproved.decision)
    expect([outcome, unproved].map((one) => ('subjects' in one ? one.subjects : null))).toEqual([[], []])
  })

  it('is recorded, and each candidate’s history has it, without the value searched for', async () => {
    const { subject, phone } = await someone(vault, { confirmed: true })
    const before = (await ledgerBodies(vault)).length
    await found(by('phone', phone))
    await found(by('phone', '+79160009988'))
    const added = (await ledgerBodies(vault)).slice(before)
    expect(added.map(({ act }) => act).sort()).toEqual(['found', 'search', 'search'])
    const own = await bucketsOf(vault, subject)
    expect(added.filter(({ bucket }) => own.has(bucket)).map(({ act }) => act)).toEqual(['found'])
    for (const { text } of added) expect(text).not.toContain(phone)
  })

  it('finds at most twenty', async () => {
    const phone = canary('+79167778899')
    for (let i = 0; i < 22; i++) await someone(vault, { values: { phone }, confirmed: true })
    expect(await found(by('phone', phone))).toHaveLength(20)
  })

  it('by an identifier that was replaced finds nobody, by the new one only once it is proved or confirmed', async () => {
    const { subject, email } = await someone(vault, { confirmed: true })
    const next = canary(freshEmail('next'))
    await correctValues(vault, asSubject(subject), { subject, entity: 'start', values: { email: next } })
    expect(await found(by('email', email))).toEqual([])
    expect(await found(by('email', next))).toEqual([])
  })

  it('for a value that is none of its kind is a fault that does not repeat it', async () => {
    await faultOf(findPerson(vault, support, by('email', canary('Иванов из Перми'))), 'invalid-value')
    await faultOf(findPerson(vault, support, by('phone', canary('телефон Анны'))), 'invalid-value')
    await faultOf(
      findPerson(vault, support, { ...by('email', 'a@example.org'), kind: 'surname' as 'email' }),
      'unknown-field',
    )
  })
})

describe('the reach of a credential', () => {
  it('ends at its number of people in the hour; who was reached already may be reached again', async () => {
    const site = await asService(vault, 'site', ['identification'], 3)
    const people = await Promise.all([1, 2, 3, 4].map(() => submit(vault, 'registration', registration())))
    const subjects = people.map(subjectOf)
    const { decideAccess } = await import('./open-fields.ts')
    const reach = (subject: string): Promise<unknown> =>
      decideAccess(vault, site, { subject, purpose: 'identification', entity: 'start', fields: ['email'] })
    for (const subject of [...subjects.slice(0, 3), ...subjects.slice(0, 3)]) await reach(subject)
    await faultOf(reach(subjects[3] ?? ''), 'reach-exceeded')
    await faultOf(reach(vault.newId()), 'reach-exceeded')
  })
})
