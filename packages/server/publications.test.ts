import { randomBytes } from 'node:crypto'
import { type Client, contract } from '@doverie/sdk'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { confirm, destroyNow, proveByPhone, register, type TestPerson } from './testing/people.ts'
import { queryOnce } from './testing/query.ts'
import { send } from './testing/raw.ts'
import { asOfficer, latestLetter, startTestServer, type TestServer, until } from './testing/test-server.ts'

const FORM = 'order-domain-name'
const PUBLICATION = { purpose: 'publication' }
const ENTITY = { entity: 'start' }
const REGISTRANT = 'Клавдия Зимородок'
const MAILBOX = 'zimorodok@canary.example'

let server: TestServer
let officer: Client
beforeAll(async () => {
  server = await startTestServer(inject('adminUrl'))
  officer = await asOfficer(server)
})
afterAll(() => server.stop())

/** Somebody with a domain name, their data confirmed, who consented to nothing, and has just proved that it is them. */
async function owner(proved = true): Promise<TestPerson> {
  const person = await register(server)
  const { snapshot } = await person.client.form(FORM)
  const values = {
    ...person.values,
    'payment-token': 'tok_canary_8f14e45fceea167a',
    'payment-last4': '4242',
    'domain-names': 'zimorodok.example',
    'registrant-name': REGISTRANT,
    'registrant-email': MAILBOX,
    'registrant-address': 'Тверь, ул. Новая, 1',
  }
  await person.client.submit(FORM, { snapshot, ...ENTITY, values, consents: [] })
  await confirm(officer, person.subject)
  if (proved) await proveByPhone(server, person.client, person.values['phone'] ?? '')
  return person
}

async function consent({ client }: TestPerson): Promise<void> {
  const { snapshot } = await client.form(FORM)
  await client.call(contract.giveConsent, { body: { ...PUBLICATION, ...ENTITY, form: FORM, snapshot } })
}

async function publish({ client }: TestPerson, fields: contract.PublicFields): Promise<string> {
  const { handle } = await client.call(contract.makePublic, { params: PUBLICATION, body: { ...ENTITY, fields } })
  return handle ?? ''
}

async function mine({ client }: TestPerson): Promise<contract.MyPublication | undefined> {
  return (await client.call(contract.showMyPublications, { query: ENTITY })).publications[0]
}

/** The names of the fields that anybody sees; null where nothing is found. */
async function seen(handle: string): Promise<readonly string[] | null> {
  const answer = await fetch(`${server.url}/v1/public/${handle}`)
  const page = await fetch(`${server.url}/public/${handle}`)
  expect(page.status).toBe(answer.status)
  if (answer.status === 404) return null
  return ((await answer.json()) as contract.PublicPage).fields.map(({ field }) => field)
}

