import { openNote, parseVerifierKey } from '@doverie/core/log'
import { type Client, contract } from '@doverie/sdk'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { queryOnce } from './testing/query.ts'
import { asService, asStaff, destroyNow, register } from './testing/people.ts'
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

it('gives the officer a numbered act with its log export, signed by the ledger’s key, and as a PDF in Russian', async () => {
  const { subject } = await register(server)
  await destroyNow(officer, subject)
  const [row] = (await officer.call(contract.listDestructions, { query: { subject } })).destructions
  const params = { act: row?.id ?? '' }
  const { statement, note } = await officer.call(contract.issueDestructionAct, { params })
  const key = parseVerifierKey((await officer.call(contract.readKey, {})).trim())
  const [format, body] = openNote(note, [key]).text.split('\n')
  expect(format).toBe('doverie/destruction-act/v1')
  expect(JSON.parse(body ?? '')).toEqual(statement)
  expect(statement).toMatchObject({
    number: expect.stringMatching(/^20\d\d-00000\d$/) as unknown,
    subject,
    person: true,
    by: { kind: 'staff', name: 'dpo' },
    reason: { ru: 'отпали основания обработки' },
    rootDestroyedAt: null,
    log: [{ what: 'begun', entry: { id: row?.entry } }, { what: 'gone' }],
  })
  expect(await officer.call(contract.issueDestructionAct, { params })).toMatchObject({
    statement: { number: statement['number'] },
  })
  const pdf = await officer.call(contract.printDestructionAct, { params })
  expect(Buffer.from(pdf).subarray(0, 5).toString()).toBe('%PDF-')
  await expect(officer.call(contract.issueDestructionAct, { params: { act: subject } })).rejects.toMatchObject({
    status: 404,
  })
  await expect(server.client().call(contract.printDestructionAct, { params })).rejects.toMatchObject({ status: 401 })
})

it('gives no act the number of another, though the register came out of an older copy that does not know it', async () => {
  const issued = async (): Promise<number> => {
    const { subject } = await register(server)
    await destroyNow(officer, subject)
    const [row] = (await officer.call(contract.listDestructions, { query: { subject } })).destructions
    const { statement } = await officer.call(contract.issueDestructionAct, { params: { act: row?.id ?? '' } })
    return Number(String(statement['number']).split('-')[1])
  }
  const last = await issued()
  await queryOnce(server.keystoreUrl, 'DELETE FROM destruction')
  expect(await issued()).toBe(last + 1)
})

it('shows the officer what is planned, tells doubts, what was reviewed and the level of protection', async () => {
  const { client } = await register(server)
  const mine = { query: { entity: 'start' } }
  expect((await client.call(contract.showMe, mine)).reviewDue).toBe(false)
  expect(await client.call(contract.reviewMine, { body: { entity: 'start' } })).toMatchObject({ decision: 'permit' })
  expect((await client.call(contract.showMe, mine)).facts.reviewedAt).toBeGreaterThan(0)
  expect(await officer.call(contract.listPlan, { query: {} })).toEqual({ planned: [], pause: null })
  expect(await officer.call(contract.listDoubts, { query: {} })).toEqual({ doubts: [], unlisted: 0, next: null })
  const protection = await officer.call(contract.showProtection, {})
  expect(protection).toMatchObject({ level: 4, levelBeyond: 3, threat: 3, data: 'other', warning: false })
  await expect(server.client().call(contract.listPlan, { query: {} })).rejects.toMatchObject({ status: 401 })
})

it('shows the officer the pause after a restore, in the API and on a page, and takes the words by which it ends', async () => {
  const { subject } = await register(server)
  await queryOnce(
    server.dataUrl,
    `INSERT INTO plan VALUES ('${subject}', 'contact', now() - interval '20 days', now() - interval '6 days', now() + interval '11 days');
     INSERT INTO restored (restore_id, backup_id, taken_at, restored_at, replayed_at)
     VALUES (gen_random_uuid(), gen_random_uuid(), now() - interval '1 day', now(), now())`,
  )
  const { planned, pause } = await officer.call(contract.listPlan, { query: {} })
  expect(planned).toMatchObject([{ subject, compartment: 'contact', goesAt: pause?.until, late: true }])
  expect(pause).toMatchObject({ due: 1, late: 1, endAskedBy: null })
  const page = async (client: Client | null): Promise<Response> =>
    fetch(`${server.url}/console/destructions`, { headers: { cookie: client?.cookie() ?? '' } })
  const shown = await (await page(officer)).text()
  expect(shown).toContain('Пауза после восстановления')
  expect(shown).toContain('Срок закона истечёт раньше')
  expect([(await page(null)).status, (await page(await asStaff(server, officer, 'support'))).status]).toEqual([
    401, 403,
  ])
  const end = (client: Client): Promise<contract.PauseEnded> =>
    client.call(contract.endPause, { body: { ticket: 'DPO-1' } })
  expect(await end(officer)).toEqual({ ended: false })
  expect((await officer.call(contract.listPlan, { query: {} })).pause?.endAskedBy).not.toBeNull()
  // Whose link the first had made may be the first.
  await expect(end(await asStaff(server, officer, 'dpo', 'dpo-2'))).rejects.toMatchObject({ code: 'forbidden' })
  await queryOnce(server.dataUrl, `UPDATE restored SET end_asked_by = 'dpo-3'`)
  expect(await end(officer)).toEqual({ ended: true })
  expect((await officer.call(contract.listPlan, { query: {} })).pause).toBeNull()
})

it('destroys a field that nothing declares any more, in the API and from its page, and shows nobody else', async () => {
  const { subject } = await register(server)
  await queryOnce(
    server.dataUrl,
    `UPDATE subject SET facts = jsonb_set(facts, '{fields,identity}', '["given-name", "nickname", "surname"]'), facts_version = facts_version + 1
     WHERE subject_id = '${subject}'`,
  )
  const page = async (client: Client | null): Promise<Response> =>
    fetch(`${server.url}/console/doubts`, { headers: { cookie: client?.cookie() ?? '' } })
  const shown = await (await page(officer)).text()
  expect(shown).toContain(`data-post="/v1/people/${subject}/destroy-field"`)
  const support = await asStaff(server, officer, 'support', 'support-3')
  expect([(await page(null)).status, (await page(support)).status]).toEqual([401, 403])
  const destroy = (client: Client, field: string): Promise<contract.Permitted> =>
    client.call(contract.destroyField, {
      params: { subject },
      body: { entity: 'start', ticket: 'DPO-2', compartment: 'identity', field },
    })
  await expect(destroy(support, 'nickname')).rejects.toMatchObject({ code: 'forbidden' })
  await expect(destroy(officer, 'surname')).rejects.toMatchObject({ code: 'conflict' })
  expect(await destroy(officer, 'nickname')).toMatchObject({ decision: 'permit' })
  expect(await (await page(officer)).text()).not.toContain(subject)
})
