import { spawn } from 'node:child_process'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { type Client, contract } from '@doverie/sdk'
import { verifyArchive } from '@doverie/sdk/archive'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { temporaryFolder } from './testing/folder.ts'
import { asStaff, register } from './testing/people.ts'
import { asOfficer, startTestServer, type TestServer, until } from './testing/test-server.ts'

const PROGRAM = fileURLToPath(new URL('../cli/doverie.ts', import.meta.url))
/** Where Node keeps what it compiled: reading the program anew takes seconds. */
const COMPILED = fileURLToPath(new URL('../../node_modules/.cache/node', import.meta.url))
let server: TestServer
let officer: Client
let auditor: Client
let support: Client
let policy: string
let today: string

beforeAll(async () => {
  server = await startTestServer(inject('adminUrl'))
  officer = await asOfficer(server)
  await register(server)
  policy = await (await fetch(`${server.url}/log/policy`)).text()
  today = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Moscow' }).format(Date.now())
})
afterAll(() => server.stop())

const post = (client: Client, body: unknown): Promise<Response> =>
  fetch(`${server.url}/v1/archives`, {
    method: 'POST',
    headers: { cookie: client.cookie() ?? '', origin: server.url, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
const temporary = (): readonly string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('doverie-archive-'))

describe('an inspector’s archive over HTTP', () => {
  it('is given to the officer and an auditor as a file that the published keys verify, and to nobody else', async () => {
    const body = { from: '2026-01-01', to: today }
    const answer = await post(officer, body)
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/zip'])
    expect(answer.headers.get('content-disposition')).toBe(
      `attachment; filename="doverie-archive-2026-01-01-${today}.zip"`,
    )
    const bytes = new Uint8Array(await answer.arrayBuffer())
    expect(bytes.length).toBe(Number(answer.headers.get('content-length')))
    expect(verifyArchive(bytes, { policy })).toMatchObject({ trusted: true, manifest: { period: body } })
    auditor = await asStaff(server, officer, 'auditor')
    support = await asStaff(server, officer, 'support')
    const given = await auditor.call(contract.makeArchive, { body })
    expect(verifyArchive(given, { policy }).manifest.registers['staff']).toBeGreaterThan(1)
    await expect(support.call(contract.makeArchive, { body })).rejects.toMatchObject({ code: 'forbidden' })
    expect((await post(server.client(), body)).status).toBe(401)
    await until(() => Promise.resolve(temporary().length === 0))
  })

  it.each([
    [{ from: '2026-01-01', to: '2999-01-01' }, 'to'],
    [{ from: '2026-13-01', to: '2026-01-01' }, 'from'],
    [{ from: '2026-01-02', to: '2026-01-01' }, 'to'],
    [{ from: '2026-01-01' }, 'to'],
  ])('is refused for %o, and leaves nothing behind', async (body, field) => {
    const answer = await post(officer, body)
    expect([answer.status, await answer.json()]).toMatchObject([400, { field }])
    expect(temporary()).toEqual([])
  })

  it('has a page for whoever may make one, linked from the officer’s duties', async () => {
    const page = async (path: string, client: Client): Promise<Response> =>
      fetch(server.url + path, { headers: { cookie: client.cookie() ?? '' } })
    expect(await (await page('/console/archive', auditor)).text()).toContain('Создать и скачать')
    expect(await (await page('/console/duties', officer)).text()).toContain('href="/console/archive"')
    expect((await page('/console/archive', support)).status).toBe(403)
  })
})

describe('doverie archive', () => {
  it('makes one beside the running server, and verifies it offline with the keys given', async () => {
    const folder = await temporaryFolder()
    const out = join(folder.path, 'archive.zip')
    const trust = join(folder.path, 'policy')
    writeFileSync(trust, policy)
    const make = ['archive', '--from', today, '--to', today, '--out', out, '--keys', server.keysDir]
    expect(await run(make)).toMatchObject([0, expect.stringMatching(/^sha256 [0-9a-f]{64}$/m), ''])
    expect(existsSync(`${out}.part`)).toBe(false)
    const [code, found] = await run(['archive', 'verify', out, '--trust', trust, '--json'])
    expect([code, JSON.parse(found)]).toMatchObject([
      0,
      { ok: true, trusted: true, manifest: { madeBy: 'machine:holder' } },
    ])
    const [alone, said] = await run(['archive', 'verify', out])
    expect([alone, said.split(':')[0]]).toEqual([2, 'NOT PROVED TO BE ANYBODY’S'])
    await folder.remove()
  })
})

async function run(args: readonly string[]): Promise<readonly [number | null, string, string]> {
  const { dataUrl: DATABASE_URL, keystoreUrl: KEYSTORE_URL } = server
  const env = { PATH: process.env['PATH'] ?? '', DATABASE_URL, KEYSTORE_URL, NODE_COMPILE_CACHE: COMPILED }
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env })
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', resolve)
  })
  return Promise.all([ended, text(child.stdout), text(child.stderr)])
}
