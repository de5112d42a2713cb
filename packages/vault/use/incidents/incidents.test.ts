import { canonical } from '@doverie/core/base'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asService, asStaff, asSubject, SUPPORT_TICKET } from '../../testing/callers.ts'
import { canary, faultOf } from '../../testing/fault.ts'
import { ledgerBodies } from '../../testing/ledger-bodies.ts'
import { openTestVault, type TestVault } from '../../testing/open-test-vault.ts'
import { READS_PDF, textOf } from '../../testing/pdf-text.ts'
import { confirm, provedSomeone, see, someone } from '../../testing/people.ts'
import type { ServiceCaller } from '../../guard/caller.ts'
import type { Vault } from '../../guard/vault.ts'
import type { IncidentRow } from '../../store/incidents.ts'
import { destroyData } from '../destroy-data.ts'
import { integrateLedger } from '../integrate-ledger.ts'
import { readHistory } from '../read-history.ts'
import { listDevelopmentMail } from '../send-mail.ts'
import { sweep } from '../sweep.ts'
import { draftNotice, readNotice } from './draft-notice.ts'
import { openIncident } from './open-incident.ts'
import { describeIncident, listIncidents, showAffected } from './read-incident.ts'
import { scopeIncident, type ScopeRequest } from './scope-incident.ts'
import { describeFurther, stepIncident } from './step-incident.ts'
import { tellAffected } from './tell-affected.ts'
import { tendIncidents } from './tend-incidents.ts'

const HOUR = 3_600_000
const dpo = asStaff('dpo')
const WHAT = canary('Билинг выгрузил лишнее, заметил Пётр Громов')

let test: TestVault
let vault: Vault
let billing: ServiceCaller
beforeAll(async () => {
  test = await openTestVault()
  ;({ vault } = test)
  billing = await asService(vault, 'billing', ['identification', 'payment'])
})
afterAll(() => test.close())

const open = (what = WHAT): Promise<IncidentRow> => openIncident(vault, dpo, { detectedAt: vault.now(), what })

async function placed(): Promise<void> {
  for (let more = true; more; ) ({ more } = await integrateLedger(vault))
}

/** Searches to its end, as the job does. */
async function searched(incident: string, scope: ScopeRequest): Promise<IncidentRow> {
  await scopeIncident(vault, dpo, { incident, ...scope })
  await placed()
  await tendIncidents(vault)
  const { row } = await describeIncident(vault, dpo, incident)
  return row
}

async function subjectsOf(incident: string): Promise<readonly string[]> {
  return (await showAffected(vault, dpo, { incident })).people.map(({ subject }) => subject)
}

