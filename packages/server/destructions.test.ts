import { type Client, contract } from '@doverie/sdk'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { asService, destroyNow, register } from './testing/people.ts'
import { asOfficer, startTestServer, type TestServer } from './testing/test-server.ts'

let server: TestServer
let officer: Client
beforeAll(async () => {
  server = await startTestServer(inject('adminUrl'))
  officer = await asOfficer(server)
})
afterAll(() => server.stop())

it('shows the officer what was destroyed and since when it is beyond recovery, page by page, and shows nobody else', async () => {
  const [first, second] = [await register(server), await register(server)]
  for (const { subject } of [first, second]) await destroyNow(officer, subject)
  const all = (await officer.call(contract.listDestructions, { query: {} })).destructions
  expect(all.map(({ subject, person }) => [subject, person])).toEqual([
    [second.subject, true],
    [first.subject, true],
  ])
  const [newest, oldest] = all
  expect(newest).toMatchObject({ purpose: 'legal', rootDestroyedAt: null, irrecoverableFrom: null })
  expect(newest?.compartments).toContain('contact')
  const page = await officer.call(contract.listDestructions, { query: { before: String(newest?.goneAt) } })
  expect(page.destructions).toEqual([oldest])
  const own = await officer.call(contract.listDestructions, { query: { subject: first.subject } })
  expect(own.destructions).toEqual([oldest])
  const service = await asService(server, officer, 'billing', ['payment'])
  const asks = (client: Client): Promise<unknown> => client.call(contract.listDestructions, { query: {} })
  await expect(asks(server.client())).rejects.toMatchObject({ status: 401 })
  await expect(asks(service)).rejects.toMatchObject({ status: 403 })
})
