import { type Client, contract } from '@doverie/sdk'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { asService, asStaff, confirm, destroyNow, order, refusal, register, type TestPerson } from './testing/people.ts'
import { queryOnce } from './testing/query.ts'
import { asOfficer, startTestServer, type TestServer, until } from './testing/test-server.ts'

let server: TestServer
let officer: Client
let second: Client
let dpoSecond: string
let customer: TestPerson
let delivery: Client

beforeAll(async () => {
  server = await startTestServer(inject('adminUrl'))
  officer = await asOfficer(server)
  const administrator = await asStaff(server, officer, 'administrator')
  const { path, staff } = await administrator.call(contract.addStaff, {
    body: { pseudonym: 'dpo-second', role: 'dpo' },
  })
  second = server.client()
  dpoSecond = staff
  await second.enter(path.replace('/enter#', ''))
  customer = await register(server)
  await order(customer)
  await confirm(officer, customer.subject)
  delivery = await asService(server, officer, 'delivery', ['delivery'])
})
afterAll(() => server.stop())

const demand = { entity: 'start', ticket: 'LAW-31', recipient: 'tax-service', purpose: 'legal' } as const
const parcel = { entity: 'start', recipient: 'courier', purpose: 'delivery', fields: ['surname', 'phone'] } as const

function ask(
  client: Client,
  body: contract.Disclosing,
  subject: string = customer.subject,
): Promise<contract.Disclosed> {
  return client.call(contract.disclose, { params: { subject }, body })
}

const approve = (client: Client, disclosure: string): Promise<contract.Disclosed> =>
  client.call(contract.approveDisclosure, { params: { subject: customer.subject, disclosure } })
const decline = (client: Client, disclosure: string): Promise<contract.Permitted> =>
  client.call(contract.declineDisclosure, { params: { subject: customer.subject, disclosure } })

async function historyOf(client: Client): Promise<readonly Readonly<Record<string, unknown>>[]> {
  return (await client.history()).map(({ body }) => JSON.parse(body) as Record<string, unknown>)
}

describe('a disclosure to a processor', () => {
  it('opens what the rule names, at once, and stands in the register, the ledger and the person’s own list', async () => {
    const made = await ask(delivery, parcel)
    expect(made).toMatchObject({
      state: 'made',
      basis: { by: 'contract' },
      values: { surname: customer.values['surname'], phone: customer.values['phone'] },
    })
    const line = { id: made.disclosure, entry: made.id, recipient: 'courier', kind: 'processor', state: 'made' }
    const { disclosures } = await officer.call(contract.listDisclosures, { query: { recipient: 'courier' } })
    expect(disclosures).toMatchObject([{ ...line, subject: customer.subject, fields: ['surname', 'phone'] }])
    expect((await customer.client.call(contract.showMyDisclosures, {})).disclosures).toEqual(disclosures)
    await until(async () => (await historyOf(customer.client)).some(({ id }) => id === made.id))
    const entry = (await historyOf(customer.client)).find(({ id }) => id === made.id)
    expect(entry).toMatchObject({
      act: 'disclose',
      operation: 'transfer:provide',
      recipient: 'courier',
      detail: { disclosure: made.disclosure },
      clauses: ['1.1.1', '2.2.1'],
    })
    const explained = await customer.client.call(contract.explainDecision, {
      params: { subject: customer.subject, decision: made.id },
      query: { entity: 'start' },
    })
    expect(explained.explanation).not.toBeNull()
  })

  it('is refused to anybody else, of other data, without the ground, and to a revoked credential; nothing is registered', async () => {
    const { disclosures: before } = await officer.call(contract.listDisclosures, { query: {} })
    const stranger = await register(server)
    const reasonOf = async (call: Promise<unknown>): Promise<unknown> => (await refusal(call)).causes?.[0]?.reason
    expect(await reasonOf(ask(delivery, { ...parcel, recipient: 'payment-provider' }))).toBe('wrong-recipient')
    expect(await reasonOf(ask(delivery, { ...parcel, fields: ['surname', 'bank-account'] }))).toBe('no-rule')
    expect(await reasonOf(ask(officer, { ...parcel, ticket: 'SUP-1' }))).toBe('no-rule')
    expect(await reasonOf(ask(delivery, parcel, stranger.subject))).toBe('no-ground')
    const named = ask(delivery, { ...parcel, recipient: 'nobody-canary' })
    await expect(named).rejects.toMatchObject({ code: 'invalid-request', problem: { field: 'recipient' } })
    const { credential, token } = await officer.call(contract.issueCredential, {
      body: { actor: 'delivery', entities: ['start'], purposes: ['delivery'], peoplePerHour: 9, expiresInDays: 1 },
    })
    const revoked = server.client(token)
    await ask(revoked, parcel)
    // As another process does it: this one still believes the credential.
    await queryOnce(server.dataUrl, 'UPDATE credential SET revoked_at = now() WHERE credential_id = $1', [credential])
    await expect(ask(revoked, parcel)).rejects.toMatchObject({ code: 'unauthenticated' })
    expect((await officer.call(contract.listDisclosures, { query: {} })).disclosures).toHaveLength(before.length + 1)
  })
})

