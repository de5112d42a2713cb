import type { Facts } from '../../base/index.ts'
import type { Act } from '../decision.ts'
import type { Policy } from '../policy.ts'
import { type Retained, retained } from '../retained.ts'
import { askedCompartments, ended, withFacts } from './case.ts'
import { type Bench, type Change, DAY } from './change.ts'

/** So long ago that no term of keeping still runs: a hundred years. */
const LONG_AGO = 36_525 * DAY

/** What keeps the data that an act asks for; of the person as a whole, everything that is kept. */
export function keptOf(policy: Policy, act: Act, facts: Facts): readonly Retained[] {
  const asked = askedCompartments(policy, act)
  return retained(policy, facts, act.now).filter(({ compartment }) => act.fields.length === 0 || asked.has(compartment))
}

/** Whatever keeps the data has ended so long ago that no term runs any more. */
export function released({ policy }: Bench): Change {
  return {
    id: 'released',
    says: {
      ru: 'конец всех договоров и сроков, по которым эти данные хранятся',
      en: 'the end of every contract and term by which these data are kept',
    },
    apply: (one) =>
      withFacts(one, ({ contracts }, now) => ({
        contracts: ended(contracts, now - LONG_AGO, ({ service }) => policy.services.has(service)),
        consents: [],
        consentEndedAt: now - LONG_AGO,
        hold: null,
      })),
  }
}

export function reaches(policy: Policy, act: Act, data: readonly string[]): boolean {
  if (act.fields.length === 0) return true
  return act.fields.some((id) => {
    const field = policy.fields.get(id)
    return field !== undefined && [field.id, field.compartment, field.category].some((name) => data.includes(name))
  })
}
