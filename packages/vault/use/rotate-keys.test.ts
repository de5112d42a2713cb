import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Vault } from '../guard/vault.ts'
import { asService } from '../testing/callers.ts'
import { ledgerBodies } from '../testing/ledger-bodies.ts'
import { bucketsOf } from '../testing/buckets.ts'
import { openTestVault, type TestVault } from '../testing/open-test-vault.ts'
import { see, seeOwn, type Someone, someone } from '../testing/people.ts'
import { endEpoch } from './end-epoch.ts'
import { dropSuperseded, rotateCells, rotatePeople } from './rotate-keys.ts'

let test: TestVault
let vault: Vault
beforeAll(async () => {
  test = await openTestVault()
  ;({ vault } = test)
})
afterAll(() => test.close())

const DAY = 86_400_000
const generations = async (subject: string): Promise<readonly number[]> =>
  (
    await vault.keys.query<{ generation: number }>(
      `SELECT generation FROM key WHERE subject_id = $1 AND compartment = 'contact' ORDER BY 1`,
      [subject],
    )
  ).rows.map(({ generation }) => generation)

async function expectAll(by: Vault, people: readonly Someone[]): Promise<void> {
  for (const { subject, email } of people) expect(await seeOwn(by, subject, ['email'])).toEqual({ email })
}

describe('rotation', () => {
  it('of cells gives each another key once, and goes on from the same moment', async () => {
    const people = [await someone(vault), await someone(vault)]
    const before = test.now() + 1
    const cells = (await vault.keys.query('SELECT FROM cell')).rowCount
    expect(await rotateCells(vault, before)).toEqual({ done: cells, failed: 0 })
    await expectAll(await test.second(), people)
  })

  it('of people puts their data under fresh keys, with an entry in their history, and again changes nothing', async () => {
    const people = [await someone(vault), await someone(vault)]
    test.pass(1_000)
    const before = test.now()
    const other = await test.second()
    await expectAll(other, people)
    expect(await rotatePeople(vault, before)).toMatchObject({ failed: 0 })
    for (const { subject } of people) expect(await generations(subject)).toEqual([1, 2])
    // Who had cached the former keys reads on.
    await expectAll(other, people)
    expect(await rotatePeople(vault, before)).toEqual({ done: 0, failed: 0 })
    const refs = await bucketsOf(vault, people[0]?.subject ?? '')
    const own = (await ledgerBodies(vault)).filter(({ bucket }) => refs.has(bucket))
    expect(own.map(({ act }) => act)).toContain('resealed')
  })

  it('keeps former keys for a while, so that older data open, and drops them then; never one that the data still need', async () => {
    const { subject, email } = await someone(vault)
    test.pass(1_000)
    await rotatePeople(vault, test.now())
    // Of a change that never came about: made, and followed by nothing.
    const unused = await someone(vault)
    const cell = await vault.keys.query<{ cell_id: string }>('SELECT cell_id FROM key WHERE subject_id = $1', [
      unused.subject,
    ])
    await vault.ring.extend(unused.subject, cell.rows[0]?.cell_id ?? '', new Map([['contact', 2]]), test.now())
    await dropSuperseded(vault)
    expect(await generations(subject)).toEqual([1, 2])
    test.pass(36 * DAY)
    await dropSuperseded(vault)
    expect(await generations(subject)).toEqual([2])
    expect(await generations(unused.subject)).toEqual([1, 2])
    expect(await seeOwn(await test.second(), subject, ['email'])).toEqual({ email })
    await expectAll(await test.second(), [unused])
  })

  it('of cells, people, index and root at once, under reads by two servers, fails not one of them', async () => {
    const people = await Promise.all(Array.from({ length: 8 }, () => someone(vault, { confirmed: true })))
    const site = await asService(vault, 'site', ['identification'])
    let stopped = false
    let reads = 0
    const faults: unknown[] = []
    const read = async (by: Vault): Promise<void> => {
      for (let i = 0; !stopped; i++) {
        const one = people[i % people.length]
        if (one === undefined) continue
        const seen = await see(by, site, one.subject, 'identification', ['email']).catch((error: unknown) => {
          faults.push(error)
          return null
        })
        if (seen?.['email'] !== one.email) faults.push(`read ${i}`)
        reads += 1
      }
    }
    const readers = [vault, vault, await test.second(), await test.second()].map(read)
    test.pass(1_000)
    for (let round = 0; round < 2; round++) {
      expect(await rotateCells(vault, test.now() + 1)).toMatchObject({ failed: 0 })
      expect(await rotatePeople(vault, test.now() + 1)).toMatchObject({ failed: 0 })
      expect(await endEpoch(vault)).not.toBeNull()
    }
    stopped = true
    await Promise.all(readers)
    expect(faults).toEqual([])
    expect(reads).toBeGreaterThan(20)
  }, 120_000)
})
