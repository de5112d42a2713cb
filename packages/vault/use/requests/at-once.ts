import type { Facts, Instant, RequestKind, Uuid } from '@doverie/core/base'
import type { PersonEvent } from '@doverie/core/consent'
import type { Policy } from '@doverie/core/policy'
import { type Law, receive } from '@doverie/core/request'
import type { LetterRow } from '../../store/letters.ts'
import { suffices } from './identity.ts'
import { blockReasonOf, promotionOf } from './law.ts'
import type { LaterEvent } from './move-request.ts'

/** What takes effect with the registration of a request, and what decides it. */
export interface Beginning {
  readonly policy: Policy
  readonly law: Law
  readonly letter: Pick<LetterRow, 'receivedAt' | 'identity' | 'proof' | 'channel'>
  readonly entity: string | null
  readonly harm: 'subject' | 'third-parties' | undefined
  readonly at: Instant
}

/** What one request does to the person at once, and the steps that say so. */
export interface Effect {
  readonly events: readonly PersonEvent[]
  readonly steps: readonly LaterEvent[]
}

const OWN_WILL: readonly RequestKind[] = ['information', 'copy', 'withdrawal', 'stop-processing', 'erasure']
/** What a person may decide alone, once they are proved: nobody else need agree. */
export function isOwnWill(kind: RequestKind): boolean {
  return OWN_WILL.includes(kind)
}

/** What nobody need be proved for. */
const ANYBODY: readonly RequestKind[] = ['feedback', 'marketing-stop']

type PlainName = 'blocked' | 'spared' | 'stopped' | 'identity-proved' | 'identity-asked' | 'accepted'

/** What a request about a known person brings about in the transaction that registers it. */
export function effectOf(
  begun: Beginning,
  facts: Facts,
  { id, kind }: { readonly id: Uuid; readonly kind: RequestKind },
): Effect {
  const { at, policy, entity, letter, harm } = begun
  const step = (name: PlainName): LaterEvent => ({ kind: 'step', step: name, at })
  if (isPromotionStop(kind)) {
    return { events: withdrawals(facts, promotionOf(policy), entity, at), steps: [step('stopped')] }
  }
  const proved = letter.identity === 'proved' && suffices(kind, letter.proof)
  const known = ANYBODY.includes(kind) ? [] : knownSteps(kind, letter, proved).map(step)
  if (receive(begun.law, kind, letter.receivedAt).state !== 'received') return { events: [], steps: known }
  if (harm !== undefined) return { events: [], steps: [step('spared'), ...known] }
  const reason = proved ? blockReasonOf(kind) : 'claimed'
  return { events: [{ kind: 'blocked', reason, by: id, at }], steps: [step('blocked'), ...known] }
}

/** Who is signed in and asks for more than that proves is asked for the rest at once. */
function knownSteps(kind: RequestKind, { channel }: Beginning['letter'], proved: boolean): readonly PlainName[] {
  if (!proved) return channel === 'portal' ? ['identity-asked'] : []
  return channel === 'portal' && isOwnWill(kind) ? ['identity-proved', 'accepted'] : ['identity-proved']
}

/** Withdrawals of the live consents to these purposes, to one entity or to all. */
export function withdrawals(
  facts: Facts,
  purposes: readonly string[],
  entity: string | null,
  at: Instant,
): readonly PersonEvent[] {
  const live = new Set(facts.consents.map(({ purpose }) => purpose))
  return purposes
    .filter((purpose) => live.has(purpose))
    .map((purpose) => ({ kind: 'consent-withdrawn', purpose, entity, at }))
}

/**
 * The steps of a request about nobody who is known here: there is nothing to block. INVARIANT: promotion is not called stopped before it
 * is known to whom: the request waits, late at once, for whoever finds that out.
 */
export function plainSteps(law: Law, kind: RequestKind, at: Instant): readonly LaterEvent[] {
  if (isPromotionStop(kind) || receive(law, kind, at).state !== 'received') return []
  return [{ kind: 'step', step: 'spared', at }]
}

/** True for what stops promotion to whomever it is about, whoever they are proved to be. */
export function isPromotionStop(kind: RequestKind): boolean {
  return kind === 'marketing-stop'
}
