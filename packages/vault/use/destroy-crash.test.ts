import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRootKeys, rootKeyFile } from '../../server/keys-folder.ts'
import type { Vault } from '../guard/vault.ts'
import { fileKms } from '../seal/kms-file.ts'
import { asService } from '../testing/callers.ts'
import { killPoints, type KilledPlan, runKilled } from '../testing/killed.ts'
import { netrackBundle, openTestVault, type TestVault } from '../testing/open-test-vault.ts'
import { see, seeOwn, type Someone, someone } from '../testing/people.ts'
import { sweep } from './sweep.ts'

let folder: string
let test: TestVault
let vault: Vault
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doverie-killed-'))
  await createRootKeys(folder)
  test = await openTestVault(netrackBundle(), fileKms(rootKeyFile(folder)))
  ;({ vault } = test)
})
afterAll(async () => {
  await test.close()
  await rm(folder, { recursive: true })
})

const keyStore = async (sql: string, ...values: readonly unknown[]): Promise<number> =>
  Number((await vault.keys.query<{ n: string }>(`SELECT count(*) AS n FROM ${sql}`, [...values])).rows[0]?.n)

const planOf = (subject: string, compartments: readonly string[] | null, before: number | null): KilledPlan => {
  const { dataUrl, keystoreUrl } = test.urls
  return { urls: { dataUrl, keystoreUrl }, keysDir: folder, act: 'destroy', subject, compartments, before }
}

/** Whoever they are, on a server that has cached nothing: no survivor is lost. */
async function expectAllThere(people: readonly Someone[]): Promise<void> {
  const fresh = await test.second()
  for (const { subject, email } of people) expect(await seeOwn(fresh, subject, ['email'])).toEqual({ email })
  await fresh.close()
}

describe.each([
  ['a person', null],
  ['a compartment', ['contact']],
] as const)('a destruction of %s, its process killed with -9', (_, compartments) => {
  it('before any durable step ends wholly before or wholly after it, and loses nobody of the cell', async () => {
    const survivors = [await someone(vault), await someone(vault), await someone(vault)]
    const site = await asService(vault, 'site', ['identification'])
    const steps = await runKilled(planOf((await someone(vault)).subject, compartments, null))
    const points = killPoints(steps ?? [])
    expect(points.length).toBeGreaterThan(10)
    const ends = { before: 0, after: 0 }
    for (const point of points) {
      const victim = await someone(vault)
      // Others come into the same cell while the process runs and dies.
      const [killed, first, second] = await Promise.all([
        runKilled(planOf(victim.subject, compartments, point)),
        someone(vault),
        someone(vault),
      ])
      expect([point, steps?.[point], killed]).toEqual([point, steps?.[point], null])
      survivors.push(first, second)
      await expectAllThere(survivors)
      const seen = await see(vault, site, victim.subject, 'identification', ['email'])
      expect(seen === null || seen['email'] === victim.email).toBe(true)
      await sweep(vault)
      const whole = await see(vault, site, victim.subject, 'identification', ['email'])
      // What could not be read any more does not come back.
      if (seen === null) expect(whole).toBeNull()
      ends[whole === null ? 'after' : 'before'] += 1
      const own = `destruction WHERE subject_id = $1`
      expect([point, await keyStore(own, victim.subject)]).toEqual([point, whole === null ? 1 : 0])
      const keys = `key WHERE subject_id = $1 AND compartment = 'contact'`
      expect(await keyStore(keys, victim.subject)).toBe(whole === null ? 0 : 1)
      expect(await keyStore('cell_key k JOIN cell c ON c.cell_id = k.cell_id WHERE k.version < c.version')).toBe(0)
      await expectAllThere(survivors)
    }
    expect(ends.before).toBeGreaterThan(0)
    expect(ends.after).toBeGreaterThan(3)
  }, 600_000)
})
