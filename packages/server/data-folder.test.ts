import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { claimDataFolder, inspectDataFolder } from './data-folder.ts'
import { temporaryFolder } from './testing/folder.ts'

describe('the data folder', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let dir: string

  beforeEach(async () => {
    folder = await temporaryFolder()
    dir = join(folder.path, 'deep', 'data')
  })
  afterEach(() => folder.remove())

  it('is new while it is missing or empty, and looking at it makes nothing', async () => {
    expect(await inspectDataFolder(dir)).toBe('new')
    expect(existsSync(join(folder.path, 'deep'))).toBe(false)
    await mkdir(join(dir, 'lost+found'), { recursive: true })
    expect(await inspectDataFolder(dir)).toBe('new')
  })

  it('is current once claimed, and may be claimed again', async () => {
    await claimDataFolder(dir)
    await claimDataFolder(dir)
    expect(await inspectDataFolder(dir)).toBe('current')
    expect(readdirSync(dir)).toEqual(['format.json'])
    expect(statSync(dir).mode & 0o066).toBe(0)
  })

  it.each([
    ['data-newer', '{"format":2}'],
    ['data-unwritable', '{"format":"1"}'],
    ['data-unwritable', '{"format":0}'],
    ['data-unwritable', 'null'],
    ['data-unwritable', ''],
  ])('is refused with %s where its format file says %s, which stays as it is', async (code, content) => {
    await claimDataFolder(dir)
    await writeFile(join(dir, 'format.json'), content)
    await expect(inspectDataFolder(dir)).rejects.toMatchObject({ code })
    expect(readFileSync(join(dir, 'format.json'), 'utf8')).toBe(content)
  })

  it("rejects a folder of something else's files", async () => {
    await mkdir(dir, { recursive: true })
    await writeFile(join(dir, 'thesis.tex'), '')
    await expect(inspectDataFolder(dir)).rejects.toMatchObject({ code: 'data-unwritable' })
  })

  it('rejects a file in its place or above it', async () => {
    await writeFile(join(folder.path, 'deep'), '')
    await expect(inspectDataFolder(join(folder.path, 'deep'))).rejects.toMatchObject({ code: 'data-unwritable' })
    await expect(inspectDataFolder(dir)).rejects.toMatchObject({ code: 'data-unwritable' })
  })

  it.skipIf(process.getuid?.() === 0)('as an ordinary user: rejects a folder that only others may write', async () => {
    await mkdir(dir, { recursive: true })
    await chmod(dir, 0o500)
    await expect(inspectDataFolder(dir)).rejects.toMatchObject({ code: 'data-unwritable' })
    await expect(inspectDataFolder(join(dir, 'inner'))).rejects.toMatchObject({ code: 'data-unwritable' })
  })

  it.skipIf(process.platform !== 'linux')('rejects a place where no folder can be made', async () => {
    await expect(claimDataFolder('/proc/doverie')).rejects.toMatchObject({ code: 'data-unwritable' })
  })
})
