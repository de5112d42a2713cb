import { createCipheriv, createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { blindTag, type IndexKeys } from './blind-index.ts'

const secret = (byte: number): KeyObject => createSecretKey(Buffer.alloc(32, byte))
const keys: IndexKeys = { base: secret(1), key: secret(2) }
const next: IndexKeys = { ...keys, key: secret(3) }

describe('a blind tag', () => {
  it('is AES-256 under the epoch key of the first half of HMAC-SHA-256 of kind and value', () => {
    const mac = createHmac('sha256', keys.base).update('email|anna@example.org').digest()
    const cipher = createCipheriv('aes-256-ecb', keys.key, null).setAutoPadding(false)
    expect(blindTag(keys, 'email', 'anna@example.org')).toEqual(cipher.update(mac.subarray(0, 16)))
  })

  it('is the same for the same kind and value, and differs for any other', () => {
    const kind = fc.constantFrom('email', 'phone', 'contract-number')
    fc.assert(
      fc.property(kind, kind, fc.string(), fc.string(), (k1, k2, v1, v2) => {
        const same = k1 === k2 && v1 === v2
        expect(blindTag(keys, k1, v1).equals(blindTag(keys, k2, v2))).toBe(same)
      }),
    )
  })

  it('changes with either key, so that it tells nothing without both', () => {
    const tag = blindTag(keys, 'phone', '+79161234567')
    expect(blindTag(next, 'phone', '+79161234567').equals(tag)).toBe(false)
    expect(blindTag({ ...keys, base: secret(9) }, 'phone', '+79161234567').equals(tag)).toBe(false)
    expect(tag.length).toBe(16)
    expect(tag.toString('latin1')).not.toContain('7916')
  })
})
