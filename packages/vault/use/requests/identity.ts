import { DoverieError, type Instant, type RequestKind } from '@doverie/core/base'
import {
  IDENTITY_METHODS,
  type IdentityMethodId,
  isIdentityMethod,
  levelFor,
  levelReached,
  PROOF_FRESH,
  stepsFrom,
} from '@doverie/core/request'
import type { PersonCaller } from '../../guard/caller.ts'
import type { LetterRow, ProofRecord } from '../../store/letters.ts'

/** A method that the software itself found to have succeeded. */
export function softwareProof(method: IdentityMethodId, at: Instant): ProofRecord {
  return { method, level: IDENTITY_METHODS[method].level, passed: true, at, by: null }
}

/**
 * What being signed in proves now: that what began the session was theirs then, and what was proved once more in the session
 * lately. What was proved before counts for a quarter of an hour: a browser left open is nobody's proof.
 */
export function proofsOf(caller: PersonCaller, at: Instant): readonly ProofRecord[] {
  const fresh = caller.steps?.filter((step) => at - step.at < PROOF_FRESH) ?? []
  return [
    softwareProof(beginningOf(caller), at),
    ...fresh.flatMap((step) => (isIdentityMethod(step.method) ? [softwareProof(step.method, step.at)] : [])),
  ]
}

/**
 * By what a session began. INVARIANT: one that no mailbox began proves none; and a key added too lately to count shows the mailbox by
 * which it was added and no device, else the two together would pass for two things.
 */
function beginningOf({ proved, steps = [] }: PersonCaller): IdentityMethodId {
  if (proved.includes('email')) return 'session'
  return steps.some(({ method }) => method === 'passkey') ? 'passkey-session' : 'new-passkey-session'
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
  return levelReached(proof.filter(({ passed }) => passed)) >= levelFor(kind)
}

/**
 * True where somebody is known whom a letter is about, and a kind that never goes without a proof has by now less than it needs: what was
 * proved was taken back, or the letter moved with a join.
 */
export function isUnproved(kind: RequestKind, { subject, identity, proof }: LetterRow): boolean {
  const needed = levelFor(kind) > 0 && !stepsFrom(kind, 'registered').includes('identity-waived')
  return needed && subject !== null && (identity !== 'proved' || !suffices(kind, proof))
}

/** Throws `proof-needed` where who is signed in has not proved enough in this session for what such a request does. */
export function assertProved(caller: PersonCaller, kind: RequestKind, at: Instant): void {
  if (suffices(kind, proofsOf(caller, at))) return
  throw new DoverieError(
    'proof-needed',
    'Prove once more that it is you, by a code to your phone or a passkey; or ask in a request.',
  )
}
