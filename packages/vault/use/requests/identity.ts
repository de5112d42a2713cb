import { DoverieError, type Instant, type RequestKind } from '@doverie/core/base'
import {
  IDENTITY_METHODS,
  type IdentityMethodId,
  isIdentityMethod,
  levelFor,
  levelReached,
  PROOF_FRESH,
} from '@doverie/core/request'
import type { PersonCaller } from '../../guard/caller.ts'
import type { ProofRecord } from '../../store/letters.ts'

/** A method that the software itself found to have succeeded. */
export function softwareProof(method: IdentityMethodId, at: Instant): ProofRecord {
  return { method, level: IDENTITY_METHODS[method].level, passed: true, at, by: null }
}

/**
 * What being signed in proves now: that the mailbox was theirs when the session began, and what was proved once more in the session
 * lately. What was proved before counts for a quarter of an hour: a browser left open is nobody's proof.
 */
export function proofsOf({ steps = [] }: PersonCaller, at: Instant): readonly ProofRecord[] {
  const fresh = steps.filter((step) => at - step.at < PROOF_FRESH)
  return [
    softwareProof('session', at),
    ...fresh.flatMap((step) => (isIdentityMethod(step.method) ? [softwareProof(step.method, step.at)] : [])),
  ]
}

/** What counts in a session beside being signed in, each method until when. */
export function provedUntil(
  caller: PersonCaller,
  at: Instant,
): readonly { readonly method: string; readonly until: Instant }[] {
  const [, ...steps] = proofsOf(caller, at)
  return steps.map((step) => ({ method: step.method, until: step.at + PROOF_FRESH }))
}

/** True where what was proved is as much as the risk of this kind of request asks for. */
export function suffices(kind: RequestKind, proof: readonly ProofRecord[]): boolean {
  return levelReached(proof.filter(({ passed }) => passed).map(({ method }) => method)) >= levelFor(kind)
}

/** Throws `proof-needed` where who is signed in has not proved enough in this session for what such a request does. */
export function assertProved(caller: PersonCaller, kind: RequestKind, at: Instant): void {
  if (suffices(kind, proofsOf(caller, at))) return
  throw new DoverieError(
    'proof-needed',
    'Prove once more that it is you, by a code to your phone or a passkey; or ask in a request.',
  )
}
