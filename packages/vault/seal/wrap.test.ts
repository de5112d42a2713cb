import { createSecretKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isDoverieError } from '@doverie/core/base'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { unwrapKey, wrapKey } from './wrap.ts'

interface Vector {
  readonly tcId: number
  readonly comment: string
  readonly key: string
  readonly msg: string
  readonly ct: string
  readonly result: 'valid' | 'acceptable' | 'invalid'
}

const { testGroups } = JSON.parse(
  readFileSync(new URL('../../../vectors/wycheproof/aes_kwp_test.json', import.meta.url), 'utf8'),
) as { readonly testGroups: readonly { readonly keySize: number; readonly tests: readonly Vector[] }[] }
const vectors = testGroups.filter(({ keySize }) => keySize === 256).flatMap(({ tests }) => tests)
const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex')

function damage(work: () => unknown): boolean {
  try {
    work()
  } catch (error) {
    return isDoverieError(error, 'sealed-value-damaged')
  }
  return false
}

describe('key wrapping', () => {
  it('is AES-256 key wrap with padding, by every vector of Wycheproof', () => {
    expect(vectors.length).toBe(94)
    for (const { tcId, key, msg, ct, result } of vectors) {
      if (result === 'invalid') {
        expect([tcId, damage(() => unwrapKey(createSecretKey(bytes(key)), bytes(ct)))]).toEqual([tcId, true])
        continue
      }
      expect([tcId, wrapKey(createSecretKey(bytes(key)), bytes(msg)).toString('hex')]).toEqual([tcId, ct])
      expect([tcId, unwrapKey(createSecretKey(bytes(key)), bytes(ct)).toString('hex')]).toEqual([tcId, msg])
    }
  })

  it('refuses a wrapping with any one bit changed, cut, or under another key', () => {
    const wrapping = createSecretKey(Buffer.alloc(32, 1))
    const wrapped = wrapKey(wrapping, Buffer.alloc(32, 2))
    for (let bit = 0; bit < wrapped.length * 8; bit++) {
      const bad = Buffer.from(wrapped)
      bad[bit >> 3] = (bad[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect([bit, damage(() => unwrapKey(wrapping, bad))]).toEqual([bit, true])
    }
    for (let length = 0; length < wrapped.length; length++) {
      expect([length, damage(() => unwrapKey(wrapping, wrapped.subarray(0, length)))]).toEqual([length, true])
    }
    expect(damage(() => unwrapKey(createSecretKey(Buffer.alloc(32, 3)), wrapped))).toBe(true)
  })

  it('gives back what it wrapped, for every key of 1 to 64 bytes', () => {
    const key = fc.uint8Array({ minLength: 1, maxLength: 64 })
    const wrapping = fc.uint8Array({ minLength: 32, maxLength: 32 })
    fc.assert(
      fc.property(wrapping, key, (secret, inner) => {
        const over = createSecretKey(secret)
        expect(unwrapKey(over, wrapKey(over, inner)).equals(inner)).toBe(true)
      }),
    )
  })
})
