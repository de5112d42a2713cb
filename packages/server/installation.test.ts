import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { type Installation, openInstallation } from './installation.ts'
import { createDatabases } from './testing/databases.ts'
import { temporaryFolder } from './testing/folder.ts'
import { queryOnce } from './testing/query.ts'

const log = { info: () => undefined, warn: () => undefined }
const onLost = (): void => undefined

describe('an installation', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let dataDir: string
  let keysDir: string

  beforeAll(async () => {
    folder = await temporaryFolder()
    dataDir = join(folder.path, 'data')
    keysDir = join(folder.path, 'keys')
  })
  afterAll(() => folder.remove())

  function open(env: Readonly<Record<string, string>> = {}, keys = keysDir): Promise<Installation> {
    return openInstallation({ dataDir, keysDir: keys, env, log, onLost })
  }

  it.each(['data', 'data/keys', 'data/../data/./keys'])('rejects keys in %s, and makes nothing', async (name) => {
    await expect(open({}, `${folder.path}/${name}`)).rejects.toMatchObject({ code: 'invalid-request' })
    expect(readdirSync(folder.path)).toEqual([])
  })

  it('rejects a data folder of something else before it makes a key', async () => {
    await writeFile(dataDir, '')
    await expect(open()).rejects.toMatchObject({ code: 'data-unwritable' })
    expect(readdirSync(folder.path)).toEqual(['data'])
    await rename(dataDir, join(folder.path, 'file'))
  })

  it('is made on the first start and found on the next', async () => {
    const first = await open()
    await queryOnce(first.dataUrl, 'CREATE TABLE kept AS SELECT 1 AS value')
    await first.close()
    const key = readFileSync(join(keysDir, 'root.json'), 'utf8')
    const second = await open()
    expect(await queryOnce(second.dataUrl, 'SELECT value FROM kept')).toEqual([{ value: 1 }])
    await second.close()
    expect(readFileSync(join(keysDir, 'root.json'), 'utf8')).toBe(key)
  })

  it('with data and no root key is refused, and no new key is made', async () => {
    await expect(open({}, join(folder.path, 'other-keys'))).rejects.toMatchObject({ code: 'wrong-root-key' })
    expect(existsSync(join(folder.path, 'other-keys'))).toBe(false)
  })

  it('of a newer version is refused, and nothing is started', async () => {
    const format = join(dataDir, 'format.json')
    const content = readFileSync(format)
    await writeFile(format, '{"format":99}')
    await expect(open()).rejects.toMatchObject({ code: 'data-newer' })
    expect(existsSync(join(dataDir, 'postgres', 'postmaster.pid'))).toBe(false)
    await writeFile(format, content)
  })

  it('on databases of somebody else leaves the data folder alone, and makes a key only while they are empty', async () => {
    const databases = await createDatabases(inject('adminUrl'))
    const env = { DATABASE_URL: databases.dataUrl, KEYSTORE_URL: databases.keystoreUrl }
    const before = readdirSync(dataDir)
    const opened = await open(env, join(folder.path, 'external-keys'))
    expect(opened.dataUrl).toBe(databases.dataUrl)
    await opened.close()
    expect(existsSync(join(folder.path, 'external-keys', 'root.json'))).toBe(true)
    expect(readdirSync(dataDir)).toEqual(before)
    await queryOnce(databases.dataUrl, 'CREATE TABLE something (id int)')
    await expect(open(env, join(folder.path, 'lost-keys'))).rejects.toMatchObject({ code: 'wrong-root-key' })
    await databases.drop()
  })
})
