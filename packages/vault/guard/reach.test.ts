import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asService } from '../testing/callers.ts'
import { faultOf } from '../testing/fault.ts'
import { openTestVault, type TestVault } from '../testing/open-test-vault.ts'
import { someone } from '../testing/people.ts'
import { compareValue } from '../use/compare-value.ts'
import { countAttempt } from '../use/count-attempt.ts'
import { decideAccess } from '../use/open-fields.ts'
import { sweep } from '../use/sweep.ts'
import type { ServiceCaller } from './caller.ts'
import type { Vault } from './vault.ts'

const HOUR = 3_600_000

let test: TestVault
beforeAll(async () => {
  test = await openTestVault()
})
afterAll(() => test.close())

const reach = (vault: Vault, caller: ServiceCaller, subject = vault.newId()): Promise<unknown> =>
  decideAccess(vault, caller, { subject, purpose: 'identification', entity: 'start', fields: ['phone'] })

/** How many of so many different people a credential reaches, asked for through these processes at once. */
async function reached(vaults: readonly Vault[], caller: ServiceCaller, asked: number): Promise<number> {
  const calls = Array.from({ length: asked }, (_, i) => reach(vaults[i % vaults.length] ?? test.vault, caller))
  const settled = await Promise.allSettled(calls)
  return settled.filter(({ status }) => status === 'fulfilled').length
}

describe('the number of people that a credential reaches in an hour', () => {
  it.each([3, 45, 100])('of %i holds for several processes together, and for one that starts again', async (limit) => {
    const caller = await asService(test.vault, 'site', ['identification'], limit)
    const second = await test.second()
    const both = await reached([test.vault, second], caller, 3 * limit)
    expect(both).toBeLessThanOrEqual(limit)
    // What a process has taken and not used is lost: a twentieth of the number at most.
    expect(both).toBeGreaterThanOrEqual(limit - Math.floor(limit / 20))
    expect(await reached([await test.second()], caller, limit)).toBeLessThanOrEqual(limit - both)
  })

  it('counts nobody twice in one process, and begins anew with the hour', async () => {
    const caller = await asService(test.vault, 'site', ['identification'], 1)
    const { subject } = await someone(test.vault)
    for (let again = 0; again < 3; again++) await reach(test.vault, caller, subject)
    await faultOf(reach(test.vault, caller), 'reach-exceeded')
    test.pass(HOUR)
    await reach(test.vault, caller)
    await faultOf(reach(test.vault, caller, subject), 'reach-exceeded')
  })
})

describe('wrong guesses at a value', () => {
  it('are bounded for all processes together, however many come at once; right ones cost nothing', async () => {
    const { subject, phone } = await someone(test.vault)
    const caller = await asService(test.vault, 'site', ['identification'])
    const guess = (vault: Vault, value = '+79160000000'): Promise<unknown> =>
      compareValue(vault, caller, {
        ...{ subject, purpose: 'identification', entity: 'start', field: 'phone', value },
      })
    for (let right = 0; right < 12; right++) expect(await guess(test.vault, phone)).toMatchObject({ matches: true })
    const vaults = [test.vault, await test.second()]
    const many = await Promise.allSettled(Array.from({ length: 24 }, (_, i) => guess(vaults[i % 2] ?? test.vault)))
    expect(many.filter(({ status }) => status === 'fulfilled')).toHaveLength(10)
    for (const vault of vaults) await faultOf(guess(vault, phone), 'rate-limited')
  })
})

describe('what is counted', () => {
  it('is counted for all processes, names nobody, and is forgotten once it is over', async () => {
    const second = await test.second()
    const counts = [test.vault, second, test.vault].map((vault) => countAttempt(vault, '192.0.2.77', 60_000))
    expect((await Promise.all(counts)).map(({ attempts }) => attempts).sort()).toEqual([1, 2, 3])
    const rows = async (): Promise<readonly { row: string }[]> =>
      (await test.vault.data.query<{ row: string }>('SELECT t::text AS row FROM tally t')).rows
    expect(JSON.stringify(await rows())).not.toContain('192.0.2')
    test.pass(2 * HOUR)
    await sweep(test.vault)
    expect(await rows()).toEqual([])
  })
})
