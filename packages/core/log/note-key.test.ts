import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isDoverieError, utf8 } from '../base/index.ts'
import {
  formatSigningKey,
  formatVerifierKey,
  KEY_TYPES,
  keyId,
  parseSigningKey,
  parseVerifierKey,
  signingKey,
  verifierKey,
} from './note-key.ts'

interface Vectors {
  readonly ed25519_notes: readonly { readonly vkey: string; readonly skey?: string }[]
  readonly bad_vkeys: readonly string[]
  readonly cosignature_vkeys_0x04: readonly string[]
  readonly tessera_testlog: { readonly vkey: string }
}

const vectors = JSON.parse(
  readFileSync(new URL('../../../vectors/tlog/signed-note-vectors.json', import.meta.url), 'utf8'),
) as Vectors

const good = [
  ...vectors.ed25519_notes.map(({ vkey }) => vkey),
  ...vectors.cosignature_vkeys_0x04,
  vectors.tessera_testlog.vkey,
]
const name = fc.stringMatching(/^[a-zа-я0-9./-]{1,20}$/)
const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 })

describe('verifier keys', () => {
  test.each(good)('of the vectors parse and format: %s', (vkey) => {
    const key = parseVerifierKey(vkey)
    expect(formatVerifierKey(key)).toBe(vkey)
    expect(key.type).toBe(vectors.cosignature_vkeys_0x04.includes(vkey) ? KEY_TYPES.cosignature : KEY_TYPES.ed25519)
    expect(keyId(key.name, key.type, key.publicKey)).toBe(key.keyId)
  })

  test.each(vectors.bad_vkeys)('of the vectors are rejected: %s', (vkey) => {
    expect(() => parseVerifierKey(vkey)).toThrow(expect.objectContaining({ code: 'invalid-value' }))
  })

  test('have another id for another type', () => {
    const publicKey = new Uint8Array(32).fill(1)
    expect(verifierKey('a', publicKey).keyId).not.toBe(verifierKey('a', publicKey, KEY_TYPES.cosignature).keyId)
  })

  test('parse to the key they were made from', () => {
    fc.assert(
      fc.property(
        name,
        bytes32,
        fc.constantFrom(KEY_TYPES.ed25519, KEY_TYPES.cosignature),
        (given, publicKey, type) => {
          const key = verifierKey(given, publicKey, type)
          expect(parseVerifierKey(formatVerifierKey(key))).toEqual(key)
        },
      ),
    )
  })

  test('changed in one character are never accepted as another text of the same key', () => {
    fc.assert(
      fc.property(fc.constantFrom(...good), fc.nat(), fc.string({ maxLength: 2 }), (vkey, at, piece) => {
        const cut = at % (vkey.length + 1)
        const mutated = vkey.slice(0, cut) + piece + vkey.slice(cut + 1)
        if (mutated === vkey) return
        expect(() => parseVerifierKey(mutated)).toThrow(expect.objectContaining({ code: 'invalid-value' }))
      }),
      { numRuns: 300 },
    )
  })

  test.each(['', 'a b', 'a+b', 'a\u00a0b', 'a\u2003', 'a\n', 'a\u0000', '\ud800'])('reject the name %j', (given) => {
    expect(() => verifierKey(given, new Uint8Array(32))).toThrow(expect.objectContaining({ code: 'invalid-value' }))
    expect(() => signingKey(given, new Uint8Array(32))).toThrow(expect.objectContaining({ code: 'invalid-value' }))
  })
})

describe('signing keys', () => {
  const { skey = '', vkey = '' } = vectors.ed25519_notes.find((one) => one.skey !== undefined) ?? {}

  test('of the vectors belong to their verifier key', () => {
    const key = parseSigningKey(skey)
    expect(formatVerifierKey(verifierKey(key.name, key.publicKey))).toBe(vkey)
    expect(formatSigningKey(key)).toBe(skey)
  })

  test('parse to the key they were made from', () => {
    fc.assert(
      fc.property(name, bytes32, (given, seed) => {
        const key = signingKey(given, seed)
        expect(parseSigningKey(formatSigningKey(key))).toEqual(key)
      }),
      { numRuns: 20 },
    )
  })

  test('are rejected without a word of theirs in the message', () => {
    const foreign = skey.replace('c74f20a3', 'c74f20a4')
    for (const text of ['', vkey, foreign, `${skey}\n`, skey.slice(0, -4)]) {
      try {
        parseSigningKey(text)
        expect.unreachable()
      } catch (error) {
        if (!isDoverieError(error, 'invalid-value')) throw error
        expect(JSON.stringify([error.message, error.details])).not.toContain('AYEKFALV')
      }
    }
    expect(() => signingKey('a', utf8('short'))).toThrow(expect.objectContaining({ code: 'invalid-value' }))
  })
})
