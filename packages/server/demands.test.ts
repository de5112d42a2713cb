import { randomUUID } from 'node:crypto'
import { type Client, contract } from '@doverie/sdk'
import { Decrypter, generateX25519Identity, identityToRecipient } from 'age-encryption'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { READS_PDF, textOf } from '../vault/testing/pdf-text.ts'
import { asService, asStaff, confirm, destroyNow, order, refusal, register, type TestPerson } from './testing/people.ts'
import { queryOnce } from './testing/query.ts'
import { asOfficer, startTestServer, type TestServer, until } from './testing/test-server.ts'

const DAY = 86_400_000
let server: TestServer
let officer: Client
let second: Client
let customer: TestPerson
let identity: string
let key: string

beforeAll(async () => {
  server = await startTestServer(inject('adminUrl'))
  officer = await asOfficer(server)
  const administrator = await asStaff(server, officer, 'administrator')
  const { path } = await administrator.call(contract.addStaff, { body: { pseudonym: 'dpo-second', role: 'dpo' } })
  second = server.client()
  await second.enter(path.replace('/enter#', ''))
  customer = await register(server)
  await order(customer)
  await confirm(officer, customer.subject)
  identity = await generateX25519Identity()
  key = await identityToRecipient(identity)
})
afterAll(() => server.stop())

const today = new Date().toISOString().slice(0, 10)
function demanded(body: Partial<contract.NewDemand> = {}, key?: string): Promise<contract.RegisteredDemand> {
  return officer.call(contract.registerDemand, {
    body: {
      ...{ recipient: 'tax-service', norm: 'documents-on-a-client', reference: '07-15/1234', dated: today },
      ...{ entity: 'start', channel: 'paper', text: 'Предоставьте сведения о Ёлкиной', ...body },
    },
    ...(key === undefined ? {} : { idempotencyKey: key }),
  })
}
const ask = (demand: string, scope: readonly string[] = [], client = officer): Promise<contract.DemandAsked> =>
  client.call(contract.askForDemand, { params: { demand }, body: { subject: customer.subject, scope } })
const approve = (client: Client, demand: string, key: string | null): Promise<contract.DemandAnswer> =>
  client.call(contract.approveDemand, { params: { demand }, body: { key } })
const describeOf = (demand: string): Promise<contract.DescribedDemand> =>
  officer.call(contract.describeDemand, { params: { demand } })
const acts = async (): Promise<readonly Readonly<Record<string, unknown>>[]> =>
  (await customer.client.history()).map(({ body }) => JSON.parse(body) as Record<string, unknown>)

