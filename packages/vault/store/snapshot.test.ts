import { randomBytes, randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { faultOf } from '../testing/fault.ts'
import { openTestVault, type TestVault } from '../testing/open-test-vault.ts'
import { BACKUP_TABLES, LEFT_OUT } from './backup-tables.ts'
import { Snapshot, type TablePart } from './snapshot.ts'

let test: TestVault
beforeEach(async () => {
  test = await openTestVault(null)
})
afterEach(() => test.close())

async function rowsOf(snapshot: Snapshot, part: TablePart): Promise<number> {
  const copied = snapshot.copy(part)
  let bytes = 0
  for await (const chunk of copied.chunks) bytes += chunk.length
  expect(bytes).toBeGreaterThan(0)
  return copied.rows()
}

async function counts(
  snapshot: Snapshot,
  sizes: Readonly<Record<string, number>>,
): Promise<ReadonlyMap<string, number[]>> {
  const found = new Map<string, number[]>()
  for (const part of await snapshot.parts(sizes)) {
    found.set(part.table, [...(found.get(part.table) ?? []), await rowsOf(snapshot, part)])
  }
  return found
}

describe('the tables of a backup', () => {
  it.each(['data', 'keys'] as const)(
    'are all tables of the %s database, but for those left out by name',
    async (kind) => {
      const pool = kind === 'data' ? test.vault.data : test.vault.keys
      const { rows } = await pool.query<{ name: string }>(
        `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1`,
      )
      const decided = [...BACKUP_TABLES[kind].map(({ name }) => name), ...LEFT_OUT[kind]]
      expect(decided.sort()).toEqual(rows.map(({ name }) => name))
    },
  )

  it.each(['data', 'keys'] as const)('of the %s database come in the order of a key that is unique', async (kind) => {
    const pool = kind === 'data' ? test.vault.data : test.vault.keys
    for (const { name, order, cut } of BACKUP_TABLES[kind]) {
      const { rows } = await pool.query<{ columns: string[] }>(
        `SELECT array(SELECT attname::text FROM pg_attribute WHERE attrelid = indrelid AND attnum = ANY(indkey)) AS columns
         FROM pg_index WHERE indrelid = $1::regclass AND indisunique`,
        [name],
      )
      expect(rows.some(({ columns }) => columns.every((column) => order.includes(column)))).toBe(true)
      expect(cut === null || order.includes(cut.column)).toBe(true)
    }
  })
})

describe('a snapshot', () => {
  it.each([1, 2, 3, 7, 64])('cut into %i parts holds each row in exactly one of them', async (pieces) => {
    const { data, keys } = test.vault
    const edges = ['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff']
    const ids = [...edges, ...Array.from({ length: 98 }, () => randomUUID())]
    await data.query(`INSERT INTO subject SELECT id, 1, '{}', now() FROM unnest($1::uuid[]) AS s (id)`, [ids])
    await data.query('INSERT INTO ledger_history SELECT b, 1 FROM unnest($1::bytea[]) AS h (b)', [
      [Buffer.alloc(16), Buffer.alloc(16, 255), ...Array.from({ length: 98 }, () => randomBytes(16))],
    ])
    await data.query(
      `INSERT INTO ledger_batch SELECT gen_random_uuid(), now(), 1, '', '', CASE WHEN i <= 93 THEN i - 1 END
       FROM generate_series(1, 100) AS i`,
    )
    await keys.query(`INSERT INTO cell (cell_id, version, people) SELECT id, 1, 1 FROM unnest($1::uuid[]) AS s (id)`, [
      ids,
    ])
    for (const [kind, url] of [['data', test.urls.dataUrl] as const, ['keys', test.urls.keystoreUrl] as const]) {
      const snapshot = await Snapshot.open(url, kind)
      const cut = { subject: pieces, ledger_history: pieces, ledger_batch: Math.ceil(93 / pieces), cell: pieces }
      const found = await counts(snapshot, cut)
      for (const table of kind === 'data' ? ['subject', 'ledger_history', 'ledger_batch'] : ['cell']) {
        expect(found.get(table)?.reduce((sum, rows) => sum + rows, 0)).toBe(100)
      }
      expect(found.get(kind === 'data' ? 'subject' : 'cell')).toHaveLength(pieces)
      await snapshot.close()
    }
  })

  it('is one moment: nothing of what is committed while it is read is in it', async () => {
    const { data } = test.vault
    const snapshot = await Snapshot.open(test.urls.dataUrl, 'data')
    const parts = await snapshot.parts({})
    const [first] = parts
    expect(first === undefined ? -1 : await rowsOf(snapshot, first)).toBe(0)
    await data.query(`INSERT INTO subject VALUES (gen_random_uuid(), 1, '{}', now())`)
    await data.query(`INSERT INTO event VALUES (gen_random_uuid(), gen_random_uuid(), now(), '{}')`)
    for (const part of parts.filter(({ table }) => ['subject', 'event'].includes(table))) {
      expect(await rowsOf(snapshot, part)).toBe(0)
    }
    await snapshot.close()
  })

  it('cuts what is large into about as many parts as its bytes ask for', async () => {
    await test.vault.data.query(
      `INSERT INTO record SELECT gen_random_uuid(), 'contact', 1, 1, decode(repeat(md5(random()::text), 30), 'hex') FROM generate_series(1, 2000)`,
    )
    const snapshot = await Snapshot.open(test.urls.dataUrl, 'data')
    const sizes = await snapshot.cutSizes(64 * 1024)
    expect(sizes['record']).toBeGreaterThan(10)
    expect(sizes['record']).toBeLessThan(40)
    expect(sizes['subject']).toBe(1)
    await snapshot.close()
  })

  it('is taken by one backup at a time, and of a database that this program knows', async () => {
    const { dataUrl, keystoreUrl } = test.urls
    const first = await Snapshot.open(dataUrl, 'data')
    await faultOf(Snapshot.open(dataUrl, 'data'), 'conflict')
    await first.close()
    await (await Snapshot.open(dataUrl, 'data')).close()
    await faultOf(Snapshot.open(keystoreUrl, 'data'), 'data-newer')
    await test.vault.data.query(`INSERT INTO migration VALUES (999, 'data', now())`)
    await faultOf(Snapshot.open(dataUrl, 'data'), 'data-newer')
  })
})
