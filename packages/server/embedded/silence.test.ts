import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../testing/folder.ts'
import { type Embedded, startEmbedded } from './supervise.ts'

const canary = 'Петров-canary-8f31'

describe("PostgreSQL's log", () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let running: Embedded
  const told: string[] = []
  const log = { info: (line: string) => told.push(line), warn: (line: string) => told.push(line) }

  beforeAll(async () => {
    folder = await temporaryFolder()
    running = await startEmbedded({ dir: join(folder.path, 'data'), log })
  })
  afterAll(async () => {
    await running.stop()
    await folder.remove()
  })

  const faults: readonly (readonly [string, string, readonly unknown[]])[] = [
    ['a value of the wrong type', 'SELECT $1::uuid', [canary]],
    ['a wrong literal', `SELECT '${canary}'::int`, []],
    ['a duplicate key', 'INSERT INTO person VALUES ($1), ($1)', [canary]],
    ['a failed check', "INSERT INTO person VALUES ($1 || ' too long')", [canary]],
    ['a syntax error', `SELEC '${canary}'`, []],
    ['a raised error', `DO $$ BEGIN RAISE EXCEPTION '${canary}'; END $$`, []],
    ['a raised warning', `DO $$ BEGIN RAISE WARNING '${canary}'; END $$`, []],
    ['a statement cut off', `SELECT '${canary}', pg_sleep(5)`, []],
    ['a session that raises its own logging', "SET log_min_messages = 'debug5'", []],
  ]

  it('tells that the server started, and repeats no value, whatever fails', async () => {
    const client = new Client({ connectionString: running.dataUrl })
    await client.connect()
    await client.query('SET statement_timeout = 200')
    await client.query('CREATE TABLE person (name text PRIMARY KEY CHECK (length(name) < 24))')
    const outcomes: string[] = []
    for (const [, text, values] of faults) {
      await client.query(text, [...values]).then(
        () => outcomes.push('done'),
        () => outcomes.push('failed'),
      )
    }
    await client.end()
    expect(outcomes).toEqual([...Array<string>(6).fill('failed'), 'done', 'failed', 'failed'])
    const content = readFileSync(join(folder.path, 'data', 'postgres.log'), 'utf8')
    expect(content).toContain('ready to accept connections')
    expect(content).not.toContain('8f31')
  })

  it('and our own never hold a password', () => {
    const content = readFileSync(join(folder.path, 'data', 'postgres.log'), 'utf8') + told.join('\n')
    for (const url of [running.adminUrl, running.dataUrl, running.keystoreUrl]) {
      expect(content).not.toContain(new URL(url).password)
    }
  })
})
