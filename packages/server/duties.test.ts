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

describe('an incident over HTTP', () => {
  it('is opened by the officer alone, finds whom it affected of itself, and gives numbered notices', async () => {
    const { subject } = await register(server)
    const billing = await asService(server, officer, 'billing', ['identification'])
    const from = Date.now() - HOUR
    await billing.call(contract.open, {
      body: { subject, purpose: 'identification', entity: 'start', fields: ['phone'] },
    })
    const body = { detectedAt: Date.now() - HOUR, what: 'Сергей Кузнецов выгрузил телефоны' }
    const support = await asStaff(server, officer, 'support')
    await expect(support.call(contract.openIncident, { body })).rejects.toMatchObject({ code: 'forbidden' })
    const { id, clocks } = await officer.call(contract.openIncident, { body })
    expect(clocks.map(({ outer, start }) => (outer - start) / HOUR)).toEqual([24, 72, 720])
    const params = { incident: id }
    await officer.call(contract.scopeIncident, { params, body: { from, to: Date.now(), actors: ['billing'] } })
    await until(async () => {
      const { incident } = await officer.call(contract.describeIncident, { params })
      return !incident.searching
    })
    const { incident } = await officer.call(contract.describeIncident, { params })
    expect(incident.affected).toMatchObject({ people: 1, entries: 1, fields: ['phone'] })
    const { people, next } = await officer.call(contract.showAffected, { params, query: {} })
    expect([people.map((one) => one.subject), next]).toEqual([[subject], null])
    await officer.call(contract.stepIncident, { params, body: { step: 'assessed', risk: 'low', harm: 'звонки' } })
    const draft = await officer.call(contract.draftNotice, { params, body: { kind: 'incident-first' } })
    const at = { ...params, document: draft.document }
    const pdf = await officer.call(contract.printNotice, { params: at })
    expect(Buffer.from(pdf).subarray(0, 5).toString()).toBe('%PDF-')
    expect((await officer.call(contract.readNotice, { params: at })).statement).toEqual(draft.statement)
    expect(server.logged()).not.toMatch(/Кузнецов|звонки/)
  })

  it.each([
    [{ detectedAt: Date.now() + HOUR, what: 'x' }, 'detectedAt'],
    [{ detectedAt: Date.now(), what: ' ' }, 'what'],
    [{ what: 'x' }, 'detectedAt'],
  ])('is refused with %o', async (bad, field) => {
    const problem = await officer.call(contract.openIncident, { body: bad as contract.NewIncidentBody }).then(
      () => null,
      (error: unknown) => (error as { readonly problem: { readonly field?: string } }).problem,
    )
    expect(problem?.field).toBe(field)
  })

  it('has pages for the officer, and for nobody else', async () => {
    const page = async (path: string, client: Client | null): Promise<Response> =>
      fetch(server.url + path, { headers: { cookie: client?.cookie() ?? '' } })
    const shown = await (await page('/console/incidents', officer)).text()
    expect(shown).toContain('<progress data-start=')
    expect(shown).not.toContain('Кузнецов')
    const [id = ''] = /[0-9a-f-]{36}/.exec(shown) ?? []
    expect((await page(`/console/incidents/${id}`, officer)).status).toBe(200)
    const auditor = await asStaff(server, officer, 'auditor')
    for (const path of ['/console/incidents', `/console/incidents/${id}`]) {
      expect([(await page(path, null)).status, (await page(path, auditor)).status]).toEqual([401, 403])
    }
  })
})

describe('the operator’s own duties over HTTP', () => {
  const listed = async (): Promise<readonly contract.RegisteredDuty[]> =>
    (await officer.call(contract.listDuties, {})).duties

  it('are found owed by the server itself, and taken on by the officer alone', async () => {
    await until(async () => (await listed()).some(({ kind }) => kind === 'agreement'))
    const notice = (await listed()).find(({ kind }) => kind === 'notice-intent')
    const params = { duty: notice?.id ?? '' }
    await officer.call(contract.describeDutyFurther, { params, body: { contact: 'Жанна Обухова' } })
    const draft = await officer.call(contract.draftDuty, { params })
    const at = { ...params, document: draft.document }
    expect(
      Buffer.from(await officer.call(contract.printDutyDocument, { params: at }))
        .subarray(0, 5)
        .toString(),
    ).toBe('%PDF-')
    expect((await officer.call(contract.readDutyDocument, { params: at })).statement).toEqual(draft.statement)
    expect(JSON.stringify(draft.statement)).toContain('Обухова')
    const sent = await officer.call(contract.stepDuty, { params, body: { step: 'sent' } })
    expect(sent.clocks.map(({ rule, endedAt }) => [rule, endedAt === null])).toEqual([
      ['notice-intent', false],
      ['confirm', true],
    ])
    const described = await officer.call(contract.describeDuty, { params })
    expect(described.events.map(({ what }) => what)).toEqual(['opened', 'said', 'drafted', 'sent'])
    const support = await asStaff(server, officer, 'support', 'support-4')
    await expect(support.call(contract.listDuties, {})).rejects.toMatchObject({ code: 'forbidden' })
    expect(server.logged()).not.toContain('Обухова')
  })

  it.each([
    [{ step: 'confirmed', reference: 'Обухова Жанна' }, 'reference', 400],
    [{ step: 'confirmed' }, 'reference', 400],
    [{ step: 'open' }, 'step', 400],
    [{ step: 'in-force' }, 'step', 409],
  ])('refuse the step %o and name the member', async (body, field, status) => {
    const [notice] = (await listed()).filter(({ kind }) => kind === 'notice-intent')
    const step = officer.call(contract.stepDuty, {
      params: { duty: notice?.id ?? '' },
      body: body as contract.DutyStepBody,
    })
    await expect(step).rejects.toMatchObject({ problem: { field, status } })
  })

  it('have pages for the officer, and for nobody else', async () => {
    const page = async (path: string, client: Client | null): Promise<Response> =>
      fetch(server.url + path, { headers: { cookie: client?.cookie() ?? '' } })
    const shown = await (await page('/console/duties', officer)).text()
    expect(shown).toContain('<progress data-start=')
    expect(shown).not.toContain('Обухова')
    const paths = [...new Set(shown.match(/\/console\/duties\/[0-9a-f-]{36}/g))]
    for (const path of paths) expect((await page(path, officer)).status).toBe(200)
    const auditor = await asStaff(server, officer, 'auditor', 'auditor-3')
    for (const path of ['/console/duties', paths[0] ?? '']) {
      expect([(await page(path, null)).status, (await page(path, auditor)).status]).toEqual([401, 403])
    }
  })
})

