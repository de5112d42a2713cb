import { fileURLToPath } from 'node:url'
import { verifyLog } from '@doverie/core/log'
import { type Client, contract } from '@doverie/sdk'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { asService, asStaff, proveByPhone, refusal } from './testing/people.ts'
import { asOfficer, latestCode, startTestServer, type TestServer, until } from './testing/test-server.ts'

const CLINIC = fileURLToPath(new URL('../../policies/zabota-clinic', import.meta.url))

/** A clinic's day over HTTP: another operator, another law of secrecy, and no name that the hosting company's policy has. */
let server: TestServer
let officer: Client
let reception: Client
let doctor: Client

beforeAll(async () => {
  server = await startTestServer(inject('adminUrl'), { policyDir: CLINIC })
  officer = await asOfficer(server)
  reception = await asStaff(server, officer, 'receptionist')
  doctor = await asStaff(server, officer, 'doctor')
})
afterAll(() => server.stop())

interface Patient {
  readonly client: Client
  readonly subject: string
  readonly visit: string
  readonly values: Readonly<Record<string, string>>
}

let booked = 0

/** Books a visit, and signs in with the code that came. */
async function book(consents: readonly string[] = []): Promise<Patient> {
  booked += 1
  const client = server.client()
  const values = {
    surname: 'Верещагина',
    'given-name': 'Таисия',
    'birth-date': '01.02.1980',
    telephone: `+7912555${String(1000 + booked)}`,
    mail: `taisia.${booked}@canary.example`,
    address: '620000, Екатеринбург, ул. Примерная, 2',
  }
  const { snapshot } = await client.form('book')
  const collected = await client.submit('book', { snapshot, entity: 'clinic', values, consents, age: 'adult' })
  const { subject } = await client.proveCode(collected.signIn?.id ?? '', await latestCode(server.url, values.mail))
  expect(collected.contract?.number).toMatch(/^D-\d{4}-\d{10}$/)
  return { client, subject, values, visit: collected.contract?.id ?? '' }
}

async function admit({ client }: Patient): Promise<void> {
  const { snapshot } = await client.form('admission')
  const submission = { snapshot, entity: 'clinic', values: { complaints: 'Болит голова' }, consents: ['care'] }
  expect((await client.submit('admission', submission)).decision).toBe('permit')
}

const confirm = ({ subject }: Patient): Promise<contract.Permitted> =>
  reception.call(contract.confirmData, {
    params: { subject },
    body: { entity: 'clinic', ticket: 'REG-1', form: 'in-person' },
  })

const complaints = ({ subject }: Patient): contract.AccessCall => ({
  subject,
  purpose: 'care',
  entity: 'clinic',
  fields: ['complaints', 'birth-date'],
  ticket: 'VIS-1',
})

