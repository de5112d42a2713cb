import { type Client, contract } from '@doverie/sdk'
import { commitment, openProofFile, parseProofFile, parseVerifierKey } from '@doverie/core/log'
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import {
  asService,
  confirm,
  destroyNow,
  order,
  proveByPhone,
  refusal,
  register,
  type TestPerson,
} from './testing/people.ts'
import { asOfficer, latestLetter, startTestServer, type TestServer, until } from './testing/test-server.ts'

let server: TestServer
let officer: Client

beforeAll(async () => {
  server = await startTestServer(inject('adminUrl'))
  officer = await asOfficer(server)
})
afterAll(() => server.stop())

it('leads a person from registration over order, reads and withdrawal to destruction', async () => {
  const person = await register(server, ['marketing'])
  const { subject, values } = person
  const id = await order(person)
  expect(id).toMatch(/^[0-9a-f-]{36}$/)

  const billing = await asService(server, officer, 'billing', ['payment'])
  const payment = { subject, purpose: 'payment', entity: 'start', fields: ['surname', 'email', 'bank-account'] }
  const unconfirmed = await refusal(billing.open(payment))
  expect(unconfirmed.clauses).toContain('1.2')
  expect(unconfirmed.leaf).toMatch(/^[0-9a-f]{64}$/)

  await confirm(officer, subject)
  const opened = await billing.open(payment)
  expect(opened.values).toEqual({ surname: values['surname'], email: values['email'], 'bank-account': null })
  expect(opened.clauses).toContain('2.2.1')

  const newsletter = await asService(server, officer, 'newsletter', ['marketing'])
  const offers = { subject, purpose: 'marketing', entity: 'start', fields: ['given-name', 'email'] }
  expect((await newsletter.open(offers)).values['given-name']).toBe(values['given-name'])
  const withdrawn = await person.client.withdraw('marketing', { entity: 'start', allEntities: 'true' })
  expect(withdrawn.decision).toBe('permit')
  await refusal(newsletter.open(offers))

  await expectProvableHistory(person, opened)

  const ended = await officer.call(contract.endContract, {
    params: { subject },
    body: { entity: 'start', ticket: 'REQ-2', contract: id },
  })
  expect(ended.kept.map(({ ground }) => ground)).toContain('accounting')
  await refusal(billing.open(payment))

  const destroyed = await destroyNow(officer, subject)
  expect(destroyed.person).toBe(false)
  expect(destroyed.destroyed).toContain('contact')
  expect(destroyed.kept.map(({ compartment }) => compartment)).toContain('identity')
  const mine = await person.client.me('start')
  expect(mine.values['surname']).toBe(values['surname'])
  expect(mine.values['email'] ?? null).toBe(null)
})

/** The opening stands in the person's history, with a commitment and a proof that check out against the ledger's key. */
async function expectProvableHistory(person: TestPerson, opened: contract.OpenedFields): Promise<void> {
  const own = async (): Promise<contract.HistoryEntry | undefined> =>
    (await person.client.history()).find(({ leaf }) => leaf === opened.leaf)
  await until(async () => (await own()) !== undefined)
  const entry = (await own())!
  expect(JSON.parse(entry.body)).toMatchObject({ act: 'open', purpose: 'payment' })
  const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest()
  const leaf = commitment(Buffer.from(entry.salt, 'hex'), entry.body, sha256)
  expect(Buffer.from(leaf).toString('hex')).toBe(opened.leaf)
  const proof = parseProofFile(await person.client.proof(entry.place))
  const key = parseVerifierKey((await person.client.call(contract.readKey, {})).trim())
  expect(proof.index).toBe(entry.place)
  expect(openProofFile(proof, leaf, key.name, [key], sha256).size).toBeGreaterThan(entry.place)
}

it('destroys a person whom nothing keeps, so that nobody opens anything and their session is gone', async () => {
  const person = await register(server)
  const { client, subject } = person
  const { contract: account } = await client.me('start').then(({ facts }) => ({ contract: facts.contracts[0] }))
  expect(account?.service).toBe('account')
  const ask = () => client.call(contract.destroyMine, { body: { entity: 'start', compartments: null } })
  // Who holds the mailbox alone destroys nothing.
  await expect(ask()).rejects.toMatchObject({ code: 'proof-needed' })
  expect((await client.me('start')).facts.blocked).toBeNull()
  const { phone = '' } = person.values
  await proveByPhone(server, client, phone)
  const asked = await ask()
  expect((await latestLetter(server.url, phone)).text).toContain('Запрошено уничтожение ваших данных')
  expect(asked).toMatchObject({ destroyed: [], person: false, kept: [] })
  expect(asked.waits?.due).toBeGreaterThan(Date.now())
  expect((await client.me('start')).facts.erasure?.id).toBe(asked.waits?.id)
  await client.call(contract.cancelDestruction, { body: { entity: 'start' } })
  const destroyed = await destroyNow(officer, subject)
  expect(destroyed).toMatchObject({ person: true, kept: [], waits: null })
  await expect(client.me('start')).rejects.toMatchObject({ code: 'unauthenticated' })
  const outcome = await refusal(
    officer.call(contract.open, {
      body: { subject, purpose: 'legal', entity: 'start', fields: ['surname'], ticket: 'REQ-3' },
    }),
  )
  expect(outcome.causes?.[0]?.reason).toBe('no-live-data')
})
