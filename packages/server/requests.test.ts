import { readFileSync } from 'node:fs'
import { type Client, contract } from '@doverie/sdk'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { asService, asStaff, register } from './testing/people.ts'
import { asOfficer, startTestServer, type TestServer, until } from './testing/test-server.ts'

const HOUR = 3_600_000
let server: TestServer
let officer: Client

beforeAll(async () => {
  server = await startTestServer(inject('adminUrl'))
  officer = await asOfficer(server)
})
afterAll(() => server.stop())

const paper = (letter: Partial<contract.NewLetter>, key?: string): Promise<contract.LetterRegistered> =>
  officer.call(contract.registerLetter, {
    body: { channel: 'paper', text: '', ...letter },
    ...(key === undefined ? {} : { idempotencyKey: key }),
  })
const describeOf = (request: string): Promise<contract.DescribedRequest> =>
  officer.call(contract.describeRequest, { params: { request } })
const step = (request: string, body: contract.RequestStep): Promise<contract.RegisteredRequest> =>
  officer.call(contract.stepRequest, { params: { request }, body })

describe('a letter on paper', () => {
  it('starts its requests and their clocks from the receipt, and the queue shows them by what is due first', async () => {
    const receivedAt = Date.now() - 3 * HOUR
    const scan = Buffer.from('%PDF-1.7 скан')
    const { letter, requests } = await paper({
      receivedAt,
      sender: { name: 'Ёлкина Анна', address: 'Тверь' },
      marks: ['Отзыв согласия на обработку персональных данных'],
      text: 'Прошу прекратить обработку и сообщить, что у вас есть.',
      broughtBy: 'курьер',
      kinds: ['information', 'stop-processing'],
      parts: [{ name: 'scan.pdf', type: 'application/pdf', content: scan.toString('base64') }],
    })
    expect(requests.map(({ kind, routedBy }) => [kind, routedBy])).toEqual(
      expect.arrayContaining([
        ['withdrawal', 'mark'],
        ['information', 'staff'],
        ['stop-processing', 'staff'],
      ]),
    )
    for (const { receivedAt: at, dueAt, outerAt, owner } of requests) {
      expect([at, owner]).toEqual([receivedAt, 'staff'])
      expect(dueAt).toBeGreaterThan(Date.now())
      expect(outerAt).toBeGreaterThanOrEqual(dueAt ?? 0)
    }
    const { requests: queue } = await officer.call(contract.listQueue, { query: {} })
    expect(queue.map(({ id }) => id)).toEqual(expect.arrayContaining(requests.map(({ id }) => id)))
    expect(JSON.stringify(queue)).not.toMatch(/Ёлкина|Тверь/)
    const { content } = await officer.call(contract.readLetter, { params: { letter: letter.id } })
    expect(content?.sender.name).toBe('Ёлкина Анна')
    const part = content?.parts[0]?.id ?? ''
    const bytes = await officer.call(contract.readLetterPart, { params: { letter: letter.id, part } })
    expect(Buffer.from(bytes)).toEqual(scan)
    expect(server.logged()).not.toMatch(/Ёлкина|Тверь/)
  })

  it('is registered once under its key, and by staff with the duty only', async () => {
    const once = await paper({ text: 'вопрос' }, 'letter-1')
    expect((await paper({ text: 'вопрос' }, 'letter-1')).letter.number).toBe(once.letter.number)
    const body = { channel: 'paper', text: '' } as const
    const auditor = await asStaff(server, officer, 'auditor')
    await expect(auditor.call(contract.registerLetter, { body })).rejects.toMatchObject({ code: 'forbidden' })
    await expect(auditor.call(contract.listQueue, { query: {} })).rejects.toMatchObject({ code: 'forbidden' })
    const billing = await asService(server, officer, 'billing', ['payment'])
    await expect(billing.call(contract.registerLetter, { body })).rejects.toMatchObject({ code: 'forbidden' })
  })

  it.each([
    [{ receivedAt: Date.now() + HOUR }, 'receivedAt'],
    [{ entity: 'nobody' }, 'entity'],
    [{ kinds: ['lunch'] as never }, 'kinds[0]'],
    [{ channel: 'portal' as const }, 'channel'],
    [{ parts: [{ name: 'a', type: 'b', content: 'не base64' }] }, 'parts[0].content'],
  ])('is refused whole with %o', async (bad, field) => {
    const problem = await paper(bad).then(
      () => null,
      (error: unknown) => (error as { readonly problem: { readonly field?: string } }).problem,
    )
    expect(problem?.field).toBe(field)
  })
})

