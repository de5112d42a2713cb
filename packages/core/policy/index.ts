export { parseBundle } from './bundle.ts'
export { checkPolicy } from './check.ts'
export { decide } from './decide.ts'
export { type Act, type Actor, type Cause, type Decision, type Reason, REASONS } from './decision.ts'
export { contractText, type FormContract, type FormFault, formContract } from './form-contract.ts'
export type { Field, Localised } from './model.ts'
export type { Policy } from './policy.ts'
export type { PolicyProblem } from './problem.ts'
export { fieldsOf, type Retained, retained } from './retained.ts'
export { type Accepted, checkSubmission, type Submission } from './submission.ts'
export { type PolicySummary, policySummary } from './summary.ts'
export { type ByCompartment, checkValues } from './value-check.ts'
export {
  bankAccountMatchesBik,
  type FieldKind,
  type IndexedKind,
  indexForm,
  maskValue,
  normaliseValue,
} from './values/index.ts'