describe('who was affected', () => {
  it('is computed from the ledger: whom that credential read in that time, with the commitments of first and last', async () => {
    const other = await asService(vault, 'billing', ['identification'])
    const [read, byOther, before, after, never] = await Promise.all(
      Array.from({ length: 5 }, () => someone(vault, { form: 'order-dedicated-server' })),
    )
    if (!read || !byOther || !before || !after || !never) throw new Error()
    const opens = (caller: ServiceCaller, { subject }: { subject: string }): Promise<unknown> =>
      see(vault, caller, subject, 'identification', ['phone'])
    await opens(billing, before)
    test.pass(10)
    const from = vault.now()
    expect(await opens(billing, read)).not.toBeNull()
    test.pass(26 * HOUR)
    // Another day: two buckets, one person.
    await opens(billing, read)
    await opens(other, byOther)
    // Refused: nothing of theirs was reached.
    expect(await see(vault, billing, never.subject, 'payment', ['phone'])).toBeNull()
    test.pass(10)
    const to = vault.now()
    test.pass(10)
    await opens(billing, after)

    const { id } = await open()
    const row = await searched(id, { from, to, credentials: [billing.credential] })
    expect(row.affected).toMatchObject({
      people: 1,
      entries: 2,
      untied: 0,
      compartments: ['contact'],
      fields: ['phone'],
    })
    expect(await subjectsOf(id)).toEqual([read.subject])
    const own = await readHistory(vault, asSubject(read.subject))
    const first = own.find(({ place }) => place === row.affected?.first?.place)
    expect(first?.leaf).toBe(row.affected?.first?.leaf)
    expect(own.some(({ place, leaf }) => place === row.affected?.last?.place && leaf === row.affected.last.leaf)).toBe(
      true,
    )
    // Asked otherwise, it is looked for anew.
    const wider = await searched(id, { from, to, actors: ['billing'] })
    expect(wider.affected).toMatchObject({ people: 2, entries: 3 })
    const none = await searched(id, { from, to, fields: ['postal-address'] })
    expect(none.affected).toMatchObject({ people: 0, entries: 0, first: null })
    expect(await subjectsOf(id)).toEqual([])
  })

  it('is somebody in what they gave and the scope asks for, and nobody in what they never gave', async () => {
    const given = await someone(vault)
    test.pass(10)
    const from = vault.now()
    const asked = ['surname', 'patronymic', 'phone', 'email']
    expect(await see(vault, billing, given.subject, 'identification', asked)).not.toBeNull()
    test.pass(10)
    const scope = { from, to: vault.now(), actors: ['billing'] }
    const { id } = await open()
    const held = (await searched(id, scope)).affected?.fields
    expect([held?.includes('surname'), held?.includes('phone'), held?.includes('patronymic')]).toEqual([
      true,
      true,
      false,
    ])
    const narrow = await searched(id, { ...scope, fields: ['phone', 'patronymic'] })
    expect(narrow.affected).toMatchObject({ people: 1, compartments: ['contact'], fields: ['phone'] })
    expect((await showAffected(vault, dpo, { incident: id })).people[0]?.fields).toEqual(['phone'])
    // Asked for and empty: nothing of theirs was opened.
    const empty = await searched(id, { ...scope, fields: ['patronymic'] })
    expect(empty.affected).toMatchObject({ people: 0, entries: 1, untied: 0, fields: [] })
  })

  it('knows nobody who was destroyed since, and says how many entries are tied to nobody', async () => {
    const gone = await someone(vault)
    const from = vault.now()
    await see(vault, billing, gone.subject, 'identification', ['phone'])
    test.pass(10)
    const scope = { from, to: vault.now(), actors: ['billing'] }
    const { id } = await open()
    expect((await searched(id, scope)).affected).toMatchObject({ people: 1, untied: 0 })
    const destroyed = await destroyData(vault, dpo, {
      ...{ subject: gone.subject, entity: 'start', ticket: SUPPORT_TICKET, compartments: null },
    })
    if (destroyed.person === true) {
      expect(await subjectsOf(id)).toEqual([])
      expect((await searched(id, scope)).affected).toMatchObject({ people: 0, entries: 1, untied: 1 })
    } else expect.fail('kept')
  })

  it('is looked for no more once the incident has ended, and a lost entry is a fault that ends no reminder', async () => {
    const from = vault.now()
    await someone(vault)
    await placed()
    test.pass(10)
    const [ended, lost] = [await open(), await open()]
    for (const { id } of [ended, lost]) await scopeIncident(vault, dpo, { incident: id, from, to: vault.now() })
    const dismissal = { step: 'not-a-breach', reason: 'Проверка.', reasonKind: 'lawful' } as const
    await stepIncident(vault, dpo, { incident: ended.id, ...dismissal })
    await placed()
    const hide = (to: number): Promise<unknown> =>
      vault.data.query('UPDATE ledger_batch SET bodies = substr(bodies, $1) WHERE at >= $2', [to, new Date(from)])
    const kept = await vault.data.query<{ id: string; bodies: Buffer }>(
      'SELECT batch_id AS id, bodies FROM ledger_batch WHERE at >= $1',
      [new Date(from)],
    )
    await hide(2)
    await faultOf(tendIncidents(vault), 'internal')
    for (const { id, bodies } of kept.rows) {
      await vault.data.query('UPDATE ledger_batch SET bodies = $2 WHERE batch_id = $1', [id, bodies])
    }
    await tendIncidents(vault)
    expect((await describeIncident(vault, dpo, lost.id)).row.affected).not.toBeNull()
    expect((await describeIncident(vault, dpo, ended.id)).row.affected).toBeNull()
  })

  it('is shown to the officer alone, and each look is entered', async () => {
    const { id, number } = await open()
    await faultOf(showAffected(vault, dpo, { incident: id }), 'conflict')
    await searched(id, { from: vault.now() - HOUR, to: vault.now() })
    await subjectsOf(id)
    const looks = (await ledgerBodies(vault)).filter(({ act }) => act === 'list-affected')
    expect(canonical(looks.at(-1)?.['detail'] as never)).toContain(number)
    for (const call of [
      showAffected(vault, asStaff('support'), { incident: id }),
      describeIncident(vault, asStaff('support'), id),
    ]) {
      await faultOf(call, 'forbidden')
    }
  })

  it.each([
    [{ from: 2, to: 1 }, 'invalid-request', 'to'],
    [{ from: 1, to: Number.MAX_SAFE_INTEGER }, 'invalid-request', 'to'],
    [{ from: 1, to: 2, credentials: ['00000000-0000-4000-8000-000000000009'] }, 'invalid-request', 'credentials[0]'],
    [{ from: 1, to: 2, actors: ['subject'] }, 'invalid-request', 'actors[0]'],
    [{ from: 1, to: 2, staff: ['nobody'] }, 'invalid-request', 'staff[0]'],
    [{ from: 1, to: 2, purposes: ['lunch'] }, 'unknown-purpose', 'purposes[0]'],
    [{ from: 1, to: 2, fields: ['phone', 'shoe'] }, 'unknown-field', 'fields[1]'],
  ] as const)('is not looked for by %o: a slip would find nobody', async (scope, code, field) => {
    const { id } = await open()
    expect((await faultOf(scopeIncident(vault, dpo, { incident: id, ...scope }), code)).details.field).toBe(field)
  })
})

