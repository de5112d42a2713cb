import { contract } from '@doverie/sdk'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { asService, confirm, orderOf, register } from './testing/people.ts'
import { send } from './testing/raw.ts'
import { asOfficer, latestCode, startTestServer, type TestServer } from './testing/test-server.ts'

let server: TestServer

beforeAll(async () => {
  server = await startTestServer(inject('adminUrl'))
})
afterAll(() => server.stop())

/** The ways a value may hide in a line of text. */
function formsOf(value: string): readonly string[] {
  const bytes = Buffer.from(value)
  const escaped = value.replace(/[^\x20-\x7e]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
  return [value, encodeURIComponent(value), escaped, bytes.toString('base64').replace(/=+$/, ''), bytes.toString('hex')]
}

it('logs each request by its pattern, and neither a value nor an id, token, code or address', async () => {
  const officer = await asOfficer(server)
  const person = await register(server, ['marketing'])
  await confirm(officer, person.subject)
  const code = await latestCode(server.url, person.email)
  const billing = await asService(server, officer, 'billing', ['identification'])
  const call = { subject: person.subject, purpose: 'identification', entity: 'start', fields: ['surname', 'email'] }
  await billing.open(call)
  await billing.call(contract.openByQuery, { query: { ...call, fields: 'surname' } })
  await billing.search({ kind: 'email', value: person.email, purpose: 'identification', entity: 'start' })
  await person.client.me('start')
  await person.client.history()
  // Faults too: a value where none belongs, in the address, the body and the headers.
  const { values } = person
  const name = values['surname'] ?? ''
  await send(server.url, { path: `/v1/${encodeURIComponent(name)}`, body: values })
  await send(server.url, { path: '/v1/forms/registration', body: { values: { ...orderOf(person) }, [name]: name } })
  await send(server.url, {
    path: '/v1/open',
    headers: { authorization: `Bearer ${person.email}` },
    body: JSON.stringify(values).slice(5),
  })
  await person.client
    .call(contract.correctMine, { body: { entity: 'start', values: { surname: `<${name}>` } } })
    .catch(() => undefined)

  const logged = server.logged()
  expect(logged).toContain('"route":"/v1/open"')
  expect(logged).toContain('"route":"/v1/forms/:form"')
  expect(logged).toContain('"code":"invalid-value"')
  const cookie = person.client.cookie() ?? ''
  const link = new URL(server.firstStaffLink).hash.slice(1)
  const secrets = [
    ...Object.values(orderOf(person)).filter((value) => value.length > 4),
    person.subject,
    code,
    cookie,
    link,
    '127.0.0.1',
  ]
  const found = secrets.filter((secret) => formsOf(secret).some((form) => logged.includes(form)))
  expect(found.map((secret) => secrets.indexOf(secret))).toEqual([])
})
