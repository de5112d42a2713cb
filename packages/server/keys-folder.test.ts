import { closeSync, linkSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { wipeReplaced } from './durable-file.ts'
import { createRootKeys, readRootKeys, rootKeyFile } from './keys-folder.ts'
import { temporaryFolder } from './testing/folder.ts'

describe('the keys folder', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let dir: string

  beforeEach(async () => {
    folder = await temporaryFolder()
    dir = join(folder.path, 'keys')
  })
  afterEach(() => folder.remove())

  it('has no root key until one is made, and reading makes none', async () => {
    expect(await readRootKeys(dir)).toBeUndefined()
    expect(readdirSync(folder.path)).toEqual([])
  })

  it('keeps the root key for its owner alone, and gives back the same', async () => {
    const made = await createRootKeys(dir)
    expect(made.current).toBe(1)
    expect(made.versions.map(({ version, key }) => [version, key.length])).toEqual([[1, 32]])
    expect(await readRootKeys(dir)).toEqual(made)
    expect(statSync(dir).mode & 0o777).toBe(0o700)
    expect(statSync(join(dir, 'root.json')).mode & 0o777).toBe(0o600)
    expect(readdirSync(dir)).toEqual(['root.json'])
  })

  it('never replaces a root key, whoever asks at the same time', async () => {
    const [first, second] = await Promise.all([createRootKeys(dir), createRootKeys(dir)])
    expect(first).toEqual(second)
    const content = readFileSync(join(dir, 'root.json'), 'utf8')
    expect(await createRootKeys(dir)).toEqual(first)
    expect(readFileSync(join(dir, 'root.json'), 'utf8')).toBe(content)
  })

  const key = Buffer.alloc(32, 7).toString('base64')
  const other = Buffer.alloc(32, 8).toString('base64')

  it('reads several versions and which is current', async () => {
    await put({
      current: 2,
      versions: [
        { version: 1, key },
        { version: 2, key: other },
      ],
    })
    const keys = await readRootKeys(dir)
    expect(keys?.current).toBe(2)
    expect(keys?.versions.map(({ version }) => version)).toEqual([1, 2])
  })

  it.each<[string, unknown]>([
    ['text that is not JSON', undefined],
    ['null', null],
    ['no versions', { current: 1, versions: [] }],
    ['a current version that is missing', { current: 2, versions: [{ version: 1, key }] }],
    [
      'a version twice',
      {
        current: 1,
        versions: [
          { version: 1, key },
          { version: 1, key: other },
        ],
      },
    ],
    ['a short key', { current: 1, versions: [{ version: 1, key: key.slice(4) }] }],
    ['a key with strange letters', { current: 1, versions: [{ version: 1, key: `!${key}` }] }],
    ['a version that is no number', { current: '1', versions: [{ version: '1', key }] }],
    ['an entry that is nothing', { current: 1, versions: [null] }],
  ])('rejects %s without quoting the file', async (_, content) => {
    await put(content)
    const reading = readRootKeys(dir)
    await expect(reading).rejects.toMatchObject({ code: 'wrong-root-key' })
    await expect(reading).rejects.not.toThrow(key.slice(4))
  })

  async function put(content: unknown): Promise<void> {
    await mkdir(dir, { recursive: true })
    await writeFile(join(dir, 'root.json'), content === undefined ? `{"key": "${key}` : JSON.stringify(content))
  }

  it('adds versions and destroys them, and with the last one the file goes', async () => {
    await createRootKeys(dir)
    const file = rootKeyFile(dir)
    expect([await file.add(), await file.add()]).toEqual([2, 3])
    expect((await file.read()).versions.map(({ version }) => version)).toEqual([1, 2, 3])
    await file.destroyUpTo(2)
    expect(await file.read()).toMatchObject({ current: 3, versions: [{ version: 3 }] })
    await file.destroyUpTo(2)
    expect(await file.add()).toBe(4)
    expect(statSync(join(dir, 'root.json')).mode & 0o777).toBe(0o600)
    expect(readdirSync(dir)).toEqual(['root.json'])
    await file.destroyUpTo(4)
    expect(readdirSync(dir)).toEqual([])
    await file.destroyUpTo(4)
  })

  it('overwrites on the disk what the file held of a destroyed version', async () => {
    await createRootKeys(dir)
    const file = rootKeyFile(dir)
    await file.add()
    const gone = (await file.read()).versions[0]?.key ?? Buffer.alloc(0)
    const written = Buffer.from(gone).toString('base64')
    const old = openSync(join(dir, 'root.json'), 'r')
    const content = (): string => {
      const bytes = Buffer.alloc(1_000)
      return bytes.toString('latin1', 0, readSync(old, bytes, 0, bytes.length, 0))
    }
    expect(content()).toContain(written)
    await file.destroyUpTo(1)
    expect(content()).not.toContain(written)
    expect(content().length).toBeGreaterThan(written.length)
    closeSync(old)
  })

  it('interrupted while it destroys: what was replaced is overwritten later, what was not is never', async () => {
    await createRootKeys(dir)
    const before = readFileSync(join(dir, 'root.json'), 'utf8')
    linkSync(join(dir, 'root.json'), join(dir, '.gone-interrupted'))
    await wipeReplaced(dir)
    expect(readFileSync(join(dir, 'root.json'), 'utf8')).toBe(before)
    await writeFile(join(dir, '.gone-replaced'), before)
    await wipeReplaced(dir)
    expect(readdirSync(dir)).toEqual(['root.json'])
  })
})
