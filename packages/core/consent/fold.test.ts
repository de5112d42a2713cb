import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PUBLIC_BANS } from '../base/index.ts'
import { isNarrowing, newFacts, type PersonEvent } from './events.ts'
import { applyEvent } from './fold.ts'

const name = fc.constantFrom('a', 'b', 'c')
const at = fc.integer({ min: 1, max: 1_000_000 })
const event: fc.Arbitrary<PersonEvent> = fc.oneof(
  fc.record({ kind: fc.constant('collected' as const), compartments: fc.array(name), at }),
  fc.record({ kind: fc.constant('confirmed' as const), at }),
  fc.record({ kind: fc.constant('identifier-proved' as const), identifier: name, at }),
  fc.record({ kind: fc.constant('consent-given' as const), purpose: name, entity: name, until: fc.constant(null), at }),
  fc.record({ kind: fc.constant('consent-withdrawn' as const), purpose: name, entity: fc.option(name), at }),
  fc.record({ kind: fc.constant('contract-began' as const), id: name, entity: name, service: name, at }),
  fc.record({ kind: fc.constant('contract-ended' as const), id: name, at }),
  fc.record({ kind: fc.constant('blocked' as const), reason: fc.constant('unlawful' as const), at }),
  fc.record({ kind: fc.constant('unblocked' as const), at }),
  fc.record({ kind: fc.constant('field-closed' as const), field: name, purposes: fc.array(name), at }),
  fc.record({
    kind: fc.constant('made-public' as const),
    purpose: name,
    entity: name,
    fields: fc.dictionary(name, fc.subarray([...PUBLIC_BANS])),
    at,
  }),
  fc.record({ kind: fc.constant('age-declared' as const), age: fc.constantFrom('adult', 'minor'), at }),
  fc.record({
    kind: fc.constant('representative-verified' as const),
    id: name,
    representative: fc.constantFrom('parent', 'attorney'),
    until: fc.option(at),
    at,
  }),
  fc.record({ kind: fc.constant('representative-ended' as const), id: name, at }),
  fc.record({ kind: fc.constant('hold-set' as const), at }),
  fc.record({ kind: fc.constant('hold-lifted' as const), at }),
)
const fold = (events: readonly PersonEvent[]) => events.reduce(applyEvent, newFacts(0))