describe('the clinic’s policy', () => {
  it('is in force under its own names, and shows its own forms', async () => {
    const client = server.client()
    expect((await client.policy('en')).operator.name).toBe('Забота')
    expect((await client.forms()).map(({ id }) => id)).toEqual(['book', 'admission', 'pay', 'book-tele-visit'])
    const { contract: shown } = await client.form('book')
    expect(shown.fields.filter(({ mandatory }) => mandatory !== null).map(({ field }) => field)).toEqual([
      'surname',
      'given-name',
      'birth-date',
      'telephone',
    ])
    expect(await officer.call(contract.listCredentials, {})).toEqual({ credentials: [] })
  })

  it('opens health to the doctor alone, on the written consent, once a document was shown', async () => {
    const patient = await book()
    expect((await refusal(doctor.open(complaints(patient)))).causes?.[0]?.reason).toBe('no-live-data')
    await admit(patient)
    expect((await refusal(doctor.open(complaints(patient)))).clauses).toContain('2.5')
    await confirm(patient)
    const opened = await doctor.open(complaints(patient))
    expect(opened.values).toEqual({ complaints: 'Болит голова', 'birth-date': '01.02.1980' })
    expect(opened.clauses).toEqual(['3.2', '4.1'])
    const curious = { ...complaints(patient), purpose: 'visit', fields: ['complaints'] }
    expect((await refusal(reception.open(curious))).clauses).toEqual(['4.1'])
    const seen = await reception.open({ ...curious, fields: ['surname', 'telephone'] })
    expect(seen.values).toEqual({ surname: 'Верещагина', telephone: patient.values['telephone'] })
  })

  it('lets a service open by its purpose and no other, and finds patients by what was proved', async () => {
    const patient = await book()
    const site = await asService(server, officer, 'site', ['visit'], { entities: ['clinic'] })
    const ask = { subject: patient.subject, purpose: 'visit', entity: 'clinic' }
    expect((await site.open({ ...ask, fields: ['telephone', 'record-numbers'] })).clauses).toEqual(['3.1'])
    expect((await refusal(site.open({ ...ask, fields: ['address'] }))).clauses).toEqual(['4.1', '4.3'])
    const found = await site.search({
      kind: 'email',
      value: patient.values['mail'] ?? '',
      purpose: 'visit',
      entity: 'clinic',
    })
    expect(found.subjects).toEqual([patient.subject])
    await expect(site.open({ ...ask, entity: 'start', fields: ['telephone'] })).rejects.toMatchObject({
      code: 'unknown-entity',
      problem: { clause: '1.1' },
    })
  })

  it('sends reminders while the patient wants them', async () => {
    const patient = await book(['reminders'])
    const reminder = await asService(server, officer, 'reminder', ['reminders'], { entities: ['clinic'] })
    const ask = { subject: patient.subject, purpose: 'reminders', entity: 'clinic', fields: ['telephone'] }
    expect((await reminder.open(ask)).clauses).toEqual(['3.4'])
    await patient.client.withdraw('reminders', { entity: 'clinic' })
    expect((await refusal(reminder.open(ask))).causes?.[0]?.reason).toBe('no-ground')
  })

  it('is told of its patients’ corrections at the old address, too', async () => {
    const { client, values } = await book()
    const mail = `new.${values['mail'] ?? ''}`
    const corrected = await client.call(contract.correctMine, { body: { entity: 'clinic', values: { mail } } })
    expect(corrected.changed).toEqual(['mail'])
    expect(corrected.signIn).not.toBeNull()
    expect(await latestCode(server.url, mail)).toMatch(/^\d{6}$/)
  })

  it('keeps what the law on health keeps when consent and visit have ended, and destroys the rest', async () => {
    const patient = await book()
    await admit(patient)
    await confirm(patient)
    const { client, subject } = patient
    const withdrawn = await client.withdraw('care', { entity: 'clinic' })
    expect(withdrawn.kept.map(({ ground }) => ground)).toContain('medical-record')
    expect((await refusal(doctor.open(complaints(patient)))).causes?.[0]?.reason).toBe('no-ground')
    const ended = await reception.call(contract.endContract, {
      params: { subject },
      body: { entity: 'clinic', ticket: 'REG-2', contract: patient.visit },
    })
    expect(ended.unkept).toEqual(['home', 'reach'])
    await proveByPhone(server, client, patient.values['telephone'] ?? '')
    const destroyed = await client.call(contract.destroyMine, { body: { entity: 'clinic', compartments: null } })
    expect(destroyed.destroyed).toEqual(['home', 'reach'])
    expect(destroyed.person).toBe(false)
    const record = destroyed.kept.find(({ compartment }) => compartment === 'medical')
    expect(record?.article['en']).toContain('323-FZ')
    const head = await asStaff(server, officer, 'head-doctor')
    const kept = { subject, entity: 'clinic', ticket: 'LAW-1', purpose: 'records' }
    expect((await head.open({ ...kept, fields: ['complaints'] })).values['complaints']).toBe('Болит голова')
    expect((await refusal(officer.open({ ...kept, purpose: 'statute', fields: ['mail'] }))).causes?.[0]?.reason).toBe(
      'no-live-data',
    )
  })

  it('destroys whom nothing keeps', async () => {
    const { client, subject, values } = await book()
    await proveByPhone(server, client, values['telephone'] ?? '')
    await reception.call(contract.endContract, {
      params: { subject },
      body: { entity: 'clinic', ticket: 'REG-3', contract: (await client.me('clinic')).facts.contracts[0]?.id ?? '' },
    })
    const named = { entity: 'clinic', compartments: ['home'] }
    expect(await client.call(contract.destroyMine, { body: named })).toMatchObject({ destroyed: ['home'] })
    expect((await client.me('clinic')).values['address']).toBeUndefined()
  })

  it('shows the patient who did what, and its ledger verifies for a stranger', async () => {
    const patient = await book()
    await confirm(patient)
    let acts: readonly Readonly<Record<string, unknown>>[] = []
    await until(async () => {
      acts = (await patient.client.history()).map(({ body }) => JSON.parse(body) as Record<string, unknown>)
      return acts.some(({ act }) => act === 'confirm')
    })
    expect(acts.find(({ act }) => act === 'confirm')).toMatchObject({
      actor: { kind: 'staff', name: 'receptionist', id: 'receptionist-1' },
      purpose: 'patient-rights',
      clauses: ['2.5', '7.1', '7.2'],
      policy: expect.stringMatching(/^zabota-clinic@[\d.]+$/) as string,
    })
    const read = async (path: string): Promise<Uint8Array | null> => {
      const answer = await fetch(`${server.url}/log/${path}`)
      return answer.ok ? new Uint8Array(await answer.arrayBuffer()) : null
    }
    const key = Buffer.from((await read('key')) ?? []).toString('utf8')
    expect(await verifyLog(read, key.trim())).toMatchObject({ ok: true })
  })
})
