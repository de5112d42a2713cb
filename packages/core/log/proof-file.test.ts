import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { base64, isDoverieError, utf8 } from '../base/index.ts'
import { signCheckpoint } from './checkpoint.ts'
import { leafHash } from './hash.ts'
import { signerOf, signingKey, verifierKey } from './note-key.ts'
import { formatProofFile, MAX_PROOF_FILE_SIZE, openProofFile, parseProofFile, type ProofFile } from './proof-file.ts'
import { planInclusion, proofFromTiles } from './proof-plan.ts'
import { append, EMPTY_EDGE, rootOf } from './tree.ts'

const refused = expect.objectContaining({ code: 'invalid-value' }) as unknown as Error
const log = signingKey('example.org/log', new Uint8Array(32).fill(1))
const trust = [verifierKey(log.name, log.publicKey)]
const entries = Array.from({ length: 7 }, (_, i) => utf8(`entry ${i}`))
const grown = append(
  EMPTY_EDGE,
  entries.map((entry) => leafHash(entry)),
)
const checkpoint = signCheckpoint({ origin: log.name, size: 7, root: rootOf(grown.edge), extensions: [] }, [
  signerOf(log),
])

function proofOf(index: number, extra: Uint8Array | null = null): ProofFile {
  const hashes = proofFromTiles(planInclusion(index, 7), () => grown.tiles[0]?.bytes)
  return { extra, index, hashes, checkpoint }
}

test('is written as the specification shows', () => {
  const { hashes } = proofOf(6)
  expect(formatProofFile(proofOf(6, utf8('salt')))).toBe(
    `c2sp.org/tlog-proof@v1\nextra c2FsdA==\nindex 6\n${hashes.map((hash) => `${base64(hash)}\n`).join('')}\n${checkpoint}`,
  )
})

describe('opening', () => {
  test('shows every entry to lie in the log', () => {
    for (const [index, entry] of entries.entries()) {
      const file = parseProofFile(utf8(formatProofFile(proofOf(index))))
      expect(openProofFile(file, entry, log.name, trust)).toMatchObject({ origin: log.name, size: 7 })
    }
  })

  test('rejects another entry, place, log or key', () => {
    const file = proofOf(3)
    const [entry2, entry3] = [utf8('entry 2'), utf8('entry 3')]
    expect(() => openProofFile(file, entry2, log.name, trust)).toThrow(refused)
    expect(() => openProofFile({ ...file, index: 2 }, entry3, log.name, trust)).toThrow(refused)
    expect(() => openProofFile(file, entry3, 'example.org/other', trust)).toThrow(refused)
    expect(() => openProofFile(file, entry3, log.name, [])).toThrow(refused)
  })

  test('rejects a file with any bit changed', () => {
    const whole = utf8(formatProofFile(proofOf(3)))
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 0, max: 7 }), (seed, bit) => {
        const bytes = Uint8Array.from(whole)
        const at = seed % bytes.length
        bytes[at] = (bytes[at] ?? 0) ^ (1 << bit)
        expect(() => openProofFile(parseProofFile(bytes), utf8('entry 3'), log.name, trust)).toThrow(refused)
      }),
      { numRuns: 300 },
    )
  })
})

describe('parsing', () => {
  const anyFile: fc.Arbitrary<ProofFile> = fc.record({
    extra: fc.option(fc.uint8Array({ minLength: 1, maxLength: 100 })),
    index: fc.nat({ max: 6 }),
    hashes: fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { maxLength: 63 }),
    checkpoint: fc.constant(checkpoint),
  })

  test('gives back what was formatted', () => {
    fc.assert(
      fc.property(anyFile, (file) => {
        expect(parseProofFile(formatProofFile(file))).toEqual(file)
      }),
    )
  })

  test('accepts no second spelling', () => {
    const piece = fc.constantFrom('', '\n', ' ', '0', '=', '\r', 'extra ', 'index ', 'A', '\ufeff')
    fc.assert(
      fc.property(anyFile, fc.nat(), piece, (file, seed, inserted) => {
        const whole = formatProofFile(file)
        const at = seed % (whole.length + 1)
        const mutated = whole.slice(0, at) + inserted + whole.slice(at + (inserted === '' ? 1 : 0))
        try {
          expect(formatProofFile(parseProofFile(mutated))).toBe(mutated)
        } catch (error) {
          if (!isDoverieError(error, 'invalid-value')) throw error
        }
      }),
      { numRuns: 500 },
    )
  })

  const hash = base64(new Uint8Array(32))

  test.each([
    ['nothing', ''],
    ['another version', `c2sp.org/tlog-proof@v2\nindex 0\n\n${checkpoint}`],
    ['no index', `c2sp.org/tlog-proof@v1\n\n${checkpoint}`],
    ['an index with a leading zero', `c2sp.org/tlog-proof@v1\nindex 00\n\n${checkpoint}`],
    ['an index beyond the tree', `c2sp.org/tlog-proof@v1\nindex 7\n\n${checkpoint}`],
    ['empty extra data', `c2sp.org/tlog-proof@v1\nextra \nindex 0\n\n${checkpoint}`],
    ['extra data after the index', `c2sp.org/tlog-proof@v1\nindex 0\nextra AAAA\n\n${checkpoint}`],
    ['a short hash', `c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\n${checkpoint}`],
    ['64 hashes', `c2sp.org/tlog-proof@v1\nindex 0\n${`${hash}\n`.repeat(64)}\n${checkpoint}`],
    ['no checkpoint', 'c2sp.org/tlog-proof@v1\nindex 0\n\n'],
    ['an unsigned checkpoint', `c2sp.org/tlog-proof@v1\nindex 0\n\nexample.org/log\n7\n${hash}\n`],
    ['too many bytes', `c2sp.org/tlog-proof@v1\nextra ${'A'.repeat(MAX_PROOF_FILE_SIZE)}\nindex 0\n\n${checkpoint}`],
  ])('rejects %s', (_, file) => {
    expect(() => parseProofFile(file)).toThrow(refused)
    expect(() => parseProofFile(utf8(file))).toThrow(refused)
  })

  test('rejects bytes that are not UTF-8', () => {
    expect(() => parseProofFile(Uint8Array.of(0xff))).toThrow(refused)
  })

  test('refuses to write what it would not read', () => {
    for (const bad of [
      { ...proofOf(0), extra: new Uint8Array(0) },
      { ...proofOf(0), extra: new Uint8Array(MAX_PROOF_FILE_SIZE) },
      { ...proofOf(0), index: 7 },
      { ...proofOf(0), index: -1 },
      { ...proofOf(0), index: 0.5 },
      { ...proofOf(0), hashes: [new Uint8Array(31)] },
      { ...proofOf(0), checkpoint: 'text' },
    ]) {
      expect(() => formatProofFile(bad)).toThrow(refused)
    }
  })
})
