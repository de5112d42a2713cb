import { type Client, contract } from '@doverie/sdk'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { asService, asStaff, destroyNow, refusal, register, someValues, type TestPerson } from './testing/people.ts'
import { queryOnce } from './testing/query.ts'
import { expectProblem, send } from './testing/raw.ts'
import { asOfficer, latestLetter, startTestServer, type TestServer, until } from './testing/test-server.ts'

let server: TestServer
let officer: Client
let support: Client
let mother: TestPerson

beforeAll(async () => {
  server = await startTestServer(inject('adminUrl'))
  officer = await asOfficer(server)
  support = await asStaff(server, officer, 'support')
  mother = await register(server)
})
afterAll(() => server.stop())

const CERTIFICATE = {
  title: 'Свидетельство о рождении',
  number: 'III-МЮ 703 512-canary',
  issued: '2014-05-06',
  issuer: 'Тверской отдел ЗАГС Москвы',
}
const POWER = {
  title: 'Доверенность',
  number: '77 АВ 1234567-canary',
  issued: '2026-01-15',
  issuer: 'Нотариус Синицын',
}
const on = { entity: 'start', ticket: 'SUP-11' } as const

/** Staff register a child together with the parent who acts for it. */
async function child(parent: TestPerson = mother): Promise<contract.RegisteredPerson> {
  return support.call(contract.registerRepresented, {
    body: { ...on, age: 'minor', authority: { person: parent.subject, kind: 'parent', document: CERTIFICATE } },
  })
}

/** Support write down an attorney of a grown person; nobody has said the second word. */
async function proposed(
  principal: TestPerson,
  attorney: TestPerson,
  scope?: contract.Authority['scope'],
): Promise<string> {
  const { representative } = await support.call(contract.registerRepresentative, {
    params: { subject: principal.subject },
    body: {
      ...on,
      authority: {
        person: attorney.subject,
        kind: 'attorney',
        document: POWER,
        until: '2030-12-31',
        ...(scope === undefined ? {} : { scope }),
      },
    },
  })
  return representative
}

/** An attorney of a grown person whom the officer has confirmed. */
async function attorneyFor(
  principal: TestPerson,
  attorney: TestPerson,
  scope?: contract.Authority['scope'],
): Promise<string> {
  const representative = await proposed(principal, attorney, scope)
  await officer.call(contract.confirmRepresentative, { params: { subject: principal.subject, representative } })
  return representative
}

async function historyOf(client: Client): Promise<readonly Readonly<Record<string, unknown>>[]> {
  return (await client.history()).map(({ body }) => JSON.parse(body) as Record<string, unknown>)
}

