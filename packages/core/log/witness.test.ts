import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { base64, concat, isDoverieError, utf8 } from '../base/index.ts'
import { signCheckpoint } from './checkpoint.ts'
import { EMPTY_ROOT, leafHash } from './hash.ts'
import { formatSignatureLines, openNote, parseNote, parseSignatureLines, signatures } from './note.ts'
import { KEY_TYPES, type Signer, signerOf, signingKey, verifierKey } from './note-key.ts'
import { planConsistency, proofFromTiles } from './proof-plan.ts'
import { PORTABLE } from './signature.ts'
import { sha256 as bySystem } from './testing/build-log.ts'
import { append, EMPTY_EDGE, rootOf } from './tree.ts'
import {
  type AddCheckpoint,
  addCosignatures,
  formatAddCheckpoint,
  judgeAddCheckpoint,
  MAX_ADD_CHECKPOINT_SIZE,
  parseAddCheckpoint,
  type WitnessVerdict,
} from './witness.ts'

const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(bySystem(bytes))
const ORIGIN = 'example.org/log'
const logKey = signingKey(ORIGIN, new Uint8Array(32).fill(1))
const trusted = [verifierKey(logKey.name, logKey.publicKey)]
const leaves = Array.from({ length: 600 }, (_, i) => leafHash(utf8(`entry ${i}`), sha256))
const { tiles } = append(EMPTY_EDGE, leaves, sha256)
const refused = expect.objectContaining({ code: 'invalid-value' }) as unknown as Error

function rootAt(size: number): Uint8Array {
  return rootOf(append(EMPTY_EDGE, leaves.slice(0, size), sha256).edge, sha256)
}

function checkpointAt(size: number, root = rootAt(size), signer: Signer = signerOf(logKey)): string {
  return signCheckpoint({ origin: ORIGIN, size, root, extensions: [] }, [signer])
}

function proofOf(old: number, size: number): readonly Uint8Array[] {
  if (old === 0) return []
  const plan = planConsistency(old, size)
  return proofFromTiles(
    plan,
    (tile) => tiles.find((one) => one.tile.level === tile.level && one.tile.index === tile.index)?.bytes,
    sha256,
  )
}

function requestOf(old: number, size: number, more: Partial<AddCheckpoint> = {}): AddCheckpoint & { origin: string } {
  return { old, proof: proofOf(old, size), checkpoint: checkpointAt(size), origin: ORIGIN, ...more }
}

function judge(request: AddCheckpoint & { origin: string }, last: number | null, keys = trusted): WitnessVerdict {
  const tree = last === null ? null : { size: last, root: rootAt(last) }
  return judgeAddCheckpoint(request, keys, tree, PORTABLE, sha256)
}

describe('a request', () => {
  test('is written as the specification shows, and read back', () => {
    const request = requestOf(3, 7)
    const body = formatAddCheckpoint(request)
    expect(body).toBe(`old 3\n${request.proof.map((hash) => `${base64(hash)}\n`).join('')}\n${request.checkpoint}`)
    expect(parseAddCheckpoint(utf8(body))).toEqual(request)
    expect(formatAddCheckpoint(requestOf(0, 1))).toBe(`old 0\n\n${checkpointAt(1)}`)
  })

  const note = checkpointAt(7)
  const hash = base64(new Uint8Array(32))
  test.each([
    ['nothing', ''],
    ['no old size', `\n${note}`],
    ['another word', `size 0\n\n${note}`],
    ['an old size with a leading zero', `old 00\n\n${note}`],
    ['a negative old size', `old -1\n\n${note}`],
    ['an old size beyond all', `old 9007199254740992\n\n${note}`],
    ['two spaces', `old  0\n\n${note}`],
    ['a short hash', `old 1\nAAAA\n\n${note}`],
    ['loose bits in a hash', `old 1\n${hash.slice(0, -2)}B=\n\n${note}`],
    ['64 hashes', `old 1\n${`${hash}\n`.repeat(64)}\n${note}`],
    ['no checkpoint', 'old 0\n\n'],
    ['an unsigned checkpoint', `old 0\n\n${parseNote(note).text}`],
    ['a note that is no checkpoint', `old 0\n\ntext\n\n${note.slice(note.indexOf('\u2014'))}`],
    ['a carriage return', `old 0\r\n\n${note}`],
    ['too many bytes', `old 0\n\n${note}${'x'.repeat(MAX_ADD_CHECKPOINT_SIZE)}`],
  ])('is not %s', (_, body) => {
    expect(() => parseAddCheckpoint(utf8(body))).toThrow(refused)
  })

  test('has no second spelling', () => {
    const whole = formatAddCheckpoint(requestOf(3, 7))
    const piece = fc.constantFrom('', '\n', ' ', '0', '=', '\r', '-', 'A', '\ufeff')
    fc.assert(
      fc.property(fc.nat(), piece, (seed, inserted) => {
        const at = seed % (whole.length + 1)
        const mutated = whole.slice(0, at) + inserted + whole.slice(at + (inserted === '' ? 1 : 0))
        try {
          expect(formatAddCheckpoint(parseAddCheckpoint(utf8(mutated)))).toBe(mutated)
        } catch (error) {
          if (!isDoverieError(error, 'invalid-value')) throw error
        }
      }),
      { numRuns: 500 },
    )
    expect(() => parseAddCheckpoint(Uint8Array.of(0xff))).toThrow(refused)
  })
})