describe('the calendar of clocks', () => {
  it('shows numbers, kinds and dates to whoever has the link, until it is ended, and no name', async () => {
    await officer.call(contract.registerLetter, {
      body: { channel: 'paper', text: 'Прошу сведения', kinds: ['information'], sender: { name: 'Календарёв Илья' } },
    })
    const support = await asStaff(server, officer, 'support', 'support-2')
    const read = async ({ path }: contract.CalendarFeed): Promise<{ status: number; type: string; text: string }> => {
      const answer = await fetch(server.url + path)
      return { status: answer.status, type: answer.headers.get('content-type') ?? '', text: await answer.text() }
    }
    const first = await officer.call(contract.makeCalendarFeed, {})
    const { type, text } = await read(first)
    expect(type).toBe('text/calendar; charset=utf-8')
    expect(text).toMatch(/^BEGIN:VCALENDAR\r\n/)
    const plain = text.replace(/\r\n /g, '')
    expect(plain).toMatch(/SUMMARY:Обращение 2026-\d{6}/)
    expect(plain).toMatch(/UID:duty-2026-\d{6}-settle-planned@doverie/)
    expect(plain).toMatch(/UID:incident-2026-\d{6}-incident-first-planned@doverie/)
    expect(plain).not.toContain('Календарёв')
    // Incidents and duties are the officer's alone.
    expect((await read(await support.call(contract.makeCalendarFeed, {}))).text).not.toMatch(/UID:(incident|duty)-/)
    const second = await officer.call(contract.makeCalendarFeed, {})
    expect([(await read(first)).status, (await read(second)).status]).toEqual([404, 200])
    await officer.call(contract.endCalendarFeed, {})
    expect((await read(second)).status).toBe(404)
    await expect(officer.call(contract.endCalendarFeed, {})).rejects.toMatchObject({ code: 'not-found' })
    const auditor = await asStaff(server, officer, 'auditor', 'auditor-2')
    await expect(auditor.call(contract.makeCalendarFeed, {})).rejects.toMatchObject({ code: 'forbidden' })
    for (const { path } of [first, second]) expect(server.logged()).not.toContain(path.split('/')[3])
  })

  it('ends with the member of staff', async () => {
    const { staff } = await officer.call(contract.addStaff, { body: { pseudonym: 'support-3', role: 'support' } })
    const { path } = await officer.call(contract.newStaffLink, { params: { staff } })
    const client = server.client()
    await client.enter(path.replace('/enter#', ''))
    const feed = await client.call(contract.makeCalendarFeed, {})
    expect((await fetch(server.url + feed.path)).status).toBe(200)
    await officer.call(contract.switchOffStaff, { params: { staff } })
    expect((await fetch(server.url + feed.path)).status).toBe(404)
  })
})

