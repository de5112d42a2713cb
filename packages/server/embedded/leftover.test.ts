import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../testing/folder.ts'
import { holdCluster } from '../testing/held-cluster.ts'
import { queryOnce } from '../testing/query.ts'
import { isAlive } from './leftover.ts'
import { startEmbedded } from './supervise.ts'

const log = { info: () => undefined, warn: () => undefined }

describe('a PostgreSQL that a killed server left behind', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let dir: string

  beforeAll(async () => {
    folder = await temporaryFolder()
    dir = join(folder.path, 'data')
  })
  afterAll(() => folder.remove())

  it('is stopped by the next start, which finds all that was acknowledged', async () => {
    const held = await holdCluster(dir)
    await expect(startEmbedded({ dir, log })).rejects.toMatchObject({ code: 'data-in-use' })
    await queryOnce(held.dataUrl, 'CREATE TABLE kept AS SELECT 1 AS value')
    await held.killSupervisor()
    expect(isAlive(held.pid)).toBe(true)

    const next = await startEmbedded({ dir, log })
    expect(isAlive(held.pid)).toBe(false)
    expect(await queryOnce(next.dataUrl, 'SELECT value FROM kept')).toEqual([{ value: 1 }])
    await next.stop()
    expect(isAlive(next.pid)).toBe(false)
  })

  it('is settled also when both were killed', async () => {
    const held = await holdCluster(dir)
    await held.killSupervisor()
    process.kill(held.pid, 'SIGKILL')
    const next = await startEmbedded({ dir, log })
    expect(await queryOnce(next.dataUrl, 'SELECT value FROM kept')).toEqual([{ value: 1 }])
    await next.stop()
  })

  it.each([
    ['another program now', process.pid],
    ['no program', 4_194_305],
  ])('leaves a pid file whose number is that of %s, which does not hinder', async (_, pid) => {
    await writeFile(join(dir, 'postgres', 'postmaster.pid'), `${pid}\n${join(dir, 'postgres')}\n1\n5432\n\n\n\n`)
    const next = await startEmbedded({ dir, log })
    await next.stop()
    expect(isAlive(process.pid)).toBe(true)
  })

  it('lets exactly one of two simultaneous starts have the folder', async () => {
    const results = await Promise.allSettled([startEmbedded({ dir, log }), startEmbedded({ dir, log })])
    const won = results.filter((result) => result.status === 'fulfilled')
    const lost = results.filter((result) => result.status === 'rejected')
    expect(lost.map(({ reason }) => (reason as { code: string }).code)).toEqual(['data-in-use'])
    for (const { value } of won) {
      expect(await queryOnce(value.dataUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
      await value.stop()
    }
  })
})
