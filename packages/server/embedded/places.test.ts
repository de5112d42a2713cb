import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { chmod, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../testing/folder.ts'
import { queryOnce } from '../testing/query.ts'
import { locateBinaries } from './binaries.ts'
import { chooseOwner, findLauncher } from './launcher.ts'
import { startEmbedded } from './supervise.ts'

const log = { info: () => undefined, warn: () => undefined }
const root = process.getuid?.() === 0

describe('where the data folder may lie', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>

  beforeEach(async () => {
    folder = await temporaryFolder()
  })
  afterEach(() => folder.remove())

  it('takes a path too long for a socket, and removes the socket folder it used instead', async () => {
    const dir = join(folder.path, 'a long name '.repeat(10), 'папка')
    const running = await startEmbedded({ dir, log })
    const host = new URL(running.dataUrl).searchParams.get('host') ?? ''
    expect(host.startsWith(dir)).toBe(false)
    expect(statSync(host).mode & 0o777).toBe(0o700)
    expect(await queryOnce(running.dataUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
    await running.stop()
    expect(existsSync(host)).toBe(false)
    expect(readdirSync(dir)).not.toContain('socket')
  })

  it.skipIf(!root)('as root: runs under another user though only root may pass the folder above', async () => {
    const closed = join(folder.path, 'closed')
    await mkdir(closed, { mode: 0o700 })
    const dir = join(closed, 'data')
    const running = await startEmbedded({ dir, log })
    expect(await queryOnce(running.dataUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
    const status = readFileSync(`/proc/${running.pid}/status`, 'utf8')
    expect(/^Uid:\s+(\d+)/m.exec(status)?.[1]).not.toBe('0')
    // One capability at most: to pass folders (and, failing that, to write in them).
    expect(['0000000000000004', '0000000000000002']).toContain(/^CapEff:\s+(\w+)/m.exec(status)?.[1])
    await running.stop()
  })

  it.skipIf(!root)('as root: needs no capability where everybody may pass', async () => {
    await chmod(folder.path, 0o711)
    const binaries = await locateBinaries()
    const owner = chooseOwner(folder.path)
    expect(owner?.uid).toBeGreaterThan(0)
    // A clone under a closed folder needs the capability for its programs.
    const closedClone = !isPassable(binaries.postgres)
    expect(findLauncher(binaries, folder.path, owner).prefix.length > 0).toBe(closedClone)
  })

  it.skipIf(root)('as an ordinary user: runs as that user', async () => {
    const binaries = await locateBinaries()
    expect(findLauncher(binaries, folder.path, chooseOwner(folder.path))).toEqual({ prefix: [], options: {} })
  })
})

function isPassable(path: string): boolean {
  const parts = path.split('/').slice(1)
  return parts.every((_, index) => (statSync(`/${parts.slice(0, index + 1).join('/')}`).mode & 0o001) !== 0)
}
