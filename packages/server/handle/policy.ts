import { DoverieError } from '@doverie/core/base'
import * as contract from '@doverie/core/contract'
import {
  adoptPolicy,
  type Caller,
  explainDecision,
  listPolicies,
  type PolicyVersion,
  proposePolicy,
  readPolicy,
} from '@doverie/vault'
import { answered } from '../answer.ts'
import { proveBundle } from '../prove-bundle.ts'
import { callerOf, type Route, route, staffOf } from '../route.ts'

/** How many problems of a bundle an answer tells. */
const TOLD = 20

/** What was adopted binds people, so anybody may read it; what is only proposed binds nobody yet. */
function isShown({ adoptedAt }: PolicyVersion, caller: Caller | null): boolean {
  return adoptedAt !== null || caller?.kind === 'staff'
}

export const policyRoutes: readonly Route[] = [
  route(contract.listPolicyVersions, async ({ vault }, { caller }) => ({
    versions: (await listPolicies(vault)).filter((version) => isShown(version, caller)),
  })),
  route(contract.readPolicyVersion, async ({ vault }, { params, caller }) => {
    const kept = await readPolicy(vault, params.version)
    if (!isShown(kept, caller)) throw new DoverieError('not-found')
    return kept
  }),
  route(contract.proposePolicy, async ({ vault, settings }, call) => {
    const files = new Map(Object.entries(call.body.files))
    const prove = settings.proveInvariants ? proveBundle : undefined
    const proposed = await proposePolicy(vault, staffOf(call), files, prove)
    if (proposed.ok) return proposed.value
    const told = proposed.error.slice(0, TOLD).map(({ file, line, message }) => `${file}:${line}: ${message}`)
    throw new DoverieError('policy-invalid', told.join('\n'))
  }),
  route(contract.adoptPolicy, ({ vault }, call) => adoptPolicy(vault, staffOf(call), call.params.version)),
  route(contract.explainDecision, async ({ vault }, call) => {
    const outcome = await explainDecision(vault, callerOf(call), { ...call.query, ...call.params })
    return answered(outcome, ({ recorded, explanation }) => ({
      recorded: { ...recorded },
      explanation: explanation ? { ...explanation } : null,
    }))
  }),
]
