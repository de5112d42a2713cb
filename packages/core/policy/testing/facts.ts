import type { Facts, Instant } from '../../base/index.ts'
import type { Declarations } from '../model.ts'

/** An adult of whom a policy knows all there is: every compartment held, confirmed, a contract and a consent for everything. */
export function newFactsFor(policy: Declarations, now: Instant): Facts {
  const [entity = ''] = policy.entities.keys()
  const since = now - 86_400_000
  return {
    state: 'live',
    held: [...policy.compartments.keys()].sort(),
    dying: [],
    collectedAt: since,
    confirmedAt: since,
    proved: ['email', 'phone'],
    blocked: null,
    contracts: [...policy.services.keys()].map((service) => ({ id: service, entity, service, since, endedAt: null })),
    consents: [...policy.purposes.keys()].map((purpose) => ({ purpose, entity, since, until: null })),
    closed: {},
    opened: [],
    age: 'adult',
  }
}
