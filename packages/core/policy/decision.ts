import type { Instant, Operation } from '../base/index.ts'

/**
 * Who acts. `name` is the policy's: a calling service (`billing`), a staff role (`support`); empty for the person. Of a
 * representative it is the id under which their authority was verified; empty stands for any whose authority holds.
 */
export interface Actor {
  readonly kind: 'subject' | 'representative' | 'service' | 'staff'
  readonly name: string
}

/** What somebody wants to do with a person's data. Every name in it must be one the policy declares. */
export interface Act {
  readonly actor: Actor
  readonly operation: Operation
  readonly purpose: string
  readonly entity: string
  readonly fields: readonly string[]
  /** True where a ticket number was given. */
  readonly ticket: boolean
  /** To whom the data go, for the `transfer:` operations: the id of a recipient that the policy declares. */
  readonly recipient?: string
  /** The way the act came in, where it is known: the id of a channel. */
  readonly channel?: string
  readonly now: Instant
}

/** Why a decision fell as it did, one code per cause; the closed list of `REASONS`. */
export const REASONS = {
  rule: 'A rule permits it.',
  'no-live-data': 'There is no such live data.',
  'no-rule': 'No rule permits this actor, operation, purpose and field together.',
  'no-ground': 'The person has no live ground for this purpose and entity.',
  'not-confirmed': 'The data are not confirmed.',
  blocked: 'The data are blocked.',
  'closed-by-subject': 'The person has closed this field to this purpose.',
  'no-norm': 'No norm of law asks for handing the data to somebody else.',
  'anonymised-only': 'For this purpose data are used only after they are anonymised.',
  'not-proved': 'The identifier has not been proved by its owner.',
  'ticket-needed': 'A ticket number is needed.',
  retained: 'A legal ground keeps this data.',
  'contract-in-force': 'A contract in force needs this data.',
  'no-representative': 'It needs somebody whose authority to act for the person is verified.',
  'legal-hold': 'A legal hold keeps the data from destruction.',
  'wrong-recipient': 'The data may not go to this recipient.',
  'not-in-force': 'These rules are not in force yet.',
  'credential-scope': 'The credential is not issued for this purpose or entity.',
  'outside-authority': 'The authority of the representative does not cover this act.',
  'policy-absent': 'No policy is loaded.',
} as const
export type Reason = keyof typeof REASONS

export interface Cause {
  readonly reason: Reason
  /** The field it speaks of; absent where it speaks of the whole act. */
  readonly field?: string
  /** The rule's id where a rule made it so. */
  readonly rule?: string
  /** The clauses of the policy, and the article of law for `retained`; sorted, without repeats. */
  readonly clauses: readonly string[]
}

/**
 * The answer to an act: a value, never an exception. A permit holds for all fields asked; one refused field refuses the act.
 * INVARIANT: what no rule permits is refused.
 */
export interface Decision {
  readonly effect: 'permit' | 'refuse'
  /** All clauses that made it so, sorted, without repeats; empty only while no policy is loaded. */
  readonly clauses: readonly string[]
  readonly causes: readonly Cause[]
  /** The version of the policy that answered. */
  readonly policy: string
  /** The instant from which the same facts may give another answer (a term runs out); null where none does. */
  readonly until: Instant | null
}
