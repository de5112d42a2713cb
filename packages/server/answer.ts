import { type Permitted, type Problem, problemOf } from '@doverie/core/contract'
import type { Decided, Kept } from '@doverie/vault'

/** A refusal on its way out: a value of the handlers, an HTTP problem outside. */
export class Refusal {
  readonly problem: Problem

  constructor({ decision, id, leaf, kept }: Decided & { readonly kept?: readonly Kept[] }) {
    const { clauses, causes, policy } = decision
    const [clause] = clauses
    const field = causes.find((cause) => cause.field !== undefined)?.field
    this.problem = problemOf('refused', {
      ...(field === undefined ? {} : { field }),
      ...(clause === undefined ? {} : { clause }),
      decision: id,
      leaf,
      policy,
      clauses,
      causes,
      ...(kept === undefined ? {} : { kept: kept.map((row) => ({ ...row })) }),
    })
  }
}

/** The members that the answer to every permitted act carries. */
export function permitted({ decision, id, leaf }: Decided): Permitted {
  return { decision: 'permit', id, leaf, clauses: decision.clauses, policy: decision.policy }
}

/** A permit with what it gives, or the refusal. */
export function answered<Given extends Decided, More>(
  outcome: Given,
  more: (outcome: Given) => More,
): (Permitted & More) | Refusal {
  return outcome.decision.effect === 'permit' ? { ...permitted(outcome), ...more(outcome) } : new Refusal(outcome)
}

/** The answer to an act that gives nothing but its record. */
export function recorded(outcome: Decided): Permitted | Refusal {
  return outcome.decision.effect === 'permit' ? permitted(outcome) : new Refusal(outcome)
}
