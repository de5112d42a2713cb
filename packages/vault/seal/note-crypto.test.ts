import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { readFileSync } from 'node:fs'
import {
  formatVerifierKey,
  KEY_TYPES,
  openNote,
  parseSigningKey,
  parseVerifierKey,
  PORTABLE,
  signatures,
  signNote,
} from '@doverie/core/log'
import { describe, expect, it } from 'vitest'
import { NODE_VERIFIERS, noteSigner, siblingSeed } from './note-crypto.ts'

const seed = Buffer.alloc(32, 5)
const NAME = 'example.org/log'
const text = 'example.org/log\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n'
const refused = expect.objectContaining({ code: 'invalid-value' }) as unknown as Error

interface Vectors {
  readonly ed25519_notes: readonly { readonly vkey: string; readonly skey?: string; readonly note: string }[]
}
const vectors = JSON.parse(
  readFileSync(new URL('../../../vectors/tlog/signed-note-vectors.json', import.meta.url), 'utf8'),
) as Vectors

describe('the platform', () => {
  it('opens the notes of the vectors as the portable verifier does', () => {
    for (const { vkey, note } of vectors.ed25519_notes) {
      const keys = [parseVerifierKey(vkey)]
      expect(openNote(note, keys, NODE_VERIFIERS)).toEqual(openNote(note, keys, PORTABLE))
    }
  })

  it('signs as the vectors do', () => {
    for (const { vkey, skey, note } of vectors.ed25519_notes) {
      if (skey === undefined) continue
      const { name, seed: secret } = parseSigningKey(skey)
      const { signer, verifier } = noteSigner(name, secret, KEY_TYPES.ed25519)
      expect(formatVerifierKey(verifier)).toBe(vkey)
      const { text: signed } = openNote(note, [verifier])
      expect(signNote(signed, [signer])).toBe(note)
    }
  })

  it.each(Object.entries(KEY_TYPES))('verifies what it signed with %s, and nothing else', (_, type) => {
    const { signer, verifier } = noteSigner(NAME, seed, type)
    const note = signNote(text, [signer], 1_700_000_000)
    const time = type === KEY_TYPES.ed25519 ? null : 1_700_000_000
    expect(openNote(note, [verifier], NODE_VERIFIERS).verified).toEqual([
      { name: NAME, keyId: verifier.keyId, type, time },
    ])
    expect(parseVerifierKey(formatVerifierKey(verifier))).toEqual(verifier)
    expect(() => openNote(note.replace('\n1\n', '\n2\n'), [verifier], NODE_VERIFIERS)).toThrow(refused)
    const other = noteSigner(NAME, siblingSeed(seed, 'other'), type).verifier
    expect(() => openNote(note, [{ ...other, keyId: verifier.keyId }], NODE_VERIFIERS)).toThrow(refused)
  })

  it('takes bytes that are no key for a key that signed nothing', () => {
    for (const type of Object.values(KEY_TYPES)) {
      const { signer, verifier } = noteSigner(NAME, seed, type)
      const broken = { ...verifier, publicKey: verifier.publicKey.subarray(1) }
      expect(() => openNote(signNote(text, [signer], 1), [broken], NODE_VERIFIERS)).toThrow(refused)
    }
  })
})

describe('ML-DSA-44', () => {
  const { signer, verifier } = noteSigner(NAME, seed, KEY_TYPES.mlDsa44)

  it('signs the structure of the specification, byte by byte', () => {
    const [line] = signatures(text, [signer], 1_679_315_147)
    const message = Buffer.concat([
      Buffer.from('subtree/v1\n\0', 'latin1'),
      Buffer.from([NAME.length]),
      Buffer.from(NAME),
      Buffer.from('00000000641850cb', 'hex'),
      Buffer.from([NAME.length]),
      Buffer.from(NAME),
      Buffer.alloc(8),
      Buffer.from('0000000000000001', 'hex'),
      Buffer.from('47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=', 'base64'),
    ])
    expect(Buffer.from(line?.signature.subarray(0, 8) ?? []).toString('hex')).toBe('00000000641850cb')
    expect(line?.signature).toHaveLength(8 + 2420)
    const spki = Buffer.concat([Buffer.from('30820532300b06096086480165030403110382052100', 'hex'), verifier.publicKey])
    const key = createPublicKey({ key: spki, format: 'der', type: 'spki' })
    expect(verify(null, message, key, line?.signature.subarray(8) ?? Buffer.alloc(0))).toBe(true)
  })

  it('does not sign extension lines, a text that is no checkpoint, or names of more than 255 bytes', () => {
    const note = signNote(text, [signer], 1)
    const extended = note.replace('uFU=\n', 'uFU=\nextension\n')
    expect(openNote(extended, [verifier], NODE_VERIFIERS).verified).toHaveLength(1)
    expect(() => signNote('text\n', [signer], 1)).toThrow(refused)
    expect(() => signNote(`${'o'.repeat(256)}${text.slice(text.indexOf('\n'))}`, [signer], 1)).toThrow(refused)
  })

  it('has no signature without a time', () => {
    for (const time of [null, -1, 0.5]) expect(() => signNote(text, [signer], time)).toThrow(refused)
  })

  it('is ignored where the verifier does not know it, and the note rejected where nothing else signed', () => {
    const log = noteSigner(NAME, siblingSeed(seed, 'log'), KEY_TYPES.ed25519)
    const both = signNote(text, [log.signer, signer], 1)
    expect(openNote(both, [log.verifier, verifier], PORTABLE).verified).toHaveLength(1)
    expect(openNote(both, [log.verifier, verifier], NODE_VERIFIERS).verified).toHaveLength(2)
    expect(() => openNote(both, [verifier], PORTABLE)).toThrow(refused)
  })

  it('verifies with a key that the platform made by itself', () => {
    const { publicKey } = generateKeyPairSync('ml-dsa-44')
    expect(publicKey.export({ format: 'der', type: 'spki' }).subarray(0, 22).toString('hex')).toBe(
      '30820532300b06096086480165030403110382052100',
    )
  })
})
