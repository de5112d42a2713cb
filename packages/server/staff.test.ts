import { type Client, contract } from '@doverie/sdk'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { register } from './testing/people.ts'
import { queryOnce } from './testing/query.ts'
import { asOfficer, startTestServer, type TestServer } from './testing/test-server.ts'

let server: TestServer
let officer: Client

beforeAll(async () => {
  server = await startTestServer(inject('adminUrl'))
  officer = await asOfficer(server)
})
afterAll(() => server.stop())

interface Member {
  readonly staff: string
  readonly client: Client
  readonly path: string
}

async function add(pseudonym: string, role: string): Promise<Member> {
  const { staff, path } = await officer.call(contract.addStaff, { body: { pseudonym, role } })
  const client = server.client()
  await client.enter(path.replace('/enter#', ''))
  return { staff, client, path }
}

const membersOf = async (client: Client): Promise<readonly contract.StaffMember[]> =>
  (await client.call(contract.listStaff, {})).members
const acting = (client: Client, subject: string): Promise<unknown> =>
  client.call(contract.describePerson, { params: { subject }, query: { entity: 'start', ticket: 'SUP-1' } })

describe('a member of staff', () => {
  it('is listed with where they are signed in, and signs in again by a fresh link', async () => {
    const { staff, client } = await add('support-anna', 'support')
    const listed = (await membersOf(officer)).find((one) => one.staff === staff)
    expect(listed).toMatchObject({ pseudonym: 'support-anna', role: 'support', switchedOffAt: null })
    expect(listed?.sessions).toHaveLength(1)
    await expect(membersOf(client)).rejects.toMatchObject({ code: 'forbidden' })
    const { path } = await officer.call(contract.newStaffLink, { params: { staff } })
    const elsewhere = server.client()
    await elsewhere.enter(path.replace('/enter#', ''))
    expect((await membersOf(officer)).find((one) => one.staff === staff)?.sessions).toHaveLength(1)
    await expect(membersOf(client)).rejects.toMatchObject({ code: 'unauthenticated' })
    await expect(server.client().enter(path.replace('/enter#', ''))).rejects.toMatchObject({ code: 'code-invalid' })
  })

  it('whose sessions are ended is signed in nowhere, and no unused link serves; they may come back', async () => {
    const { subject } = await register(server)
    const { staff, client } = await add('support-boris', 'support')
    await acting(client, subject)
    const unused = await officer.call(contract.newStaffLink, { params: { staff } })
    await officer.call(contract.endStaffSessions, { params: { staff } })
    await expect(acting(client, subject)).rejects.toMatchObject({ code: 'unauthenticated' })
    const late = server.client().enter(unused.path.replace('/enter#', ''))
    await expect(late).rejects.toMatchObject({ code: 'code-invalid' })
    const { path } = await officer.call(contract.newStaffLink, { params: { staff } })
    await client.enter(path.replace('/enter#', ''))
    await acting(client, subject)
  })

  it('who is switched off does nothing any more, is given no link, and stays listed; the ledger says who did it', async () => {
    const { subject } = await register(server)
    const { staff, client } = await add('support-clara', 'support')
    await officer.call(contract.switchOffStaff, { params: { staff } })
    await expect(acting(client, subject)).rejects.toMatchObject({ code: 'unauthenticated' })
    const listed = (await membersOf(officer)).find((one) => one.staff === staff)
    expect(listed?.sessions).toEqual([])
    expect(listed?.switchedOffAt).toBeGreaterThan(0)
    for (const act of [contract.newStaffLink, contract.endStaffSessions, contract.switchOffStaff] as const) {
      const again = officer.call<contract.StaffParams, null, null, unknown>(act, { params: { staff } })
      await expect(again).rejects.toMatchObject({ code: 'not-found' })
    }
    const bodies = await queryOnce(server.dataUrl, `SELECT encode(bodies, 'escape') AS text FROM ledger_batch`)
    expect(JSON.stringify(bodies)).toContain('switch-off-staff')
    const taken = officer.call(contract.addStaff, { body: { pseudonym: 'support-clara', role: 'support' } })
    await expect(taken).rejects.toMatchObject({ code: 'conflict' })
  })

  it('may be switched off by whoever gives and takes access, but the last of them stays, whoever is quicker', async () => {
    const administrator = await add('administrator-1', 'administrator')
    const support = await add('support-dina', 'support')
    await expect(
      support.client.call(contract.switchOffStaff, { params: { staff: administrator.staff } }),
    ).rejects.toMatchObject({ code: 'forbidden' })
    const first = (await membersOf(officer)).find(({ role }) => role === 'dpo')
    // Each the other, at the same time: one of the two is left.
    const both = await Promise.allSettled([
      officer.call(contract.switchOffStaff, { params: { staff: administrator.staff } }),
      administrator.client.call(contract.switchOffStaff, { params: { staff: first?.staff ?? '' } }),
    ])
    expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const left = both[0].status === 'fulfilled' ? officer : administrator.client
    const mine = (await membersOf(left)).find(
      ({ role, switchedOffAt }) => ['dpo', 'administrator'].includes(role) && switchedOffAt === null,
    )
    const last = left.call(contract.switchOffStaff, { params: { staff: mine?.staff ?? '' } })
    await expect(last).rejects.toMatchObject({ code: 'conflict' })
  })
})
