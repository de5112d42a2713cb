import type { Instant, RequestKind } from '@doverie/core/base'
import { IDENTITY_METHODS, levelFor, levelReached } from '@doverie/core/request'
import type { SubjectCaller } from '../../guard/caller.ts'
import type { ProofRecord } from '../../store/letters.ts'

/** What being signed in proves: that the mailbox was theirs when the session began. */
export function sessionProof(_caller: SubjectCaller, at: Instant): ProofRecord {
  return { method: 'session', level: IDENTITY_METHODS.session.level, passed: true, at, by: null }
}

/** True where what was proved is as much as the risk of this kind of request asks for. */
export function suffices(kind: RequestKind, proof: readonly ProofRecord[]): boolean {
  return levelReached(proof.filter(({ passed }) => passed).map(({ method }) => method)) >= levelFor(kind)
}
