import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Vault } from '../guard/vault.ts'
import { faultOf } from '../testing/fault.ts'
import { everything } from '../testing/observed.ts'
import { openTestVault, type TestVault } from '../testing/open-test-vault.ts'
import { seeOwn, someone } from '../testing/people.ts'
import { integrateLedger } from './integrate-ledger.ts'
import { sweep } from './sweep.ts'

let test: TestVault
let vault: Vault
beforeEach(async () => {
  test = await openTestVault()
  ;({ vault } = test)
})
afterEach(() => test.close())

/** Makes the data what they were when `then` ran out, as a restore does; the key store stays. */
async function restoredTo(then: () => Promise<unknown>, since: () => Promise<unknown>): Promise<void> {
  await then()
  const tables = ['subject', 'record', 'event', 'ledger_batch', 'ledger_history', 'ledger_state', 'ledger_tile']
  for (const table of tables) await vault.data.query(`CREATE TABLE early_${table} AS SELECT * FROM ${table}`)
  await since()
  for (const table of tables) {
    await vault.data.query(`TRUNCATE ${table}; INSERT INTO ${table} SELECT * FROM early_${table}`)
  }
}

describe('the sweep', () => {
  it.each([
    ['a smaller tree', () => integrateLedger(vault)],
    ['no tree at all', () => Promise.resolve()],
  ])(
    'over data older than the key store (%s) destroys nothing: the keys of people it does not know are not taken for nobody’s',
    async (_, before) => {
      await restoredTo(
        async () => {
          await someone(vault)
          await before()
        },
        async () => {
          await someone(vault)
          await integrateLedger(vault)
        },
      )
      test.pass(2 * 3_600_000)
      const held = await everything(vault)
      await faultOf(sweep(vault), 'restore-pending')
      expect(await everything(vault)).toEqual(held)
    },
  )

  it('runs before the first checkpoint, and while the tree grows', async () => {
    const { subject, email } = await someone(vault)
    test.pass(2 * 3_600_000)
    await sweep(vault)
    const grow = async (): Promise<void> => {
      for (let i = 0; i < 10; i++) {
        await seeOwn(vault, subject, ['email'])
        await integrateLedger(vault)
      }
    }
    await Promise.all([grow(), sweep(vault), sweep(vault)])
    await sweep(vault)
    expect(await seeOwn(vault, subject, ['email'])).toEqual({ email })
  })
})
