import { createCipheriv } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chachaOpen, chachaSeal, gcmOpen } from './aead.ts'

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex')
const bytes = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length })
const text = fc.uint8Array({ maxLength: 300 })

describe('ChaCha20-Poly1305', () => {
  it('gives the cipher text and the tag of RFC 8439 section 2.8.2, and opens them', () => {
    const key = hex('808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f')
    const nonce = hex('070000004041424344454647')
    const associated = hex('50515253c0c1c2c3c4c5c6c7')
    const plain = Buffer.from(
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
    )
    const sealed = hex(`d31a8d34648e60db7b86afbc53ef7ec2 a4aded51296e08fea9e2b5a736ee62d6
      3dbea45e8ca9671282fafb69da92728b 1a71de0a9e060b2905d6a5b67ecd3b36
      92ddbd7f2d778b8c9803aee328091b58 fab324e4fad675945585808b4831d7bc
      3ff4def08e4b7a9de576d26586cec64b 6116 1ae10b594f09e26a7e902ecbd0600691`)
    expect(Buffer.from(chachaSeal(key, nonce, associated, plain)).equals(sealed)).toBe(true)
    expect(Buffer.from(chachaOpen(key, nonce, associated, sealed) ?? []).equals(plain)).toBe(true)
  })

  it('is the same as that of OpenSSL, and opens nothing that was changed', () => {
    fc.assert(
      fc.property(bytes(32), bytes(12), text, text, fc.nat(), (key, nonce, associated, plain, at) => {
        const cipher = createCipheriv('chacha20-poly1305', key, nonce, { authTagLength: 16 })
        cipher.setAAD(associated, { plaintextLength: plain.length })
        const theirs = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])
        expect(Buffer.from(chachaSeal(key, nonce, associated, plain)).equals(theirs)).toBe(true)
        expect(Buffer.from(chachaOpen(key, nonce, associated, theirs) ?? [1]).equals(plain)).toBe(true)
        theirs[at % theirs.length] = (theirs[at % theirs.length] ?? 0) ^ 1
        expect(chachaOpen(key, nonce, associated, theirs)).toBe(null)
        expect(chachaOpen(key, nonce, associated, theirs.subarray(0, at % 16))).toBe(null)
      }),
    )
  })
})

describe('AES-256-GCM', () => {
  it('opens what OpenSSL sealed, and nothing that was changed', () => {
    fc.assert(
      fc.property(bytes(32), bytes(12), text, text, fc.nat(), (key, nonce, associated, plain, at) => {
        const cipher = createCipheriv('aes-256-gcm', key, nonce)
        cipher.setAAD(associated)
        const sealed = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])
        expect(Buffer.from(gcmOpen(key, nonce, associated, sealed) ?? [1]).equals(plain)).toBe(true)
        sealed[at % sealed.length] = (sealed[at % sealed.length] ?? 0) ^ 1
        expect(gcmOpen(key, nonce, associated, sealed)).toBe(null)
      }),
    )
  })
})
