import { type Client, contract } from '@doverie/sdk'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { asStaff, proveByPhone, refusal, register } from './testing/people.ts'
import { queryOnce } from './testing/query.ts'
import { asOfficer, startTestServer, type TestServer, until } from './testing/test-server.ts'

let server: TestServer
let officer: Client

beforeAll(async () => {
  server = await startTestServer(inject('adminUrl'))
  officer = await asOfficer(server)
})
afterAll(() => server.stop())

const on = { entity: 'start', ticket: 'LAW-7' } as const
const hold = (subject: string, reason: contract.NewHold['reason'] = 'dispute'): Promise<contract.HoldSet> =>
  officer.call(contract.setHold, { params: { subject }, body: { ...on, ground: 'legal-hold', reason } })
const destroyAll = (client: Client): Promise<contract.DestroyedData> =>
  client.call(contract.destroyMine, { body: { entity: 'start', compartments: null } })

describe('a legal hold', () => {
  it('keeps everything from destruction by anybody, and says by which article', async () => {
    const { client, subject } = await register(server)
    await hold(subject)
    const own = await refusal(destroyAll(client))
    expect(own.causes?.map(({ reason }) => reason)).toContain('legal-hold')
    expect(own.kept).toContainEqual(
      expect.objectContaining({ compartment: 'identity', ground: 'legal-hold', lastDay: null }),
    )
    const part = client.call(contract.destroyMine, { body: { entity: 'start', compartments: ['contact'] } })
    expect((await refusal(part)).clauses).toContain('2.2.5')
    const staff = officer.call(contract.destroyData, { params: { subject }, body: { ...on, compartments: null } })
    expect((await refusal(staff)).kept?.length).toBeGreaterThan(0)
    expect((await client.me('start')).kept.map(({ ground }) => ground)).toContain('legal-hold')
    const { facts } = await officer.call(contract.describePerson, { params: { subject }, query: on })
    expect(facts.holds).toMatchObject([{ ground: 'legal-hold', reason: 'dispute' }])
  })

  it('is lifted by itself: while another stands, nothing is destroyed', async () => {
    const { client, subject, values } = await register(server)
    const [dispute, demand] = [await hold(subject), await hold(subject, 'demand')]
    const lift = (id: string): Promise<contract.Permitted> =>
      officer.call(contract.liftHold, { params: { subject }, body: { ...on, hold: id } })
    await lift(dispute.hold)
    await refusal(destroyAll(client))
    await expect(lift(dispute.hold)).rejects.toMatchObject({ code: 'not-found' })
    await lift(demand.hold)
    await proveByPhone(server, client, values['phone'] ?? '')
    expect((await destroyAll(client)).waits).not.toBeNull()
  })

  it('is set and lifted by the officer only, with a ticket, on a ground that the policy has', async () => {
    const { client, subject } = await register(server)
    const support = await asStaff(server, officer, 'support')
    const body = { ...on, ground: 'legal-hold', reason: 'inspection' } as const
    const params = { subject }
    expect((await refusal(support.call(contract.setHold, { params, body }))).causes?.[0]?.reason).toBe('no-rule')
    await expect(client.call(contract.setHold, { params, body })).rejects.toMatchObject({ code: 'forbidden' })
    const { ticket: _, ...without } = body
    const ticketless = await refusal(officer.call(contract.setHold, { params, body: without }))
    expect(ticketless.causes?.[0]?.reason).toBe('ticket-needed')
    for (const ground of ['accounting', 'no-such']) {
      await expect(officer.call(contract.setHold, { params, body: { ...body, ground } })).rejects.toMatchObject({
        code: 'not-in-policy',
        problem: { field: 'ground' },
      })
    }
    const set = await officer.call(contract.setHold, { params, body })
    const lift = { params, body: { ...on, hold: set.hold } }
    await refusal(support.call(contract.liftHold, lift))
    await expect(support.call(contract.listHolds, {})).rejects.toMatchObject({ code: 'forbidden' })
    await refusal(destroyAll(client))
  })

  it('is listed for the officer, entered in the ledger and known to the journal before it is answered', async () => {
    const { client, subject } = await register(server)
    const { hold: id } = await hold(subject)
    const journal = await queryOnce(
      server.keystoreUrl,
      `SELECT pending FROM journal WHERE holder_id = $1 AND kind = 'hold-set'`,
      [subject],
    )
    expect(journal).toEqual([{ pending: false }])
    const { holds } = await officer.call(contract.listHolds, {})
    expect(holds.find((one) => one.id === id)).toMatchObject({ subject, ground: 'legal-hold', reason: 'dispute' })
    let acts: readonly Record<string, unknown>[] = []
    await until(async () => {
      acts = (await client.history()).map(({ body }) => JSON.parse(body) as Record<string, unknown>)
      return acts.some(({ act }) => act === 'set-hold')
    })
    expect(acts.find(({ act }) => act === 'set-hold')).toMatchObject({
      operation: 'store',
      purpose: 'legal',
      ticket: 'LAW-7',
      detail: { ground: 'legal-hold', hold: id, reason: 'dispute' },
      clauses: ['2.2.5'],
    })
    const bodies = await queryOnce(server.dataUrl, `SELECT encode(bodies, 'escape') AS text FROM ledger_batch`)
    expect(JSON.stringify(bodies)).toContain('list-holds')
  })
})
