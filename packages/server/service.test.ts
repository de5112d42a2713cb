import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as contract from '@doverie/core/contract'
import { afterEach, describe, expect, inject, it } from 'vitest'
import { ROUTES } from './handle/index.ts'
import type { ServerOptions } from './settings.ts'
import { temporaryFolder } from './testing/folder.ts'
import { asService, asStaff, register } from './testing/people.ts'
import { queryOnce } from './testing/query.ts'
import { expectProblem, send } from './testing/raw.ts'
import { asOfficer, startTestServer, type TestServer, until } from './testing/test-server.ts'

const NETRACK = fileURLToPath(new URL('../../policies/netrack', import.meta.url))
const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function start(options: Partial<ServerOptions> = {}): Promise<TestServer> {
  const server = await startTestServer(inject('adminUrl'), options)
  closing.push(() => server.stop())
  return server
}

/** A copy of NETRACK's bundle that a test may break. */
async function bundle(): Promise<string> {
  const folder = await temporaryFolder()
  closing.push(() => folder.remove())
  await cp(NETRACK, folder.path, { recursive: true })
  return folder.path
}

/** The version of the shipped bundle. */
async function shippedVersion(): Promise<string> {
  const rules = await readFile(join(NETRACK, 'rules.yaml'), 'utf8')
  return `netrack@${/^version: (.*)$/m.exec(rules)?.[1] ?? ''}`
}

async function breakRules(dir: string): Promise<void> {
  const path = join(dir, 'rules.yaml')
  const text = await readFile(path, 'utf8')
  await writeFile(path, text.replace('purposes: [identification]', 'purposes: [curiosity]'))
}

