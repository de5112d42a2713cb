import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DoverieError, fromHex, fromUtf8, hex } from '../base/index.ts'
import { commitment, commitmentInput, ENTRY_DOMAIN, SALT_SIZE } from './entry.ts'

const salt = fc.uint8Array({ minLength: SALT_SIZE, maxLength: SALT_SIZE })
const body = fc.string({ unit: 'binary' })

test('commits to domain, salt and body, byte for byte', () => {
  const input = commitmentInput(new Uint8Array(32).fill(0x73), '{"в":1}')
  expect(fromUtf8(input)).toBe(`${ENTRY_DOMAIN}${'s'.repeat(32)}{"в":1}`)
})

test('gives a fixed vector, so that the format cannot drift', () => {
  // sha256sum of the bytes "doverie/entry/v1\n", 32 zero bytes, "{}"
  expect(commitment(new Uint8Array(32), '{}')).toEqual(
    fromHex('674b9285d01ae42a75bc01f7e465ddb8861b77a96c503c20c1cd4579e41da4ee'),
  )
})

test('differs wherever salt or body differ', () => {
  fc.assert(
    fc.property(salt, body, salt, body, (salt1, body1, salt2, body2) => {
      const same = hex(salt1) === hex(salt2) && body1 === body2
      return same === (hex(commitment(salt1, body1)) === hex(commitment(salt2, body2)))
    }),
  )
})

test('rejects a salt of another length', () => {
  for (const length of [0, 31, 33, 64]) expect(() => commitment(new Uint8Array(length), '{}')).toThrow(DoverieError)
})

test('rejects a body that has no UTF-8 of its own', () => {
  expect(() => commitment(new Uint8Array(32), '{"a":"\ud800"}')).toThrow(DoverieError)
})