describe('a witness', () => {
  test('cosigns every tree that continues the last one, and none that does not', () => {
    fc.assert(
      fc.property(fc.nat(599), fc.nat(599), fc.nat(), (a, b, seed) => {
        const [old, size] = [Math.min(a, b), Math.max(a, b)]
        const request = requestOf(old, size)
        expect(judge(request, old === 0 ? null : old)).toMatchObject({ status: 200, checkpoint: { size } })
        const root = Uint8Array.from(rootAt(size))
        root[seed % 32] = (root[seed % 32] ?? 0) ^ 1
        // From the empty tree any tree may follow, if it is not empty itself.
        const forked = judge({ ...request, checkpoint: checkpointAt(size, root) }, old === 0 ? null : old)
        expect(forked.status).toBe(old === 0 && size > 0 ? 200 : 422)
      }),
      { numRuns: 60 },
    )
  })

  const stranger = signerOf(signingKey(ORIGIN, new Uint8Array(32).fill(9)))
  const forged = checkpointAt(7).replace('\n7\n', '\n8\n')
  const proof = proofOf(3, 7)
  const spoilt = proof.map((hash, i) => (i === 0 ? sha256(hash) : hash))

  test.each<[string, WitnessVerdict, WitnessVerdict]>([
    ['404 for a log it does not know', judge(requestOf(0, 7), null, []), { status: 404 }],
    [
      '403 where no trusted key signed',
      judge(requestOf(0, 7, { checkpoint: checkpointAt(7, rootAt(7), stranger) }), null),
      { status: 403 },
    ],
    [
      '403 where the signature of a trusted key does not verify',
      judge(requestOf(0, 7, { checkpoint: forged }), null),
      { status: 403 },
    ],
    ['403 before it looks at sizes', judge(requestOf(9, 9, { checkpoint: forged }), 3), { status: 403 }],
    ['400 for an old size above the checkpoint', judge(requestOf(3, 7, { old: 8 }), 8), { status: 400 }],
    ['400 for that also where it has seen another size', judge(requestOf(3, 7, { old: 8 }), 3), { status: 400 }],
    ['409 with its size where it has seen more', judge(requestOf(3, 7), 5), { status: 409, size: 5 }],
    ['409 with its size where it has seen less', judge(requestOf(3, 7), 2), { status: 409, size: 2 }],
    ['409 with 0 where it has seen nothing', judge(requestOf(3, 7), null), { status: 409, size: 0 }],
    ['409 to who asks for its size with 0', judge(requestOf(0, 7), 7), { status: 409, size: 7 }],
    ['422 for a proof from nothing', judge(requestOf(0, 7, { proof }), null), { status: 422 }],
    ['422 for a proof that does not verify', judge(requestOf(3, 7, { proof: spoilt }), 3), { status: 422 }],
    ['422 for no proof', judge(requestOf(3, 7, { proof: [] }), 3), { status: 422 }],
    ['422 for a hash too many', judge(requestOf(3, 7, { proof: [...proof, EMPTY_ROOT] }), 3), { status: 422 }],
    [
      '422 for another root at the same size',
      judge(requestOf(7, 7, { checkpoint: checkpointAt(7, rootAt(6)) }), 7),
      { status: 422 },
    ],
    ['422 for a proof at the same size', judge(requestOf(7, 7, { proof }), 7), { status: 422 }],
    [
      '422 for an empty tree with another root',
      judge(requestOf(0, 0, { checkpoint: checkpointAt(0, rootAt(1)) }), null),
      { status: 422 },
    ],
    ['422 for an empty tree with a proof', judge(requestOf(0, 0, { proof }), null), { status: 422 }],
  ])('answers %s', (_, verdict, expected) => {
    expect(verdict).toEqual(expected)
  })

  test('cosigns the same tree again, an empty one, and one with extension lines', () => {
    expect(judge(requestOf(7, 7), 7)).toMatchObject({ status: 200 })
    expect(judge(requestOf(0, 0), null)).toMatchObject({ status: 200 })
    expect(judge(requestOf(0, 0), 0)).toMatchObject({ status: 200 })
    const checkpoint = signCheckpoint({ origin: ORIGIN, size: 7, root: rootAt(7), extensions: ['more'] }, [
      signerOf(logKey),
    ])
    expect(judge(requestOf(3, 7, { checkpoint }), 3)).toMatchObject({
      status: 200,
      checkpoint: { extensions: ['more'] },
    })
  })
})