describe('the fold of a person’s events', () => {
  it('holds a consent exactly while it was given after its last withdrawal', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), (events) => {
        const facts = fold(events)
        for (const purpose of ['a', 'b', 'c']) {
          for (const entity of ['a', 'b', 'c']) {
            const last = events.findLast(
              (e) =>
                (e.kind === 'consent-given' && e.purpose === purpose && e.entity === entity) ||
                (e.kind === 'consent-withdrawn' && e.purpose === purpose && (e.entity === null || e.entity === entity)),
            )
            const live = facts.consents.some((c) => c.purpose === purpose && c.entity === entity)
            expect(live).toBe(last?.kind === 'consent-given')
          }
        }
      }),
    )
  })

  it('remembers the latest end of a consent, in whatever order the ends are told', () => {
    const facts = fold([
      { kind: 'consent-given', purpose: 'a', entity: 'c', until: null, at: 1 },
      { kind: 'consent-given', purpose: 'b', entity: 'c', until: null, at: 1 },
      { kind: 'consent-withdrawn', purpose: 'a', entity: null, at: 9 },
      { kind: 'consent-withdrawn', purpose: 'b', entity: null, at: 5 },
    ])
    expect(facts.consentEndedAt).toBe(9)
  })

  it('keeps the instant of the first block until it is lifted', () => {
    const facts = fold([
      { kind: 'blocked', reason: 'inaccuracy', at: 5 },
      { kind: 'blocked', reason: 'unlawful', at: 9 },
    ])
    expect(facts.blocked).toEqual({ since: 5, reason: 'inaccuracy' })
  })

  it('has public exactly what was said last under a consent that stands since, with the bans that were said', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), (events) => {
        const facts = fold(events)
        const opened = new Set<string>()
        for (const purpose of ['a', 'b', 'c']) {
          for (const entity of ['a', 'b', 'c']) {
            let consented = false
            let said: Readonly<Record<string, readonly string[]>> = {}
            for (const one of events) {
              if (one.kind === 'consent-given' && one.purpose === purpose && one.entity === entity) consented = true
              const withdrawn = one.kind === 'consent-withdrawn' && one.purpose === purpose
              if (withdrawn && (one.entity === null || one.entity === entity)) [consented, said] = [false, {}]
              const own = one.kind === 'made-public' && one.purpose === purpose && one.entity === entity
              if (own && (consented || Object.keys(one.fields).length === 0)) said = one.fields
            }
            const live = facts.publications?.find((one) => one.purpose === purpose && one.entity === entity)
            expect(Object.keys(live?.fields ?? {})).toEqual(Object.keys(said).sort())
            for (const [field, bans] of Object.entries(live?.fields ?? {})) {
              opened.add(field)
              expect(bans).toEqual([...(said[field] ?? [])].sort())
            }
          }
        }
        expect(facts.opened).toEqual([...opened].sort())
      }),
    )
  })

  it('never brings a destroyed person back, whatever event follows', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 10 }), fc.array(event, { maxLength: 10 }), (before, after) => {
        const destroyed = applyEvent(fold(before), {
          kind: 'destruction-done',
          compartments: ['a'],
          person: true,
          at: 1,
        })
        expect(destroyed.state).toBe('destroyed')
        expect(after.reduce(applyEvent, destroyed)).toEqual(destroyed)
      }),
    )
  })

  it('knows the representatives verified after their last end, the last age declared, and a hold set after its last lifting', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), (events) => {
        const facts = fold(events)
        const verified = ['a', 'b', 'c'].filter((id) => {
          const last = events.findLast(
            (e) => (e.kind === 'representative-verified' || e.kind === 'representative-ended') && e.id === id,
          )
          return last?.kind === 'representative-verified'
        })
        expect((facts.representatives ?? []).map(({ id }) => id)).toEqual(verified)
        const aged = events.findLast((e) => e.kind === 'age-declared')
        expect(facts.age).toBe(aged?.age)
        const lifted = events.findLastIndex((e) => e.kind === 'hold-lifted')
        const set = events.find((e, i) => e.kind === 'hold-set' && i > lifted)
        expect(facts.hold ?? null).toBe(set?.at ?? null)
      }),
    )
  })

  it('leaves facts without the newer members as they were where nothing of them happens', () => {
    const old = event.filter(({ kind }) => !/^(age|representative|hold)-/.test(kind))
    fc.assert(
      fc.property(fc.array(old, { maxLength: 30 }), (events) => {
        expect(Object.keys(fold(events)).filter((key) => ['age', 'representatives', 'hold'].includes(key))).toEqual([])
        const ended = fold([
          ...events,
          { kind: 'representative-ended', id: 'a', at: 1 },
          { kind: 'hold-lifted', at: 1 },
        ])
        expect(ended).toEqual(fold(events))
      }),
    )
  })

  it('counts as narrowing what may close something: an age, an authority that ended, a hold, but not its lifting', () => {
    const narrowing: readonly [PersonEvent, boolean][] = [
      [{ kind: 'age-declared', age: 'minor', at: 1 }, true],
      [{ kind: 'age-declared', age: 'adult', at: 1 }, false],
      [{ kind: 'age-declared', age: 'adult', corrects: true, at: 1 }, true],
      [{ kind: 'representative-verified', id: 'a', representative: 'parent', until: null, at: 1 }, false],
      [{ kind: 'representative-ended', id: 'a', at: 1 }, true],
      [{ kind: 'hold-set', at: 1 }, true],
      [{ kind: 'hold-confirmed', id: 'h', by: 'somebody', at: 1 }, true],
      [{ kind: 'hold-lift-asked', id: 'h', by: 'somebody', at: 1 }, false],
      [{ kind: 'hold-lifted', at: 1 }, false],
    ]
    for (const [one, is] of narrowing) expect(isNarrowing(one)).toBe(is)
  })

  it('keeps the stops of different holders apart, and counts the one that goes furthest', () => {
    const stops: readonly PersonEvent[] = [
      { kind: 'blocked', reason: 'claimed', by: 'letter', at: 1 },
      { kind: 'blocked', reason: 'unlawful', by: 'complaint', at: 2 },
    ]
    const both = fold(stops)
    expect(both.blocked).toEqual({ since: 2, reason: 'unlawful' })
    expect(fold([...stops, { kind: 'unblocked', by: 'complaint', at: 3 }]).blocked).toEqual({
      since: 1,
      reason: 'claimed',
    })
    // The operator's word lifts the operator's own stop only.
    expect(fold([...stops, { kind: 'unblocked', at: 3 }]).blocked).toEqual(both.blocked)
    const none = fold([
      ...stops,
      { kind: 'unblocked', by: 'complaint', at: 3 },
      { kind: 'unblocked', by: 'letter', at: 4 },
    ])
    expect([none.blocked, none.blocks]).toEqual([null, undefined])
  })

  it('lets a claim that is proved go further, and nothing that stands be weakened by a claim', () => {
    const proved = fold([
      { kind: 'blocked', reason: 'claimed', by: 'letter', at: 1 },
      { kind: 'blocked', reason: 'inaccuracy', by: 'letter', at: 2 },
    ])
    expect(proved.blocked).toEqual({ since: 1, reason: 'inaccuracy' })
    const operators = fold([
      { kind: 'blocked', reason: 'operator', at: 1 },
      { kind: 'blocked', reason: 'claimed', by: 'letter', at: 2 },
    ])
    expect(operators.blocked).toEqual({ since: 1, reason: 'operator' })
  })

  it('reads facts kept before stops had holders as the operator’s', () => {
    const old = { ...newFacts(0), blocked: { since: 1, reason: 'unlawful' as const } }
    const more = applyEvent(old, { kind: 'blocked', reason: 'claimed', by: 'letter', at: 2 })
    expect(more.blocked).toEqual(old.blocked)
    expect(applyEvent(more, { kind: 'unblocked', at: 3 }).blocked).toEqual({ since: 2, reason: 'claimed' })
  })

  it('marks a compartment dying at the first half of its destruction and forgets it at the second', () => {
    const begun = fold([
      { kind: 'collected', compartments: ['identity', 'contact'], at: 1 },
      { kind: 'destruction-begun', compartments: ['contact'], person: false, at: 2 },
    ])
    expect(begun).toMatchObject({ state: 'live', held: ['contact', 'identity'], dying: ['contact'] })
    const done = applyEvent(begun, { kind: 'destruction-done', compartments: ['contact'], person: false, at: 3 })
    expect(done).toMatchObject({ state: 'live', held: ['identity'], dying: [] })
  })

  it('opens a field again when the list of purposes it is closed to is empty', () => {
    const closed = fold([{ kind: 'field-closed', field: 'phone', purposes: ['b', 'a', 'a'], at: 1 }])
    expect(closed.closed).toEqual({ phone: ['a', 'b'] })
    expect(applyEvent(closed, { kind: 'field-closed', field: 'phone', purposes: [], at: 2 }).closed).toEqual({})
  })
})

