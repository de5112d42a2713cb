import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BLOCK_REASONS, type Facts, REPRESENTATIVE_KINDS } from '../../base/index.ts'
import { decide } from '../decide.ts'
import { netrack } from '../testing/netrack.ts'
import { holds, isKept } from './conditions.ts'
import { draftOf } from './situations.ts'
import { spaceOf } from './space.ts'
import { allValuesOf, axesAsked } from './values.ts'
import { actOf, blank, DAY, type Draft, type Frame, NOW, REPRESENTATIVE } from './witness.ts'

const policy = netrack()
const space = spaceOf(policy)
const purposes = [...policy.purposes.keys()]
const entities = [...policy.entities.keys()]
const instants = fc.integer({ min: NOW - 2000 * DAY, max: NOW + 60 * DAY })

const facts: fc.Arbitrary<Required<Facts>> = fc.record({
  state: fc.constant('live' as const),
  held: fc.constant([...policy.compartments.keys()]),
  dying: fc.constant([]),
  // Which fields hold something decides nothing: `excess` proposes by it.
  fields: fc.constant({}),
  collectedAt: fc.integer({ min: NOW - 60 * DAY, max: NOW }),
  confirmedAt: fc.option(instants),
  // That the person looked at it, was here, or has a mailbox that is gone decides nothing.
  reviewedAt: fc.option(instants),
  reviewAskedAt: fc.option(instants),
  seenAt: fc.option(instants),
  bounced: fc.subarray(['email']),
  proved: fc.subarray(['email', 'phone']),
  blocked: fc.option(fc.record({ since: instants, reason: fc.constantFrom(...BLOCK_REASONS) })),
  // Who holds a stop decides nothing.
  blocks: fc.constant([]),
  contracts: fc.array(
    fc.record({
      id: fc.uuid(),
      entity: fc.constantFrom(...entities),
      service: fc.constantFrom(...policy.services.keys()),
      since: instants,
      endedAt: fc.option(instants),
    }),
    { maxLength: 3 },
  ),
  consents: fc.array(
    fc.record({
      purpose: fc.constantFrom(...purposes),
      entity: fc.constantFrom(...entities),
      since: instants,
      until: fc.option(instants),
    }),
    { maxLength: 12 },
  ),
  consentEndedAt: fc.option(instants),
  closed: fc.dictionary(
    fc.constantFrom(...policy.fields.keys()),
    fc.array(fc.constantFrom('*', ...purposes), { minLength: 1 }),
  ),
  opened: fc.constant([]),
  // What is public is decided like any other opening, each time.
  publications: fc.constant([]),
  age: fc.constantFrom(null, 'adult' as const, 'minor' as const),
  representatives: fc.array(
    fc.record({
      id: fc.constantFrom(REPRESENTATIVE, '00000000-0000-4000-8000-000000000002'),
      kind: fc.constantFrom(...REPRESENTATIVE_KINDS),
      since: instants,
      until: fc.option(instants),
    }),
    { maxLength: 2 },
  ),
  hold: fc.option(instants),
  // Which cases hold the data decides nothing.
  holds: fc.constant([]),
  erasure: fc.constant(null),
})

const people: fc.Arbitrary<Draft> = fc.record({
  known: fc.constant(true),
  ticket: fc.boolean(),
  recipient: fc.option(fc.constantFrom(...policy.recipients.keys())),
  now: fc.constant(NOW),
  facts,
})

const points = fc
  .constantFrom(...space.acts.classes)
  .chain((act) => fc.constantFrom(...act.points).map((point) => ({ act, point })))

/** What the rules of a class ask, answered. */
function answers(frame: Frame, draft: Draft): string {
  return frame.asks.map((one) => (holds(frame, one, draft) ? '1' : '0')).join('')
}

describe('the classes of the space', () => {
  it('stand for every person and every act: what decide says of the witness it says of all', () => {
    let permits = 0
    fc.assert(
      fc.property(points, people, ({ act, point }, someone) => {
        const draft = point.operation.startsWith('transfer:') ? someone : { ...someone, recipient: null }
        const table = space.table(act)
        const frame = { ...table.frame, point }
        const permitted = decide(policy, actOf(point, draft), draft.facts).effect === 'permit'
        const like = answers(frame, draft)
        const stands = table.permitted.some(
          (one) => one.presence.id === 'there' && answers(table.frame, draftOf(table.frame, one)) === like,
        )
        if (permitted) permits++
        expect(stands).toBe(permitted)
      }),
      { numRuns: 4000 },
    )
    expect(permits).toBeGreaterThan(200)
  })

  it('hold every value that there is a witness for, each answered as the one that stands for it', () => {
    for (const act of space.acts.classes) {
      const { frame, axes, values } = space.table(act)
      expect(axes).toEqual(axesAsked(act.asks))
      for (const [i, axis] of axes.entries()) {
        const told = new Set((values[i] ?? []).map((value) => kindOf(frame, value.set)))
        for (const value of allValuesOf(frame, axis)) expect(told.has(kindOf(frame, value.set))).toBe(true)
      }
    }
  })

  it('leave no act out', () => {
    const { classes, barred } = space.acts
    const open = classes.reduce((sum, act) => sum + act.points.length, 0)
    const closed = barred.reduce((sum, { data }) => sum + data.length, 0)
    const { actors, fields } = policy
    expect(open + closed).toBe(actors.size * 16 * purposes.length * entities.length * (fields.size + 1))
  })
})

function kindOf(frame: Frame, set: (draft: Draft) => void): string {
  const draft = blank(policy)
  set(draft)
  const kept = (['contract', 'consent', 'hold'] as const).map((kind) => isKept(frame, draft, kind))
  const asked = frame.asks.some(({ is }) => is === 'not-retained') ? kept.join() : ''
  return `${frame.asks
    .filter(({ is }) => is !== 'not-retained')
    .map((one) => holds(frame, one, draft))
    .join()} ${asked}`
}
