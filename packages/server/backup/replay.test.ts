import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  blockPerson,
  correctValues,
  destroyData,
  integrateLedger,
  openReplayed,
  openVault,
  readCheckpoint,
  revokeCredential,
  setConfidentiality,
  sweep,
  type Vault,
  type Replayed,
  verifyLedger,
  withdrawConsent,
  authenticateCredential,
  describePerson,
  loadPolicy,
} from '@doverie/vault'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { fileKms } from '../../vault/seal/kms-file.ts'
import { asService, asStaff, asSubject, SUPPORT_TICKET, tokenFor } from '../../vault/testing/callers.ts'
import { ledgerBodies } from '../../vault/testing/ledger-bodies.ts'
import { netrackBundle, TEST_ORIGIN } from '../../vault/testing/netrack-bundle.ts'
import { openTestVault, type TestVault } from '../../vault/testing/open-test-vault.ts'
import { see, seeOwn, type Someone, someone } from '../../vault/testing/people.ts'
import { createRootKeys, rootKeyFile } from '../keys-folder.ts'
import { backUpPlace, emptyPlace, type TestPlace } from '../testing/backups.ts'
import { temporaryFolder } from '../testing/folder.ts'
import { queryOnce } from '../testing/query.ts'
import { restoreInto, verifyBackup } from './restore.ts'
import { identitiesOf } from './sealed-file.ts'

const PROCESS = fileURLToPath(new URL('../testing/replay-process.ts', import.meta.url))
const dpo = asStaff('dpo')
const on = (subject: string) => ({ subject, entity: 'start', ticket: SUPPORT_TICKET })

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let identity: string
let recipients: readonly string[]
let test: TestVault
let kms: ReturnType<typeof fileKms>
let people: Readonly<Record<'withdrawn' | 'blocked' | 'closed' | 'gone' | 'partly' | 'corrected' | 'same', Someone>>
let late: Someone
let revoked: string
let backups: { readonly data: string; readonly keys: string }
/** The checkpoint that somebody kept, of after the backup. */
let published: string
let kept: string
beforeAll(async () => {
  folder = await temporaryFolder()
  identity = await generateX25519Identity()
  recipients = [await identityToRecipient(identity)]
  await createRootKeys(folder.path)
  kms = fileKms(rootKeyFile(folder.path))
  test = await openTestVault(netrackBundle(), kms)
  const { vault } = test
  const one = (): Promise<Someone> => someone(vault, { consents: ['marketing'], confirmed: true })
  people = {
    withdrawn: await one(),
    blocked: await one(),
    closed: await one(),
    gone: await someone(vault),
    partly: await one(),
    corrected: await one(),
    same: await one(),
  }
  revoked = await tokenFor(vault, 'newsletter', ['marketing'])
  await settle(vault)
  kept = (await readCheckpoint(vault)) ?? ''
  backups = { data: await backUp('data'), keys: await backUp('keys') }
  await narrowAll(vault)
  late = await one()
  await settle(vault)
  published = (await readCheckpoint(vault)) ?? ''
  await vault.close()
})
afterAll(async () => {
  await test.close()
  await folder.remove()
})

async function settle(vault: Vault): Promise<void> {
  while ((await integrateLedger(vault)).more);
}

async function backUp(kind: 'data' | 'keys'): Promise<string> {
  const place = { ...test.urls, kms, origin: TEST_ORIGIN }
  return (await backUpPlace(place, kind, { to: `${folder.path}-${kind}`, recipients })).folder
}

/** All that takes something away, after the backup. */
async function narrowAll(vault: Vault): Promise<void> {
  const { withdrawn, blocked, closed, gone, partly, corrected } = people
  await withdrawConsent(vault, asSubject(withdrawn.subject), {
    ...on(withdrawn.subject),
    purpose: 'marketing',
    allEntities: true,
  })
  await blockPerson(vault, dpo, { ...on(blocked.subject), reason: 'operator' })
  await setConfidentiality(vault, asSubject(closed.subject), {
    ...on(closed.subject),
    field: 'email',
    closedTo: ['marketing'],
  })
  await destroyData(vault, dpo, { ...on(gone.subject), compartments: null })
  await destroyData(vault, dpo, { ...on(partly.subject), compartments: ['contact'] })
  await correctValues(vault, asSubject(corrected.subject), { ...on(corrected.subject), values: { surname: 'Новая' } })
  const id = (await authenticateCredential(vault, revoked))?.credential ?? ''
  await revokeCredential(vault, dpo, id)
}

/** The old backup of the data beside the key store as it is today. */
async function olderData(): Promise<TestPlace> {
  const fresh = await emptyPlace(inject('adminUrl'))
  const place = { ...fresh, keystoreUrl: test.urls.keystoreUrl, kms, origin: TEST_ORIGIN }
  await restoreInto(place, await verifyBackup(backups.data), identitiesOf(identity))
  return place
}

const open = (place: TestPlace): Promise<Vault> =>
  openVault({ ...place, now: () => Date.now() }).then(async (vault) => {
    await loadPolicy(vault, netrackBundle())
    return vault
  })

async function waitsForLock(url: string): Promise<void> {
  const sql = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
  while ((await queryOnce(url, sql)).length === 0) await sleep(20)
}