describe('a child', () => {
  it('begins with the parent who acts for it, and the parent sends in what is asked', async () => {
    const { subject, representative } = await child()
    expect(await mother.client.call(contract.showRepresented, {})).toMatchObject({
      people: [{ subject, representative, kind: 'parent', until: null, scope: null }],
    })
    const parent = mother.client.actingFor(subject)
    const { snapshot } = await parent.form('registration')
    const values = { ...someValues(), surname: 'Ребёнкина' }
    const sent = { snapshot, entity: 'start', values, consents: ['marketing'] }
    expect(await parent.submit('registration', sent)).toMatchObject({ subject, signIn: null })
    const seen = await parent.me('start')
    expect(seen.values['surname']).toBe('Ребёнкина')
    expect(seen.facts.age).toBe('minor')
    expect((await mother.client.me('start')).subject).toBe(mother.subject)

    const site = await asService(server, officer, 'site', ['identification'])
    const ask = { subject, purpose: 'identification', entity: 'start', fields: ['surname'] }
    expect((await site.open(ask)).values['surname']).toBe('Ребёнкина')

    await parent.call(contract.correctMine, { body: { entity: 'start', values: { surname: 'Взрослова' } } })
    const withdrawn = await parent.withdraw('marketing', { entity: 'start' })
    expect(withdrawn.decision).toBe('permit')
    let acts: Awaited<ReturnType<typeof historyOf>> = []
    await until(async () => {
      acts = await historyOf(parent)
      return ['withdraw', 'read-history'].every((one) => acts.some(({ act }) => act === one))
    })
    const own = acts.filter(({ actor }) => (actor as { kind: string }).kind === 'representative')
    expect(new Set(own.map(({ act }) => act))).toEqual(
      new Set(['collect', 'describe', 'open', 'correct', 'withdraw', 'read-history']),
    )
    expect(own.every(({ actor }) => (actor as { name: string }).name === representative)).toBe(true)
    expect(acts.find(({ act }) => act === 'register-represented')).toMatchObject({
      actor: { kind: 'staff', name: 'support' },
      ticket: 'SUP-11',
      clauses: ['1.2'],
      detail: { representative, kind: 'parent', scope: 'all' },
    })
  })

  it('loses what needs a representative as soon as the parent’s authority is ended, and the parent reaches nothing', async () => {
    const { subject, representative } = await child()
    const parent = mother.client.actingFor(subject)
    const { snapshot } = await parent.form('registration')
    await parent.submit('registration', { snapshot, entity: 'start', values: someValues(), consents: [] })
    const site = await asService(server, officer, 'site', ['identification'])
    const ask = { subject, purpose: 'identification', entity: 'start', fields: ['surname'] }
    await site.open(ask)
    await support.call(contract.endRepresentative, { params: { subject }, body: { ...on, representative } })
    expect((await refusal(site.open(ask))).causes?.[0]?.reason).toBe('no-representative')
    await expect(parent.me('start')).rejects.toMatchObject({ code: 'forbidden' })
    const { people } = await mother.client.call(contract.showRepresented, {})
    expect(people.map((one) => one.subject)).not.toContain(subject)
    const again = support.call(contract.endRepresentative, { params: { subject }, body: { ...on, representative } })
    await expect(again).rejects.toMatchObject({ code: 'not-found' })
  })

  it('is not represented by a parent any more once of age', async () => {
    const { subject } = await child()
    const parent = mother.client.actingFor(subject)
    expect((await parent.me('start')).decision).toBe('permit')
    await support.call(contract.correctAge, { params: { subject }, body: { ...on, age: 'adult' } })
    expect((await refusal(parent.me('start'))).clauses).toContain('1.2')
  })

  it('is somebody of its own, though the parent’s mailbox is given for it', async () => {
    const { subject } = await child()
    const parent = mother.client.actingFor(subject)
    const { snapshot } = await parent.form('registration')
    const values = { ...someValues(), email: mother.email }
    await parent.submit('registration', { snapshot, entity: 'start', values, consents: [] })
    expect((await parent.me('start')).values['email']).toBe(mother.email)
    const { id } = await server.client().requestCode(mother.email)
    const letter = await latestLetter(server.url, mother.email)
    const code = /Your code: (\d{6})/.exec(letter.text)?.[1] ?? ''
    expect((await server.client().proveCode(id, code)).subject).toBe(mother.subject)
  })
})

