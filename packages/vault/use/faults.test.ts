import { DoverieError } from '@doverie/core/base'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { Kms } from '../seal/kms.ts'
import { asService, asStaff, asSubject, SUPPORT_TICKET } from '../testing/callers.ts'
import { faultOf } from '../testing/fault.ts'
import { netrackBundle, openTestVault, type TestVault } from '../testing/open-test-vault.ts'
import { see, seeOwn, type Someone, someone } from '../testing/people.ts'
import { memoryKms } from '../testing/root-keys.ts'
import type { Vault } from '../guard/vault.ts'
import { destroyData } from './destroy-data.ts'
import { integrateLedger } from './integrate-ledger.ts'
import { verifyLedger } from './read-ledger.ts'
import { sweep } from './sweep.ts'
import { withdrawConsent } from './withdraw-consent.ts'

const MINUTE = 60_000
const DAY = 86_400_000
const dpo = asStaff('dpo')

let kmsDown = false
let test: TestVault
let vault: Vault
let survivors: readonly Someone[]
beforeAll(async () => {
  test = await openTestVault(netrackBundle(), switched(memoryKms()))
  ;({ vault } = test)
  survivors = [await someone(vault), await someone(vault, { confirmed: true })]
  // Before its adoption no version of the policy is in force, and a clock put back further refuses everything.
  test.pass(10 * DAY)
})
afterAll(() => test.close())

/** A KMS that does not answer while `kmsDown`. */
function switched(kms: Kms): Kms {
  const call =
    <Args extends unknown[], T>(work: (...args: Args) => Promise<T>) =>
    (...args: Args): Promise<T> =>
      kmsDown ? Promise.reject(new DoverieError('kms-unavailable')) : work(...args)
  return {
    kind: kms.kind,
    newest: call(() => kms.newest()),
    add: call(() => kms.add()),
    wrap: call((root: string, key: Uint8Array, place: string) => kms.wrap(root, key, place)),
    unwrap: call((root: string, wrapped: Uint8Array, place: string) => kms.unwrap(root, wrapped, place)),
    destroy: call((root: string) => kms.destroy(root)),
  }
}

const destroy = (subject: string, by = vault): ReturnType<typeof destroyData> =>
  destroyData(by, dpo, { subject, entity: 'start', ticket: SUPPORT_TICKET, compartments: null })

async function expectSurvivors(): Promise<void> {
  const fresh = await test.second()
  for (const { subject, email } of survivors) expect(await seeOwn(fresh, subject, ['email'])).toEqual({ email })
  await fresh.close()
}

/** Gone from both databases, once, and nobody else with them. */
async function expectGone(subject: string): Promise<void> {
  const counted = async (pool: pg.Pool, table: string): Promise<number> =>
    (await pool.query(`SELECT FROM ${table} WHERE subject_id = $1`, [subject])).rowCount ?? 0
  expect([
    await counted(vault.data, 'record'),
    await counted(vault.keys, 'key'),
    await counted(vault.keys, 'tag'),
    await counted(vault.keys, 'destruction'),
  ]).toEqual([0, 0, 0, 1])
  await expectSurvivors()
}

describe('a KMS that stops answering under a running server', () => {
  it('lets cells’ keys that are open serve for their ten minutes, then nothing; a destruction waits, begun, and ends later', async () => {
    const [victim, [kept]] = [await someone(vault), survivors]
    const site = await asService(vault, 'site', ['identification'])
    const reads = (one: Someone | undefined): Promise<unknown> =>
      see(vault, site, one?.subject ?? '', 'identification', ['email'])
    expect(await reads(kept)).toEqual({ email: kept?.email })
    kmsDown = true
    vault.people.forgetAll()
    expect(await reads(kept)).toEqual({ email: kept?.email })
    await faultOf(destroy(victim.subject), 'kms-unavailable')
    expect(await reads(victim)).toBeNull()
    test.pass(11 * MINUTE)
    vault.people.forgetAll()
    await faultOf(reads(kept), 'kms-unavailable')
    kmsDown = false
    expect(await reads(kept)).toEqual({ email: kept?.email })
    await sweep(vault)
    await expectGone(victim.subject)
  })
})

