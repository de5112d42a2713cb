import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { register } from './testing/people.ts'
import { expectProblem, send } from './testing/raw.ts'
import { startTestServer, type TestServer } from './testing/test-server.ts'

let server: TestServer
let cookie: string

beforeAll(async () => {
  server = await startTestServer(inject('adminUrl'))
  const entered = await send(server.url, {
    path: '/v1/enter',
    body: { token: new URL(server.firstStaffLink).hash.slice(1) },
  })
  cookie = (entered.headers.getSetCookie()[0] ?? '').split(';')[0] ?? ''
})
afterAll(() => server.stop())

interface Matrix {
  readonly policy: string
  readonly counted: number
  readonly size: number
  readonly clauses: readonly { readonly clause: string; readonly decisions: { readonly permitted: number } }[]
}

async function matrix(): Promise<Matrix> {
  const answer = await send(server.url, { method: 'GET', path: '/v1/policy/matrix', headers: { cookie } })
  expect(answer.status).toBe(200)
  return JSON.parse(answer.text) as Matrix
}

const permitted = ({ clauses }: Matrix): number => clauses.reduce((sum, { decisions }) => sum + decisions.permitted, 0)

describe('the matrix of clauses', () => {
  it('is shown to staff, and to nobody else', async () => {
    expectProblem(await send(server.url, { method: 'GET', path: '/v1/policy/matrix' }), { code: 'unauthenticated' })
    const page = await send(server.url, { method: 'GET', path: '/policy/matrix' })
    expect([page.status, page.text.includes('войдите')]).toEqual([401, true])
    expect(page.text).not.toContain('id="1.2"')
  })

  it('counts a decision once it has its place in the ledger', async () => {
    const before = permitted(await matrix())
    await register(server)
    let after = await matrix()
    for (let i = 0; i < 100 && permitted(after) === before; i++) after = await matrix()
    expect(permitted(after)).toBeGreaterThan(before)
    expect(after.counted).toBeLessThanOrEqual(after.size)
    expect(after.clauses.map(({ clause }) => clause)).toContain('1.2')
  })

  it('is a page in Russian and English with every clause on it', async () => {
    const page = await send(server.url, { method: 'GET', path: '/policy/matrix', headers: { cookie } })
    expect(page.status).toBe(200)
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    for (const { clause } of (await matrix()).clauses) expect(page.text).toContain(`id="${clause}"`)
    expect(page.text).toContain('Разрешено')
    expect(page.text).toContain('lang="en"')
  })
})
