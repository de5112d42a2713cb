import { createPrivateKey, sign as nodeSign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { base64, concat, fromHex, isDoverieError, utf8 } from '../base/index.ts'
import { formatNote, MAX_NOTE_SIZE, MAX_SIGNATURES, type NoteSignature, openNote, parseNote, signNote } from './note.ts'
import {
  KEY_TYPES,
  parseSigningKey,
  parseVerifierKey,
  type Signer,
  signerOf,
  signingKey,
  type VerifierKey,
  verifierKey,
} from './note-key.ts'

interface Vectors {
  readonly ed25519_notes: readonly { readonly vkey: string; readonly skey?: string; readonly note: string }[]
}

const vectors = JSON.parse(
  readFileSync(new URL('../../../vectors/tlog/signed-note-vectors.json', import.meta.url), 'utf8'),
) as Vectors

const refused = expect.objectContaining({ code: 'invalid-value' }) as unknown as Error
const keyA = signingKey('example.org/a', new Uint8Array(32).fill(1))
const keyB = signingKey('example.org/b', new Uint8Array(32).fill(2))
const trustA = verifierKey(keyA.name, keyA.publicKey)
const trustB = verifierKey(keyB.name, keyB.publicKey)
const signerA = signerOf(keyA)
const signerB = signerOf(keyB)

/** Another party's line under an existing note. */
function withLine(note: string, line: NoteSignature): string {
  const { text, signatures } = parseNote(note)
  return formatNote({ text, signatures: [...signatures, line] })
}

describe('notes of the vectors', () => {
  test.each(vectors.ed25519_notes)('open and format: $vkey', ({ vkey, note }) => {
    const key = parseVerifierKey(vkey)
    const opened = openNote(utf8(note), [key])
    expect(note.startsWith(`${opened.text}\n\u2014 `)).toBe(true)
    expect(opened.verified).toEqual([{ name: key.name, keyId: key.keyId, type: KEY_TYPES.ed25519, time: null }])
    expect(formatNote(parseNote(note))).toBe(note)
  })

  test('are signed again to the same bytes', () => {
    const { skey = '', note = '' } = vectors.ed25519_notes.find((one) => one.skey !== undefined) ?? {}
    expect(signNote(parseNote(note).text, [signerOf(parseSigningKey(skey))])).toBe(note)
  })
})

describe('opening', () => {
  test('ignores unknown signers, and needs a known one', () => {
    const note = signNote('text\n', [signerA, signerB])
    expect(openNote(note, [trustB]).verified.map(({ name }) => name)).toEqual([keyB.name])
    expect(openNote(note, [trustA, trustB]).verified).toHaveLength(2)
    expect(() => openNote(note, [])).toThrow(refused)
    const stranger = signingKey('example.org/a', new Uint8Array(32).fill(3))
    expect(() => openNote(note, [verifierKey(stranger.name, stranger.publicKey)])).toThrow(refused)
  })

  test('rejects the note where one known signature does not verify', () => {
    const note = withLine(signNote('text\n', [signerA]), {
      name: keyB.name,
      keyId: keyB.keyId,
      signature: signerB.sign(utf8('another text\n')),
    })
    expect(openNote(note, [trustA]).verified).toHaveLength(1)
    expect(() => openNote(note, [trustA, trustB])).toThrow(refused)
    const short = withLine(signNote('text\n', [signerA]), { ...trustB, signature: new Uint8Array(63) })
    expect(() => openNote(short, [trustA, trustB])).toThrow(refused)
  })

  test('takes a signature of the platform for one of its own', () => {
    const pkcs8 = concat(fromHex('302e020100300506032b657004220420')!, keyA.seed)
    const key = createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' })
    const signer: Signer = { ...signerA, sign: (message) => nodeSign(null, message, key) }
    expect(signNote('text\n', [signer])).toBe(signNote('text\n', [signerA]))
  })

  test('fails for any other text or signature', () => {
    const note = signNote('Привет\n\n12\n', [signerA])
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 0, max: 7 }), (seed, bit) => {
        const bytes = utf8(note)
        const at = seed % bytes.length
        bytes[at] = (bytes[at] ?? 0) ^ (1 << bit)
        expect(() => openNote(bytes, [trustA])).toThrow(refused)
      }),
      { numRuns: 300 },
    )
  })

  test('rejects a key of small order, whatever the signature', () => {
    const identity = new Uint8Array(32)
    identity[0] = 1
    const weak = verifierKey('weak', identity)
    const signature = concat(identity, new Uint8Array(32))
    const note = formatNote({ text: 'text\n', signatures: [{ ...weak, signature }] })
    expect(() => openNote(note, [weak])).toThrow(refused)
    const noPoint = verifierKey('weak', new Uint8Array(32).fill(0xff))
    expect(() => openNote(formatNote({ text: 'text\n', signatures: [{ ...noPoint, signature }] }), [noPoint])).toThrow(
      refused,
    )
  })
})

