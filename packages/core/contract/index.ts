export * from './access.ts'
export * from './archive.ts'
export * from './audit.ts'
export type { CodeSent, OnPerson, Permitted, SubjectParams } from './decided.ts'
export type {
  CorrectedValues,
  DescribedPerson,
  DestroyedData,
  EndedGround,
  EntryReceipt,
  ErasureReceipts,
  KeptData,
} from './facts.ts'
export * from './calendar-feed.ts'
export * from './conflict.ts'
export * from './destructions.ts'
export * from './disclosure.ts'
export * from './forms.ts'
export * from './health.ts'
export * from './deputies.ts'
export * from './duties.ts'
export type { IncidentAffected, IncidentClock, RegisteredIncident } from './incident-shapes.ts'
export * from './incidents.ts'
export * from './ledger.ts'
export * from './identity.ts'
export * from './legal-hold.ts'
export * from './demands.ts'
export type {
  DemandParams,
  RecipientLetter,
  RecipientLetterParams,
  RegisteredDemand,
} from './demand-shapes.ts'
export { LETTER_BYTES, type LetterPart } from './letter-parts.ts'
export * from './letters.ts'
export * from './lost-mailbox.ts'
export * from './mail.ts'
export * from './me.ts'
export { openApi } from './openapi.ts'
export {
  type Access,
  type AnyOperation,
  BATCH_BODY_LIMIT,
  BATCH_CALLS,
  BODY_LIMIT,
  type None,
  type Operation,
} from './operation.ts'
export { CONTRACT } from './operations.ts'
export * from './oidc.ts'
export * from './passkeys.ts'
export * from './signatures.ts'
export * from './person.ts'
export * from './publications.ts'
export * from './representative.ts'
export * from './policy.ts'
export * from './policy-matrix.ts'
export {
  type DecisionCause,
  isProblem,
  PROBLEM_STATUS,
  PROBLEM_TYPE,
  type Problem,
  type ProblemDetails,
  type ProblemField,
  problemOf,
  problemSchema,
} from './problem.ts'
export * from './protection.ts'
export * from './retention.ts'
export type {
  DescribedRequest,
  IdentityCheck,
  RegisteredLetter,
  RegisteredReply,
  RegisteredRequest,
  RequestClock,
  RequestHindrance,
  RequestList,
} from './request-shapes.ts'
export * from './requests.ts'
export * from './sign-in.ts'
export * from './staff.ts'
export * from './staff-members.ts'