it('what bounced is known until the identifier comes back or is another; the last day seen replaces the former', () => {
  const bounced: PersonEvent = { kind: 'identifier-bounced', identifier: 'email', at: 5 }
  const after = (...events: readonly PersonEvent[]) => events.reduce(applyEvent, newFacts(1))
  expect(after(bounced, bounced).bounced).toEqual(['email'])
  for (const kind of ['identifier-proved', 'identifier-changed'] as const) {
    expect(after(bounced, { kind, identifier: 'phone', at: 6 }).bounced).toEqual(['email'])
    expect(after(bounced, { kind, identifier: 'email', at: 6 })).not.toHaveProperty('bounced')
  }
  expect(after({ kind: 'seen', at: 7 }, { kind: 'seen', at: 9 }).seenAt).toBe(9)
})

describe('legal holds', () => {
  const hold = (id: string, at: number): PersonEvent => ({
    kind: 'hold-set',
    hold: { id, ground: 'a-ground', reason: 'dispute' },
    at,
  })

  it('keep until the last of them is lifted, whatever the order', () => {
    const held = [hold('a', 5), hold('b', 7)].reduce(applyEvent, newFacts(1))
    expect(held).toMatchObject({
      hold: 5,
      holds: [
        { id: 'a', since: 5 },
        { id: 'b', since: 7 },
      ],
    })
    expect(applyEvent(held, { kind: 'hold-lifted', id: 'a', at: 9 })).toMatchObject({ hold: 7, holds: [{ id: 'b' }] })
    const none = ['b', 'a'].reduce((facts, id) => applyEvent(facts, { kind: 'hold-lifted', id, at: 9 }), held)
    expect(none.hold).toBeNull()
    expect(none).not.toHaveProperty('holds')
    expect(applyEvent(held, { kind: 'hold-lifted', id: 'c', at: 9 })).toEqual(held)
  })

  it('know the first who confirmed them, and who wants them lifted until somebody says again that they stand', () => {
    const told = (...events: readonly PersonEvent[]) => [hold('a', 5), ...events].reduce(applyEvent, newFacts(1)).holds
    const confirmed = (by: string): PersonEvent => ({ kind: 'hold-confirmed', id: 'a', by, at: 6 })
    const asked: PersonEvent = { kind: 'hold-lift-asked', id: 'a', by: 'two', at: 7 }
    expect(told(confirmed('one'), asked)).toMatchObject([{ confirmedBy: 'one', liftAskedBy: 'two' }])
    const again = told(confirmed('one'), asked, confirmed('three'))
    expect(again).toMatchObject([{ confirmedBy: 'one' }])
    expect(again?.[0]).not.toHaveProperty('liftAskedBy')
    expect([confirmed('one'), asked].reduce(applyEvent, newFacts(1))).toEqual(newFacts(1))
  })

  it('of before they were told apart are lifted together', () => {
    const old = applyEvent(newFacts(1), { kind: 'hold-set', at: 5 })
    expect(old.hold).toBe(5)
    expect(applyEvent(old, { kind: 'hold-lifted', at: 9 }).hold).toBeNull()
  })
})
