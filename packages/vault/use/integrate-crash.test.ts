import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { append, EMPTY_EDGE, leafHash, parseVerifierKey, openCheckpoint, rootOf } from '@doverie/core/log'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRootKeys, rootKeyFile } from '../../server/keys-folder.ts'
import type { Vault } from '../guard/vault.ts'
import { fileKms } from '../seal/kms-file.ts'
import { sha256 } from '../seal/sha256.ts'
import { faultOf } from '../testing/fault.ts'
import { killPoints, type KilledPlan, runKilled } from '../testing/killed.ts'
import { netrackBundle, openTestVault, type TestVault } from '../testing/open-test-vault.ts'
import { seeOwn, type Someone, someone } from '../testing/people.ts'
import { watchVault } from '../testing/steps.ts'
import { blockPerson } from './block-person.ts'
import { asStaff } from '../testing/callers.ts'
import { integrateLedger } from './integrate-ledger.ts'
import { ledgerKey, readCheckpoint, verifyLedger } from './read-ledger.ts'
import { watchBacklog } from './watch-backlog.ts'

let folder: string
let test: TestVault
let vault: Vault
let anna: Someone
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doverie-integrate-'))
  await createRootKeys(folder)
  test = await openTestVault(netrackBundle(), fileKms(rootKeyFile(folder)))
  ;({ vault } = test)
  anna = await someone(vault)
  await integrateLedger(vault)
})
afterAll(async () => {
  await test.close()
  await rm(folder, { recursive: true })
})

const planOf = (before: number | null): KilledPlan => {
  const { dataUrl, keystoreUrl } = test.urls
  const urls = { dataUrl, keystoreUrl }
  return { urls, keysDir: folder, act: 'integrate', subject: anna.subject, compartments: null, before }
}

const enter = (): Promise<unknown> => Promise.all([1, 2, 3].map(() => seeOwn(vault, anna.subject, ['email'])))

/** The root of the tree that all entries make, worked out from their leaves alone: those with a place, then those that wait. */
async function expectedRoot(): Promise<string> {
  const { rows } = await vault.data.query<{ leaves: Buffer }>(
    'SELECT leaves FROM ledger_batch ORDER BY first_index NULLS LAST, at, batch_id',
  )
  const leaves = rows.flatMap(({ leaves }) =>
    Array.from({ length: leaves.length / 32 }, (_, i) => leafHash(leaves.subarray(i * 32, (i + 1) * 32), sha256)),
  )
  return Buffer.from(rootOf(append(EMPTY_EDGE, leaves, sha256).edge, sha256)).toString('hex')
}

async function signedRoot(): Promise<string> {
  const key = parseVerifierKey(ledgerKey(vault))
  const { root } = openCheckpoint((await readCheckpoint(vault)) ?? '', key.name, [key])
  return Buffer.from(root).toString('hex')
}

describe('the integrator', () => {
  it('killed with -9 before any durable step, and gone on with by anybody, makes the same tree', async () => {
    await enter()
    const points = killPoints((await runKilled(planOf(null))) ?? [])
    expect(points.length).toBeGreaterThan(2)
    for (const point of points) {
      await enter()
      const expected = await expectedRoot()
      expect([point, await runKilled(planOf(point))]).toEqual([point, null])
      await integrateLedger(vault)
      expect([point, await signedRoot()]).toEqual([point, expected])
    }
    expect(await verifyLedger(vault)).toMatchObject({ ok: true })
  }, 300_000)

  it('interrupted by a fault at any statement makes the same tree', async () => {
    const faulty = await test.second()
    let left = Infinity
    let sent = 0
    watchVault(faulty, (step) => {
      sent += 1
      // What undoes a transaction is no step of the work.
      if (!step.endsWith('ROLLBACK') && left-- <= 0) throw new Error('the line broke')
    })
    await enter()
    await integrateLedger(faulty)
    const steps = sent
    expect(steps).toBeGreaterThan(8)
    for (let at = 0; at < steps; at++) {
      await enter()
      const expected = await expectedRoot()
      left = at
      await integrateLedger(faulty).catch(() => undefined)
      left = Infinity
      await integrateLedger(vault)
      expect([at, await signedRoot()]).toEqual([at, expected])
    }
    expect(await verifyLedger(vault)).toMatchObject({ ok: true })
    await faulty.close()
  })
})

describe('entries that wait for their place', () => {
  it('beyond the limit turn reads away without another entry, not what narrows, until the writer has caught up', async () => {
    await integrateLedger(vault)
    expect(await watchBacklog(vault, 5)).toBe(0)
    await enter()
    await enter()
    const waiting = await watchBacklog(vault, 5)
    expect(waiting).toBe(6)
    await faultOf(seeOwn(vault, anna.subject, ['email']), 'ledger-backlog')
    expect(await watchBacklog(vault, 5)).toBe(waiting)
    await blockPerson(vault, asStaff('dpo'), {
      subject: (await someone(vault)).subject,
      entity: 'start',
      reason: 'unlawful',
    })
    expect(await watchBacklog(vault, 5)).toBeGreaterThan(waiting)
    await integrateLedger(vault)
    expect(await watchBacklog(vault, 5)).toBe(0)
    expect(await seeOwn(vault, anna.subject, ['email'])).toEqual({ email: anna.email })
    await integrateLedger(vault)
  })
})