describe('cosignatures', () => {
  const trust: VerifierKey = verifierKey(keyB.name, keyB.publicKey, KEY_TYPES.cosignature)
  const text = 'example.org/log\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n'

  function cosign(time: bigint, signed = time): string {
    const stamp = new Uint8Array(8)
    new DataView(stamp.buffer).setBigUint64(0, time)
    const signature = signerB.sign(utf8(`cosignature/v1\ntime ${signed}\n${text}`))
    return withLine(signNote(text, [signerA]), { ...trust, signature: concat(stamp, signature) })
  }

  test('verify with their time', () => {
    expect(openNote(cosign(1679315147n), [trustA, trust]).verified[1]).toEqual({
      name: trust.name,
      keyId: trust.keyId,
      type: KEY_TYPES.cosignature,
      time: 1679315147,
    })
  })

  test('are rejected at another time, over the bare text, or beyond any time', () => {
    expect(() => openNote(cosign(1679315147n, 1679315148n), [trust])).toThrow(refused)
    expect(() => openNote(cosign(2n ** 63n), [trust])).toThrow(refused)
    const plain = withLine(signNote(text, [signerA]), { ...trust, signature: signerB.sign(utf8(text)) })
    expect(() => openNote(plain, [trustA, trust])).toThrow(refused)
  })
})

describe('parsing', () => {
  const line = fc.record({
    name: fc.stringMatching(/^[a-zа-я0-9./-]{1,12}$/),
    keyId: fc.stringMatching(/^[0-9a-f]{8}$/),
    signature: fc.uint8Array({ minLength: 1, maxLength: 80 }),
  })
  const text = fc
    .array(
      fc.string({ unit: 'grapheme' }).map((part) => part.replaceAll(/[^\P{Cc}\u007f-\u009f]/gu, '')),
      { maxLength: 5 },
    )
    .map((lines) => `${lines.join('\n')}\n`)
  const anyNote = fc.record({ text, signatures: fc.array(line, { minLength: 1, maxLength: 4 }) })

  test('gives back what was formatted', () => {
    fc.assert(
      fc.property(anyNote, (note) => {
        expect(parseNote(formatNote(note))).toEqual(note)
      }),
    )
  })

  test('accepts no second spelling of a note', () => {
    const piece = fc.constantFrom('', '\n', ' ', '=', '\u2014 ', '+', '\r', '\u0000', 'A', '\ufeff', '\ud800')
    fc.assert(
      fc.property(anyNote, fc.nat(), piece, (note, seed, inserted) => {
        const whole = formatNote(note)
        const at = seed % (whole.length + 1)
        const mutated = whole.slice(0, at) + inserted + whole.slice(at + (inserted === '' ? 1 : 0))
        try {
          expect(formatNote(parseNote(mutated))).toBe(mutated)
        } catch (error) {
          if (!isDoverieError(error, 'invalid-value')) throw error
        }
      }),
      { numRuns: 500 },
    )
  })

  const signed = `\u2014 a ${base64(new Uint8Array(68))}\n`

  test.each([
    ['nothing', ''],
    ['no signature', 'text\n\n'],
    ['no separator', `text\n${signed}`],
    ['no text', `\n${signed}`],
    ['no last newline', `text\n\n${signed}`.slice(0, -1)],
    ['a carriage return', `text\r\n\n${signed}`],
    ['a hyphen for the dash', `text\n\n${signed.replace('\u2014', '-')}`],
    ['no key name', `text\n\n\u2014  ${base64(new Uint8Array(68))}\n`],
    ['a space in the name', `text\n\n\u2014 a\u2003b ${base64(new Uint8Array(68))}\n`],
    ['a key id without a signature', `text\n\n\u2014 a ${base64(new Uint8Array(4))}\n`],
    ['loose bits in base64', `text\n\n\u2014 a AAAAAAB=\n`],
    ['too many signatures', `text\n\n${signed.repeat(MAX_SIGNATURES + 1)}`],
    ['too many bytes', `${'я'.repeat(MAX_NOTE_SIZE / 2)}\n\n${signed}`],
  ])('rejects %s', (_, note) => {
    expect(() => parseNote(note)).toThrow(refused)
    expect(() => parseNote(utf8(note))).toThrow(refused)
  })

  test('rejects bytes that are not UTF-8', () => {
    expect(() => parseNote(concat(Uint8Array.of(0xff), utf8(`\n\n${signed}`)))).toThrow(refused)
  })

  test('accepts as many signatures as the format asks for', () => {
    expect(parseNote(`text\n\n${signed.repeat(16)}`).signatures).toHaveLength(16)
  })
})

describe('formatting', () => {
  test.each(['text', '', 'a\tb\n', 'a\u0000\n', '\ud800\n'])('refuses to sign the text %j', (text) => {
    expect(() => signNote(text, [signerA])).toThrow(refused)
  })

  test('refuses a note without signatures, with a bad name, id or signature', () => {
    const one = { ...trustA, signature: new Uint8Array(64) }
    expect(() => signNote('text\n', [])).toThrow(refused)
    for (const bad of [
      { ...one, name: 'a b' },
      { ...one, keyId: '123' },
      { ...one, signature: new Uint8Array(0) },
    ]) {
      expect(() => formatNote({ text: 'text\n', signatures: [bad] })).toThrow(refused)
    }
  })
})
