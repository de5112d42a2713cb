import { type Client, contract, createClient } from '@doverie/sdk'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { asService, confirm, register, someValues, type TestPerson } from './testing/people.ts'
import { queryOnce } from './testing/query.ts'
import { expectProblem, send } from './testing/raw.ts'
import { asOfficer, latestCode, latestLetter, startTestServer, type TestServer } from './testing/test-server.ts'

let server: TestServer
let officer: Client
let person: TestPerson

beforeAll(async () => {
  server = await startTestServer(inject('adminUrl'))
  officer = await asOfficer(server)
  person = await register(server)
  await confirm(officer, person.subject)
})
afterAll(() => server.stop())

const identification = (subject: string): contract.AccessCall => ({
  subject,
  purpose: 'identification',
  entity: 'start',
  fields: ['surname'],
})

describe('a session', () => {
  it('comes in a cookie of this host alone, which scripts and other sites cannot use', async () => {
    const { email } = person
    const { id } = await server.client().requestCode(email)
    const answer = await send(server.url, {
      path: `/v1/sign-in/${id}`,
      body: { code: await latestCode(server.url, email) },
    })
    expect(answer.status).toBe(200)
    const cookie = answer.headers.getSetCookie()[0] ?? ''
    expect(cookie).toMatch(/^__Host-doverie=[\w-]{43}; Path=\/; Expires=[^;]+; HttpOnly; Secure; SameSite=Strict$/)
    expect(answer.text).not.toContain(/=([\w-]+);/.exec(cookie)?.[1])
  })

  it('changes nothing for a request that names no page of this server', async () => {
    const cookie = person.client.cookie() ?? ''
    const path = '/v1/me/confidentiality/phone'
    const body = { entity: 'start', closedTo: ['*'] }
    const origins = [undefined, 'https://evil.example', 'null', `${server.url}.evil.example`]
    for (const origin of origins) {
      const headers = { cookie, ...(origin === undefined ? {} : { origin }) }
      expectProblem(await send(server.url, { method: 'PUT', path, headers, body }), { code: 'forbidden' })
    }
    expect((await person.client.me('start')).facts.closed).toEqual({})
    const own = await send(server.url, { method: 'PUT', path, headers: { cookie, origin: server.url }, body })
    expect(own.status).toBe(200)
    const opened = { ...body, closedTo: [] }
    await send(server.url, { method: 'PUT', path, headers: { cookie, origin: server.url }, body: opened })
  })

  it('ends when the person leaves, at once and for good', async () => {
    const other = await register(server)
    const cookie = other.client.cookie() ?? ''
    await other.client.leave()
    expect(other.client.cookie()).toBe(null)
    const answer = await send(server.url, { method: 'GET', path: '/v1/me?entity=start', headers: { cookie } })
    expectProblem(answer, { code: 'unauthenticated' })
    expect(answer.headers.getSetCookie()[0]).toMatch(/^__Host-doverie=;/)
  })

  it("of one person does not reach another's data", async () => {
    const other = await register(server)
    const call = { ...identification(person.subject), purpose: 'rights' }
    await expect(other.client.open(call)).rejects.toMatchObject({ code: 'refused' })
    await expect(
      other.client.call(contract.blockPerson, {
        params: { subject: person.subject },
        body: { entity: 'start', reason: 'subject' },
      }),
    ).rejects.toMatchObject({ code: 'forbidden' })
  })

  it('of staff is begun by a link that serves once', async () => {
    const { path } = await officer.call(contract.addStaff, { body: { pseudonym: 'support-7', role: 'support' } })
    const token = path.replace('/enter#', '')
    const support = server.client()
    expect(await support.enter(token)).toMatchObject({ role: 'support', pseudonym: 'support-7' })
    await expect(server.client().enter(token)).rejects.toMatchObject({ code: 'code-invalid' })
    await expect(support.call(contract.listCredentials, {})).rejects.toMatchObject({ code: 'forbidden' })
    const call = { ...identification(person.subject), ticket: 'SUP-1' }
    expect((await support.open(call)).values['surname']).toBe(person.values['surname'])
    const { ticket: _, ...without } = call
    await expect(support.open(without)).rejects.toMatchObject({ code: 'refused' })
  })
})

describe('a sign-in', () => {
  it('answers alike whether the address is known or not', async () => {
    const unknown = someValues().email
    const [known, stranger] = await Promise.all(
      [person.email, unknown].map((email) => send(server.url, { path: '/v1/sign-in', body: { email } })),
    )
    expect(known?.status).toBe(202)
    expect(stranger?.status).toBe(202)
    expect(Object.keys(known?.json ?? {})).toEqual(Object.keys(stranger?.json ?? {}))
    expect(known?.text.length).toBe(stranger?.text.length)
    const names = [known, stranger].map((answer) => [...(answer?.headers.keys() ?? [])])
    expect(names[0]).toEqual(names[1])
    expect((await latestLetter(server.url, unknown)).text).not.toMatch(/\d{6}/)
  })

  it('takes five guesses and no sixth, right or wrong', async () => {
    const client = server.client()
    const { id } = await client.requestCode(person.email)
    const code = await latestCode(server.url, person.email)
    const wrong = code === '000000' ? '000001' : '000000'
    for (let i = 0; i < 5; i++) {
      await expect(client.proveCode(id, wrong)).rejects.toMatchObject({ code: 'code-invalid' })
    }
    await expect(client.proveCode(id, code)).rejects.toMatchObject({ code: 'code-invalid' })
  })
})

