import type { Decision, Policy, Reason } from '@doverie/core/policy'
import type { Caller } from './caller.ts'
import { covers } from './authority.ts'
import { NO_POLICY } from './entry.ts'

/**
 * The answer while no policy is loaded; it names no clause, there being none. INVARIANT: an absent, broken or unloaded policy
 * refuses everything.
 */
export function refusedWithoutPolicy(): Decision {
  return refusal(NO_POLICY, 'policy-absent', [])
}

/** A refusal where the credential was not issued for this purpose or entity, or a representative's authority does not cover the act; null otherwise. */
export function outsideScope(
  policy: Policy,
  ask: { readonly caller: Caller; readonly act: string; readonly purpose: string; readonly entity: string },
): Decision | null {
  const { caller } = ask
  if (caller.kind === 'representative' && !covers(caller.scope, ask.act)) {
    const actor = [...policy.actors.values()].find(({ kind }) => kind === caller.kind)
    return refusal(policy.id, 'outside-authority', actor?.clauses ?? policy.defaults.noRule)
  }
  if (caller.kind !== 'service') return null
  if (caller.purposes.includes(ask.purpose) && caller.entities.includes(ask.entity)) return null
  return refusal(policy.id, 'credential-scope', policy.purposes.get(ask.purpose)?.clauses ?? policy.defaults.noRule)
}

/** The refusal of an act on somebody who is not there, for whoever would be permitted to begin a person. */
export function refusedAsNobody(policy: Policy): Decision {
  return refusal(policy.id, 'no-live-data', policy.defaults.noLiveData)
}

function refusal(policy: string, reason: Reason, clauses: readonly string[]): Decision {
  return { effect: 'refuse', clauses, causes: [{ reason, clauses }], policy, until: null }
}
