import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromUtf8, isDoverieError, utf8 } from '../base/index.ts'
import { decodeBundle, encodeBundle } from './bundle.ts'
import { signCheckpoint } from './checkpoint.ts'
import { formatCheckpoint, parseCheckpoint } from './checkpoint-text.ts'
import { formatNote, formatSignatureLines, openNote, parseNote, parseSignatureLines } from './note.ts'
import {
  formatVerifierKey,
  KEY_TYPES,
  parseVerifierKey,
  type Signer,
  signerOf,
  signingKey,
  verifierKey,
} from './note-key.ts'
import { formatOpening, parseOpening } from './opening.ts'
import { formatProofFile, openProofFile, parseProofFile } from './proof-file.ts'
import { planConsistency, planInclusion, proofFromTiles } from './proof-plan.ts'
import { PORTABLE } from './signature.ts'
import { buildLog, key, vkey } from './testing/build-log.ts'
import { decodeTile, encodeTile, parseTilePath, tilePath } from './tile.ts'
import { formatTrustPolicy, parseTrustPolicy } from './trust-policy.ts'
import { formatAddCheckpoint, judgeAddCheckpoint, parseAddCheckpoint } from './witness.ts'

const VECTORS = fileURLToPath(new URL('../../../vectors/tlog/', import.meta.url))
const file = (path: string): Uint8Array => readFileSync(`${VECTORS}${path}`)
const text = (bytes: Uint8Array): string => fromUtf8(bytes)

interface NoteVector {
  readonly vkey: string
  readonly note: string
  readonly valid: boolean
}

const notes = (
  JSON.parse(text(file('signed-note-vectors.json'))) as { readonly ed25519_notes: readonly NoteVector[] }
).ed25519_notes.filter(({ valid }) => valid)

const witness = signingKey('witness.example/w', new Uint8Array(32).fill(4))
const cosigner = verifierKey(witness.name, witness.publicKey, KEY_TYPES.cosignature)
const byWitness: Signer = { ...signerOf(witness), keyId: cosigner.keyId, type: KEY_TYPES.cosignature }
const entries = Array.from({ length: 9 }, (_, i) => Uint8Array.of(i))
const log = buildLog(entries)
const checkpoint = text(log.get('checkpoint') ?? new Uint8Array())
const { text: checkpointText } = parseNote(checkpoint)
const cosigned = signCheckpoint(parseCheckpoint(checkpointText), [signerOf(key), byWitness], 1_800_000_000)
const hashes = proofFromTiles(planInclusion(5, 9), () => log.get('tile/0/000.p/9'))
const from5 = proofFromTiles(planConsistency(5, 9), () => log.get('tile/0/000.p/9'))
const opening = formatOpening({ salt: new Uint8Array(32).fill(7), body: '{"act":"открытие","at":1}' })
const proof = formatProofFile({ extra: opening, index: 5, hashes, checkpoint: cosigned })
const policy = formatTrustPolicy({
  logs: [{ key: parseVerifierKey(vkey), url: 'https://log.example/' }],
  witnesses: new Map([['w', { key: cosigner, url: null }]]),
  groups: new Map([['g', { threshold: 1, members: ['w'] }]]),
  quorum: 'g',
})
const tessera = readdirSync(VECTORS + 'tessera-testlog')
  .filter((name) => name.startsWith('checkpoint.'))
  .map((name) => file(`tessera-testlog/${name}`))

type Reader = (bytes: Uint8Array) => Uint8Array

/** A parser as bytes to the bytes that its value is written as, and valid inputs of it: all that we have from others, and our own. */
const PARSERS: readonly (readonly [string, Reader, readonly Uint8Array[]])[] = [
  [
    'notes',
    (bytes) => utf8(formatNote(parseNote(bytes))),
    [...notes.map(({ note }) => utf8(note)), ...tessera, utf8(cosigned)],
  ],
  ['checkpoints', (bytes) => utf8(formatCheckpoint(parseCheckpoint(text(bytes)))), [utf8(checkpointText)]],
  [
    'cosignatures',
    (bytes) => utf8(formatSignatureLines(parseSignatureLines(text(bytes)))),
    [utf8(cosigned.slice(cosigned.indexOf('\n\n') + 2))],
  ],
  ['proof files', (bytes) => utf8(formatProofFile(parseProofFile(bytes))), [utf8(proof)]],
  ['openings', (bytes) => formatOpening(parseOpening(bytes)), [opening]],
  [
    'verifier keys',
    (bytes) => utf8(formatVerifierKey(parseVerifierKey(text(bytes)))),
    notes.map(({ vkey }) => utf8(vkey)),
  ],
  [
    'tile paths',
    (bytes) => utf8(tilePath(parseTilePath(text(bytes)))),
    ['tile/0/x001/x234/067', 'tile/entries/000.p/9'].map(utf8),
  ],
  [
    'bundles',
    (bytes) => encodeBundle(decodeBundle(bytes)),
    [encodeBundle(entries), file('tessera-testlog/tile/entries/000.p/15')],
  ],
  [
    'tiles',
    (bytes) => encodeTile(decodeTile(bytes, bytes.length / 32)),
    [log.get('tile/0/000.p/9') ?? new Uint8Array()],
  ],
  [
    'requests to witnesses',
    (bytes) => utf8(formatAddCheckpoint(parseAddCheckpoint(bytes))),
    [utf8(formatAddCheckpoint({ old: 5, proof: from5, checkpoint }))],
  ],
]

