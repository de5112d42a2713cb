import { setTimeout as sleep } from 'node:timers/promises'
import { DoverieError } from '@doverie/core/base'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { createDatabases, type TestDatabases } from '../../server/testing/databases.ts'
import { canary, expectSilent, faultOf } from '../testing/fault.ts'
import { openPool, type Queryable, rows, transaction } from './database.ts'
import { assertKnownSchema } from './migrate.ts'

let databases: TestDatabases
let pool: pg.Pool
beforeAll(async () => {
  databases = await createDatabases(inject('adminUrl'))
})
afterAll(() => databases.drop())
beforeEach(async () => {
  pool = openPool(databases.dataUrl, 2)
  await pool.query('CREATE TABLE thing (name text UNIQUE DEFERRABLE INITIALLY DEFERRED)')
})
afterEach(async () => {
  await pool.query('DROP TABLE thing')
  await pool.end()
})

const put = (tx: Queryable, name: unknown): Promise<unknown> =>
  rows(tx, 'thing-put', 'INSERT INTO thing VALUES ($1)', [name])

async function things(): Promise<readonly string[]> {
  return (await pool.query<{ name: string }>('SELECT name FROM thing ORDER BY 1')).rows.map(({ name }) => name)
}

describe('a transaction', () => {
  it.each([
    ['a mistake of the program', new TypeError('x is not a function')],
    ['an error of some other part', new Error('no space left')],
    ['a system error of some other part', Object.assign(new Error('gone'), { code: 'ENOENT' })],
    ['a fault of our own', new DoverieError('key-missing')],
  ])('rolls back on %s and throws that very one', async (_, thrown) => {
    const outcome = transaction(pool, async (tx) => {
      await put(tx, 'half')
      throw thrown
    })
    await expect(outcome).rejects.toBe(thrown)
    expect(await things()).toEqual([])
    await transaction(pool, (tx) => put(tx, 'whole'))
    expect(await things()).toEqual(['whole'])
  })

  it('throws a value that cannot be a parameter as the mistake it is, and its connection serves on', async () => {
    for (let i = 0; i < 3; i++) {
      await expect(transaction(pool, (tx) => put(tx, { n: 1n }))).rejects.toBeInstanceOf(TypeError)
    }
    await transaction(pool, (tx) => put(tx, 'whole'))
    expect(await things()).toEqual(['whole'])
  })

  it('takes what the database says for a fault of storage, in a statement and at COMMIT, without its words', async () => {
    const name = canary('Уникумов')
    await transaction(pool, (tx) => put(tx, name))
    await faultOf(
      transaction(pool, (tx) => put(tx, name)),
      'conflict',
    )
    const raw = transaction(pool, (tx) => tx.query({ text: 'SELECT $1::int', values: [name] }))
    const fault = await faultOf(raw, 'storage-unavailable')
    expect(fault.details).toEqual({ sqlstate: '22P02' })
    const caught = transaction(pool, async (tx) => {
      await rows(tx, 'nonsense', 'SELECT 1 / 0', []).catch(() => undefined)
    })
    await faultOf(caught, 'storage-unavailable')
  })

  it.each([['at the next statement'], ['at COMMIT']])(
    'whose connection is cut is a fault of storage %s, and ends no process',
    async (when) => {
      const outcome = transaction(pool, async (tx) => {
        await put(tx, 'half')
        const [self] = await rows<{ pid: number }>(tx, 'pid', 'SELECT pg_backend_pid() AS pid', [])
        await pool.query('SELECT pg_terminate_backend($1)', [self?.pid])
        // The word of it comes while nothing is asked of this connection.
        await sleep(100)
        if (when === 'at the next statement') await put(tx, 'more')
      })
      await faultOf(outcome, 'storage-unavailable')
      expect(await things()).toEqual([])
    },
  )

  it('without a server, or with a URL that is none, is a fault of storage that does not repeat the URL', async () => {
    for (const url of [`postgres://u:${canary('geheim')}@127.0.0.1:1/x`, 'postgres://u:geheim@[no host]/x']) {
      const nowhere = openPool(url, 1)
      await faultOf(
        transaction(nowhere, () => Promise.resolve()),
        'storage-unavailable',
      )
      await faultOf(assertKnownSchema(nowhere, 'data'), 'storage-unavailable')
      await nowhere.end()
    }
  })
})

describe('a single statement', () => {
  it('throws a mistake of the program as it is, and a lost server as a fault of storage', async () => {
    const mistake = await put(pool, { n: 1n }).catch((error: unknown) => error)
    expect(mistake).toBeInstanceOf(TypeError)
    expectSilent(mistake)
    const nowhere = new pg.Pool({ host: '127.0.0.1', port: 1 })
    await faultOf(put(nowhere, 'x'), 'storage-unavailable')
    await nowhere.end()
  })
})