/** Begins a replay in a process of its own and kills it where it wants to write into a table. */
async function killAt(place: TestPlace, url: string, table: string): Promise<void> {
  const holder = new Client({ connectionString: url })
  await holder.connect()
  await holder.query(`BEGIN; LOCK TABLE ${table} IN SHARE MODE`)
  const { dataUrl, keystoreUrl } = place
  const child: ChildProcess = spawn(process.execPath, [PROCESS, dataUrl, keystoreUrl, folder.path, TEST_ORIGIN], {
    stdio: 'inherit',
  })
  const ended = once(child, 'exit')
  await Promise.race([waitsForLock(url), ended])
  child.kill('SIGKILL')
  expect(await ended).toEqual([null, 'SIGKILL'])
  await holder.end()
}

async function expectNarrowed(vault: Vault): Promise<void> {
  const { withdrawn, blocked, closed, gone, partly, same } = people
  const newsletter = await asService(vault, 'newsletter', ['marketing'])
  const mail = (one: Someone): Promise<unknown> => see(vault, newsletter, one.subject, 'marketing', ['email'])
  expect(await mail(same)).toEqual({ email: same.email })
  expect(await mail(withdrawn)).toBeNull()
  expect(await mail(blocked)).toBeNull()
  expect(await mail(closed)).toBeNull()
  expect(await mail(gone)).toBeNull()
  expect(await mail(partly)).toBeNull()
  expect(await seeOwn(vault, gone.subject, ['email'])).toBeNull()
  expect(await seeOwn(vault, closed.subject, ['email'])).toEqual({ email: closed.email })
  expect(await authenticateCredential(vault, revoked)).toBeNull()
  const { facts } = await describePerson(vault, asSubject(partly.subject), on(partly.subject))
  expect(facts?.held).not.toContain('contact')
  expect((await vault.data.query('SELECT FROM record WHERE subject_id = $1', [gone.subject])).rowCount).toBe(0)
}

describe('data of before, beside the key store of today', () => {
  it('serve nothing until the journal was replayed; killed at any write, the replay begins anew; all that was taken away stays so', async () => {
    const place = await olderData()
    await expect(open(place)).rejects.toMatchObject({ code: 'restore-pending' })
    await killAt(place, place.dataUrl, 'record')
    await expect(open(place)).rejects.toMatchObject({ code: 'restore-pending' })
    // Committed in the data, and the key store does not know it yet.
    await killAt(place, place.keystoreUrl, 'head')
    const vault = await open(place)
    await sweep(vault)
    await settle(vault)
    await expectNarrowed(vault)
    // Whoever came after the backup is nobody, and their keys wait for a better one.
    expect(await seeOwn(vault, late.subject, ['email'])).toBeNull()
    expect((await vault.keys.query('SELECT FROM key WHERE subject_id = $1', [late.subject])).rowCount).toBeGreaterThan(
      0,
    )

    // The ledger goes on under another name over the tree that was kept, and never under the old one.
    expect(vault.origin).toBe(`${TEST_ORIGIN}/2`)
    expect(await verifyLedger(vault, undefined, [kept])).toMatchObject({ ok: true, origin: vault.origin })
    expect(await verifyLedger(vault, undefined, [published])).toMatchObject({ fault: { kind: 'earlier-checkpoint' } })
    const opening = (await ledgerBodies(vault)).find(({ act }) => act === 'open-ledger')
    expect(opening).toMatchObject({ detail: { follows: TEST_ORIGIN, checkpoint: published, kept: sizeOf(kept) } })
    await vault.close()
    await (await open(place)).close()
    await place.drop()
  }, 120_000)
})

describe('a key store of before, beside the data of today', () => {
  it('loses again what was destroyed, is told again what was taken away, and says whom it has lost', async () => {
    const fresh = await emptyPlace(inject('adminUrl'))
    const place = { ...fresh, dataUrl: test.urls.dataUrl, kms, origin: TEST_ORIGIN }
    await restoreInto(place, await verifyBackup(backups.keys), identitiesOf(identity))
    const keysOf = async (subject: string, compartment: string): Promise<number> => {
      const sql = `SELECT FROM key WHERE subject_id = '${subject}' AND compartment = '${compartment}'`
      return (await queryOnce(place.keystoreUrl, sql)).length
    }
    const { gone, partly } = people
    expect([await keysOf(gone.subject, 'contact'), await keysOf(partly.subject, 'contact')]).toEqual([1, 1])
    await expect(open(place)).rejects.toMatchObject({ code: 'restore-pending' })
    const told: Replayed[] = []
    const options = { ...place, now: () => Date.now() }
    await (await openReplayed(options, { onReplayed: (replayed) => void told.push(replayed) })).close()
    const buried = { people: 1, compartments: 1 }
    expect(told).toMatchObject([{ narrowings: 0, keys: { buried, lost: 1 }, ledger: { origin: `${TEST_ORIGIN}/2` } }])
    expect([await keysOf(gone.subject, 'contact'), await keysOf(partly.subject, 'contact')]).toEqual([0, 0])
    const vault = await open(place)
    await expectNarrowed(vault)
    await vault.close()
    // What the copy did not know, its journal knows now: an old backup of the data is narrowed by it as by the one that was lost.
    const kinds = await queryOnce(place.keystoreUrl, 'SELECT DISTINCT kind FROM journal ORDER BY kind')
    expect(kinds.map(({ kind }) => kind)).toEqual([
      ...[
        'blocked',
        'consent-withdrawn',
        'credential-revoked',
        'destruction-begun',
        'destruction-done',
        'field-closed',
      ],
    ])
    await fresh.drop()
  }, 60_000)
})

function sizeOf(checkpoint: string): number {
  return Number(checkpoint.split('\n')[1])
}
