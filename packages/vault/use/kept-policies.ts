import type { Instant } from '@doverie/core/base'
import type { Policy } from '@doverie/core/policy'
import type { Vault } from '../guard/vault.ts'
import { listPolicies, policyIfKept } from './adopt-policy.ts'

/** The versions of the policy that were in force here, as far as this program can still read them. */
export interface KeptPolicies {
  /** By `bundle@version`. */
  readonly versions: ReadonlyMap<string, Policy>
  /** The one in force now; null where there is none that can be read. */
  readonly inForce: Policy | null
  /** The one that was in force at an instant; of those that can be read the nearest before it, else the first after it. */
  readonly givenUnder: (at: Instant) => Policy
}

export async function keptPolicies(vault: Vault): Promise<KeptPolicies> {
  const versions = new Map<string, Policy>()
  const inOrder: { readonly from: Instant; readonly policy: Policy }[] = []
  for (const { version, effectiveFrom } of await listPolicies(vault)) {
    const policy = await policyIfKept(vault, version)
    // What cannot be read is told as not kept, and fails nothing else.
    if (policy === null) continue
    versions.set(version, policy)
    if (effectiveFrom !== null) inOrder.push({ from: effectiveFrom, policy })
  }
  inOrder.sort((a, b) => a.from - b.from)
  const now = vault.now()
  const inForce = vault.policy() ?? inOrder.findLast(({ from }) => from <= now)?.policy ?? null
  const first = inOrder[0]?.policy ?? inForce
  return {
    versions,
    inForce,
    givenUnder: (at) => {
      const found = inOrder.findLast(({ from }) => from <= at)?.policy ?? first
      if (found === null) throw new TypeError('givenUnder: no version is kept')
      return found
    },
  }
}