describe('an attorney', () => {
  it('does what the power covers, and nothing else', async () => {
    const [principal, attorney] = [await register(server), await register(server)]
    await attorneyFor(principal, attorney, ['read', 'close'])
    const acting = attorney.client.actingFor(principal.subject)
    expect((await acting.me('start')).values['surname']).toBe(principal.values['surname'])
    await acting.call(contract.closeMine, { params: { field: 'phone' }, body: { entity: 'start', closedTo: ['*'] } })
    const beyond = [
      () => acting.call(contract.correctMine, { body: { entity: 'start', values: { surname: 'Чужая' } } }),
      () => acting.call(contract.destroyMine, { body: { entity: 'start', compartments: null } }),
      () => acting.withdraw('marketing', { entity: 'start' }),
    ]
    for (const call of beyond) {
      const { causes, clauses } = await refusal(call())
      expect(causes?.map(({ reason }) => reason)).toEqual(['outside-authority'])
      expect(clauses).toEqual(['1.2'])
    }
    expect((await principal.client.me('start')).values['surname']).toBe(principal.values['surname'])
  })

  it('is dismissed by the principal, at once; a parent is not', async () => {
    const [principal, attorney] = [await register(server), await register(server)]
    const representative = await attorneyFor(principal, attorney)
    const acting = attorney.client.actingFor(principal.subject)
    await acting.me('start')
    const foreign = acting.call(contract.dismissMine, { body: { entity: 'start', representative } })
    await expect(foreign).rejects.toMatchObject({ code: 'forbidden' })
    await principal.client.call(contract.dismissMine, { body: { entity: 'start', representative } })
    await expect(acting.me('start')).rejects.toMatchObject({ code: 'forbidden' })
  })

  it('reaches nobody but the principal, and not by naming them in a body either', async () => {
    const [principal, attorney, stranger] = [await register(server), await register(server), await register(server)]
    await attorneyFor(principal, attorney)
    const acting = attorney.client.actingFor(principal.subject)
    const ask = { subject: stranger.subject, purpose: 'rights', entity: 'start', fields: ['surname'] }
    expect((await refusal(acting.open(ask))).causes?.[0]?.reason).toBe('no-live-data')
    await expect(attorney.client.actingFor(stranger.subject).me('start')).rejects.toMatchObject({ code: 'forbidden' })
    const nobody = attorney.client.actingFor('00000000-0000-4000-8000-00000000abcd')
    await expect(nobody.me('start')).rejects.toMatchObject({ code: 'forbidden' })
  })

  it('acts no more when the principal is destroyed, and nothing of the authority is left', async () => {
    const [principal, attorney] = [await register(server), await register(server)]
    await attorneyFor(principal, attorney)
    await destroyNow(officer, principal.subject)
    await expect(attorney.client.actingFor(principal.subject).me('start')).rejects.toMatchObject({ code: 'forbidden' })
    const rows = await queryOnce(server.dataUrl, 'SELECT FROM representation WHERE subject_id = $1 OR person_id = $1', [
      principal.subject,
    ])
    expect(rows).toEqual([])
  })
})