describe('a key store that is away', () => {
  it('keeps reads of people who are known going, and lets nothing narrow or go until it is back', async () => {
    const [victim, [kept]] = [await someone(vault, { consents: ['marketing'] }), survivors]
    const site = await asService(vault, 'site', ['identification'])
    for (const one of [victim, kept]) await see(vault, site, one?.subject ?? '', 'identification', ['email'])
    await allowKeyStore(false)
    try {
      const seen = await see(vault, site, kept?.subject ?? '', 'identification', ['email'])
      expect(seen).toEqual({ email: kept?.email })
      const withdrawal = { subject: victim.subject, entity: 'start', purpose: 'marketing', allEntities: true }
      await faultOf(withdrawConsent(vault, asSubject(victim.subject), withdrawal), 'storage-unavailable')
      await faultOf(destroy(victim.subject), 'storage-unavailable')
    } finally {
      await allowKeyStore(true)
    }
    const { rows } = await vault.data.query<{ facts: { state: string; consents: unknown[] } }>(
      'SELECT facts FROM subject WHERE subject_id = $1',
      [victim.subject],
    )
    expect(rows[0]?.facts).toMatchObject({ state: 'live', consents: [{ purpose: 'marketing' }] })
    expect(await seeOwn(vault, victim.subject, ['email'])).toEqual({ email: victim.email })
    await expectSurvivors()
  })
})

async function allowKeyStore(allowed: boolean): Promise<void> {
  const admin = new pg.Client({ connectionString: inject('adminUrl') })
  await admin.connect()
  const name = new URL(test.urls.keystoreUrl).pathname.slice(1)
  await admin.query(`ALTER DATABASE "${name}" ALLOW_CONNECTIONS ${String(allowed)}`)
  if (!allowed) await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [name])
  await admin.end()
}

describe('a disk that is full while somebody is destroyed', () => {
  // Each table that a destruction writes, at the first write into it.
  it.each([
    ['data', 'record'],
    ['data', 'destruction_begun'],
    ['keys', 'journal'],
    ['keys', 'cell_key'],
    ['keys', 'key'],
    ['keys', 'destruction'],
  ] as const)(
    'in %s.%s is storage-unavailable; once there is room again it ends wholly, and nobody else is lost',
    async (side, table) => {
      const victim = await someone(vault)
      const pool = vault[side]
      await pool.query(
        `CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION USING ERRCODE = '53100', MESSAGE = 'could not extend file'; END $$;
       CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE OR DELETE ON ${table} FOR EACH ROW EXECUTE FUNCTION full_disk()`,
      )
      try {
        await faultOf(destroy(victim.subject), 'storage-unavailable')
      } finally {
        await pool.query(`DROP TRIGGER full_disk ON ${table}; DROP FUNCTION full_disk`)
      }
      await sweep(vault)
      const { rows } = await vault.data.query<{ state: string }>(
        `SELECT facts->>'state' AS state FROM subject WHERE subject_id = $1`,
        [victim.subject],
      )
      if (rows[0]?.state === 'live') {
        expect(await seeOwn(vault, victim.subject, ['email'])).toEqual({ email: victim.email })
        await destroy(victim.subject)
      }
      await expectGone(victim.subject)
    },
  )
})

describe('a clock that jumps', () => {
  it.each([
    ['back by three days', -3 * DAY],
    ['ahead by forty', 40 * DAY],
  ] as const)('%s loses nobody, destroys whom it is told to, and leaves a ledger that verifies', async (_, jump) => {
    const before = await someone(vault)
    test.pass(jump)
    const after = await someone(vault)
    await sweep(vault)
    for (const { subject, email } of [before, after]) expect(await seeOwn(vault, subject, ['email'])).toEqual({ email })
    await destroy(before.subject)
    await expectGone(before.subject)
    while ((await integrateLedger(vault)).more);
    expect(await verifyLedger(vault)).toMatchObject({ ok: true })
    test.pass(-jump)
  })
})

describe('two servers that destroy the same person', () => {
  it('at the same moment have one winner, one act in the register, and lose nobody', async () => {
    const second = await test.second()
    const victim = await someone(vault)
    const outcomes = await Promise.all([destroy(victim.subject), destroy(victim.subject, second)])
    expect(outcomes.filter(({ destroyed }) => destroyed !== undefined)).toHaveLength(1)
    await sweep(second)
    await second.close()
    await expectGone(victim.subject)
  })
})