/** Bytes of a valid input after a few changes: bits, cuts, insertions, pieces doubled or moved. */
function mutated(valid: Uint8Array): fc.Arbitrary<Uint8Array> {
  const at = fc.nat({ max: Math.max(0, valid.length - 1) })
  const change = fc.oneof(
    fc.tuple(fc.constant('flip' as const), at, fc.nat({ max: 7 })),
    fc.tuple(fc.constant('cut' as const), at, fc.integer({ min: 1, max: 40 })),
    fc.tuple(fc.constant('insert' as const), at, fc.nat({ max: 255 })),
    fc.tuple(fc.constant('double' as const), at, fc.integer({ min: 1, max: 80 })),
    fc.tuple(fc.constant('end' as const), at, fc.constant(0)),
  )
  return fc.array(change, { minLength: 1, maxLength: 3 }).map((changes) => {
    let bytes = [...valid]
    for (const [kind, place, much] of changes) {
      const i = Math.min(place, bytes.length)
      if (kind === 'flip') bytes[i] = (bytes[i] ?? 0) ^ (1 << much)
      if (kind === 'cut') bytes.splice(i, much)
      if (kind === 'insert') bytes.splice(i, 0, much)
      if (kind === 'double') bytes.splice(i, 0, ...bytes.slice(i, i + much))
      if (kind === 'end') bytes = bytes.slice(0, i)
    }
    return Uint8Array.from(bytes)
  })
}

/** What a reader makes of bytes; null where it refuses them by its coded error. Anything else that it throws is thrown on. */
function read(reader: Reader, bytes: Uint8Array): Uint8Array | null {
  try {
    return reader(bytes)
  } catch (error) {
    // Where a parser takes text its caller has decoded it: bytes that are none do not come so far.
    if (isDoverieError(error) || (error instanceof TypeError && !isUtf8(bytes))) return null
    throw error
  }
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    fromUtf8(bytes)
    return true
  } catch {
    return false
  }
}

describe.each(PARSERS)('the parser of %s', (_, reader, valid) => {
  test('takes every valid input, as itself', () => {
    for (const bytes of valid)
      expect(text(reader(bytes).map((byte) => byte & 0x7f))).toBe(text(bytes.map((byte) => byte & 0x7f)))
  })

  test('throws its coded error or nothing, and takes no second text for a value', () => {
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.string({ unit: 'binary', maxLength: 200 }).map(utf8),
      fc.constantFrom(...valid).chain(mutated),
    )
    fc.assert(
      fc.property(anything, (bytes) => {
        const written = read(reader, bytes)
        if (written !== null) expect([...written]).toEqual([...bytes])
      }),
      { numRuns: 400 },
    )
  })
})

test('a policy of trust is parsed or refused by its coded error, and is the same policy when written', () => {
  fc.assert(
    fc.property(fc.oneof(mutated(policy), fc.string({ unit: 'binary' }).map(utf8)), (bytes) => {
      const written = read((given) => formatTrustPolicy(parseTrustPolicy(given)), bytes)
      if (written !== null) expect(formatTrustPolicy(parseTrustPolicy(written))).toEqual(written)
    }),
    { numRuns: 300 },
  )
})

describe('a mutated note', () => {
  test.each(notes.map((one, i) => [i, one] as const))(
    'of vector %i never opens as another text',
    (_, { vkey: trusted, note }) => {
      const known = [parseVerifierKey(trusted)]
      const opened = openNote(note, known)
      fc.assert(
        fc.property(mutated(utf8(note)), (bytes) => {
          const said = read((given) => utf8(openNote(given, known).text), bytes)
          // Further signatures, of keys that nobody here knows, may come and go: the text that was signed may not.
          if (said !== null) expect(text(said)).toBe(opened.text)
        }),
        { numRuns: 100 },
      )
    },
  )

  test('makes no witness cosign, and no proof hold, that did not before', () => {
    const trusted = [parseVerifierKey(vkey)]
    const rootAt5 = parseCheckpoint(parseNote(buildLog(entries.slice(0, 5)).get('checkpoint') ?? '').text).root
    const valid = parseAddCheckpoint(utf8(formatAddCheckpoint({ old: 5, proof: from5, checkpoint })))
    expect(judgeAddCheckpoint(valid, trusted, { size: 5, root: rootAt5 }, PORTABLE).status).toBe(200)
    fc.assert(
      fc.property(
        mutated(utf8(proof)),
        mutated(utf8(formatAddCheckpoint({ old: 5, proof: from5, checkpoint }))),
        (one, two) => {
          const held = read((given) => {
            const { index } = parseProofFile(given)
            openProofFile(parseProofFile(given), entries[5] ?? given, key.name, trusted)
            return Uint8Array.of(index)
          }, one)
          if (held !== null) expect([...held]).toEqual([5])
          read((given) => {
            const request = parseAddCheckpoint(given)
            const verdict = judgeAddCheckpoint(request, trusted, { size: 5, root: rootAt5 }, PORTABLE)
            if (verdict.status === 200) expect(parseNote(request.checkpoint).text).toBe(checkpointText)
            return given
          }, two)
        },
      ),
      { numRuns: 150 },
    )
  })
})