describe('a deputy of the officer', () => {
  const DAY = 24 * HOUR
  const idOf = async (pseudonym: string): Promise<string> => {
    const { members } = await officer.call(contract.listStaff, {})
    return members.find((one) => one.pseudonym === pseudonym)?.staff ?? ''
  }
  const act = (client: Client, acting: boolean): Promise<null> =>
    client.call(contract.actAsDeputy, { body: { acting } })

  it('does the officer’s acts in a session that says so, under their own name, until it ends', async () => {
    const support = await asStaff(server, officer, 'support', 'support-5')
    const staff = await idOf('support-5')
    await expect(act(support, true)).rejects.toMatchObject({ code: 'forbidden' })
    const body = { staff, until: Date.now() + DAY, email: 'nina.belova@example.org' }
    await expect(support.call(contract.appointDeputy, { body })).rejects.toMatchObject({ code: 'forbidden' })
    // Their calendar shows what the officer's does while their time runs, whether they act or not, and only then.
    const uids = async ({ path }: contract.CalendarFeed): Promise<readonly string[]> =>
      (await (await fetch(server.url + path)).text()).match(/UID:[^@]+/g)?.sort() ?? []
    const [whole, own] = [
      await officer.call(contract.makeCalendarFeed, {}),
      await support.call(contract.makeCalendarFeed, {}),
    ]
    expect((await uids(own)).filter((uid) => /incident|duty/.test(uid))).toEqual([])
    const deputy = await officer.call(contract.appointDeputy, { body })
    expect(await uids(own)).toEqual(await uids(whole))
    expect((await uids(own)).join()).toMatch(/UID:duty-.*UID:incident-/)
    expect(deputy).toMatchObject({ pseudonym: 'support-5', confirmedBy: 'dpo-1' })
    await expect(support.call(contract.listDuties, {})).rejects.toMatchObject({ code: 'forbidden' })
    await act(support, true)
    await expect(officer.call(contract.appointDeputy, { body })).rejects.toMatchObject({ code: 'conflict' })
    const { duties } = await support.call(contract.listDuties, {})
    const note = { params: { duty: duties.find(({ endedAt }) => endedAt === null)?.id ?? '' }, body: { note: 'x' } }
    await support.call(contract.describeDutyFurther, note)
    // Nobody takes for ever what they hold for a time.
    const heir = support.call(contract.addStaff, { body: { pseudonym: 'dpo-9', role: 'dpo' } })
    await expect(heir).rejects.toMatchObject({ code: 'forbidden' })
    for (const name of ['dpo-1', 'support-5']) {
      const link = support.call(contract.newStaffLink, { params: { staff: await idOf(name) } })
      await expect(link).rejects.toMatchObject({ code: 'forbidden' })
    }
    for (const role of ['administrator', 'support']) {
      const other = support.call(contract.addStaff, { body: { pseudonym: `by-${role}`, role } })
      await expect(other).rejects.toMatchObject({ code: 'forbidden' })
    }
    const key = { actor: 'billing', entities: ['start'], purposes: ['payment'], peoplePerHour: 1, expiresInDays: 365 }
    await expect(support.call(contract.issueCredential, { body: key })).rejects.toMatchObject({ code: 'forbidden' })
    await expect(support.call(contract.appointDeputy, { body })).rejects.toMatchObject({ code: 'forbidden' })
    await act(support, false)
    await expect(support.call(contract.listDuties, {})).rejects.toMatchObject({ code: 'forbidden' })
    await act(support, true)
    const registers = async (client: Client): Promise<readonly string[]> =>
      (await client.call(contract.listClocks, {})).clocks.map(({ register }) => register)
    expect(new Set(await registers(support))).toEqual(new Set(await registers(officer)))
    await officer.call(contract.endDeputy, { params: { deputy: deputy.id } })
    expect((await uids(own)).filter((uid) => /incident|duty/.test(uid))).toEqual([])
    expect(await registers(support)).not.toContain('duty')
    await expect(support.call(contract.listDuties, {})).rejects.toMatchObject({ code: 'forbidden' })
    const { events } = await officer.call(contract.describeDuty, { params: note.params })
    expect(events.at(-1)).toMatchObject({ what: 'said', by: 'support-5' })
    expect(server.logged()).not.toContain('belova')
  })

  it('is appointed by two others where no officer does', async () => {
    const [first, second] = [
      await asStaff(server, officer, 'support', 'support-6'),
      await asStaff(server, officer, 'auditor', 'auditor-6'),
    ]
    await asStaff(server, officer, 'support', 'support-7')
    const body = { staff: await idOf('support-7'), until: Date.now() + DAY }
    const { id, confirmedAt } = await first.call(contract.appointDeputy, { body })
    expect(confirmedAt).toBeNull()
    const params = { deputy: id }
    // Who had the link of both made could be both: the officer issued them, and neither is the officer's own word.
    await expect(first.call(contract.confirmDeputy, { params })).rejects.toMatchObject({ code: 'forbidden' })
    expect(await second.call(contract.confirmDeputy, { params })).toMatchObject({ confirmedBy: 'auditor-6' })
    await first.call(contract.endDeputy, { params })
    await expect(first.call(contract.endDeputy, { params })).rejects.toMatchObject({ code: 'not-found' })
  })

  it.each([
    [{ until: Date.now() - 1 }, 'until'],
    [{ until: Date.now() + 100 * DAY }, 'until'],
  ])('is refused for the time %o', async (time, field) => {
    const body = { staff: await idOf('support-7'), ...time }
    await expect(officer.call(contract.appointDeputy, { body })).rejects.toMatchObject({ problem: { field } })
  })

  it('has a page for staff with a duty', async () => {
    const page = await fetch(`${server.url}/console/deputies`, { headers: { cookie: officer.cookie() ?? '' } })
    expect(await page.text()).toContain('support-5')
    expect((await fetch(`${server.url}/console/deputies`)).status).toBe(401)
  })
})
