import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Vault } from '../guard/vault.ts'
import { faultOf } from '../testing/fault.ts'
import { everything } from '../testing/observed.ts'
import { openTestVault, type TestVault } from '../testing/open-test-vault.ts'
import { seeOwn, someone } from '../testing/people.ts'
import { MAY_NARROW } from '../store/standing.ts'
import { asStaff, asSubject, SUPPORT_TICKET } from '../testing/callers.ts'
import { destroyData } from './destroy-data.ts'
import { integrateLedger } from './integrate-ledger.ts'
import { sweep } from './sweep.ts'
import { withdrawConsent } from './withdraw-consent.ts'

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

  it('over a key store that lacks the last narrowing, though it is but one step of the ledger behind, refuses everything', async () => {
    const { subject } = await someone(vault, { consents: ['marketing'] })
    await integrateLedger(vault)
    const before = await vault.keys.query('SELECT * FROM head')
    const withdrawal = { subject, entity: 'start', purpose: 'marketing', allEntities: true }
    await withdrawConsent(vault, asSubject(subject), withdrawal)
    await integrateLedger(vault)
    await sweep(vault)
    await vault.keys.query('DELETE FROM journal')
    const [{ size, checkpoint } = {}] = before.rows as { size?: string; checkpoint?: string }[]
    await vault.keys.query('UPDATE head SET size = $1, checkpoint = $2', [size, checkpoint])
    await faultOf(test.second(), 'restore-pending')
    await faultOf(sweep(vault), 'restore-pending')
    expect(vault.policy()).toBeNull()
  })

  it('over a key store that has keys of somebody destroyed refuses everything: it came out of an older copy', async () => {
    const { subject } = await someone(vault)
    const kept = await vault.keys.query(`CREATE TABLE kept AS SELECT * FROM key WHERE subject_id = '${subject}'`)
    expect(kept.rowCount).toBeGreaterThan(0)
    await destroyData(vault, asStaff('dpo'), { subject, entity: 'start', ticket: SUPPORT_TICKET, compartments: null })
    test.pass(2 * 3_600_000)
    await sweep(vault)
    await vault.keys.query('INSERT INTO key SELECT * FROM kept')
    await faultOf(sweep(vault), 'restore-pending')
    expect(vault.policy()).toBeNull()
  })

  it('compares with the journal every kind of event that may narrow, by an index of exactly these', async () => {
    const { rows } = await vault.data.query<{ definition: string }>(
      `SELECT pg_get_indexdef('event_narrowing'::regclass) AS definition`,
    )
    expect([...(rows[0]?.definition ?? '').matchAll(/'([a-z-]+)'::text/g)].map(([, kind]) => kind)).toContain('blocked')
    for (const kind of MAY_NARROW) expect(rows[0]?.definition).toContain(`'${kind}'`)
    const plan = await vault.data.query<{ 'QUERY PLAN': string }>(
      `EXPLAIN SELECT FROM event WHERE body->>'kind' IN (${MAY_NARROW.map((kind) => `'${kind}'`).join(', ')}) ORDER BY at DESC LIMIT 1`,
    )
    expect(JSON.stringify(plan.rows)).toContain('event_narrowing')
  })

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