describe('a credential', () => {
  const body = {
    actor: 'billing',
    entities: ['start'],
    purposes: ['identification'],
    peoplePerHour: 10,
    expiresInDays: 1,
  }

  it('is shown once and kept as a hash', async () => {
    const { token, credential } = await officer.call(contract.issueCredential, { body })
    const { credentials } = await officer.call(contract.listCredentials, {})
    expect(credentials.map((one) => one.credential)).toContain(credential)
    expect(JSON.stringify(credentials)).not.toContain(token)
    const rows = await queryOnce(server.dataUrl, 'SELECT row_to_json(credential)::text AS row FROM credential')
    expect(rows.length).toBeGreaterThan(0)
    expect(JSON.stringify(rows)).not.toContain(token)
    expect(JSON.stringify(rows)).not.toContain(Buffer.from(token).toString('hex'))
  })

  it('opens nothing any more once it is revoked or has expired', async () => {
    const { token, credential } = await officer.call(contract.issueCredential, { body })
    const billing = createClient({ url: server.url, token })
    await billing.open(identification(person.subject))
    await officer.call(contract.revokeCredential, { params: { id: credential } })
    await expect(billing.open(identification(person.subject))).rejects.toMatchObject({ code: 'unauthenticated' })

    const second = await officer.call(contract.issueCredential, { body })
    await queryOnce(server.dataUrl, 'UPDATE credential SET expires_at = created_at WHERE credential_id = $1', [
      second.credential,
    ])
    const late = createClient({ url: server.url, token: second.token })
    await expect(late.open(identification(person.subject))).rejects.toMatchObject({ code: 'unauthenticated' })
  })

  it('reaches so many people an hour and no more', async () => {
    const billing = await asService(server, officer, 'billing', ['identification'], { peoplePerHour: 1 })
    const other = await register(server)
    await billing.open(identification(person.subject))
    await billing.open(identification(person.subject))
    await expect(billing.open(identification(other.subject))).rejects.toMatchObject({
      code: 'reach-exceeded',
      status: 429,
    })
  })

  it('finds, compares and decides only as far as it is scoped', async () => {
    const billing = await asService(server, officer, 'billing', ['identification'])
    const { subject, email } = person
    const ask = { purpose: 'identification', entity: 'start' }
    expect((await billing.search({ ...ask, kind: 'email', value: email.toUpperCase() })).subjects).toEqual([subject])
    const compared = { ...ask, subject, field: 'phone' }
    expect((await billing.compare({ ...compared, value: person.values['phone'] ?? '' })).matches).toBe(true)
    expect((await billing.compare({ ...compared, value: '+79990000000' })).matches).toBe(false)
    const call = { ...identification(subject) }
    expect(await billing.decide(call)).toMatchObject({ decision: 'permit' })
    const other = await billing.decide({ ...call, purpose: 'delivery' })
    expect(other).toMatchObject({ decision: 'refuse', causes: [{ reason: 'credential-scope' }] })
    await expect(billing.search({ ...ask, purpose: 'delivery', kind: 'email', value: email })).rejects.toMatchObject({
      code: 'refused',
    })
  })

  it('opens by address as by body', async () => {
    const billing = await asService(server, officer, 'billing', ['identification'])
    const query = { ...identification(person.subject), fields: 'surname,given-name' }
    const opened = await billing.call(contract.openByQuery, { query })
    expect(opened.values).toEqual({ surname: person.values['surname'], 'given-name': person.values['given-name'] })
  })
})

describe('a submission', () => {
  it('repeated under its Idempotency-Key collects nothing twice', async () => {
    const client = server.client()
    const { snapshot } = await client.form('registration')
    const submission = { snapshot, entity: 'start', values: someValues(), consents: [], age: 'adult' as const }
    const first = await client.submit('registration', submission, 'order-1')
    expect(await client.submit('registration', submission, 'order-1')).toEqual(first)
    const other = { ...submission, entity: 'solutions' }
    await expect(client.submit('registration', other, 'order-1')).rejects.toMatchObject({
      code: 'idempotency-conflict',
    })
    expect((await client.submit('registration', submission)).subject).not.toBe(first.subject)
  })

  it('never tells a stranger whom it found, nor changes them', async () => {
    const client = server.client()
    const { snapshot } = await client.form('registration')
    const values = { ...someValues(), email: person.email, surname: 'Иной' }
    const collected = await client.submit('registration', {
      snapshot,
      entity: 'start',
      values,
      consents: [],
      age: 'adult',
    })
    expect(collected.subject).not.toBe(person.subject)
    expect(collected.conflicts).toEqual([])
    expect((await person.client.me('start')).values['surname']).toBe(person.values['surname'])
  })
})
