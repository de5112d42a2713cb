import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isDoverieError } from '@doverie/core/base'
import { type FramedEntry, pack, unpack } from './pack.ts'

const bytes = (length: number): fc.Arbitrary<Buffer> =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((some) => Buffer.from(some))
const entry: fc.Arbitrary<FramedEntry> = fc.record({
  bucket: bytes(16),
  salt: bytes(32),
  body: fc.json().map((text) => JSON.stringify(JSON.parse(text))),
})

describe('a pack', () => {
  it('gives back exactly the entries that were put in', () => {
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 40 }), (entries) => {
        expect(unpack(pack(entries), entries.length)).toEqual(entries)
      }),
    )
  })

  it('that was cut, lengthened or is told to hold another number of entries is damaged, and says nothing else', () => {
    fc.assert(
      fc.property(
        fc.array(entry, { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 60 }),
        fc.constantFrom('cut', 'more', 'fewer', 'format'),
        (entries, by, how) => {
          const packed = pack(entries)
          const changed = how === 'cut' ? packed.subarray(0, Math.max(0, packed.length - by)) : Buffer.from(packed)
          if (how === 'format') changed[0] = 0
          const expected = entries.length + (how === 'more' ? by : how === 'fewer' ? -1 : 0)
          try {
            unpack(changed, expected)
            expect.unreachable()
          } catch (error) {
            expect(isDoverieError(error, 'ledger-inconsistent')).toBe(true)
          }
        },
      ),
    )
  })

  it('of entries that differ by their random digits takes less than a quarter of them', () => {
    const random = (length: number): Buffer => Buffer.from(crypto.getRandomValues(new Uint8Array(length)))
    const entries = Array.from({ length: 1024 }, (_, i) => ({
      bucket: random(16),
      salt: random(32),
      body: `{"act":"open","actor":{"id":"11e27ca9-b8f0-4b65-8c79-610340173795","kind":"service","name":"billing"},"at":${1_795_659_706_482 + i},"clauses":["2.2.1"],"effect":"permit","entity":"start","fields":["surname","given-name","patronymic","email","phone"],"id":"${crypto.randomUUID()}","operation":"extract","policy":"netrack@1.2.0","purpose":"identification","ref":"${random(16).toString('hex')}","v":1}`,
    }))
    const raw = entries.reduce((sum, { body }) => sum + 52 + body.length, 0)
    expect(pack(entries).length).toBeLessThan(raw / 4)
  })
})
