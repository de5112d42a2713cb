import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Vault } from '../guard/vault.ts'
import { asSubject } from '../testing/callers.ts'
import { openTestVault, type TestVault } from '../testing/open-test-vault.ts'
import { seeOwn, someone } from '../testing/people.ts'
import { integrateLedger } from './integrate-ledger.ts'
import { readHistory } from './read-history.ts'
import { verifyLedger } from './read-ledger.ts'

let test: TestVault
let vault: Vault
let subject: string
/** How many entries the ledger has: more than two bundles of 256. */
let size: number
beforeAll(async () => {
  test = await openTestVault()
  ;({ vault } = test)
  ;({ subject } = await someone(vault))
  const other = await someone(vault)
  for (let i = 0; i < 6; i++) {
    const both = Array.from({ length: 50 }, () => [subject, other.subject]).flat()
    await Promise.all(both.map((one) => seeOwn(vault, one, ['email'])))
  }
  size = await integrateAll()
  await vault.data.query('CREATE TABLE history_kept AS SELECT * FROM ledger_history')
  await vault.data.query('CREATE TABLE batch_kept AS SELECT * FROM ledger_batch')
})
afterAll(() => test.close())

beforeEach(async () => {
  await vault.data.query(`TRUNCATE ledger_history, ledger_batch;
    INSERT INTO ledger_history SELECT * FROM history_kept; INSERT INTO ledger_batch SELECT * FROM batch_kept`)
})

async function integrateAll(): Promise<number> {
  for (;;) {
    const { size, more } = await integrateLedger(vault)
    if (!more) return size
  }
}

const hidden = (place: number): object => ({
  ok: false,
  fault: { kind: 'history', path: 'ledger_history', from: place, to: place + 1 },
})

/** Places that are known once the ledger is there. */
const [LAST, NEXT] = [-1, -2]

const FLIP = 'bucket = set_byte(bucket, 15, get_byte(bucket, 15) # 1)'
const EXCHANGED = `
  WITH a AS (SELECT * FROM ledger_history WHERE place = 300),
       b AS (SELECT h.* FROM ledger_history h, a WHERE h.bucket <> a.bucket AND h.place > 300 ORDER BY h.place LIMIT 1)
  UPDATE ledger_history h SET bucket = CASE h.place WHEN 300 THEN b.bucket ELSE a.bucket END
  FROM a, b WHERE h.place IN (a.place, b.place)`
const STRAY = (place: string): string =>
  `INSERT INTO ledger_history SELECT substr(sha256(bucket), 1, 16), ${place} FROM ledger_history WHERE place = 0`

describe('the verification of the ledger', () => {
  it('passes an index that lists every entry once, in its bucket', async () => {
    expect(size).toBeGreaterThan(2 * 256)
    expect(await verifyLedger(vault)).toMatchObject({ ok: true, size })
  })

  it('finds an access that was taken out of its person’s history', async () => {
    const before = await readHistory(vault, asSubject(subject))
    const { place } = before[100] ?? { place: -1 }
    await vault.data.query('DELETE FROM ledger_history WHERE place = $1', [place])
    expect(await readHistory(vault, asSubject(subject))).toEqual(before.filter((entry) => entry.place !== place))
    expect(await verifyLedger(vault)).toMatchObject(hidden(place))
  })

  it.each([
    ['the first row gone', 'DELETE FROM ledger_history WHERE place = 0', 0],
    ['the last row gone', `DELETE FROM ledger_history WHERE place = (SELECT max(place) FROM history_kept)`, LAST],
    ['several rows gone', 'DELETE FROM ledger_history WHERE place IN (301, 7, 300)', 7],
    ['all rows gone', 'DELETE FROM ledger_history', 0],
    ['a row in another bucket', `UPDATE ledger_history SET ${FLIP} WHERE place = 256`, 256],
    ['a row at another place', 'UPDATE ledger_history SET place = 1000000 WHERE place = 255', 255],
    ['two rows in each other’s buckets', EXCHANGED, 300],
    ['an entry listed for somebody else, too', STRAY('17'), 17],
    ['a row of no entry yet', STRAY('(SELECT size FROM ledger_state)'), NEXT],
    ['a row of no entry at all', STRAY('-5'), -5],
  ])('finds and names %s', async (_, sql, place) => {
    const known = new Map([
      [LAST, size - 1],
      [NEXT, size],
    ])
    expect((await vault.data.query(sql)).rowCount).toBeGreaterThan(0)
    expect(await verifyLedger(vault)).toMatchObject(hidden(known.get(place) ?? place))
  })

  it('finds a bucket changed beside the body', async () => {
    // The bucket stands first in a frame, so first in a batch.
    await vault.data.query(
      'UPDATE ledger_batch SET bodies = set_byte(bodies, 0, get_byte(bodies, 0) # 1) WHERE first_index = 1',
    )
    expect(await verifyLedger(vault)).toMatchObject(hidden(1))
  })

  it('names whichever difference comes first, in the index or in the bodies', async () => {
    const { rows } = await vault.data.query<{ first: string }>(
      'UPDATE ledger_batch SET bodies = set_byte(bodies, 20, get_byte(bodies, 20) # 1) WHERE first_index = (SELECT max(first_index) FROM ledger_batch WHERE first_index < 300) RETURNING first_index AS first',
    )
    const broken = Number(rows[0]?.first)
    await vault.data.query('DELETE FROM ledger_history WHERE place = $1', [broken + 1])
    expect(await verifyLedger(vault)).toMatchObject({ ok: false, fault: { kind: 'private-entry', from: broken } })
    await vault.data.query('DELETE FROM ledger_history WHERE place = $1', [broken - 1])
    expect(await verifyLedger(vault)).toMatchObject(hidden(broken - 1))
  })

  it('takes entries that are integrated meanwhile for none too many', async () => {
    const more = async (): Promise<void> => {
      for (let i = 0; i < 10; i++) {
        await seeOwn(vault, subject, ['email'])
        await integrateLedger(vault)
      }
    }
    const [report] = await Promise.all([verifyLedger(vault), more()])
    expect(report).toMatchObject({ ok: true })
  })
})
