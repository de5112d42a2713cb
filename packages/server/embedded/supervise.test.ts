import { existsSync, readdirSync, statSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../testing/folder.ts'
import { queryOnce } from '../testing/query.ts'
import { isAlive } from './leftover.ts'
import { type Embedded, startEmbedded } from './supervise.ts'

const log = { info: () => undefined, warn: () => undefined }

describe('the embedded PostgreSQL', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let dir: string
  let running: Embedded

  beforeAll(async () => {
    folder = await temporaryFolder()
    dir = join(folder.path, 'data')
    // What a first start leaves that was killed inside initdb; no process has this number.
    await mkdir(join(dir, 'postgres.new-4194305-dead'), { recursive: true })
    await writeFile(join(dir, 'postgres.new-4194305-dead.password'), 'x')
    running = await startEmbedded({ dir, log })
  })
  afterAll(async () => {
    await running.stop()
    await folder.remove()
  })

  it.each([
    ['server_version_num', /^18\d{4}$/],
    ['data_checksums', /^on$/],
    ['fsync', /^on$/],
    ['full_page_writes', /^on$/],
    ['synchronous_commit', /^on$/],
    ['server_encoding', /^UTF8$/],
    ['listen_addresses', /^$/],
    ['password_encryption', /^scram-sha-256$/],
    ['log_parameter_max_length_on_error', /^0$/],
  ])('runs with %s as %s', async (setting, expected) => {
    const [row] = await queryOnce(running.dataUrl, `SHOW ${setting}`)
    expect(row?.[setting]).toMatch(expected)
  })

  it('sorts and folds case by Unicode code points on every machine', async () => {
    const [row] = await queryOnce(
      running.dataUrl,
      `SELECT datlocprovider AS provider, datlocale AS locale, upper('ёлка') AS upper
       FROM pg_database WHERE datname = current_database()`,
    )
    expect(row).toEqual({ provider: 'b', locale: 'C.UTF-8', upper: 'ЁЛКА' })
  })

  it('gives each database an owner who may create tables there', async () => {
    for (const url of [running.dataUrl, running.keystoreUrl]) {
      await queryOnce(url, 'CREATE TABLE trial (id int)')
      await queryOnce(url, 'DROP TABLE trial')
    }
  })

  it.each(['doverie_keys', 'postgres', 'template1'])('refuses the role of the data in %s', async (database) => {
    const url = running.dataUrl.replace('/doverie?', `/${database}?`)
    await expect(queryOnce(url, 'SELECT 1')).rejects.toMatchObject({ code: '42501' })
  })

  it('refuses the role of the keys in the data', async () => {
    const url = running.keystoreUrl.replace('/doverie_keys?', '/doverie?')
    await expect(queryOnce(url, 'SELECT 1')).rejects.toMatchObject({ code: '42501' })
  })

  it('refuses a wrong password, also over the socket', async () => {
    const url = running.dataUrl.replace(/:[^:@]+@/, ':guess@')
    await expect(queryOnce(url, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' })
  })

  it('keeps its passwords, socket and cluster from other users', () => {
    expect(statSync(join(dir, 'postgres.json')).mode & 0o777).toBe(0o600)
    expect(statSync(join(dir, 'postgres.log')).mode & 0o777).toBe(0o600)
    expect(statSync(join(dir, 'postgres')).mode & 0o777).toBe(0o700)
    expect(statSync(join(dir, 'socket')).mode & 0o777).toBe(0o700)
  })

  it('removes what an interrupted first start left, and keeps no password file', () => {
    expect(readdirSync(dir).filter((name) => name.includes('new'))).toEqual([])
  })

  it('refuses a second server on the folder and does not disturb the first', async () => {
    await expect(startEmbedded({ dir, log })).rejects.toMatchObject({ code: 'data-in-use' })
    expect(await queryOnce(running.dataUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  it('stops without a trace, and starts again with its data in under a second', async () => {
    await queryOnce(running.dataUrl, 'CREATE TABLE kept AS SELECT 7 AS value')
    await Promise.all([running.stop(), running.stop()])
    expect(isAlive(running.pid)).toBe(false)
    expect(existsSync(join(dir, 'postgres', 'postmaster.pid'))).toBe(false)
    const before = performance.now()
    running = await startEmbedded({ dir, log })
    expect(performance.now() - before).toBeLessThan(1000)
    expect(await queryOnce(running.dataUrl, 'SELECT value FROM kept')).toEqual([{ value: 7 }])
  })

  it('reports a PostgreSQL that ends by itself, and recovers on the next start', async () => {
    await running.stop()
    let report: (reason: string) => void = () => undefined
    const lost = new Promise<string>((resolve) => {
      report = resolve
    })
    const doomed = await startEmbedded({ dir, log, onLost: report })
    await queryOnce(doomed.dataUrl, 'INSERT INTO kept VALUES (8)')
    process.kill(doomed.pid, 'SIGKILL')
    expect(await lost).toBe('PostgreSQL ended (SIGKILL)')
    await doomed.stop()
    running = await startEmbedded({ dir, log })
    expect(await queryOnce(running.dataUrl, 'SELECT count(*)::int AS n FROM kept')).toEqual([{ n: 2 }])
  })

  it('refuses to put an empty database where the cluster was lost', async () => {
    await running.stop()
    await rename(join(dir, 'postgres'), join(dir, 'elsewhere'))
    await expect(startEmbedded({ dir, log })).rejects.toMatchObject({ code: 'storage-unavailable' })
    expect(existsSync(join(dir, 'postgres'))).toBe(false)
    await rename(join(dir, 'elsewhere'), join(dir, 'postgres'))
    running = await startEmbedded({ dir, log })
  })

  it('refuses a cluster whose passwords were lost', async () => {
    await running.stop()
    await rename(join(dir, 'postgres.json'), join(dir, 'postgres.json.away'))
    await expect(startEmbedded({ dir, log })).rejects.toMatchObject({ code: 'storage-unavailable' })
    await rename(join(dir, 'postgres.json.away'), join(dir, 'postgres.json'))
    running = await startEmbedded({ dir, log })
  })
})
