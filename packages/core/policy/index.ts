export { parseBundle } from './bundle.ts'
export type { Clause, ClauseText } from './clauses.ts'
export { decide } from './decide.ts'
export { type Act, type Actor, type Cause, type Decision, type Reason, REASONS } from './decision.ts'
export type { Policy } from './policy.ts'
export type { PolicyProblem } from './problem.ts'
export { type Retained, retained } from './retained.ts'
export {
  bankAccountMatchesBik,
  type FieldKind,
  type IndexedKind,
  indexForm,
  maskValue,
  normaliseValue,
} from './values/index.ts'
