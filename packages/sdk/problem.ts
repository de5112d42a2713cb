import { type Problem, problemOf } from '@doverie/core/contract'
import type { ErrorCode } from '@doverie/core/base'

/** An answer that is no success. A refusal is one with code `refused`, with its clauses, causes, decision id and leaf. */
export class DoverieProblem extends Error {
  override readonly name = 'DoverieProblem'
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.detail ?? problem.title)
    this.problem = problem
  }

  get code(): ErrorCode {
    return this.problem.code
  }

  get status(): number {
    return this.problem.status
  }
}

/** What an answer is taken for that no server of ours gave: a proxy's page, say. */
export function foreignProblem(status: number): Problem {
  return { ...problemOf('internal', { detail: 'The answer is no problem document of Doverie.' }), status }
}
