import type { Policy } from '../policy.ts'
import { type Note, notesBetween } from './notes.ts'
import { type Shift, shiftsTo } from './shifts.ts'

/** What changes from one policy to another. */
export interface PolicyDiff {
  /** `bundle@version` of both. */
  readonly from: string
  readonly to: string
  /** What becomes permitted. */
  readonly opens: readonly Shift[]
  /** What is no longer permitted. */
  readonly closes: readonly Shift[]
  /** What changes besides: forms, keeping, texts, and what is declared. */
  readonly notes: readonly Note[]
}

/**
 * Compares two policies. Pure. What opens and closes is found on `decide` itself, over everything that either policy asks
 * of a person: every entry has a witness. `diff(a, a)` is empty, and `diff(b, a)` is `diff(a, b)` seen in a mirror.
 */
export function diffPolicies(a: Policy, b: Policy): PolicyDiff {
  return { from: a.id, to: b.id, opens: shiftsTo(a, b, false), closes: shiftsTo(b, a, true), notes: notesBetween(a, b) }
}

/** True where nothing changes. */
export function isEmptyDiff({ opens, closes, notes }: PolicyDiff): boolean {
  return opens.length + closes.length + notes.length === 0
}