describe('data that a person made public', () => {
  it('need a consent of their own and a word on each field: neither silence nor the consent alone opens any', async () => {
    const person = await owner()
    expect(await mine(person)).toMatchObject({
      consented: false,
      handle: null,
      forms: [FORM],
      fields: [
        { field: 'registrant-name', public: false },
        { field: 'registrant-email', public: false },
      ],
    })
    await expect(publish(person, { 'registrant-name': [] })).rejects.toMatchObject({
      code: 'forbidden',
      problem: { field: 'fields.registrant-name', clause: '3.1' },
    })
    await consent(person)
    expect(await mine(person)).toMatchObject({ consented: true, handle: null })
    expect(await queryOnce(server.dataUrl, 'SELECT FROM publication')).toEqual([])
    // What no rule opens to everybody is not opened with it either.
    for (const field of ['registrant-address', 'surname']) {
      await expect(publish(person, { 'registrant-name': [], [field]: [] })).rejects.toMatchObject({ code: 'forbidden' })
    }
    const wrong = person.client.call(contract.makePublic, {
      params: { purpose: 'marketing' },
      body: { ...ENTITY, fields: {} },
    })
    await expect(wrong).rejects.toMatchObject({ code: 'unknown-purpose' })
  })

  it('are served to anybody with their bans, for people and for machines, each time in the person’s history', async () => {
    const person = await owner()
    await consent(person)
    const handle = await publish(person, { 'registrant-name': ['transfer', 'indexing'], 'registrant-email': [] })
    expect(handle).toMatch(/^[\w-]{22}$/)
    const answer = await fetch(`${server.url}/v1/public/${handle}`)
    expect([answer.headers.get('cache-control'), answer.headers.get('x-robots-tag')]).toEqual([
      'no-store',
      'noindex, noarchive',
    ])
    const found = (await answer.json()) as contract.PublicPage
    expect(found.fields.map(({ value, bans }) => [value, bans.map(({ ban }) => ban)])).toEqual([
      [REGISTRANT, ['indexing', 'transfer']],
      [MAILBOX, []],
    ])
    expect(found.policy.prohibition.map(({ target, action }) => [target.split('#')[1], action])).toEqual([
      ['registrant-name', 'http://www.w3.org/ns/odrl/2/index'],
      ['registrant-name', 'http://www.w3.org/ns/odrl/2/distribute'],
    ])
    expect(JSON.stringify(found)).not.toContain(person.subject)
    const page = await fetch(`${server.url}/public/${handle}`)
    const text = await page.text()
    for (const said of [REGISTRANT, MAILBOX, 'запрещено передавать другим', 'ст. 10.1']) expect(text).toContain(said)
    expect(page.headers.get('cache-control')).toBe('no-store')
    const shown = async (): Promise<readonly Record<string, unknown>[]> => {
      const { entries } = await person.client.call(contract.showHistory, { query: {} })
      return entries
        .map(({ body }) => JSON.parse(body) as Record<string, unknown>)
        .filter(({ act }) => act === 'serve-public')
    }
    await until(async () => (await shown()).length === 2)
    expect((await shown())[0]).toMatchObject({ operation: 'transfer:disseminate', ...PUBLICATION })
    expect(server.logged()).not.toMatch(new RegExp(`${handle}|${REGISTRANT}`))
  })

  it('are gone at once where they are banned, closed or withdrawn, and their address leads nowhere ever after', async () => {
    const person = await owner()
    const { client } = person
    await consent(person)
    const handle = await publish(person, { 'registrant-name': [], 'registrant-email': [] })
    expect(await publish(person, { 'registrant-email': [] })).toBe(handle)
    expect(await seen(handle)).toEqual(['registrant-email'])
    const close = (closedTo: readonly string[]): Promise<unknown> =>
      client.call(contract.closeMine, { params: { field: 'registrant-email' }, body: { ...ENTITY, closedTo } })
    await close(['publication'])
    expect(await seen(handle)).toBeNull()
    await close([])
    expect(await seen(handle)).toEqual(['registrant-email'])
    await client.call(contract.withdrawMine, {
      params: PUBLICATION,
      query: { ...ENTITY, allEntities: 'false' },
    })
    expect(await seen(handle)).toBeNull()
    await consent(person)
    expect([await seen(handle), (await mine(person))?.handle]).toEqual([null, null])
    const other = await publish(person, { 'registrant-name': ['processing'] })
    expect([other === handle, await seen(handle), await seen(other)]).toEqual([false, null, ['registrant-name']])
    expect(await publish(person, {})).toBe('')
    expect(await seen(other)).toBeNull()
  })

  it('are opened with a fresh proof alone, told to every proved channel, and closed with none', async () => {
    const person = await owner(false)
    await consent(person)
    const open: contract.PublicFields = { 'registrant-name': ['transfer'] }
    await expect(publish(person, open)).rejects.toMatchObject({ code: 'proof-needed' })
    expect(await queryOnce(server.dataUrl, 'SELECT FROM publication WHERE subject_id = $1', [person.subject])).toEqual(
      [],
    )
    await proveByPhone(server, person.client, person.values['phone'] ?? '')
    const handle = await publish(person, open)
    for (const channel of [person.email, person.values['phone'] ?? '']) {
      const { text } = await latestLetter(server.url, channel)
      expect(text).toMatch(/открыта для всех|видна всем/)
      expect(text).not.toContain(REGISTRANT)
    }
    // In a session in which nothing was proved but the mailbox: less may be public, and nothing more.
    await queryOnce(server.dataUrl, "UPDATE session SET steps = '[]' WHERE holder_id = $1", [person.subject])
    await expect(publish(person, { 'registrant-name': [] })).rejects.toMatchObject({ code: 'proof-needed' })
    await expect(publish(person, { ...open, 'registrant-email': [] })).rejects.toMatchObject({ code: 'proof-needed' })
    expect(await publish(person, { 'registrant-name': ['transfer', 'indexing'] })).toBe(handle)
    // Nor is another value shown to everybody, nor what was closed shown again.
    const values = { 'registrant-name': 'Кто-то Другой' }
    const other = person.client.call(contract.correctMine, { body: { ...ENTITY, values } })
    await expect(other).rejects.toMatchObject({ code: 'proof-needed' })
    const close = (closedTo: readonly string[]): Promise<unknown> =>
      person.client.call(contract.closeMine, { params: { field: 'registrant-name' }, body: { ...ENTITY, closedTo } })
    await close(['publication'])
    await expect(close([])).rejects.toMatchObject({ code: 'proof-needed' })
    expect(await seen(handle)).toBeNull()
    expect(await publish(person, {})).toBe('')
    expect(await seen(handle)).toBeNull()
  })

  it('fill nobody’s history: beyond thirty reads an hour those who ask are shown them together, by one entry with their number', async () => {
    const person = await owner()
    await consent(person)
    const handle = await publish(person, { 'registrant-name': [] })
    const asked = Array.from({ length: 55 }, () => fetch(`${server.url}/v1/public/${handle}`))
    const answers = await Promise.all(asked)
    expect(answers.map(({ status }) => status)).toEqual(asked.map(() => 200))
    const entries = async (): Promise<readonly Record<string, unknown>[]> =>
      (await person.client.history())
        .map(({ body }) => JSON.parse(body) as Record<string, unknown>)
        .filter(({ act }) => act === 'serve-public')
    await until(async () => (await entries()).length === 31)
    const people = (await entries()).map(({ detail }) => (detail as { people?: number } | undefined)?.people ?? 1)
    expect(people.sort((a, b) => a - b)).toEqual([...Array.from({ length: 30 }, () => 1), 25])
    // What is withdrawn while somebody waits is shown to none of them.
    const late = fetch(`${server.url}/v1/public/${handle}`)
    await publish(person, {})
    expect((await late).status).toBe(404)
  })

  it('are told from nothing by nobody: what is unknown, ended or no name at all is answered alike', async () => {
    const person = await owner()
    await consent(person)
    const ended = await publish(person, { 'registrant-name': [] })
    await publish(person, {})
    const answers = await Promise.all(
      [ended, randomBytes(16).toString('base64url'), 'x', person.subject].map((handle) =>
        send(server.url, { method: 'GET', path: `/v1/public/${handle}` }),
      ),
    )
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1)
    expect(answers[0]?.status).toBe(404)
  })

  it('are made public and stopped by a letter, through the same acts, within the law’s clocks', async () => {
    const person = await owner()
    await consent(person)
    const letter = async (kind: 'publication' | 'publication-stop'): Promise<string> => {
      const { requests } = await person.client.call(contract.askMine, { body: { kinds: [kind], text: '' } })
      const [request] = requests
      return request?.id ?? ''
    }
    const request = await letter('publication')
    const params = { request }
    await expect(officer.call(contract.showRequestPublications, { params })).rejects.toMatchObject({ code: 'conflict' })
    const state = async (): Promise<contract.RegisteredRequest> =>
      (await officer.call(contract.describeRequest, { params })).request
    expect((await state()).clocks.map(({ rule }) => rule)).toContain('dissemination-terms')
    await officer.call(contract.stepRequest, { params, body: { step: 'accepted' } })
    const offered = await officer.call(contract.showRequestPublications, { params })
    expect(offered.publications[0]).toMatchObject({ ...PUBLICATION, consented: true, handle: null })
    const body = { ...PUBLICATION, fields: { 'registrant-name': ['promotion'] } } as const
    const published = await officer.call(contract.publishForRequest, { params, body })
    expect(published.state).toBe('answering')
    expect(published.clocks.find(({ rule }) => rule === 'dissemination-terms')?.ended).toBe('done')
    const { handle } = (await mine(person)) ?? {}
    expect(await seen(handle ?? '')).toEqual(['registrant-name'])
    const stop = { request: await letter('publication-stop') }
    await officer.call(contract.stepRequest, { params: stop, body: { step: 'accepted' } })
    expect(await seen(handle ?? '')).toBeNull()
  })

  it('go with the person', async () => {
    const { subject } = await register(server)
    await queryOnce(server.dataUrl, "INSERT INTO publication VALUES ($1, 'publication', 'start', 'name')", [subject])
    await destroyNow(officer, subject)
    expect(await queryOnce(server.dataUrl, 'SELECT FROM publication WHERE subject_id = $1', [subject])).toEqual([])
    const kept = await owner()
    await consent(kept)
    const handle = await publish(kept, { 'registrant-name': [] })
    // What the law keeps of somebody who asked to be destroyed is shown to nobody.
    await expect(destroyNow(officer, kept.subject)).rejects.toMatchObject({ code: 'refused' })
    const { contracts } = (await kept.client.call(contract.showMe, { query: ENTITY })).facts
    const domain = contracts.find(({ service }) => service === 'domain-name')
    const body = { ...ENTITY, ticket: 'REQ-2', contract: domain?.id ?? '' }
    await officer.call(contract.endContract, { params: { subject: kept.subject }, body })
    expect(await seen(handle)).toBeNull()
  })
})
