import type { Facts, Instant } from '../base/index.ts'
import { excess } from './excess.ts'
import type { Declarations } from './model.ts'
import type { Policy } from './policy.ts'

/** What should be looked at: why, since when, and what would settle it (152-FZ art. 5(5), 5(6)). */
export interface Doubt {
  readonly kind: /** Nothing declares the field, or the compartment, any more: it is excess. */
    | 'not-collected'
    /** An identifier whose owner never answered a code: it may be somebody else's. */
    | 'unproved'
    /** An identifier at which a letter found nobody: it is not theirs any more, or never was. */
    | 'bounced'
    /** Never confirmed, for longer than the policy lets unconfirmed data be used. */
    | 'unconfirmed'
    /** Collected or confirmed so long ago that it may be outdated. */
    | 'old'
  readonly compartment: string | null
  readonly field: string | null
  readonly since: Instant
  readonly proposes: 'destroy' | 'prove' | 'correct' | 'confirm' | 'ask'
}

/** What counts where a bundle gives no terms: bundles of before there was such a part mean these. */
const TERMS = { old: 365 * 86_400_000, unproved: 30 * 86_400_000 }

/**
 * What of a person's data may be excess, inaccurate or outdated, by the facts alone: no value is looked at. What no ground keeps is
 * not here: it is planned for destruction.
 */
export function doubtful(policy: Policy, facts: Facts, now: Instant): readonly Doubt[] {
  if (facts.state !== 'live') return []
  return [
    ...notCollected(policy, facts, now),
    ...unproved(policy, facts, now),
    ...bounced(policy, facts),
    ...unconfirmed(policy, facts, now),
    ...old(policy, facts, now),
  ]
}

/**
 * Whether a person is to be asked by letter if the data are still right: what is here may be old, and nobody asked within the same
 * time. Who cannot be reached, or whose data are stopped, is not.
 */
export function dueForReview(policy: Pick<Declarations, 'doubts'>, facts: Facts, now: Instant): boolean {
  const reached = facts.proved.includes('email') && facts.bounced?.includes('email') !== true
  if (facts.state !== 'live' || facts.blocked !== null || !reached) return false
  return now - (facts.reviewAskedAt ?? 0) >= termsOf(policy).old && old(policy, facts, now).length > 0
}

/** `field` is null where the whole compartment is excess, or where it is not known which fields it holds. */
function notCollected(policy: Policy, facts: Facts, now: Instant): readonly Doubt[] {
  const since = facts.collectedAt
  return excess(policy, facts, now).map((found) => ({ kind: 'not-collected', ...found, since, proposes: 'destroy' }))
}

function unproved(policy: Declarations, facts: Facts, now: Instant): readonly Doubt[] {
  const since = facts.collectedAt
  if (now - since < termsOf(policy).unproved) return []
  return [...policy.fields.values()].flatMap(({ id, compartment, identifies, source }): Doubt[] =>
    identifies === null ||
    source === 'operator' ||
    !facts.held.includes(compartment) ||
    facts.proved.includes(identifies)
      ? []
      : [{ kind: 'unproved', compartment, field: id, since, proposes: 'prove' }],
  )
}

function bounced(policy: Declarations, facts: Facts): readonly Doubt[] {
  const since = facts.collectedAt
  return [...policy.fields.values()].flatMap(({ id, compartment, identifies, source }): Doubt[] =>
    identifies !== null &&
    source === 'person' &&
    facts.held.includes(compartment) &&
    facts.bounced?.includes(identifies)
      ? [{ kind: 'bounced', compartment, field: id, since, proposes: 'correct' }]
      : [],
  )
}

function unconfirmed(policy: Declarations, facts: Facts, now: Instant): readonly Doubt[] {
  const since = facts.collectedAt
  if (facts.confirmedAt !== null) return []
  const terms = policy.rules.flatMap(({ when }) =>
    when.flatMap((one) => (one.is === 'unconfirmed-longer-than' ? one.milliseconds : [])),
  )
  const passed = terms.some((term) => now - since > term)
  return passed ? [{ kind: 'unconfirmed', compartment: null, field: null, since, proposes: 'confirm' }] : []
}

function termsOf({ doubts }: Pick<Declarations, 'doubts'>): typeof TERMS {
  return doubts ?? TERMS
}

function old(policy: Pick<Declarations, 'doubts'>, facts: Facts, now: Instant): readonly Doubt[] {
  const since = Math.max(facts.collectedAt, facts.confirmedAt ?? 0, facts.reviewedAt ?? 0)
  return now - since < termsOf(policy).old
    ? []
    : [{ kind: 'old', compartment: null, field: null, since, proposes: 'ask' }]
}