describe('a signature file', () => {
  const file = (name: string): Buffer => readFileSync(new URL(`../vault/testing/signatures/${name}`, import.meta.url))
  const part = (name: string, content: Buffer): contract.LetterPart => ({
    ...{ name, type: 'application/octet-stream' },
    content: content.toString('base64'),
  })
  const OWN = { surname: 'Образцова', 'given-name': 'Анна' }

  it('that a person sends with a request is checked by staff, and with their word on it lets an erasure go on', async () => {
    const { client } = await register(server, [], OWN)
    const parts = [part('letter.txt', file('letter.txt')), part('letter.txt.sig', file('rsa.p7s'))]
    const body = { kinds: ['erasure'], text: 'Прошу уничтожить мои данные.', parts } as const
    const { letter: registered, requests } = await client.call(contract.askMine, { body })
    const [request = { id: '', state: '' }] = requests
    expect(request.state).toBe('identifying')
    const params = { letter: registered.id }
    const { content } = await officer.call(contract.readLetter, { params })
    const [text = '', signature = ''] = content?.parts.map(({ id }) => id) ?? []
    const signed = { content: text, signature, demand: true }
    const word = { method: 'qualified-signature', passed: true, checkedBy: 'gosuslugi', signed } as const
    await expect(officer.call(contract.checkIdentity, { params, body: word })).rejects.toMatchObject({
      code: 'conflict',
    })
    const checked = await officer.call(contract.checkSignature, { params, body: { content: text, signature } })
    expect(checked).toMatchObject({
      ...{ verdict: 'matches', uncompared: null, passed: true },
      signers: [
        {
          subject: { surname: 'Образцова', INN: '500100732259' },
          digestMatches: true,
          inTerm: true,
          compared: { surname: 'match', givenNames: 'match', inn: null, snils: null },
        },
      ],
    })
    expect((await describeOf(request.id)).request.state).toBe('identifying')
    const { checkedBy: _, ...bare } = word
    const { signed: __, ...ofNoPart } = word
    for (const body of [bare, ofNoPart, { ...word, signed: { ...signed, demand: false } }])
      await expect(officer.call(contract.checkIdentity, { params, body })).rejects.toMatchObject({
        code: 'invalid-request',
      })
    const { proof } = await officer.call(contract.checkIdentity, { params, body: word })
    expect(proof.at(-1)).toMatchObject({ method: 'qualified-signature', level: 3, passed: true })
    expect((await describeOf(request.id)).request.state).toBe('deciding')
    // Of the words the signature says nothing.
    const words = await officer.call(contract.checkSignature, { params, body: { content: null, signature } })
    expect(words.verdict).toBe('wrong')
    expect(server.logged()).not.toMatch(/Образцова|500100732259|11223344595/)
  })

  it.each([
    ['is empty', Buffer.alloc(0)],
    ['is no DER', Buffer.from('%PDF-1.7 signature')],
    ['is cut', file('rsa.p7s').subarray(0, 900)],
    ['is text around nothing', Buffer.from('-----BEGIN CMS-----\n-----END CMS-----\n')],
    ['is nested a hundred thousand deep', Buffer.alloc(200_000, Buffer.from('3080', 'hex'))],
    ['is large', Buffer.alloc(300_000, 0x30)],
    ['has its own content in it', file('rsa-whole.p7s')],
    ['lacks its certificate', file('rsa-bare.p7s')],
  ])('that %s is a clear fault of its field, and changes nothing', async (_, content) => {
    const { letter } = await paper({ text: file('letter.txt').toString(), parts: [part('letter.p7s', content)] })
    const params = { letter: letter.id }
    const read = await officer.call(contract.readLetter, { params })
    const body = { content: null, signature: read.content?.parts[0]?.id ?? '' }
    await expect(officer.call(contract.checkSignature, { params, body })).rejects.toMatchObject({
      code: 'invalid-value',
      problem: { field: 'signature' },
    })
    expect((await officer.call(contract.readLetter, { params })).letter.proof).toEqual([])
  })

  it('is refused where it is larger than what a person sends, and where no member of staff with the duty asks', async () => {
    const { client } = await register(server)
    const parts = [part('a', Buffer.alloc(8_700_000))]
    const body = { kinds: ['feedback'], text: 'большое', parts } as const
    await expect(client.call(contract.askMine, { body })).rejects.toMatchObject({ code: 'body-too-large' })
    const { letter } = await paper({ text: 'а', parts: [part('b', Buffer.from('b'))] })
    const check = { content: null, signature: letter.id }
    const other = await asStaff(server, officer, 'administrator')
    const params = { letter: letter.id }
    await expect(other.call(contract.checkSignature, { params, body: check })).rejects.toMatchObject({
      code: 'forbidden',
    })
    await expect(officer.call(contract.checkSignature, { params, body: check })).rejects.toMatchObject({
      code: 'not-found',
    })
  })
})

