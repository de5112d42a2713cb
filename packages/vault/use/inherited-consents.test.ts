import { applyEvent, newFacts } from '@doverie/core/consent'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ConsentAct, inheritedConsents } from './inherited-consents.ts'

const PURPOSES = ['marketing', 'improvement']
const ENTITIES = ['start', 'solutions']
const purpose = fc.constantFrom(...PURPOSES)
const entity = fc.constantFrom(...ENTITIES)
const at = fc.integer({ min: 1, max: 12 })
const act: fc.Arbitrary<ConsentAct> = fc.oneof(
  fc.record({ kind: fc.constant('consent-given' as const), purpose, entity, until: fc.constant(null), at }),
  fc.record({
    kind: fc.constant('consent-withdrawn' as const),
    purpose,
    entity: fc.option(entity),
    at,
  }),
)
/** One person's acts: in order of time, one at a time. */
const history = fc
  .uniqueArray(act, { selector: (one) => one.at, maxLength: 8 })
  .map((acts) => acts.sort((a, b) => a.at - b.at))

const factsOf = (acts: readonly ConsentAct[]) => acts.reduce(applyEvent, newFacts(0))

const given = (what: string, when: number): ConsentAct => ({
  kind: 'consent-given',
  purpose: what,
  entity: 'start',
  until: null,
  at: when,
})
const withdrawn = (what: string, when: number, whom: string | null = 'start'): ConsentAct => ({
  kind: 'consent-withdrawn',
  purpose: what,
  entity: whom,
  at: when,
})

describe('the consents of one person under two names', () => {
  it('are those whose latest act, of either, is a consent, and none that was withdrawn at the same time', () => {
    fc.assert(
      fc.property(history, history, (own, others) => {
        const { consents } = factsOf([...own, ...inheritedConsents(own, others)])
        for (const what of PURPOSES) {
          for (const whom of ENTITIES) {
            const acts = [...own, ...others].filter(
              (one) => one.purpose === what && (one.entity === null || one.entity === whom),
            )
            const last = Math.max(...acts.map((one) => one.at))
            const decisive = acts.filter((one) => one.at === last)
            const on = decisive.length > 0 && decisive.every((one) => one.kind === 'consent-given')
            const live = consents.filter((one) => one.purpose === what && one.entity === whom)
            expect(live.map(({ since }) => since)).toEqual(on ? [last] : [])
          }
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('do not depend on which of the two is carried over, and carrying over again changes nothing', () => {
    fc.assert(
      fc.property(history, history, (one, other) => {
        const joined = [...one, ...inheritedConsents(one, other)]
        expect(factsOf(joined).consents).toEqual(factsOf([...other, ...inheritedConsents(other, one)]).consents)
        expect(factsOf([...joined, ...inheritedConsents(joined, other)])).toEqual(factsOf(joined))
      }),
      { numRuns: 1000 },
    )
  })

  it('remember the end of the last one, for the evidence is kept from it', () => {
    fc.assert(
      fc.property(history, history, (own, others) => {
        const ends = [own, others].map((acts) => factsOf(acts).consentEndedAt ?? 0)
        expect(factsOf([...own, ...inheritedConsents(own, others)]).consentEndedAt ?? 0).toBeGreaterThanOrEqual(
          ends[0] ?? 0,
        )
      }),
    )
    const lost = inheritedConsents([withdrawn('marketing', 5, null)], [given('marketing', 3)])
    expect(factsOf([withdrawn('marketing', 5, null), ...lost])).toMatchObject({ consents: [], consentEndedAt: 5 })
  })

  it.each([
    ['given before it was withdrawn', [given('marketing', 1), withdrawn('marketing', 3)], [given('marketing', 2)], []],
    ['withdrawn at the same moment', [withdrawn('marketing', 2)], [given('marketing', 2)], []],
    ['withdrawn for the whole brand', [withdrawn('marketing', 3, null)], [given('marketing', 2)], []],
    [
      'given again after it',
      [given('marketing', 1), withdrawn('marketing', 2)],
      [given('marketing', 3)],
      ['marketing'],
    ],
    ['withdrawn under the other name', [given('marketing', 1)], [withdrawn('marketing', 2)], []],
    ['of another purpose', [withdrawn('improvement', 5)], [given('marketing', 2)], ['marketing']],
  ] as const)('%s', (_, own, others, expected) => {
    const { consents } = factsOf([...own, ...inheritedConsents(own, others)])
    expect(consents.map((one) => one.purpose)).toEqual(expected)
  })
})