describe('what an authority demands', () => {
  it('waits, opened to nobody, for another officer, who is given it once', async () => {
    const asked = await ask(officer, { ...demand, fields: ['surname', 'patronymic'] })
    expect(asked).toMatchObject({
      state: 'waiting',
      basis: { by: 'norm', text: { en: 'Tax Code art. 93.1' } },
      values: null,
    })
    await expect(approve(officer, asked.disclosure)).rejects.toMatchObject({ code: 'forbidden' })
    const support = await asStaff(server, second, 'support')
    expect((await refusal(approve(support, asked.disclosure))).causes?.[0]?.reason).toBe('no-rule')
    const both = await Promise.allSettled([approve(second, asked.disclosure), approve(second, asked.disclosure)])
    const made = both.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    expect(made).toMatchObject([
      {
        state: 'made',
        disclosure: asked.disclosure,
        values: { surname: customer.values['surname'], patronymic: null },
      },
    ])
    await expect(approve(second, asked.disclosure)).rejects.toMatchObject({ code: 'conflict' })
    const { disclosures } = await officer.call(contract.listDisclosures, {
      query: { state: 'made', recipient: 'tax-service' },
    })
    expect(disclosures).toMatchObject([
      {
        entry: made[0]?.id,
        ticket: 'LAW-31',
        askedBy: { kind: 'staff', id: 'dpo-1' },
        settledBy: { kind: 'staff', id: 'dpo-second' },
      },
    ])
    const wanted = ['ask-disclosure', 'disclose']
    await until(async () => {
      const acts = (await historyOf(customer.client)).filter(({ recipient }) => recipient === 'tax-service')
      return wanted.every((act) => acts.some((one) => one['act'] === act && one['effect'] === 'permit'))
    })
  })

  it('is looked at in the register page by page, also of one moment; a look at one person is an act on them', async () => {
    await ask(delivery, parcel)
    await ask(delivery, parcel)
    const sql =
      "UPDATE disclosure SET asked_at = '2026-01-02T03:04:05Z' WHERE subject_id = $1 AND recipient = 'courier'"
    await queryOnce(server.dataUrl, sql, [customer.subject])
    const query = { recipient: 'courier' } as const
    const { disclosures, next } = await officer.call(contract.listDisclosures, { query })
    expect(next).toBeNull()
    const moment = String(Date.parse('2026-01-02T03:04:05Z'))
    const ids = disclosures.filter(({ askedAt }) => String(askedAt) === moment).map(({ id }) => id)
    expect(ids.length).toBeGreaterThan(1)
    const after = async (before: string): Promise<readonly string[]> =>
      (await officer.call(contract.listDisclosures, { query: { ...query, before } })).disclosures.map(({ id }) => id)
    expect(await after(`${moment}.${ids[0] ?? ''}`)).toEqual(ids.slice(1))
    expect(await after(moment)).toEqual([])

    const look = { subject: customer.subject, entity: 'start' }
    const without = officer.call(contract.listDisclosures, { query: look })
    expect((await refusal(without)).causes?.[0]?.reason).toBe('ticket-needed')
    const nameless = officer.call(contract.listDisclosures, { query: { subject: customer.subject, ticket: 'DPO-7' } })
    await expect(nameless).rejects.toMatchObject({ code: 'invalid-request', problem: { field: 'entity' } })
    const own = await officer.call(contract.listDisclosures, { query: { ...look, ticket: 'DPO-7' } })
    expect(new Set(own.disclosures.map(({ subject }) => subject))).toEqual(new Set([customer.subject]))
    await until(async () =>
      (await historyOf(customer.client)).some(
        ({ act, ticket, actor }) =>
          act === 'read-disclosures' && ticket === 'DPO-7' && (actor as { kind: string }).kind === 'staff',
      ),
    )
  })

  it('is not made by a link that who asked had made; the entry names who had', async () => {
    const asked = await ask(officer, { ...demand, fields: ['surname'] })
    const { path } = await officer.call(contract.newStaffLink, { params: { staff: dpoSecond } })
    await expect(approve(second, asked.disclosure)).rejects.toMatchObject({ code: 'unauthenticated' })
    await second.enter(path.replace('/enter#', ''))
    await expect(approve(second, asked.disclosure)).rejects.toMatchObject({ code: 'forbidden' })
    // Their own fresh link is no way around.
    const again = await second.call(contract.newStaffLink, { params: { staff: dpoSecond } })
    await second.enter(again.path.replace('/enter#', ''))
    await expect(approve(second, asked.disclosure)).rejects.toMatchObject({ code: 'forbidden' })
    await decline(second, asked.disclosure)
    const entry = async (): Promise<unknown> =>
      (await historyOf(customer.client)).find(({ detail }) => JSON.stringify(detail ?? null).includes('linkIssuedBy'))
    await until(async () => (await entry()) !== undefined)
    expect(await entry()).toMatchObject({ act: 'disclose', detail: { linkIssuedBy: 'administrator-1' } })
  })

  it('is declined or taken back, and then nobody is given it', async () => {
    const asked = await ask(officer, { ...demand, fields: ['surname'] })
    await decline(officer, asked.disclosure)
    await expect(approve(second, asked.disclosure)).rejects.toMatchObject({ code: 'conflict' })
    const unknown = approve(second, '00000000-0000-4000-8000-00000000abcd')
    await expect(unknown).rejects.toMatchObject({ code: 'not-found' })
  })

  it('is the officer’s to ask for, under law and with a ticket', async () => {
    const { ticket: _, ...without } = demand
    const reasonOf = async (client: Client, body: contract.Disclosing): Promise<unknown> =>
      (await refusal(ask(client, body))).causes?.[0]?.reason
    expect(await reasonOf(officer, { ...without, fields: ['surname'] })).toBe('ticket-needed')
    expect(await reasonOf(officer, { ...demand, purpose: 'rights', fields: ['surname'] })).toBe('no-norm')
    expect(await reasonOf(officer, { ...demand, recipient: 'start', fields: ['surname'] })).toBe('wrong-recipient')
    const own = customer.client.call(contract.disclose, {
      params: { subject: customer.subject },
      body: { ...demand, fields: ['surname'] },
    })
    await expect(own).rejects.toMatchObject({ code: 'forbidden' })
    await expect(delivery.call(contract.listDisclosures, { query: {} })).rejects.toMatchObject({ code: 'forbidden' })
  })
})

describe('the register of disclosures', () => {
  it('names no value, and forgets who is destroyed', async () => {
    const person = await register(server)
    await ask(officer, { ...demand, recipient: 'solutions', fields: ['surname', 'email'] }, person.subject)
    const rows = await queryOnce(server.dataUrl, 'SELECT d::text AS row FROM disclosure d')
    expect(rows.length).toBeGreaterThan(0)
    expect(JSON.stringify(rows)).not.toContain('canary')
    await destroyNow(officer, person.subject)
    const left = await queryOnce(server.dataUrl, 'SELECT FROM disclosure WHERE subject_id = $1', [person.subject])
    expect(left).toEqual([])
  })
})
