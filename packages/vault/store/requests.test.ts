import { REQUEST_KINDS } from '@doverie/core/base'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { createDatabases, type TestDatabases } from '../../server/testing/databases.ts'
import { openPool, type Queryable } from './database.ts'
import { migrate } from './migrate.ts'
import { listQueue, listUncounted, type QueueFilter, takeWaking } from './requests.ts'

let databases: TestDatabases
let pool: pg.Pool
beforeAll(async () => {
  databases = await createDatabases(inject('adminUrl'))
  pool = openPool(databases.dataUrl, 1)
  await migrate(pool, 'data')
  // The table is empty: what could not be done by an index shows itself where nothing else is dear.
  await pool.query('SET enable_seqscan = off')
})
afterAll(async () => {
  await pool.end()
  await databases.drop()
})

/** How the database goes about what `ask` asks it. */
async function planOf(ask: (db: Queryable) => Promise<unknown>): Promise<string> {
  let plan = ''
  const explaining = {
    query: async ({ text, values }: pg.QueryConfig) => {
      const { rows } = await pool.query<Record<string, string>>(`EXPLAIN ${text}`, values)
      plan = rows.map((row) => row['QUERY PLAN']).join('\n')
      return { rows: [] }
    },
  }
  await ask(explaining as unknown as Queryable)
  return plan
}

const [kind] = REQUEST_KINDS
const after = { dueAt: 0, id: '00000000-0000-4000-8000-000000000000' }
const filters: readonly QueueFilter[] = [undefined, kind].flatMap((one) =>
  [undefined, 'staff' as const].flatMap((owner) =>
    [undefined, 1].flatMap((overdueAt) =>
      [undefined, after].map((from) => ({ kind: one, owner, overdueAt, after: from })),
    ),
  ),
)

describe('with however many requests open', () => {
  it.each(filters)('a page of the queue is read off an index, in its order: %o', async (filter) => {
    const plan = await planOf((db) => listQueue(db, filter, 51))
    expect(plan).toContain('Index Scan using request_queue')
    // Nothing is read to be left out, and nothing is sorted.
    expect(plan).not.toMatch(/Filter:|Sort/)
  })

  it('what is due of itself, and what waits for a calendar, is found by an index', async () => {
    expect(await planOf((db) => takeWaking(db, 1, 50))).toContain('request_wake')
    expect(await planOf((db) => listUncounted(db, 50))).toContain('request_uncounted')
  })
})
