import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest'
import { createDatabases } from '../../server/testing/databases.ts'
import { queryOnce } from '../../server/testing/query.ts'
import { asService } from '../testing/callers.ts'
import { expectSilent, faultOf } from '../testing/fault.ts'
import { TEST_ORIGIN, TEST_ROOT_KEY } from '../testing/netrack-bundle.ts'
import { everything } from '../testing/observed.ts'
import { netrackBundle, openTestVault, registration, submit, type TestVault } from '../testing/open-test-vault.ts'
import { see, someone } from '../testing/people.ts'
import type { RootKeys } from '../seal/kms-file.ts'
import { memoryKms } from '../testing/root-keys.ts'
import { integrateLedger } from '../use/integrate-ledger.ts'
import { loadPolicy } from '../use/adopt-policy.ts'
import { openFields } from '../use/open-fields.ts'
import { verifyLedger } from '../use/read-ledger.ts'
import { showForm } from '../use/show-form.ts'
import { openVault, type Vault } from './vault.ts'

let test: TestVault
beforeEach(async () => {
  test = await openTestVault()
})
afterEach(() => test.close())

const ROOT: RootKeys = { current: 1, versions: [{ version: 1, key: TEST_ROOT_KEY }] }

const open = (root: RootKeys = ROOT, urls: Partial<TestVault['urls']> = {}): Promise<Vault> =>
  openVault({ ...test.urls, ...urls, kms: memoryKms(root), origin: TEST_ORIGIN, now: test.now })

/** A fault at opening leaves no connection behind and changes nothing. */
async function refusesToOpen(code: 'wrong-root-key' | 'data-newer', attempt: () => Promise<Vault>): Promise<void> {
  const before = await everything(test.vault)
  const sessions = await sessionsOf(test.vault)
  await faultOf(attempt(), code)
  expect(await everything(test.vault)).toEqual(before)
  await expect.poll(() => sessionsOf(test.vault)).toBe(sessions)
}

async function sessionsOf(vault: Vault): Promise<number> {
  const { rows } = await vault.data.query<{ n: string }>(
    `SELECT count(*) AS n FROM pg_stat_activity WHERE datname LIKE current_database() || '%' AND application_name = 'doverie'`,
  )
  return Number(rows[0]?.n)
}

describe('opening a vault', () => {
  it('with another root key says wrong-root-key and writes nothing', async () => {
    await refusesToOpen('wrong-root-key', () => open({ current: 1, versions: [{ version: 1, key: randomBytes(32) }] }))
  })

  it('with the right key under another version says wrong-root-key and writes nothing', async () => {
    await refusesToOpen('wrong-root-key', () => open({ current: 2, versions: [{ version: 2, key: TEST_ROOT_KEY }] }))
  })

  it('with another root key over an empty data database leaves that empty, too', async () => {
    const fresh = await createDatabases(inject('adminUrl'))
    try {
      const root = { current: 1, versions: [{ version: 1, key: randomBytes(32) }] }
      await refusesToOpen('wrong-root-key', () => open(root, { dataUrl: fresh.dataUrl }))
      expect(await queryOnce(fresh.dataUrl, `SELECT FROM pg_tables WHERE schemaname = 'public'`)).toEqual([])
    } finally {
      await fresh.drop()
    }
  })

  it('over newer data leaves an empty key store empty', async () => {
    const fresh = await createDatabases(inject('adminUrl'))
    try {
      await test.vault.data.query(`INSERT INTO migration VALUES (99, 'data', now())`)
      await refusesToOpen('data-newer', () => open(ROOT, { keystoreUrl: fresh.keystoreUrl }))
      expect(await queryOnce(fresh.keystoreUrl, `SELECT FROM pg_tables WHERE schemaname = 'public'`)).toEqual([])
    } finally {
      await fresh.drop()
    }
  })

  it.each(['data', 'keys'] as const)(
    'over a %s database of a newer version says data-newer and writes nothing',
    async (kind) => {
      await test.vault[kind].query('INSERT INTO migration VALUES (99, $1, now())', [kind])
      await refusesToOpen('data-newer', () => open())
    },
  )

  it('with the two databases exchanged is refused and writes nothing', async () => {
    const { dataUrl, keystoreUrl } = test.urls
    await refusesToOpen('data-newer', () => open(ROOT, { dataUrl: keystoreUrl, keystoreUrl: dataUrl }))
  })

  it('over a key store that has lost a secret is not taken for a first start', async () => {
    await someone(test.vault)
    await integrateLedger(test.vault)
    await test.vault.keys.query(`DELETE FROM secret WHERE name = 'index-base'`)
    const before = await everything(test.vault)
    await faultOf(open(), 'key-missing')
    expect(await everything(test.vault)).toEqual(before)
  })

  it('with data and an empty key store is refused: the keys are elsewhere', async () => {
    await someone(test.vault)
    await integrateLedger(test.vault)
    const empty = await openTestVault(null)
    try {
      await empty.vault.keys.query('TRUNCATE secret')
      await faultOf(open(ROOT, { keystoreUrl: empty.urls.keystoreUrl }), 'key-missing')
    } finally {
      await empty.close()
    }
  })

  it('by several processes at once agrees on one set of secrets and one schema', async () => {
    const fresh = await openTestVault(null)
    try {
      await fresh.vault.keys.query('TRUNCATE secret')
      const urls = fresh.urls
      const opened = await Promise.all(Array.from({ length: 4 }, () => open(ROOT, urls)))

      const texts = opened.map(({ secrets }) => secrets.ledgerSeed.toString('hex'))
      expect(new Set(texts).size).toBe(1)
      await Promise.all(opened.map((vault) => vault.close()))
    } finally {
      await fresh.close()
    }
  })

  it('over databases that are not there says storage-unavailable, and shows no password', async () => {
    const url = new URL(test.urls.dataUrl)
    url.pathname = '/nowhere'
    const fault = await faultOf(open(ROOT, { dataUrl: url.href }), 'storage-unavailable')
    expect(JSON.stringify([fault, fault.message])).not.toContain(url.password)
    expectSilent(fault)
  })
})

describe('a vault without a policy', () => {
  it('refuses everything, and records each refusal', async () => {
    const { subject } = await someone(test.vault)
    const site = await asService(test.vault, 'site', ['identification'])
    const bare = await open()
    try {
      const outcome = await openFields(bare, site, {
        subject,
        purpose: 'identification',
        entity: 'start',
        fields: ['email'],
      })
      expect(outcome.decision).toMatchObject({ effect: 'refuse', policy: 'none' })
      await faultOf(showForm(bare, 'registration'), 'policy-absent')
      await faultOf(submit(bare, 'registration', registration()), 'policy-absent')
      await integrateLedger(bare)
      expect(await verifyLedger(bare)).toMatchObject({ ok: true })
    } finally {
      await bare.close()
    }
  })

  it('stays on the last good one where a bundle does not pass its check', async () => {
    const { vault } = test
    const { subject, email } = await someone(vault)
    const site = await asService(vault, 'site', ['identification'])
    const broken = netrackBundle()
    broken.set('rules.yaml', 'bundle: [')
    expect(await loadPolicy(vault, broken)).toMatchObject({ ok: false })
    expect(await see(vault, site, subject, 'identification', ['email'])).toEqual({ email })
  })

  it('takes no other content under a version it has loaded', async () => {
    const changed = netrackBundle()
    changed.set('rules.yaml', `${changed.get('rules.yaml') ?? ''}\n# another content\n`)
    await faultOf(loadPolicy(test.vault, changed), 'policy-invalid')
  })
})