describe('a demand of an authority', () => {
  it('gives the least by norm and scope, to another member of staff, encrypted to the recipient, once', async () => {
    const scan = { name: 'scan.pdf', type: 'application/pdf', content: Buffer.from('скан').toString('base64') }
    const demand = await demanded({ key, broughtBy: 'курьер Ким', parts: [scan] }, 'demand-1')
    expect((await demanded({ key, broughtBy: 'курьер Ким', parts: [scan] }, 'demand-1')).id).toBe(demand.id)
    await expect(demanded({ key }, 'demand-1')).rejects.toMatchObject({ code: 'idempotency-conflict' })
    expect([demand.state, demand.dueAt > Date.now()]).toEqual(['registered', true])
    const { content } = await officer.call(contract.readLetter, { params: { letter: demand.letter } })
    expect([content?.broughtBy, content?.parts[0]?.name]).toEqual(['курьер Ким', 'scan.pdf'])

    await expect(approve(second, demand.id, key)).rejects.toMatchObject({ code: 'conflict' })
    const asked = await ask(demand.id, ['surname', 'phone', 'contract-numbers'])
    expect([asked.fields, asked.beyond]).toEqual([['surname', 'contract-numbers'], ['phone']])
    const old = officer.call(contract.approveDisclosure, {
      params: { subject: customer.subject, disclosure: asked.disclosure },
    })
    await expect(old).rejects.toMatchObject({ code: 'conflict' })
    await expect(approve(officer, demand.id, key)).rejects.toMatchObject({ code: 'forbidden' })
    await expect(approve(second, demand.id, null)).rejects.toMatchObject({
      code: 'conflict',
      problem: { field: 'key' },
    })
    const made = await approve(second, demand.id, key)
    expect([made.demand.state, made.password, made.refused]).toEqual(['answering', null, []])
    const file = Buffer.from(made.file, 'base64')
    expect(file.subarray(0, 21).toString()).toBe('age-encryption.org/v1')
    const decrypter = new Decrypter()
    decrypter.addIdentity(identity)
    const pdf = await decrypter.decrypt(file)
    expect(Buffer.from(pdf).subarray(0, 5).toString()).toBe('%PDF-')
    if (READS_PDF) {
      const text = textOf(pdf)
      for (const said of [customer.values['surname'], '07-15/1234', 'п. 1 и 5 ст. 93.1 НК РФ'])
        expect(text).toContain(said)
      expect(text).not.toContain(customer.values['phone']?.slice(-7))
    }
    await expect(approve(second, demand.id, key)).rejects.toMatchObject({ code: 'conflict' })
    const read = officer.call(contract.readRecipientLetter, { params: { letter: made.letter.id } })
    await expect(read).rejects.toMatchObject({ code: 'not-found' })
    // It ends with its handing over.
    const params = { letter: made.letter.id }
    await officer.call(contract.markRecipientLetter, { params, body: { state: 'sent' } })
    expect((await describeOf(demand.id)).demand).toMatchObject({ state: 'answered', late: false })
    const { disclosures } = await customer.client.call(contract.showMyDisclosures, {})
    expect(disclosures.find(({ id }) => id === asked.disclosure)).toMatchObject({
      ...{
        state: 'made',
        fields: ['surname', 'contract-numbers'],
        ticket: `DM-${demand.number.slice(2, 4)}${demand.number.slice(5)}`,
      },
    })
    expect(server.logged()).not.toMatch(/курьер|Ёлкин/)
  })

  it('is a PDF under a password where the recipient has no key: it opens with it, and not without', async () => {
    const { id } = await demanded()
    await ask(id)
    const { file, password } = await approve(second, id, null)
    expect(password).toMatch(/^([2-9A-Z]{5}-){4}[2-9A-Z]{5}$/)
    const bytes = Buffer.from(file, 'base64')
    expect([bytes.subarray(0, 5).toString(), bytes.includes('/AESV3')]).toEqual(['%PDF-', true])
    if (!READS_PDF) return
    expect(() => textOf(bytes)).toThrow()
    expect(textOf(bytes, password)).toContain(customer.values['surname'])
  })

  it('whose approval was interrupted gives no document without somebody whose data went by the register', async () => {
    const { id } = await demanded()
    const { disclosure } = await ask(id)
    // What a crash between two people leaves: somebody's line is made, and there is no document.
    const made = "UPDATE disclosure SET state = 'made', subject_id = $2 WHERE disclosure_id = $1"
    await queryOnce(server.dataUrl, made, [disclosure, randomUUID()])
    await ask(id)
    await expect(approve(second, id, null)).rejects.toMatchObject({
      code: 'conflict',
      problem: { field: 'people' },
    })
    expect((await describeOf(id)).people).toMatchObject([{ state: 'made' }, { state: 'waiting' }])
    // Named again they are in it.
    await queryOnce(server.dataUrl, made, [disclosure, customer.subject])
    expect((await approve(second, id, null)).demand.state).toBe('answering')
  })

  it('tells nobody whom the policy does not let whether anything is held, and the others by an entry', async () => {
    const { id } = await demanded()
    const bare = await register(server)
    const support = await asStaff(server, officer, 'support', 'support-7')
    const scope = ['contract-numbers']
    const about = (subject: string, client: Client): Promise<contract.Problem> =>
      refusal(client.call(contract.askForDemand, { params: { demand: id }, body: { subject, scope } }))
    const said = async (subject: string, client: Client): Promise<unknown> => {
      const { causes, clauses, field } = await about(subject, client)
      return { causes, clauses, field }
    }
    const unknown = randomUUID()
    const refusals = [bare.subject, customer.subject, unknown].map((subject) => said(subject, support))
    expect(new Set((await Promise.all(refusals)).map((one) => JSON.stringify(one))).size).toBe(1)
    expect((await about(bare.subject, officer)).causes).toMatchObject([{ reason: 'no-live-data' }])
    const asked = async (): Promise<number> =>
      (await bare.client.history()).filter(({ body }) => body.includes('"ask-disclosure"')).length
    await until(async () => (await asked()) === 2)
  })

  it('that can be given to nobody any more, its approval interrupted, is refused, and the register says that nothing went', async () => {
    const { id } = await demanded()
    const { disclosure } = await ask(id)
    await queryOnce(server.dataUrl, "UPDATE disclosure SET state = 'made' WHERE disclosure_id = $1", [disclosure])
    await officer.call(contract.refuseDemand, { params: { demand: id }, body: { note: 'Данных больше нет.' } })
    expect((await describeOf(id)).people).toMatchObject([{ disclosure, state: 'declined' }])
  })

  it('without a norm is refused, with the clause, in a numbered letter; its clock ends when that went', async () => {
    const demand = await demanded({ norm: null })
    expect([demand.state, demand.refusal]).toEqual(['refusing', { reason: 'no-norm', clauses: ['3.2.1'] }])
    await expect(ask(demand.id)).rejects.toMatchObject({ code: 'conflict', problem: { clause: '3.2.1' } })
    const { letter } = await officer.call(contract.refuseDemand, { params: { demand: demand.id }, body: {} })
    expect([letter.kind, letter.state, letter.channel]).toEqual(['refusal', 'made', 'print'])
    const params = { letter: letter.id }
    const pdf = Buffer.from(await officer.call(contract.readRecipientLetter, { params }))
    if (READS_PDF) expect(textOf(pdf)).toMatch(/не названа норма закона.*3\.2\.1/)
    const again = officer.call(contract.refuseDemand, { params: { demand: demand.id }, body: {} })
    await expect(again).rejects.toMatchObject({ code: 'conflict' })
    await officer.call(contract.markRecipientLetter, { params, body: { state: 'sent' } })
    expect((await describeOf(demand.id)).demand.state).toBe('refused')
    const twice = officer.call(contract.markRecipientLetter, { params, body: { state: 'sent' } })
    await expect(twice).rejects.toMatchObject({ code: 'conflict' })
    // One that names a norm is refused for a reason; what waited for it is declined.
    const named = await demanded()
    const { disclosure } = await ask(named.id)
    const bare = officer.call(contract.refuseDemand, { params: { demand: named.id }, body: {} })
    await expect(bare).rejects.toMatchObject({ code: 'invalid-request', problem: { field: 'note' } })
    await officer.call(contract.refuseDemand, { params: { demand: named.id }, body: { note: 'Подписано не тем.' } })
    expect((await describeOf(named.id)).people).toMatchObject([{ disclosure, state: 'declined' }])
  })

  it('that must not be told is in no list or history of the person until its day, and then in both', async () => {
    const secretUntil = new Date(Date.now() + 2 * DAY).toISOString().slice(0, 10)
    const secret = { recipient: 'investigators', norm: 'investigation', secretUntil, secretNorm: 'ст. 12 144-ФЗ' }
    const { id } = await demanded(secret)
    const { disclosure } = await ask(id, ['surname'])
    await approve(second, id, null)
    const listed = async (): Promise<boolean> =>
      (await customer.client.call(contract.showMyDisclosures, {})).disclosures.some((line) => line.id === disclosure)
    const toldOf = async (): Promise<number> =>
      (await acts()).filter(({ recipient }) => recipient === 'investigators').length
    const { disclosures } = await officer.call(contract.listDisclosures, { query: { recipient: 'investigators' } })
    const [line] = disclosures
    await until(async () => (await queryOnce(server.dataUrl, 'SELECT FROM ledger_history')).length > 0)
    expect([line?.id, await listed(), await toldOf()]).toEqual([disclosure, false, 0])
    // The answer to their own request for information says nothing of it either.
    const { requests } = await customer.client.call(contract.askMine, { body: { kinds: ['information'], text: '' } })
    const request = requests[0]?.id ?? ''
    const { reply } = await officer.call(contract.sendReply, { params: { request }, body: { kind: 'answer' } })
    const params = { reply: reply.id, format: 'json' } as const
    expect(await customer.client.call(contract.readExport, { params })).not.toContain('12 144-ФЗ')
    await queryOnce(
      server.dataUrl,
      "UPDATE disclosure SET hidden_until = now() - interval '1 s' WHERE disclosure_id = $1",
      [disclosure],
    )
    expect([await listed(), await toldOf()]).toEqual([true, 0])
    await queryOnce(server.dataUrl, "UPDATE demand SET secret_until = now() - interval '1 s' WHERE demand_id = $1", [
      id,
    ])
    await until(async () => (await toldOf()) === 2)
  })

  it.each([
    [{ recipient: 'courier' }, 'recipient'],
    [{ norm: 'mood' }, 'norm'],
    [{ dated: '2026-02-30' }, 'dated'],
    [{ secretUntil: '2099-01-01' }, 'secretNorm'],
    [{ secretUntil: '2099-01-01', secretNorm: 'ст. 12 144-ФЗ' }, 'secretUntil'],
    [{ secretNorm: 'ст. 12 144-ФЗ' }, 'secretUntil'],
    [{ key: 'AGE-SECRET-KEY-1QQQQ' }, 'key'],
    [{ entity: 'nobody' }, 'entity'],
  ])('is taken with nothing of %o', async (bad, field) => {
    const problem = await demanded(bad).then(
      () => null,
      (error: unknown) => (error as { readonly problem: { readonly field?: string } }).problem,
    )
    expect(problem?.field).toBe(field)
  })

  it('is seen to by staff with the duty alone, and opened by whom the policy lets', async () => {
    const { id } = await demanded()
    const auditor = await asStaff(server, officer, 'auditor')
    await expect(auditor.call(contract.listDemands, {})).rejects.toMatchObject({ code: 'forbidden' })
    const support = await asStaff(server, officer, 'support')
    await expect(ask(id, [], support)).rejects.toMatchObject({ code: 'refused' })
    const unknown = ask('00000000-0000-4000-8000-000000000000')
    await expect(unknown).rejects.toMatchObject({ code: 'not-found' })
  })
})

