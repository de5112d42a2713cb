import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CanaryMint } from '../people/canaries.ts'
import { randomOf } from '../people/random.ts'
import { ENCODINGS, encodingsOf } from './encodings.ts'
import { NeedleIndex } from './needle-index.ts'
import { scanFiles } from './scan.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doverie-scan-'))
})
afterAll(() => rm(folder, { recursive: true }))

function noise(length: number, seed: string): Buffer {
  const blocks: Buffer[] = []
  for (let i = 0; i * 32 < length; i++) blocks.push(createHash('sha256').update(`${seed}/${i}`).digest())
  return Buffer.concat(blocks).subarray(0, length)
}

function mint(seed: number, people: number): CanaryMint {
  const made = new CanaryMint(seed)
  for (let i = 0; i < people; i++) {
    made.word('cyrillic', 'surname', i)
    made.word('latin', 'email', i)
    made.digits(10, 'phone', i)
    made.watch(`вул. ${i}, 東京 №${i}`, 'postal-address', i)
  }
  return made
}

/** How another program would write the text in each encoding. */
const WRITERS: Readonly<Record<(typeof ENCODINGS)[number], (text: string) => Buffer>> = {
  'utf-8': (text) => Buffer.from(text),
  base64: (text) => Buffer.from(Buffer.from(text).toString('base64')),
  base64url: (text) => Buffer.from(Buffer.from(text).toString('base64url')),
  hex: (text) => Buffer.from(Buffer.from(text).toString('hex')),
  HEX: (text) => Buffer.from(Buffer.from(text).toString('hex').toUpperCase()),
  'utf-16le': (text) => Buffer.from(text, 'utf16le'),
  'utf-16be': (text) => Buffer.from(text, 'utf16le').swap16(),
  '%XX': (text) => Buffer.from(encodeURIComponent(text)),
  '%xx': (text) => Buffer.from(encodeURIComponent(text).replace(/%../g, (part) => part.toLowerCase())),
  '\\uxxxx': (text) => Buffer.from(JSON.stringify(text).replace(/[^ -~]/g, hexEscape)),
  '\\uXXXX': (text) =>
    Buffer.from(JSON.stringify(text).replace(/[^ -~]/g, (char) => hexEscape(char).toUpperCase().replace('U', 'u'))),
}

function hexEscape(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
}

describe('the scan of a disk', () => {
  const { canaries } = mint(7, 200)
  const index = new NeedleIndex(canaries)

  it.each(ENCODINGS)('finds every canary written as %s, whatever stands around it', async (encoding) => {
    const random = randomOf(1, encoding)
    const parts = canaries.map(({ text }) => {
      // Words before and behind shift the alignment of base64.
      const around = `${'xyz'.slice(0, random.int(4))} ${text} ${'abcd'.slice(0, random.int(5))}`
      return Buffer.concat([
        noise(random.int(200), text),
        WRITERS[encoding](around),
        noise(random.int(200), `${text}2`),
      ])
    })
    const file = join(folder, 'planted')
    await writeFile(file, Buffer.concat(parts))
    const { findings } = await scanFiles(index, [file])
    expect(new Set(findings.map(({ canary }) => canary.text)).size).toBe(canaries.length)
  })

  it('finds a canary at every place across the border of two windows', async () => {
    const file = join(folder, 'border')
    for (const { bytes } of encodingsOf(canaries[0]?.text ?? '')) {
      const places = Array.from({ length: 40 }, (_, i) => 4_000 * (i + 1) + 4 * i)
      const content = Buffer.alloc(200_000, 0xfe)
      for (const at of places) bytes.copy(content, at)
      bytes.copy(content, content.length - bytes.length)
      await writeFile(file, content)
      for (const window of [900, 4_000, 200_000]) {
        const { findings } = await scanFiles(index, [file], window)
        expect(findings.map(({ offset }) => offset)).toEqual([...places, content.length - bytes.length])
      }
    }
  })

  it('finds nothing in 4 MB of noise, nor digits inside longer numbers and hexadecimal text', async () => {
    const file = join(folder, 'noise')
    const phone = canaries.find(({ field }) => field === 'phone')?.text ?? ''
    await writeFile(
      file,
      Buffer.concat([
        noise(4 * 1024 * 1024, 'noise'),
        Buffer.from(` 1${phone}4 ${phone}9 3${phone} -4ab${phone}- "${phone}c0" `),
      ]),
    )
    expect(await scanFiles(index, [file])).toMatchObject({ findings: [], files: 1 })
    await writeFile(file, `phone=+7${phone},`)
    expect((await scanFiles(index, [file])).findings).toHaveLength(1)
  })

  it('finds a canary in any bytes (property)', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.uint8Array({ maxLength: 300 }),
        fc.nat(),
        (before, after, n) => {
          const canary = canaries.filter(({ field }) => field !== 'phone')[n % 500]
          const forms = encodingsOf(canary?.text ?? '')
          const form = forms[n % forms.length]
          const seen: number[] = []
          const bytes = Buffer.concat([before, form?.bytes ?? Buffer.alloc(0), after])
          index.search(bytes, 0, bytes.length, ({ offset }) => seen.push(offset))
          return seen.includes(before.length)
        },
      ),
    )
  })
})