describe('the second word on a representative', () => {
  it('is the officer’s: support alone makes nobody one, whoever’s account they write down', async () => {
    const [victim, own] = [await register(server), await register(server)]
    const representative = await proposed(victim, own)
    const acting = own.client.actingFor(victim.subject)
    await expect(acting.me('start')).rejects.toMatchObject({ code: 'forbidden' })
    expect((await own.client.call(contract.showRepresented, {})).people).toEqual([])
    const which = { params: { subject: victim.subject, representative } }
    await expect(support.call(contract.confirmRepresentative, which)).rejects.toMatchObject({ code: 'forbidden' })
    const other = await asStaff(server, officer, 'support', 'support-2')
    expect((await refusal(other.call(contract.confirmRepresentative, which))).causes?.[0]?.reason).toBe('no-rule')
    await expect(acting.me('start')).rejects.toMatchObject({ code: 'forbidden' })
    const { representatives } = await officer.call(contract.listWaitingRepresentatives, {})
    expect(representatives.find((one) => one.representative === representative)).toMatchObject({
      subject: victim.subject,
      person: own.subject,
      kind: 'attorney',
      ticket: 'SUP-11',
      askedBy: { kind: 'staff', name: 'support' },
    })
    await expect(support.call(contract.listWaitingRepresentatives, {})).rejects.toMatchObject({ code: 'forbidden' })
    await officer.call(contract.confirmRepresentative, which)
    expect((await acting.me('start')).subject).toBe(victim.subject)
    await expect(officer.call(contract.confirmRepresentative, which)).rejects.toMatchObject({ code: 'not-found' })
    const ask = { subject: victim.subject, purpose: 'rights', entity: 'start', fields: ['representative-records'] }
    const records = (await officer.open({ ...ask, ticket: 'DPO-1' })).values['representative-records'] as string[]
    expect(JSON.parse(records[1] ?? '')).toMatchObject({ representative, confirmedBy: 'dpo-1' })
  })

  it('is not the officer’s own who wrote it down, nor one’s by a link that this officer had made', async () => {
    const [principal, attorney] = [await register(server), await register(server)]
    const { representative } = await officer.call(contract.registerRepresentative, {
      params: { subject: principal.subject },
      body: {
        ...on,
        authority: { person: attorney.subject, kind: 'attorney', document: POWER, until: '2030-12-31' },
      },
    })
    const which = { params: { subject: principal.subject, representative } }
    await expect(officer.call(contract.confirmRepresentative, which)).rejects.toMatchObject({ code: 'forbidden' })
    const made = await asStaff(server, officer, 'dpo', 'dpo-2')
    await expect(made.call(contract.confirmRepresentative, which)).rejects.toMatchObject({ code: 'forbidden' })
  })

  it('is told to the person before and after, who refuses what waits and ends what is', async () => {
    const [principal, attorney] = [await register(server), await register(server)]
    const first = await proposed(principal, attorney)
    expect((await latestLetter(server.url, principal.email)).subject).toMatch(/is to be your representative/)
    const mine = async (): Promise<unknown> =>
      (await principal.client.call(contract.showMyRepresentatives, {})).representatives.map(
        ({ representative, state }) => ({ representative, state }),
      )
    expect(await mine()).toEqual([{ representative: first, state: 'waiting' }])
    await principal.client.call(contract.dismissMine, { body: { entity: 'start', representative: first } })
    const gone = officer.call(contract.confirmRepresentative, {
      params: { subject: principal.subject, representative: first },
    })
    await expect(gone).rejects.toMatchObject({ code: 'not-found' })
    const second = await attorneyFor(principal, attorney)
    expect((await latestLetter(server.url, principal.email)).subject).toMatch(/have a representative/)
    expect(await mine()).toEqual([{ representative: second, state: 'acts' }])
    await principal.client.call(contract.dismissMine, { body: { entity: 'start', representative: second } })
    expect(await mine()).toEqual([])
  })

  it.each(['parent', 'adopter', 'guardian'] as const)(
    'is not even asked for where %s and age do not go together',
    async (kind) => {
      const principal = await register(server)
      const body = { ...on, authority: { person: mother.subject, kind, document: CERTIFICATE } }
      const call = (): Promise<unknown> =>
        support.call(contract.registerRepresentative, { params: { subject: principal.subject }, body })
      await queryOnce(
        server.dataUrl,
        "UPDATE subject SET facts = facts - 'age', facts_version = facts_version + 1 WHERE subject_id = $1",
        [principal.subject],
      )
      await expect(call()).rejects.toMatchObject({ code: 'conflict' })
      await support.call(contract.correctAge, { params: { subject: principal.subject }, body: { ...on, age: 'adult' } })
      if (kind === 'guardian') await call()
      else await expect(call()).rejects.toMatchObject({ code: 'conflict' })
    },
  )
})

describe('the document of an authority', () => {
  it('is opened by the person and the officer, lies sealed, and no copy of its words is anywhere else', async () => {
    const [principal, attorney] = [await register(server), await register(server)]
    await attorneyFor(principal, attorney)
    const ask = { subject: principal.subject, purpose: 'rights', entity: 'start', fields: ['representative-records'] }
    const records = (await officer.open({ ...ask, ticket: 'DPO-1' })).values['representative-records'] as string[]
    const kept = JSON.parse(records[0] ?? '') as Readonly<Record<string, unknown>>
    expect(kept).toMatchObject({ document: POWER, verifiedBy: 'support-1', ticket: 'SUP-11', kind: 'attorney' })
    expect((await principal.client.me('start')).values['representative-records']).toEqual(records)
    expect((await refusal(support.open({ ...ask, ticket: 'SUP-2' }))).causes?.[0]?.reason).toBe('no-rule')
    const tables = ['event', 'subject', 'ledger_batch', 'record', 'representation', 'outbox']
    for (const table of tables) {
      const rows = await queryOnce(server.dataUrl, `SELECT t::text AS row FROM ${table} t`)
      const hex = Buffer.from('canary').toString('hex')
      expect(JSON.stringify(rows).includes('canary') && table !== 'outbox').toBe(false)
      expect(JSON.stringify(rows).includes(hex)).toBe(false)
    }
  })
})