describe('whoever was handed data', () => {
  it('is told that they were corrected, and destroyed, by a letter that names no value and is confirmed in the end', async () => {
    const person = await register(server)
    await order(person)
    await confirm(officer, person.subject)
    const delivery = await asService(server, officer, 'delivery', ['delivery'])
    const body = { entity: 'start', recipient: 'courier', purpose: 'delivery', fields: ['surname', 'phone'] }
    const { disclosure } = await delivery.call(contract.disclose, { params: { subject: person.subject }, body })
    const letterOn = async (line: string, kind: string): Promise<contract.RecipientLetter | undefined> =>
      (await officer.call(contract.listRecipientLetters, {})).letters.find(
        (one) => one.kind === kind && one.about.some(({ disclosure: id }) => id === line),
      )
    const mine = (): Promise<contract.RecipientLetter | undefined> => letterOn(disclosure, 'corrected')
    // What was not handed is nobody's concern.
    await person.client.call(contract.correctMine, { body: { entity: 'start', values: { 'given-name': 'Анна' } } })
    expect(await mine()).toBeUndefined()
    await person.client.call(contract.correctMine, { body: { entity: 'start', values: { surname: 'Новая' } } })
    await until(async () => (await mine())?.state === 'made')
    const letter = await mine()
    expect(letter).toMatchObject({
      recipient: 'courier',
      channel: 'print',
      about: [{ disclosure, fields: ['surname'] }],
    })
    const params = { letter: letter?.id ?? '' }
    const pdf = Buffer.from(await officer.call(contract.readRecipientLetter, { params }))
    if (READS_PDF) {
      expect(textOf(pdf)).toContain(disclosure.slice(0, 8))
      expect(textOf(pdf)).not.toMatch(/Новая|Заболоцкая/)
    }
    for (const state of ['sent', 'confirmed'] as const)
      expect((await officer.call(contract.markRecipientLetter, { params, body: { state } })).state).toBe(state)

    const leaver = await register(server)
    const group = {
      entity: 'start',
      recipient: 'solutions',
      purpose: 'legal',
      ticket: 'LAW-7',
      fields: ['surname', 'email'],
    }
    const given = await officer.call(contract.disclose, { params: { subject: leaver.subject }, body: group })
    await destroyNow(officer, leaver.subject)
    await until(async () => (await letterOn(given.disclosure, 'destroyed'))?.state === 'made')
    const gone = await letterOn(given.disclosure, 'destroyed')
    expect(gone?.about).toEqual([{ disclosure: given.disclosure, fields: ['surname', 'email'] }])
    // Nothing of it leads to the person.
    const rows = await queryOnce(server.dataUrl, "SELECT to_jsonb(l) - 'pdf' AS row FROM recipient_letter l")
    for (const { subject } of [person, leaver]) expect(JSON.stringify(rows)).not.toContain(subject)
  })
})
