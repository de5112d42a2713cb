import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hex, isDoverieError } from '../base/index.ts'
import { decodeBundle, encodeBundle, MAX_ENTRY_SIZE } from './bundle.ts'

const entries = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 256 })

test('decodes to the entries it was made from', () => {
  fc.assert(
    fc.property(entries, (list) => {
      expect(decodeBundle(encodeBundle(list))).toEqual(list)
    }),
  )
})

test('carries the longest entry', () => {
  const longest = new Uint8Array(MAX_ENTRY_SIZE).fill(7)
  expect(decodeBundle(encodeBundle([longest]))).toEqual([longest])
})

test('rejects to encode no entries, too many, or one that is too long', () => {
  for (const list of [[], Array.from({ length: 257 }, () => new Uint8Array(1)), [new Uint8Array(MAX_ENTRY_SIZE + 1)]]) {
    expect(() => encodeBundle(list)).toThrow(expect.objectContaining({ code: 'invalid-value' }))
  }
})

test('accepts only bytes that encode again to themselves', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.tuple(entries, fc.nat(), fc.nat({ max: 255 })).map(([list, at, value]) => {
      const mutated = encodeBundle(list)
      mutated[at % mutated.length] = value
      return mutated
    }),
    fc.tuple(entries, fc.nat()).map(([list, at]) => {
      const whole = encodeBundle(list)
      return whole.subarray(0, at % whole.length)
    }),
  )
  fc.assert(
    fc.property(bytes, (given) => {
      try {
        expect(hex(encodeBundle(decodeBundle(given)))).toBe(hex(given))
      } catch (error) {
        if (!isDoverieError(error, 'invalid-value')) throw error
      }
    }),
  )
})

test.each([
  ['no bytes', []],
  ['a cut length', [0]],
  ['a cut entry', [0, 2, 1]],
  ['bytes after the last entry', [0, 1, 1, 0]],
  ['257 entries', Array.from({ length: 514 }, () => 0)],
])('rejects %s', (_, bytes) => {
  expect(() => decodeBundle(Uint8Array.from(bytes))).toThrow(expect.objectContaining({ code: 'invalid-value' }))
})
