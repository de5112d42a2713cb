import { createSecretKey } from 'node:crypto'
import { DoverieError } from '@doverie/core/base'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type KeyPlace, unwrapBound, unwrapPersonKey, wrapBound, wrapPersonKey } from './bound-key.ts'
import { wrapKey } from './wrap.ts'

const ANNA = '11111111-1111-4111-8111-111111111111'
const BORIS = '22222222-2222-4222-8222-222222222222'
const cell = createSecretKey(Buffer.alloc(32, 1))
const key = Buffer.alloc(32, 9)
const place: KeyPlace = { subject: ANNA, compartment: 'contact', generation: 2 }
const wrapped = wrapPersonKey(cell, key, place)

/** The key, or what the fault names. */
function outcome(bytes: Uint8Array, at: KeyPlace = place, under = cell): unknown {
  try {
    return unwrapPersonKey(under, bytes, at).toString('hex')
  } catch (error) {
    if (!(error instanceof DoverieError) || error.code !== 'sealed-value-damaged') throw error
    return error.details['what']
  }
}

describe('a person’s wrapped key', () => {
  it('opens in its own place', () => {
    expect(outcome(wrapped)).toBe(key.toString('hex'))
    expect(wrapped.length).toBe(73)
  })

  it.each<[string, Partial<KeyPlace>]>([
    ['person', { subject: BORIS }],
    ['compartment', { compartment: 'payment' }],
    ['generation', { generation: 1 }],
  ])('put in the place of another %s is named so', (what, change) => {
    expect(outcome(wrapped, { ...place, ...change })).toBe(what)
  })

  it('put into another cell is named as not verifying', () => {
    expect(outcome(wrapped, place, createSecretKey(Buffer.alloc(32, 2)))).toBe('wrapping')
  })

  it('refuses any flipped bit and any truncation, and names them', () => {
    for (let bit = 0; bit < wrapped.length * 8; bit++) {
      const bad = Buffer.from(wrapped)
      bad[bit >> 3] = (bad[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect([bit, outcome(bad)]).toEqual([bit, bit < 8 ? 'format' : 'wrapping'])
    }
    for (let length = 0; length < wrapped.length; length++) {
      expect([length, outcome(wrapped.subarray(0, length))]).toEqual([length, length < 40 ? 'truncated' : 'wrapping'])
    }
  })

  it('of the former format still opens', () => {
    expect(outcome(wrapKey(cell, key))).toBe(key.toString('hex'))
  })

  it('of the former format that holds something else than a key does not', () => {
    expect(outcome(wrapKey(cell, Buffer.alloc(31, 9)))).toBe('truncated')
  })
})

describe('a bound key', () => {
  it('opens to what was wrapped in the place it was wrapped for, and in no other', () => {
    const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 })
    fc.assert(
      fc.property(bytes, bytes, fc.string(), fc.string(), (wrapping, inner, here, there) => {
        const over = createSecretKey(wrapping)
        const sealed = wrapBound(over, inner, Buffer.from(here))
        expect(unwrapBound(over, sealed, Buffer.from(here)).equals(inner)).toBe(true)
        if (here !== there) expect(() => unwrapBound(over, sealed, Buffer.from(there))).toThrow(DoverieError)
      }),
    )
  })
})