describe('what is wrong with an authority', () => {
  const good = (): contract.Authority => ({ person: mother.subject, kind: 'parent', document: CERTIFICATE })
  const cases: readonly (readonly [string, (authority: contract.Authority) => object, object])[] = [
    ['no document', ({ document: _, ...rest }) => rest, { code: 'invalid-request' }],
    [
      'a kind that is none',
      (one) => ({ ...one, kind: 'friend' }),
      { code: 'invalid-request', field: 'authority.kind' },
    ],
    ['an attorney without end', (one) => ({ ...one, kind: 'attorney' }), { code: 'invalid-request', field: 'until' }],
    ['an end that is past', (one) => ({ ...one, until: '2020-01-01' }), { code: 'invalid-request', field: 'until' }],
    ['a day that is none', (one) => ({ ...one, until: '2030-02-30' }), { code: 'invalid-request', field: 'until' }],
    ['an empty scope', (one) => ({ ...one, scope: [] }), { code: 'invalid-request' }],
    [
      'a document of tomorrow',
      (one) => ({ ...one, document: { ...one.document, issued: '2999-01-01' } }),
      { code: 'invalid-request', field: 'document.issued' },
    ],
    [
      'a number with control characters',
      (one) => ({ ...one, document: { ...one.document, number: 'A\u0000canary' } }),
      { code: 'invalid-value', field: 'document.number' },
    ],
    [
      'somebody who is not here',
      (one) => ({ ...one, person: '00000000-0000-4000-8000-00000000abcd' }),
      { code: 'not-found', field: 'person' },
    ],
  ]
  it.each(cases)('%s: told by its field, and nothing is changed', async (_, change, problem) => {
    const before = await queryOnce(server.dataUrl, 'SELECT count(*) AS n FROM subject')
    const answer = await send(server.url, {
      path: '/v1/people',
      headers: { cookie: support.cookie() ?? '', origin: server.url },
      body: { ...on, age: 'minor', authority: change(good()) },
    })
    expectProblem(answer, { ...problem })
    expect(answer.text).not.toContain('canary')
    expect(await queryOnce(server.dataUrl, 'SELECT count(*) AS n FROM subject')).toEqual(before)
  })

  it('a minor as representative, and one of oneself, are refused', async () => {
    const { subject } = await child()
    const body = (person: string): contract.RepresentedPerson => ({
      ...on,
      age: 'minor',
      authority: { ...good(), person },
    })
    await expect(support.call(contract.registerRepresented, { body: body(subject) })).rejects.toMatchObject({
      code: 'invalid-request',
    })
    await expect(
      support.call(contract.registerRepresentative, {
        params: { subject: mother.subject },
        body: { ...on, authority: good() },
      }),
    ).rejects.toMatchObject({ code: 'invalid-request' })
  })

  it('is registered by staff only, and with a ticket', async () => {
    const own = mother.client.call(contract.registerRepresented, { body: { ...on, age: 'minor', authority: good() } })
    await expect(own).rejects.toMatchObject({ code: 'forbidden' })
    const { ticket: _, ...without } = on
    const call = support.call(contract.registerRepresented, { body: { ...without, age: 'minor', authority: good() } })
    expect((await refusal(call)).causes?.[0]?.reason).toBe('ticket-needed')
  })

  it('On-Behalf-Of serves a person signed in, and nobody else', async () => {
    const headers = { 'on-behalf-of': mother.subject, cookie: officer.cookie() ?? '', origin: server.url }
    const path = `/v1/people/${mother.subject}?entity=start&ticket=DPO-1`
    expectProblem(await send(server.url, { method: 'GET', path, headers }), { code: 'forbidden' })
    const nobody = { 'on-behalf-of': mother.subject }
    expectProblem(await send(server.url, { path: '/v1/forms/registration', headers: nobody, body: {} }), {
      code: 'unauthenticated',
    })
    const own = { ...headers, cookie: mother.client.cookie() ?? '', 'on-behalf-of': 'nobody' }
    expectProblem(await send(server.url, { method: 'GET', path: '/v1/me?entity=start', headers: own }), {
      code: 'invalid-request',
    })
  })
})