describe('the server', () => {
  it('answers every operation of the contract, each once', () => {
    expect(ROUTES.map(({ operation }) => operation.id).sort()).toEqual(contract.CONTRACT.map(({ id }) => id).sort())
  })

  it('says that it is ready, and serves its pages and OpenAPI without a word to others', async () => {
    const { url } = await start()
    const health = await send(url, { method: 'GET', path: '/healthz' })
    expect(health.json).toEqual({
      status: 'ok',
      policy: await shippedVersion(),
      ledger: 'running',
      witnesses: 'none',
      waiting: expect.any(Number) as number,
      storage: 'answering',
      mailbox: 'none',
      mailFetchedAt: null,
    })
    for (const path of ['/', '/policy', '/enter']) {
      const page = await send(url, { method: 'GET', path })
      expect(page.status, path).toBe(200)
      expect(page.headers.get('content-security-policy')).toBe(
        "default-src 'none';script-src 'self';style-src 'self';img-src 'self' data:;connect-src 'self';form-action 'none';base-uri 'none';frame-ancestors 'none'",
      )
      expect(page.text).toContain('<html lang="ru">')
      expect(page.text).not.toMatch(/(src|href)="(https?:)?\/\/(?!netrack\.ru)/)
      expect(page.text).not.toMatch(/<script>|<style|style="| on[a-z]+="/)
    }
    const openapi = await send(url, { method: 'GET', path: '/openapi.json' })
    expect(openapi.json['openapi']).toBe('3.1.0')
  })

  it('lets an address try only so often', async () => {
    const { url } = await start({ formsPerMinute: 2 })
    const ask = (): ReturnType<typeof send> => send(url, { path: '/v1/sign-in', body: { email: 'a@canary.example' } })
    expect((await ask()).status).toBe(202)
    expect((await ask()).status).toBe(202)
    const third = await ask()
    expectProblem(third, { code: 'rate-limited', status: 429 })
    expect(Number(third.headers.get('retry-after'))).toBeGreaterThan(0)
  })

  it('stops integrating a ledger it does not know, says so, and goes on answering', async () => {
    const server = await start()
    const person = await register(server)
    await until(async () => (await send(server.url, { method: 'GET', path: '/healthz' })).status === 200)
    await queryOnce(server.dataUrl, `UPDATE ledger_state SET root = decode(repeat('00', 32), 'hex')`)
    await person.client.me('start')
    await until(async () => (await send(server.url, { method: 'GET', path: '/healthz' })).status === 503)
    const health = await send(server.url, { method: 'GET', path: '/healthz' })
    expect(health.json).toMatchObject({ status: 'failing', ledger: 'stopped', storage: 'answering' })
    expect(server.logged()).toContain('"code":"ledger-inconsistent"')
    expect((await person.client.me('start')).decision).toBe('permit')
  })
})

describe('a policy', () => {
  it('that does not pass is told by file, line and clause, and everything is refused', async () => {
    const policyDir = await bundle()
    await breakRules(policyDir)
    const server = await start({ policyDir })
    expect(server.logged()).toMatch(/policy: rules\.yaml:\d+:\d+: .*curiosity.*\(clause [\d.]+\)/)
    expect((await send(server.url, { method: 'GET', path: '/healthz' })).json).toMatchObject({
      status: 'failing',
      policy: null,
    })
    expectProblem(await send(server.url, { method: 'GET', path: '/v1/forms' }), { code: 'policy-absent', status: 503 })
    expectProblem(await send(server.url, { method: 'GET', path: '/v1/forms/registration' }), { code: 'policy-absent' })
    expect((await send(server.url, { method: 'GET', path: '/' })).text).toContain('отказано во всём')
  })

  it('in force stays where the next one does not pass, or is not there', async () => {
    const policyDir = await bundle()
    const server = await start({ policyDir })
    const officer = await asOfficer(server)
    const person = await register(server)
    const billing = await asService(server, officer, 'billing', ['identification'])
    const call = { subject: person.subject, purpose: 'identification', entity: 'start', fields: ['surname'] }
    const first = (await billing.open(call)).policy
    await breakRules(policyDir)
    expect(await server.reloadPolicy()).toBe(false)
    expect((await billing.open(call)).policy).toBe(first)
    await rm(policyDir, { recursive: true })
    expect(await server.reloadPolicy()).toBe(false)
    expect((await billing.open(call)).policy).toBe(first)
    expect(server.logged()).toContain(`${first} stays in force`)
  })

  it('of the same version with other content is not loaded', async () => {
    const policyDir = await bundle()
    const server = await start({ policyDir })
    const path = join(policyDir, 'rules.yaml')
    await writeFile(path, `${await readFile(path, 'utf8')}\n# changed\n`)
    expect(await server.reloadPolicy()).toBe(false)
    expect(server.logged()).toContain('give the bundle a new version')
  })

  it('that follows another waits until an officer adopts what the folder proposes, and the old one stays readable', async () => {
    const policyDir = await bundle()
    const server = await start({ policyDir })
    const officer = await asOfficer(server)
    const [first] = (await officer.call(contract.listPolicyVersions, {})).versions
    const path = join(policyDir, 'rules.yaml')
    await writeFile(path, (await readFile(path, 'utf8')).replace(/^version: .*$/m, 'version: 7.0.0'))
    expect(await server.reloadPolicy()).toBe(true)
    const inForce = async (): Promise<unknown> =>
      (await send(server.url, { method: 'GET', path: '/healthz' })).json['policy']
    expect(await inForce()).toBe(first?.version)
    expect(server.logged()).toContain('netrack@7.0.0 is proposed')
    const waiting = { method: 'GET', path: '/v1/policy/versions/netrack@7.0.0' } as const
    expectProblem(await send(server.url, waiting), { code: 'not-found' })

    expect(await officer.call(contract.adoptPolicy, { params: { version: 'netrack@7.0.0' } })).toMatchObject({
      adoptedBy: 'dpo-1',
    })
    expect(await inForce()).toBe('netrack@7.0.0')
    const kept = await server.client().call(contract.readPolicyVersion, { params: { version: first?.version ?? '' } })
    expect(kept.files['rules.yaml']).toContain(`version: ${first?.version.split('@')[1] ?? ''}`)
  })

  it('proposed over HTTP is told its faults by file and line, and is adopted by another officer only', async () => {
    const server = await start()
    const officer = await asOfficer(server)
    const version = (await officer.call(contract.listPolicyVersions, {})).versions[0]?.version ?? ''
    const files = Object.fromEntries(
      Object.entries((await officer.call(contract.readPolicyVersion, { params: { version } })).files).map(
        ([name, text]) => [name, text.replace(/^version: .*$/m, 'version: 7.0.0')],
      ),
    )
    const broken = { ...files, 'rules.yaml': (files['rules.yaml'] ?? '').replace('[identification]', '[curiosity]') }
    await expect(officer.call(contract.proposePolicy, { body: { files: broken } })).rejects.toMatchObject({
      problem: { code: 'policy-invalid', detail: expect.stringMatching(/rules\.yaml:\d+: .*curiosity/) as string },
    })
    await officer.call(contract.proposePolicy, { body: { files } })
    await expect(officer.call(contract.adoptPolicy, { params: { version: 'netrack@7.0.0' } })).rejects.toMatchObject({
      problem: { code: 'forbidden' },
    })
    const { path, staff } = await officer.call(contract.addStaff, { body: { pseudonym: 'dpo-2', role: 'dpo' } })
    const second = server.client()
    await second.enter(path.split('#')[1] ?? '')
    // By a link that the proposer had made: they may be the same.
    const own = second.call(contract.adoptPolicy, { params: { version: 'netrack@7.0.0' } })
    await expect(own).rejects.toMatchObject({ problem: { code: 'forbidden' } })
    const administrator = await asStaff(server, officer, 'administrator')
    const link = await administrator.call(contract.newStaffLink, { params: { staff } })
    await second.enter(link.path.split('#')[1] ?? '')
    expect(await second.call(contract.adoptPolicy, { params: { version: 'netrack@7.0.0' } })).toMatchObject({
      proposedBy: 'dpo-1',
      adoptedBy: 'dpo-2',
    })
  })

  it('that breaks a promise of its own is not taken: the counter-example is told', async () => {
    const policyDir = await bundle()
    const path = join(policyDir, 'rules.yaml')
    const text = await readFile(path, 'utf8')
    const opened = text
      .replace(
        /(id: research-anonymised\n(?: {4}.*\n)*? {4}operations: )\{ except: \[anonymise\] \}/,
        '$1{ except: [anonymise, extract] }',
      )
      .replace(/(id: anonymise-for-research\n(?: {4}.*\n)*? {4}operations: )\[anonymise\]/, '$1[anonymise, extract]')
    await writeFile(path, opened)
    const server = await start({ policyDir, proveInvariants: true })
    expect((await send(server.url, { method: 'GET', path: '/healthz' })).json).toMatchObject({
      status: 'failing',
      policy: null,
    })
    expect(server.logged()).toMatch(/policy: rules\.yaml:\d+.*research/)
  }, 60_000)
})