describe("a witness's answer", () => {
  const seed = new Uint8Array(32).fill(5)
  const key = signingKey('witness.example/w1', seed)
  const witness = verifierKey(key.name, key.publicKey, KEY_TYPES.cosignature)
  const cosigner: Signer = { ...signerOf(key), keyId: witness.keyId, type: KEY_TYPES.cosignature }
  const note = checkpointAt(7)
  const { text } = parseNote(note)
  const answer = (time = 1_700_000_000, signed = text): string =>
    formatSignatureLines(signatures(signed, [cosigner], time))
  /** The answer with another time before its signature. */
  const moved = (lines: string): string => {
    const [line] = parseSignatureLines(lines)
    const signature = Uint8Array.from(line!.signature)
    signature[7] = (signature[7] ?? 0) ^ 1
    return formatSignatureLines([{ ...line!, signature }])
  }
  const other = formatSignatureLines(signatures(text, [signerOf(logKey)], null))

  test('joins the note, once', () => {
    const cosigned = addCosignatures(note, answer(), [witness], PORTABLE)
    expect(openNote(cosigned, [...trusted, witness]).verified).toMatchObject([{ time: null }, { time: 1_700_000_000 }])
    expect(addCosignatures(cosigned, answer(1_700_000_001), [witness], PORTABLE)).toBe(cosigned)
  })

  test('adds one line for a key, however many it has: there is room for the other witnesses', () => {
    const many = Array.from({ length: 6 }, (_, i) => answer(1_700_000_000 + i)).join('')
    expect(addCosignatures(note, many, [witness], PORTABLE)).toBe(addCosignatures(note, answer(), [witness], PORTABLE))
  })

  test('has lines of unknown keys ignored', () => {
    const cosigned = addCosignatures(note, utf8(other + answer()), [witness], PORTABLE)
    expect(parseNote(cosigned).signatures).toHaveLength(2)
  })

  test.each([
    ['nothing', ''],
    ['no newline', 'x'],
    ['only unknown keys', other],
    ['a signature of another checkpoint', answer(1, parseNote(checkpointAt(8)).text)],
    ['a signature without a time', answer(0)],
    ['a text before', `text\n\n${answer()}`],
    ['a changed time', moved(answer())],
  ])('is refused as a whole: %s', (_, lines) => {
    expect(() => addCosignatures(note, lines, [witness], PORTABLE)).toThrow(refused)
  })

  test('of the log itself is no cosignature', () => {
    const own = verifierKey(logKey.name, logKey.publicKey)
    expect(() => addCosignatures(note, other, [own], PORTABLE)).toThrow(refused)
    expect(() => addCosignatures(note, concat(Uint8Array.of(0xff)), [own], PORTABLE)).toThrow(refused)
  })
})