describe('the register', () => {
  it('finds what ended, too, by number, state, channel, entity, day and person, page by page; the queue stays as it is', async () => {
    const { client, subject } = await register(server)
    const { letter, requests } = await client.call(contract.askMine, {
      body: { kinds: ['feedback', 'copy'], text: 'а' },
    })
    const [first, second] = requests
    const ended = await client.call(contract.recallMine, { params: { request: first?.id ?? '' } })
    await officer.call(contract.sendReply, { params: { request: ended.id }, body: { kind: 'confirmation' } })
    const look = async (query: contract.QueueQuery): Promise<readonly string[]> =>
      (await officer.call(contract.listQueue, { query })).requests.map(({ id }) => id)
    expect(await look({})).not.toContain(ended.id)
    expect(await look({ state: 'ended', subject })).toEqual([ended.id])
    expect(await look({ number: ended.number })).toEqual([ended.id])
    expect([...(await look({ number: letter.number, subject }))].sort()).toEqual([first?.id, second?.id].sort())
    const today = new Date(letter.receivedAt).toLocaleDateString('sv', { timeZone: 'Europe/Moscow' })
    expect(await look({ subject, from: today, to: today, channel: 'portal', kind: 'copy' })).toEqual([second?.id])
    expect(await look({ subject, to: '2020-01-01' })).toEqual([])
    expect(await look({ subject, channel: 'paper' })).toEqual([])
    await expect(look({ from: 'вчера' })).rejects.toMatchObject({ code: 'invalid-request' })
    const before = `${letter.receivedAt}.${[first?.id ?? '', second?.id ?? ''].sort().at(-1) ?? ''}`
    expect(await look({ subject, state: 'all', after: before })).toHaveLength(1)
  })
})

describe('a printed document', () => {
  it('has an address sheet, and brings about what it says once it is posted', async () => {
    const { requests } = await paper({
      kinds: ['information'],
      sender: { name: 'Пётр', address: 'Тверь, ул. Новая, 1' },
    })
    const request = requests[0]?.id ?? ''
    const { reply } = await officer.call(contract.sendReply, {
      params: { request },
      body: { kind: 'extension', reason: 'volume', note: 'Запрошено много.' },
    })
    expect([reply.channel, reply.sentAt]).toEqual(['print', null])
    const sheet = await officer.call(contract.printAddressSheet, { params: { reply: reply.id } })
    expect(Buffer.from(sheet).subarray(0, 5).toString()).toBe('%PDF-')
    const clockOf = (one: contract.RegisteredRequest): contract.RequestClock | undefined =>
      one.clocks.find(({ extendedAt }) => extendedAt !== null)
    expect(clockOf((await describeOf(request)).request)).toBeUndefined()
    const posted = await officer.call(contract.markPosted, { params: { reply: reply.id } })
    expect(clockOf(posted.request)?.outer).toBeGreaterThan(requests[0]?.outerAt ?? 0)
    await expect(officer.call(contract.markPosted, { params: { reply: reply.id } })).rejects.toMatchObject({
      code: 'conflict',
    })
  })
})

describe('the pages of staff', () => {
  it('show the clocks of the queue to staff with the duty, and nothing personal to anybody', async () => {
    await paper({ kinds: ['unlawful'], sender: { name: 'Страничный Ким' } })
    const anonymous = await fetch(`${server.url}/console/requests`)
    expect([anonymous.status, (await anonymous.text()).includes('<progress')]).toEqual([401, false])
    const cookie = officer.cookie() ?? ''
    const page = async (path: string): Promise<string> =>
      (await fetch(server.url + path, { headers: { cookie } })).text()
    const queue = await page('/console/requests')
    expect(queue).toContain('<progress data-start=')
    const [id = ''] = /[0-9a-f-]{36}/.exec(queue) ?? []
    for (const shown of [queue, await page(`/console/requests/${id}`)]) expect(shown).not.toContain('Страничный')
    expect(await page('/console/letters/new')).toContain('id="letter-form"')
    const analyst = await asStaff(server, officer, 'analyst')
    const refused = await fetch(`${server.url}/console/requests`, { headers: { cookie: analyst.cookie() ?? '' } })
    expect(refused.status).toBe(403)
  })
})

