import { existsSync, readlinkSync } from 'node:fs'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../testing/folder.ts'
import { completeLinks, locateBinaries } from './binaries.ts'

it('finds the programs that npm installed for this platform', async () => {
  const { initdb, postgres } = await locateBinaries()
  expect([existsSync(initdb), existsSync(postgres)]).toEqual([true, true])
})

it('makes the library links that npm left out, keeps those that are there, and may be repeated', async () => {
  const folder = await temporaryFolder()
  const native = join(folder.path, 'native')
  await mkdir(join(native, 'lib'), { recursive: true })
  const links = ['libpq.so', 'libpq.so.5'].map((name) => ({
    source: 'native/lib/libpq.so.5.18',
    target: `native/lib/${name}`,
  }))
  await writeFile(join(native, 'pg-symlinks.json'), JSON.stringify(links))
  await symlink('own-choice', join(native, 'lib', 'libpq.so'))
  await Promise.all([completeLinks(native), completeLinks(native)])
  await completeLinks(native)
  expect(readlinkSync(join(native, 'lib', 'libpq.so'))).toBe('own-choice')
  expect(readlinkSync(join(native, 'lib', 'libpq.so.5'))).toBe('libpq.so.5.18')
  await folder.remove()
})
