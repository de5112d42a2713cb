import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { base64, concat, isDoverieError, utf8 } from '../base/index.ts'
import { openCheckpoint, signCheckpoint } from './checkpoint.ts'
import { formatCheckpoint, parseCheckpoint } from './checkpoint-text.ts'
import { EMPTY_ROOT } from './hash.ts'
import { formatNote, openNote, signNote } from './note.ts'
import { KEY_TYPES, parseVerifierKey, signerOf, signingKey, verifierKey } from './note-key.ts'

const refused = expect.objectContaining({ code: 'invalid-value' }) as unknown as Error
const log = signingKey('example.org/log', new Uint8Array(32).fill(1))
const other = signingKey('example.org/other', new Uint8Array(32).fill(2))
const trust = verifierKey(log.name, log.publicKey)
const trustOther = verifierKey(other.name, other.publicKey)
const empty = { origin: log.name, size: 0, root: EMPTY_ROOT, extensions: [] }

function vector(path: string): Buffer {
  return readFileSync(new URL(`../../../vectors/tlog/${path}`, import.meta.url))
}

describe('the checkpoints of the test log of Tessera', () => {
  const { vkey } = (JSON.parse(vector('signed-note-vectors.json').toString()) as { tessera_testlog: { vkey: string } })
    .tessera_testlog
  const key = parseVerifierKey(vkey)

  test.each(Array.from({ length: 16 }, (_, size) => size))('opens at size %i', (size) => {
    const note = vector(`tessera-testlog/checkpoint.${size}`)
    const checkpoint = openCheckpoint(note, key.name, [key])
    expect(checkpoint).toMatchObject({ origin: key.name, size, extensions: [] })
    expect(note.toString().startsWith(`${formatCheckpoint(checkpoint)}\n`)).toBe(true)
  })
})

const line = fc.string({ minLength: 1, unit: 'grapheme' }).filter((text) => !/\p{Cc}/u.test(text))
const anyCheckpoint = fc.record({
  origin: line,
  size: fc.maxSafeNat(),
  root: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  extensions: fc.array(line, { maxLength: 2 }),
})

test('parses to what was formatted', () => {
  fc.assert(
    fc.property(anyCheckpoint, (checkpoint) => {
      expect(parseCheckpoint(formatCheckpoint(checkpoint))).toEqual(checkpoint)
    }),
  )
})

test('has no second spelling', () => {
  const piece = fc.constantFrom('', '\n', ' ', '0', '+', '=', '-', '\t', 'A')
  fc.assert(
    fc.property(anyCheckpoint, fc.nat(), piece, (checkpoint, seed, inserted) => {
      const whole = formatCheckpoint(checkpoint)
      const at = seed % (whole.length + 1)
      const mutated = whole.slice(0, at) + inserted + whole.slice(at + (inserted === '' ? 1 : 0))
      try {
        expect(formatCheckpoint(parseCheckpoint(mutated))).toBe(mutated)
      } catch (error) {
        if (!isDoverieError(error, 'invalid-value')) throw error
      }
    }),
    { numRuns: 500 },
  )
})

const root = base64(EMPTY_ROOT)

test.each([
  '',
  'a\n0\n',
  `\n0\n${root}\n`,
  `a\n00\n${root}\n`,
  `a\n01\n${root}\n`,
  `a\n+1\n${root}\n`,
  `a\n1.0\n${root}\n`,
  `a\n1e3\n${root}\n`,
  `a\n9007199254740992\n${root}\n`,
  `a\n-1\n${root}\n`,
  `a\n0\n${root}`,
  `a\n0\n${root}\n\n`,
  `a\n0\n${root}\n\nextension\n`,
  `a\n0\n${root.slice(0, -4)}\n`,
  `a\n0\n${root.slice(0, -2)}V=\n`,
  `a\t\n0\n${root}\n`,
])('rejects %j', (text) => {
  expect(() => parseCheckpoint(text)).toThrow(refused)
})

test('refuses to format what no checkpoint can say', () => {
  for (const bad of [
    { ...empty, origin: '' },
    { ...empty, origin: 'a\nb' },
    { ...empty, size: -1 },
    { ...empty, size: 0.5 },
    { ...empty, size: 2 ** 53 },
    { ...empty, root: new Uint8Array(31) },
    { ...empty, extensions: [''] },
    { ...empty, extensions: ['a\nb'] },
  ]) {
    expect(() => formatCheckpoint(bad)).toThrow(refused)
  }
})

describe('opening', () => {
  test('returns the checkpoint that the log signed', () => {
    const note = signCheckpoint(empty, [signerOf(log), signerOf(other)])
    const opened = openCheckpoint(note, log.name, [trust, trustOther])
    expect(opened).toMatchObject(empty)
    expect(opened.verified.map(({ name }) => name)).toEqual([log.name, other.name])
  })

  test('rejects the checkpoint of another log', () => {
    const note = signCheckpoint({ ...empty, origin: other.name }, [signerOf(log)])
    expect(() => openCheckpoint(note, log.name, [trust])).toThrow(refused)
    expect(() => openCheckpoint(note, other.name, [trust])).toThrow(refused)
  })

  test('rejects a checkpoint that only a witness signed', () => {
    const note = signCheckpoint(empty, [signerOf(other)])
    expect(() => openCheckpoint(note, log.name, [trust, trustOther])).toThrow(refused)
    const cosigner = verifierKey(log.name, log.publicKey, KEY_TYPES.cosignature)
    expect(() => openCheckpoint(signCheckpoint(empty, [signerOf(log)]), log.name, [cosigner])).toThrow(refused)
    const signature = signerOf(log).sign(utf8(`cosignature/v1\ntime 0\n${formatCheckpoint(empty)}`))
    const line = { ...cosigner, signature: concat(new Uint8Array(8), signature) }
    const cosigned = formatNote({ text: formatCheckpoint(empty), signatures: [line] })
    expect(openNote(cosigned, [cosigner]).verified).toHaveLength(1)
    expect(() => openCheckpoint(cosigned, log.name, [cosigner])).toThrow(refused)
  })

  test('rejects a signed text that is no checkpoint', () => {
    expect(() => openCheckpoint(signNote('text\n', [signerOf(log)]), log.name, [trust])).toThrow(refused)
  })
})
