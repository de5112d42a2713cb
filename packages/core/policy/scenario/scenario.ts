import type { Facts, Instant } from '../../base/index.ts'
import type { Act, Reason } from '../decision.ts'
import type { Place } from '../problem.ts'
import type { Submission } from '../submission.ts'

/** What a test asks of a policy: an act on a person, or a form sent in. */
export type Question =
  | { readonly kind: 'act'; readonly act: Act; readonly facts: Facts | null }
  | { readonly kind: 'form'; readonly form: string; readonly submission: Submission; readonly now: Instant }

/** What a test promises of the answer. */
export interface Expected {
  readonly effect: 'permit' | 'refuse'
  /** The answer names each of these; it may name more. */
  readonly clauses: readonly string[]
  /** The cause of a refusal; null where the test does not say. */
  readonly reason: Reason | null
  /** Until when the answer stands; null for as long as the facts do, undefined where the test does not say. */
  readonly until: Instant | null | undefined
}

/** One decision test of a bundle: given a person, when somebody acts (or a form comes in), then this is the answer. */
export interface Scenario {
  readonly name: string
  readonly at: Place
  readonly question: Question
  readonly expected: Expected
}
