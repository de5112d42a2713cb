import { hash } from 'node:crypto'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { canonical } from '@doverie/core/base'
import { contract } from '@doverie/sdk'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { createRootKeys } from './keys-folder.ts'
import { readBundle } from './bundle-files.ts'
import { createDatabases, type TestDatabases } from './testing/databases.ts'
import { temporaryFolder } from './testing/folder.ts'
import { register, type TestPerson } from './testing/people.ts'
import { queryOnce } from './testing/query.ts'
import { expectProblem, send } from './testing/raw.ts'
import { asOfficer, startTestServer, type TestServer, until } from './testing/test-server.ts'

const folderOf = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const FORMER = folderOf('vectors/bundles/netrack-1.0.0/bundle')
const PRESENT = folderOf('policies/netrack')
const NO_BUNDLE = folderOf('policies/schema')

/** An installation whose server is stopped and started again by the test. */
let databases: TestDatabases
let keys: Awaited<ReturnType<typeof temporaryFolder>>
let server: TestServer

beforeAll(async () => {
  databases = await createDatabases(inject('adminUrl'))
  keys = await temporaryFolder()
  await createRootKeys(keys.path)
})
afterAll(async () => {
  await databases.drop()
  await keys.remove()
})

function start(policyDir: string): Promise<TestServer> {
  const { dataUrl, keystoreUrl } = databases
  return startTestServer(inject('adminUrl'), { dataUrl, keystoreUrl, keysDir: keys.path, policyDir })
}

/** Makes a version the one in force, as a program left it that still read no format. */
async function leaveInForce(dir: string, version: string): Promise<void> {
  const body = canonical(Object.fromEntries(await readBundle(dir)))
  const sum = hash('sha256', body, 'buffer')
  await queryOnce(databases.dataUrl, 'INSERT INTO document VALUES ($1, $2, now())', [sum, body])
  await queryOnce(
    databases.dataUrl,
    `INSERT INTO policy_version (version, text_hash, bundle_hash, proposed_by, proposed_at, adopted_by, adopted_at, effective_from)
     VALUES ($1, $2, $3, 'machine:holder', now(), 'machine:holder', now(), now() - interval '1 day')`,
    [version, Buffer.alloc(32), sum],
  )
}

async function versionInForce(): Promise<unknown> {
  return (await send(server.url, { method: 'GET', path: '/healthz' })).json['policy']
}

/** What the person's history says of the collection of their data, and why it was decided so. */
async function explained(person: TestPerson): Promise<contract.ExplainedDecision> {
  let bodies: readonly { readonly act: string; readonly id: string }[] = []
  await until(async () => {
    bodies = (await person.client.history()).map(({ body }) => JSON.parse(body) as (typeof bodies)[number])
    return bodies.some(({ act }) => act === 'collect')
  })
  const decision = bodies.find(({ act }) => act === 'collect')?.id ?? ''
  const { subject, client } = person
  return client.call(contract.explainDecision, { params: { subject, decision }, query: { entity: 'start' } })
}

describe('an installation of a former program', () => {
  it('starts with the version that it adopted in force, decides by it, and explains that after the next one', async () => {
    server = await start(NO_BUNDLE)
    expect(server.logged()).toContain('none is in force; everything is refused')
    await server.stop()
    await leaveInForce(FORMER, 'netrack@1.0.0')

    server = await start(PRESENT)
    expect(await versionInForce()).toBe('netrack@1.0.0')
    expect(server.logged()).toContain('netrack@1.0.0 stays in force until then')
    const person = await register(server)
    const officer = await asOfficer(server)
    const version = /policy: (netrack@[\d.]+) is proposed/.exec(server.logged())?.[1] ?? ''
    expect(await officer.call(contract.adoptPolicy, { params: { version } })).toMatchObject({ adoptedBy: 'dpo-1' })
    expect(await versionInForce()).toBe(version)
    expect(await explained(person)).toMatchObject({
      recorded: { policy: 'netrack@1.0.0', effect: 'permit' },
      explanation: { decision: { effect: 'permit', policy: 'netrack@1.0.0' } },
    })
    await server.stop()
  }, 300_000)
})

describe('an installation whose version in force can be read no more', () => {
  it('starts and refuses everything, until its officer adopts another', async () => {
    const next = await temporaryFolder()
    try {
      await cp(PRESENT, next.path, { recursive: true })
      const rules = join(next.path, 'rules.yaml')
      await writeFile(rules, (await readFile(rules, 'utf8')).replace(/^version: .*$/m, 'version: 9.0.0'))
      await queryOnce(databases.dataUrl, `UPDATE document SET body = body || ' ' WHERE body LIKE '%rules.yaml%'`)
      server = await start(next.path)
      expect(server.logged()).toMatch(/kept files of netrack@[\d.]+ are missing or changed/)
      expect(server.logged()).toContain('netrack@9.0.0 is proposed')
      expect(await versionInForce()).toBeNull()
      expectProblem(await send(server.url, { method: 'GET', path: '/v1/forms' }), { code: 'policy-absent' })
      const officer = await asOfficer(server)
      await officer.call(contract.adoptPolicy, { params: { version: 'netrack@9.0.0' } })
      expect(await versionInForce()).toBe('netrack@9.0.0')
      await register(server)
      await server.stop()
    } finally {
      await next.remove()
    }
  }, 300_000)
})
