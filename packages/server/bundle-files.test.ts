import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readBundle } from './bundle-files.ts'
import { temporaryFolder } from './testing/folder.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
beforeAll(async () => {
  folder = await temporaryFolder()
})
afterAll(() => folder.remove())

it('reads files and links to files, and nothing that begins with a dot', async () => {
  const dir = join(folder.path, 'linked')
  await mkdir(join(dir, '..2026'), { recursive: true })
  await writeFile(join(dir, '..2026', 'rules.yaml'), 'format: 2')
  await writeFile(join(dir, 'policy.ru.md'), '# Политика')
  await symlink(join('..2026', 'rules.yaml'), join(dir, 'rules.yaml'))
  expect(await readBundle(dir)).toEqual(
    new Map([
      ['policy.ru.md', '# Политика'],
      ['rules.yaml', 'format: 2'],
    ]),
  )
})

it('takes no link that leads to a folder or nowhere: a part would be missing unseen', async () => {
  for (const [name, target] of [
    ['a', '..'],
    ['b', 'nowhere'],
  ] as const) {
    const dir = join(folder.path, name)
    await mkdir(dir)
    await symlink(target, join(dir, 'services'))
    await expect(readBundle(dir)).rejects.toMatchObject({
      code: 'policy-invalid',
      message: expect.stringMatching(/^services: /) as string,
    })
  }
})
