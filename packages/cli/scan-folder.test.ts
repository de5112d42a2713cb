import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { scanFolder } from './scan-folder.ts'

const TEXT = 'проба-q7'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'doverie-scan-'))
})
afterEach(() => rm(dir, { recursive: true }))

describe('a scan of a folder', () => {
  it.each<[string, (text: string) => Buffer]>([
    ['as it is', (text) => Buffer.from(`before ${text} after`)],
    ['as UTF-16', (text) => Buffer.from(`before ${text} after`, 'utf16le')],
    ['in hexadecimal', (text) => Buffer.from(Buffer.from(`ab${text}c`).toString('hex'))],
    ...[0, 1, 2].map((shift): [string, (text: string) => Buffer] => [
      `in Base64, ${shift} bytes further`,
      (text) => Buffer.from(Buffer.from(`${'x'.repeat(shift)}${text} and more`).toString('base64')),
    ]),
  ])('finds a text %s, also across the pieces that a file is read in', async (_, write) => {
    await mkdir(join(dir, 'deep'))
    await writeFile(join(dir, 'deep', 'file'), Buffer.concat([Buffer.alloc(4 * 1024 * 1024 - 5), write(TEXT)]))
    await writeFile(join(dir, 'other'), write('другое-q8'))
    const scanned = await scanFolder(dir, [TEXT])
    expect(scanned.files).toBe(2)
    expect(scanned.found).toBeGreaterThan(0)
    expect(await scanFolder(dir, ['нигде-q9'])).toMatchObject({ files: 2, found: 0 })
  })
})
