import { createHmac } from 'node:crypto'
import { canonical, hex } from '@doverie/core/base'
import { commitment } from '@doverie/core/log'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { batchOf, bodyOf, type EntryContent, makeEntry, unframe } from './entry.ts'
import { RefKey } from './ref-key.ts'
import { refusedWithoutPolicy } from './refusals.ts'

const names = fc.array(fc.string({ unit: 'grapheme', maxLength: 12 }), { maxLength: 4 })
const content: fc.Arbitrary<EntryContent> = fc.record(
  {
    act: fc.constantFrom('open', 'withdraw'),
    operation: fc.constantFrom('extract' as const, null),
    caller: fc.constantFrom(
      null,
      { kind: 'subject' as const, subject: 'x', proved: [] },
      { kind: 'staff' as const, name: 'dpo', staff: 'x', pseudonym: 'dpo-1' },
    ),
    purpose: fc.constantFrom('payment', 'оплата "x"'),
    entity: fc.constant('start'),
    fields: names,
    compartments: names,
    ticket: fc.constant('T-1'),
    decision: fc.record({
      effect: fc.constantFrom('permit' as const, 'refuse' as const),
      clauses: names,
      causes: fc.array(fc.record({ reason: fc.constantFrom('blocked' as const, 'no-rule' as const), clauses: names })),
      policy: fc.constant('netrack@1'),
      until: fc.constant(null),
    }),
    detail: fc.dictionary(fc.string({ unit: 'grapheme', maxLength: 5 }), names),
  },
  { requiredKeys: ['act', 'operation', 'caller', 'decision'] },
)

describe('a ledger entry', () => {
  it('has the canonical JSON of its members as its body', () => {
    fc.assert(
      fc.property(content, (given) => {
        const body = bodyOf(given, '00000000-0000-4000-8000-000000000000', 'ab', 5)
        expect(body).toBe(canonical(JSON.parse(body) as Parameters<typeof canonical>[0]))
      }),
    )
  })

  it('has the commitment to its salt and body as its leaf, however long it is', () => {
    for (const length of [1, 5_000, 20_000]) {
      const long = { act: 'я'.repeat(length), operation: null, caller: null, decision: refusedWithoutPolicy() }
      const [key, salt] = [new RefKey(Buffer.alloc(32, 1)), Buffer.alloc(32, 9)]
      const { leaf, framed } = makeEntry(long, 'id', key, salt, 7)
      expect(leaf).toBe(hex(commitment(salt, bodyOf(long, 'id', key.ref('id'), 7))))
      expect(unframe(framed, 1)[0]?.body).toContain(long.act)
    }
  })

  it('is found again, body for body, in the frames of its batch', () => {
    fc.assert(
      fc.property(fc.array(content, { maxLength: 6 }), (contents) => {
        const key = new RefKey(Buffer.alloc(32, 1))
        const entries = contents.map((one, i) => makeEntry(one, `id-${i}`, key, Buffer.alloc(32, i), 7))
        const frames = unframe(batchOf('b', entries).bodies, entries.length)
        expect(frames.map(({ body }) => body)).toEqual(
          contents.map((one, i) => bodyOf(one, `id-${i}`, key.ref(`id-${i}`), 7)),
        )
      }),
    )
  })
})

describe('K_ref', () => {
  it('gives references and buckets that are truncated HMAC-SHA-256', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.uuid(), (bytes, id) => {
        const key = new RefKey(bytes)
        const mac = (text: string): Buffer => createHmac('sha256', bytes).update(text).digest().subarray(0, 16)
        expect(key.ref(id)).toBe(mac(`doverie/ref/v1\n${id}`).toString('hex'))
        expect(key.bucket(86_400_000 * 3 + 5)).toEqual(mac('doverie/bucket/v1\n3'))
      }),
    )
  })
})