describe('a request of a signed-in person', () => {
  it('is answered with a numbered document of the registers and its twins for machines, for them alone', async () => {
    const { client, subject, email } = await register(server)
    const stranger = await register(server)
    const body = { kinds: ['information'], text: 'Что у вас есть обо мне?' } as const
    const { requests } = await client.call(contract.askMine, { body, idempotencyKey: 'ask-1' })
    expect((await client.call(contract.askMine, { body, idempotencyKey: 'ask-1' })).requests).toHaveLength(1)
    const request = requests[0]?.id ?? ''
    expect(requests[0]?.state).toBe('answering')
    const { reply } = await officer.call(contract.sendReply, { params: { request }, body: { kind: 'answer' } })
    const params = { reply: reply.id }
    const pdf = Buffer.from(await client.call(contract.readReply, { params }))
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-')
    const json = JSON.parse(await client.call(contract.readExport, { params: { ...params, format: 'json' } })) as {
      number: string
      data: { field: string; value: string }[]
    }
    expect(json.number).toBe(reply.number)
    expect(json.data.find(({ field }) => field === 'email')?.value).toBe(email)
    const csv = await client.call(contract.readExport, { params: { ...params, format: 'csv' } })
    expect(csv).toContain(`"${email}"`)
    await expect(stranger.client.call(contract.readReply, { params })).rejects.toMatchObject({ code: 'not-found' })
    await expect(stranger.client.call(contract.showMine, { params: { request } })).rejects.toMatchObject({
      code: 'not-found',
    })
    const mine = await client.call(contract.listMine, {})
    expect(mine.requests.map(({ id, state }) => [id, state])).toEqual([[request, 'answered']])
    const { events } = await client.call(contract.showMine, { params: { request } })
    expect(events.map(({ what }) => what)).toEqual(['received', 'identity-proved', 'accepted', 'answered'])
    expect(
      (await officer.call(contract.readLetter, { params: { letter: requests[0]?.letter ?? '' } })).letter.subject,
    ).toBe(subject)
  })

  it('to correct is done by the use-case that corrects, under the request’s number, and answered', async () => {
    const { client } = await register(server)
    const { requests } = await client.call(contract.askMine, { body: { kinds: ['correction'], text: 'Я Иванова' } })
    const request = requests[0]?.id ?? ''
    const correct = (values: Readonly<Record<string, unknown>>): Promise<contract.RegisteredRequest> =>
      officer.call(contract.correctForRequest, { params: { request }, body: { values } })
    await expect(correct({ surname: 'Иванова' })).rejects.toMatchObject({ code: 'conflict' })
    await step(request, { step: 'accepted' })
    await expect(correct({ 'no-such': 'x' })).rejects.toMatchObject({ code: 'undeclared-field' })
    expect((await correct({ surname: 'Иванова' })).state).toBe('telling')
    expect((await client.me('start')).values['surname']).toBe('Иванова')
    await step(request, { step: 'told' })
    await officer.call(contract.sendReply, { params: { request }, body: { kind: 'answer' } })
    expect((await describeOf(request)).request).toMatchObject({ state: 'answered', late: false })
  })

  it('to stop promotion stops it with the demand', async () => {
    const { client } = await register(server, ['marketing'])
    const { requests } = await client.call(contract.askMine, { body: { kinds: ['marketing-stop'], text: '' } })
    expect(requests[0]?.clocks.find(({ rule }) => rule === 'marketing-stop')).toMatchObject({
      ended: 'done',
      late: false,
    })
    expect((await client.me('start')).facts.consents).toEqual([])
  })

  it('is taken back by them alone, and confirmed', async () => {
    const { client } = await register(server)
    const { requests } = await client.call(contract.askMine, { body: { kinds: ['erasure'], text: '' } })
    const request = requests[0]?.id ?? ''
    expect((await client.me('start')).facts.blocked?.reason).toBe('claimed')
    expect((await client.call(contract.recallMine, { params: { request } })).state).toBe('recalling')
    expect((await client.me('start')).facts.blocked).toBeNull()
  })
})

describe('what a demand waits for', () => {
  it('is seen to by the server itself: nothing that is its own move stays', async () => {
    const { requests } = await paper({ kinds: ['unlawful'] })
    await until(async () => (await describeOf(requests[0]?.id ?? '')).request.owner === 'staff')
  })

  it('is refused for an unknown step, reason or request, and changes nothing', async () => {
    const request = (await paper({ kinds: ['information'] })).requests[0]?.id ?? ''
    await expect(step(request, { step: 'stopped' })).rejects.toMatchObject({ code: 'invalid-request' })
    await expect(step(request, { step: 'rejected', reason: 'mood' })).rejects.toMatchObject({ code: 'invalid-request' })
    await expect(step('00000000-0000-4000-8000-000000000000', { step: 'accepted' })).rejects.toMatchObject({
      code: 'not-found',
    })
    expect((await describeOf(request)).request.state).toBe('registered')
  })
})
