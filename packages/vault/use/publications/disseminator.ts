import type { Facts, Instant } from '@doverie/core/base'
import { decide, type Decision, type Policy } from '@doverie/core/policy'
import { OWN_CREDENTIAL, type ServiceCaller } from '../../guard/caller.ts'

/** In whose name data are shown to everybody: a service of the policy, decided by its rules like any, without a credential. */
export function inNameOf(policy: Policy, name: string, purpose: string): ServiceCaller {
  return {
    kind: 'service',
    name,
    credential: OWN_CREDENTIAL,
    entities: [...policy.entities.keys()],
    purposes: [purpose],
    peoplePerHour: 2_000_000_000,
  }
}

/** Who opens a field to everybody; or why nobody does. */
type Disseminator = { readonly by: string; readonly refused: null } | { readonly by: null; readonly refused: Decision }

/** The service that the policy lets open this field to everybody now; or the refusal that says most. */
export function disseminatorOf(
  policy: Policy,
  { purpose, entity, field }: { readonly purpose: string; readonly entity: string; readonly field: string },
  facts: Facts,
  now: Instant,
): Disseminator {
  let refused: Decision | null = null
  for (const { id: name, kind } of policy.actors.values()) {
    if (kind !== 'service') continue
    const act = {
      actor: { kind, name },
      operation: 'transfer:disseminate' as const,
      ...{ purpose, entity, fields: [field], ticket: false, now },
    }
    const decision = decide(policy, act, facts)
    if (decision.effect === 'permit') return { by: name, refused: null }
    // Of a service that could, were it not for this person, more can be learnt than of one that never may.
    if (refused === null || !decision.causes.every(({ reason }) => reason === 'no-rule')) refused = decision
  }
  return {
    by: null,
    refused: refused ?? {
      effect: 'refuse',
      clauses: policy.defaults.noRule,
      causes: [],
      policy: policy.id,
      until: now,
    },
  }
}
