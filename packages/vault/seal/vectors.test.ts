import { createCipheriv, createDecipheriv, createHash, createHmac, createSecretKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { openXaes, sealXaes } from './xaes.ts'

interface GcmCase {
  readonly tcId: number
  readonly key: string
  readonly iv: string
  readonly aad: string
  readonly msg: string
  readonly ct: string
  readonly tag: string
  readonly result: string
}

interface MacCase {
  readonly tcId: number
  readonly key: string
  readonly msg: string
  readonly tag: string
  readonly result: string
}

interface XaesFile {
  readonly vectors: readonly Readonly<
    Record<'key_hex' | 'nonce_ascii' | 'plaintext_ascii' | 'aad_ascii' | 'ciphertext_hex', string>
  >[]
  readonly accumulated: { readonly n10000: string }
}

const vectors = <T>(path: string): T =>
  JSON.parse(readFileSync(new URL(`../../../vectors/${path}`, import.meta.url), 'utf8')) as T
const hex = (text: string): Buffer => Buffer.from(text, 'hex')

interface Groups<T> {
  readonly testGroups: readonly {
    readonly keySize: number
    readonly ivSize?: number
    readonly tagSize: number
    readonly tests: readonly T[]
  }[]
}

describe('the platform’s ciphers, as values are sealed with them', () => {
  it('are AES-256-GCM by every vector of Wycheproof with 96-bit nonces and full tags', () => {
    const groups = vectors<Groups<GcmCase>>('wycheproof/aes_gcm_test.json').testGroups
    const cases = groups
      .filter((g) => g.keySize === 256 && g.ivSize === 96 && g.tagSize === 128)
      .flatMap((g) => g.tests)
    expect(cases.length).toBe(66)
    for (const { tcId, key, iv, aad, msg, ct, tag, result } of cases) {
      const decipher = createDecipheriv('aes-256-gcm', createSecretKey(hex(key)), hex(iv))
      decipher.setAAD(hex(aad)).setAuthTag(hex(tag))
      const plain = decipher.update(hex(ct))
      const finish = (): unknown => decipher.final()
      if (result === 'invalid') {
        expect(finish, String(tcId)).toThrow()
        continue
      }
      finish()
      expect([tcId, plain.toString('hex')]).toEqual([tcId, msg])
      const cipher = createCipheriv('aes-256-gcm', createSecretKey(hex(key)), hex(iv)).setAAD(hex(aad))
      expect([tcId, cipher.update(hex(msg)).toString('hex')]).toEqual([tcId, ct])
      cipher.final()
      expect([tcId, cipher.getAuthTag().toString('hex')]).toEqual([tcId, tag])
    }
  })

  it('are HMAC-SHA-256 by every vector of Wycheproof', () => {
    const groups = vectors<Groups<MacCase>>('wycheproof/hmac_sha256_test.json').testGroups
    const cases = groups.flatMap(({ tests, tagSize }) => tests.map((test) => ({ ...test, tagSize })))
    expect(cases.length).toBe(174)
    for (const { tcId, key, msg, tag, result, tagSize } of cases) {
      const made = createHmac('sha256', hex(key))
        .update(hex(msg))
        .digest()
        .subarray(0, tagSize / 8)
      expect([tcId, made.toString('hex') === tag]).toEqual([tcId, result !== 'invalid'])
    }
  })
})

describe('XAES-256-GCM', () => {
  const file = vectors<XaesFile>('crypto/xaes-256-gcm.json')

  it('seals and opens as the vectors of C2SP say', () => {
    expect(file.vectors.length).toBe(2)
    for (const vector of file.vectors) {
      const key = createSecretKey(hex(vector.key_hex))
      const [nonce, plain, aad] = [vector.nonce_ascii, vector.plaintext_ascii, vector.aad_ascii].map((t) =>
        Buffer.from(t),
      )
      if (nonce === undefined || plain === undefined || aad === undefined) throw new Error('no vector')
      const sealed = sealXaes(key, nonce, plain, aad)
      expect(sealed.toString('hex')).toBe(vector.ciphertext_hex)
      expect(openXaes(key, nonce, sealed, aad).equals(plain)).toBe(true)
      const bad = Buffer.from(sealed)
      bad[0] = (bad[0] ?? 0) ^ 1
      expect(() => openXaes(key, nonce, bad, aad)).toThrow(expect.objectContaining({ code: 'sealed-value-damaged' }))
      expect(() => openXaes(key, nonce, sealed, Buffer.from('other'))).toThrow()
    }
  })

  it('gives the accumulated hash of ten thousand sealings', () => {
    const stream = createHash('shake128', { outputLength: 6_000_000 }).digest()
    let at = 0
    const take = (length: number): Buffer => stream.subarray(at, (at += length))
    const sum: Buffer[] = []
    for (let i = 0; i < 10_000; i++) {
      const key = createSecretKey(take(32))
      const nonce = take(24)
      const plain = take(take(1)[0] ?? 0)
      const aad = take(take(1)[0] ?? 0)
      sum.push(sealXaes(key, nonce, plain, aad))
    }
    const all = createHash('shake128', { outputLength: 32 }).update(Buffer.concat(sum))
    expect(all.digest('hex')).toBe(file.accumulated.n10000)
  })
})