describe('an incident', () => {
  it('keeps what is said of it sealed, also from the sweep, and is opened at no moment to come', async () => {
    const { id } = await open()
    const stored = await vault.data.query<{ t: string }>('SELECT incident::text AS t FROM incident')
    expect(stored.rows.some(({ t }) => t.includes(Buffer.from('Громов').toString('hex')))).toBe(false)
    expect(JSON.stringify(await listIncidents(vault, dpo))).not.toContain('Громов')
    expect(JSON.stringify(await ledgerBodies(vault))).not.toContain('Громов')
    test.pass(2 * HOUR)
    await sweep(vault)
    expect((await describeIncident(vault, dpo, id)).content.what).toBe(WHAT)
    const late = openIncident(vault, dpo, { detectedAt: vault.now() + HOUR, what: WHAT })
    expect((await faultOf(late, 'invalid-request')).details.field).toBe('detectedAt')
    await faultOf(openIncident(vault, asStaff('support'), { detectedAt: 1, what: WHAT }), 'forbidden')
  })

  it('is told to the officer at 50, 80 and 100 % of its hours, by number and moment alone', async () => {
    const { number } = await open()
    const reminders = async (): Promise<readonly string[]> => {
      const mail = await listDevelopmentMail(vault)
      return mail.filter(({ subject }) => subject.includes(number)).map(({ subject, text }) => `${subject} ${text}`)
    }
    await tendIncidents(vault)
    expect(await reminders()).toEqual([])
    for (const [hours, share] of [
      [12, 50],
      [8, 80],
      [5, 100],
    ] as const) {
      test.pass(hours * HOUR)
      await tendIncidents(vault)
      await tendIncidents(vault)
      const [newest] = await reminders()
      expect(newest).toContain(`${share} %`)
      expect(newest).not.toContain('Громов')
    }
    expect(await reminders()).toHaveLength(3)
  })

  it('goes from found to closed with both notices drafted by the law’s lists, numbered, and what the authority answered', async () => {
    const { id } = await open()
    const incident = id
    await faultOf(stepIncident(vault, dpo, { incident, step: 'assessed', risk: 'medium' }), 'invalid-request')
    await stepIncident(vault, dpo, { incident, step: 'assessed', risk: 'medium', harm: 'Звонки мошенников.' })
    await faultOf(stepIncident(vault, dpo, { incident, step: 'reported' }), 'conflict')
    await describeFurther(vault, dpo, {
      incident,
      cause: 'Ошибка отбора.',
      measures: 'Ключ отозван.',
      contact: 'Иванова А. А.',
    })
    const unsaid = await draftNotice(vault, dpo, { incident, kind: 'incident-result' })
    expect(unsaid.statement.items.find((item) => item.id === 'culprits')?.text).toBe('не указано: заполнить')
    const first = await draftNotice(vault, dpo, { incident, kind: 'incident-first' })
    expect(first.statement.items.map((item) => item.id)).toEqual(
      expect.arrayContaining(['operator', 'incident', 'causes', 'harm', 'measures', 'contact', 'database']),
    )
    const sentAt = vault.now()
    test.pass(HOUR)
    await stepIncident(vault, dpo, { incident, step: 'reported', at: sentAt, reference: 'РКН-77' })
    await faultOf(stepIncident(vault, dpo, { incident, step: 'investigated' }), 'invalid-request')
    await stepIncident(vault, dpo, { incident, step: 'investigated', result: 'Отбор исправлен.' })
    const result = await draftNotice(vault, dpo, { incident, kind: 'incident-result' })
    await stepIncident(vault, dpo, { incident, step: 'result-reported' })
    const closed = await stepIncident(vault, dpo, { incident, step: 'closed' })
    expect([closed.state, closed.late, closed.wakeAt]).toEqual(['closed', false, null])
    await faultOf(scopeIncident(vault, dpo, { incident, from: 1, to: 2 }), 'conflict')
    const { pdf, twin } = await readNotice(vault, dpo, { incident, document: result.document.id })
    expect(twin).toContain(first.document.number)
    if (!READS_PDF) return
    const text = textOf(pdf)
    for (const words of ['РКН-77', 'Отбор исправлен.', 'не подтверждён', result.document.number])
      expect(text).toContain(words)
  })

  it('keeps what two say of it at once', async () => {
    const { id } = await open()
    const incident = id
    await Promise.all([
      describeFurther(vault, dpo, { incident, cause: 'Ошибка отбора.' }),
      describeFurther(vault, dpo, { incident, measures: 'Ключ отозван.' }),
      stepIncident(vault, dpo, { incident, step: 'assessed', risk: 'medium', harm: 'Звонки мошенников.' }),
    ])
    const { content } = await describeIncident(vault, dpo, id)
    expect([content.what, content.cause, content.measures, content.harm]).toEqual([
      ...[WHAT, 'Ошибка отбора.', 'Ключ отозван.', 'Звонки мошенников.'],
    ])
  })

  it('is dismissed only with a reason of the list and its words', async () => {
    const { id } = await open()
    const dismiss = { incident: id, step: 'not-a-breach' as const }
    await faultOf(stepIncident(vault, dpo, dismiss), 'invalid-request')
    await faultOf(stepIncident(vault, dpo, { ...dismiss, reason: 'Проверка прав.' }), 'conflict')
    const done = await stepIncident(vault, dpo, { ...dismiss, reason: 'Проверка.', reasonKind: 'lawful' })
    expect(done.fold.tracks.every(({ end }) => end?.how === 'void')).toBe(true)
  })
})

