import type { Decision } from '@doverie/core/policy'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bodyOf, type EntryContent } from '../guard/entry.ts'
import { actOf, type RecordedAct } from './recorded-act.ts'
import { RecordedBodies } from './recorded-bodies.ts'

/** Words that a body has itself, so that one taken for another would show. */
const word = fc.constantFrom('a', 'at', 'id', 'ref', '","ref":"x', '"at":1,', ',"id":"y"', 'п')
const text = fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join(' '))
const detail = fc.dictionary(word, fc.oneof(text, fc.nat(), fc.dictionary(word, text)), { maxKeys: 3 })
const decision: fc.Arbitrary<Decision> = fc.record({
  effect: fc.constantFrom('permit' as const, 'refuse' as const),
  clauses: fc.array(text, { maxLength: 2 }),
  causes: fc.constant([{ reason: 'no-rule' as const, clauses: [] }]),
  policy: fc.constant('p@1'),
  until: fc.constant(null),
})
const content: fc.Arbitrary<EntryContent> = fc.record(
  {
    act: text,
    operation: fc.constantFrom('use' as const, null),
    caller: fc.constantFrom(null, { kind: 'staff' as const, name: 'dpo', staff: 's', pseudonym: 'd","ref":"1' }),
    decision,
    detail,
    purpose: text,
    entity: text,
    fields: fc.array(text, { maxLength: 2 }),
    ticket: fc.constantFrom('T-1', 'T-2'),
  },
  { requiredKeys: ['act', 'operation', 'caller', 'decision'] },
)
const written = fc.record({
  content,
  id: fc.uuid(),
  ref: fc.integer({ min: 0 }).map((n) => n.toString(16).padStart(32, '0')),
  at: fc.nat(2_000_000_000_000),
})

describe('a recorded body', () => {
  it('is read as JSON would read it, however many alike went before', () => {
    fc.assert(
      fc.property(fc.array(written, { maxLength: 20 }), (list) => {
        const bodies = new RecordedBodies()
        for (const one of [...list, ...list.map((again) => ({ ...again, at: again.at + 1, id: 'f'.repeat(36) }))]) {
          const body = bodyOf(one.content, one.id, one.ref, one.at)
          const parsed = JSON.parse(body) as RecordedAct & { readonly ref: string }
          const { kind, at } = bodies.read(body)
          expect(at).toBe(parsed.at)
          expect({ ...kind.entry, at, id: parsed.id, ref: parsed.ref }).toEqual(parsed)
          const act = actOf(parsed)
          expect(kind.act === null ? null : { ...kind.act, now: at }).toEqual(act)
        }
      }),
    )
  })
})
