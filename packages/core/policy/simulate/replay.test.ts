import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decide } from '../decide.ts'
import { act, consent, customer, DAY, netrack, NOW } from '../testing/netrack.ts'
import { withPurpose, withRules } from '../testing/variant.ts'
import { Replay, type Replayable } from './replay.ts'

const policy = netrack()
const identify = act('billing extract identification', ['surname', 'email'])

function recorded(change: Partial<Replayable> = {}): Replayable {
  const one = { act: identify, at: NOW, facts: customer(), person: 0, before: policy, ...change }
  return { effect: decide(one.before, { ...one.act, now: one.at }, one.facts).effect, ...one }
}

describe('a replay', () => {
  it('changes nothing under the same policy, whatever was decided', () => {
    const acts = fc.record({
      act: fc.constantFrom(
        identify,
        act('subject extract rights', ['email']),
        act('newsletter use marketing', ['email']),
      ),
      facts: fc.constantFrom(null, customer(), customer({ consents: [consent('marketing')] })),
      person: fc.nat(5),
    })
    fc.assert(
      fc.property(fc.array(acts), (list) => {
        const replay = new Replay(policy)
        for (const one of list) replay.add(recorded(one))
        expect(replay.result()).toEqual({
          compared: list.length,
          permitToRefuse: 0,
          refuseToPermit: 0,
          unlikeRecord: 0,
          changed: [],
        })
      }),
    )
  })

  it('counts permits that become refusals by actor, purpose, clauses and reason, and people once each', () => {
    const stricter = withRules(policy, (rule) =>
      rule.effect === 'permit' ? { ...rule, when: [...rule.when, { is: 'blocked' }] } : rule,
    )
    const replay = new Replay(stricter)
    expect(recorded().effect).toBe('permit')
    for (const person of [1, 1, 2]) replay.add(recorded({ person }))
    const { changed, permitToRefuse } = replay.result()
    expect(permitToRefuse).toBe(3)
    expect(changed).toHaveLength(1)
    expect(changed[0]).toMatchObject({
      change: 'permit-to-refuse',
      actor: 'service billing',
      purpose: 'identification',
      fields: ['email', 'surname'],
      reasons: ['blocked'],
      decisions: 3,
      people: 2,
    })
  })

  it('counts refusals that become permits with the reason they were refused for', () => {
    const looser = withRules(policy, (rule) => ({ ...rule, when: rule.when.filter(({ is }) => is !== 'ticket') }))
    const request = act('support extract identification', ['email'], { ticket: false })
    const replay = new Replay(looser)
    const one = recorded({ act: request })
    replay.add(one)
    const now = decide(looser, request, customer()).effect
    expect([one.effect, now]).toEqual(['refuse', 'permit'])
    expect(replay.result().changed[0]).toMatchObject({ change: 'refuse-to-permit', reasons: ['ticket-needed'] })
  })

  it('does not compare what the policy of then answers otherwise than was recorded', () => {
    const replay = new Replay(withRules(policy, () => null))
    replay.add(recorded({ effect: 'refuse' }))
    expect(replay.result()).toMatchObject({ compared: 0, unlikeRecord: 1, changed: [] })
  })

  it('says which name the other policy does not know', () => {
    const { purposes } = policy
    const without = withRules(
      { ...policy, purposes: new Map([...purposes].filter(([id]) => id !== 'identification')) },
      (rule) => rule,
    )
    const replay = new Replay(without)
    replay.add(recorded())
    expect(replay.result().changed[0]?.reasons).toContain('unknown-purpose')
  })

  it('takes a supplement that comes into force later as in force', () => {
    const later = withRules(policy, (rule) =>
      rule.effect === 'permit' ? { ...rule, when: [...rule.when, { is: 'in-force', from: 8e15 }] } : rule,
    )
    expect(decide(later, identify, customer()).effect).toBe('refuse')
    const replay = new Replay(later)
    replay.add(recorded())
    expect(replay.result()).toMatchObject({ compared: 1, permitToRefuse: 0 })
  })

  it('asks anew once the answer may be another, whichever policy it is of', () => {
    const facts = customer({ consents: [consent('marketing', 'start', NOW + DAY)] })
    const ask = act('newsletter use marketing', ['email'])
    const effects = [NOW, NOW + 1, NOW + DAY, NOW - 2 * DAY].map((at) => {
      const one = recorded({ act: ask, facts, at })
      return [one, one.effect] as const
    })
    expect(effects.map(([, effect]) => effect)).toEqual(['permit', 'permit', 'refuse', 'refuse'])
    const replay = new Replay(policy)
    for (const [one] of effects) replay.add(one)
    expect(replay.result()).toMatchObject({ compared: 4, unlikeRecord: 0 })
  })

  it('is not disturbed by a purpose that only reads differently', () => {
    const replay = new Replay(withPurpose(policy, 'identification', { plain: { ru: 'x', en: 'x' } }))
    replay.add(recorded())
    expect(replay.result().changed).toEqual([])
  })
})