describe('the people affected', () => {
  it('are told once, at the mailbox that is proved to be theirs, what of theirs it was; the others are counted', async () => {
    const [proved, unproved] = [await provedSomeone(vault), await someone(vault)]
    await confirm(vault, proved.subject)
    test.pass(10)
    const from = vault.now()
    for (const { subject } of [proved, unproved])
      await see(vault, billing, subject, 'identification', ['phone', 'surname'])
    test.pass(10)
    const { id, number } = await open()
    const message = { ru: 'Сообщаем.', en: 'We tell you.' }
    await faultOf(tellAffected(vault, dpo, { incident: id, message }), 'conflict')
    await searched(id, { from, to: vault.now(), actors: ['billing'] })
    await faultOf(tellAffected(vault, dpo, { incident: id, message: { ...message, en: ' ' } }), 'invalid-request')
    await tellAffected(vault, dpo, { incident: id, message })
    await Promise.all([tendIncidents(vault), tendIncidents(vault)])
    await tendIncidents(vault)
    const { row, told } = await describeIncident(vault, dpo, id)
    expect([row.tellingAt, told]).toEqual([null, { mailbox: 1, 'no-mailbox': 1 }])
    const letters = (await listDevelopmentMail(vault)).filter(({ subject }) => subject.includes(`, № ${number}`))
    expect(letters.map(({ to }) => to)).toEqual([proved.email])
    expect(letters[0]?.text).toMatch(/Сообщаем.*телефон.*We tell you.*phone/s)
    await placed()
    const history = await readHistory(vault, asSubject(proved.subject))
    expect(history.filter(({ body }) => body.includes('"tell-of-incident"'))).toHaveLength(1)
  })
})
