export { parseBundle } from './bundle.ts'
export { checkPolicy } from './check.ts'
export { decide } from './decide.ts'
export { type Act, type Actor, type Cause, type Decision, type Reason, REASONS } from './decision.ts'
export { contractText, type FormContract, type FormFault, formContract } from './form-contract.ts'
export type { DemandNorm, Duty, Field, Recipient } from './model.ts'
export type { Policy } from './policy.ts'
export { type PolicyProblem, problemLine } from './problem.ts'
export { type Doubt, doubtful, dueForReview } from './doubtful.ts'
export { type Excess, excess, unlisted } from './excess.ts'
export { groundless, lapsed, type Lapse, type LiveGround, liveGrounds } from './groundless.ts'
export { fieldsOf, type Retained, retained } from './retained.ts'
export { type Accepted, checkSubmission, type Submission } from './submission.ts'
export { type PolicySummary, policySummary } from './summary.ts'
export { type ByCompartment, checkValues } from './value-check.ts'
export { formerKinds, type IndexedForm, indexedForms } from './indexed-forms.ts'
export {
  bankAccountMatchesBik,
  besideForm,
  type FieldKind,
  type IndexedKind,
  indexForm,
  maskValue,
  nameForm,
  normaliseValue,
} from './values/index.ts'
export { parseCase, parseScenarios } from './scenario/parse.ts'
export { type Outcome, runScenario } from './scenario/run.ts'
export type { Expected, Question, Scenario } from './scenario/scenario.ts'
export { type Invariant, type Proof, type Proved, provePolicy, roughly, type SpaceSize } from './prove/index.ts'
export {
  type BindingGroup,
  bindingGroups,
  lastWord,
  MATRIX_FORMATS,
  type MatrixFormat,
  showMatrix,
} from './matrix/show.ts'
export { type ClauseDecisions, clauseMatrix, type ClauseTest, isUncovered, type MatrixRow } from './matrix/matrix.ts'
export { type Breaks, breaksBetween } from './simulate/breaks.ts'
export type { ConsentNeeded } from './simulate/consents.ts'
export { type PeopleAffected, PeopleTally } from './simulate/people.ts'
export { type ChangedDecisions, Replay, type Replayed } from './simulate/replay.ts'
export type { RecordedVersion, SimulationReport } from './simulate/report.ts'
export { showSimulation, type SimulationLanguage } from './simulate/show.ts'
export { type Explanation, explain } from './explain/explain.ts'
export { showExplanation } from './explain/show.ts'
export { type EntryToTell, type EntryWords, entryWords } from './explain/entry-words.ts'
export { htmlLines } from './import/html-lines.ts'
export { type ImportedPolicy, importPolicy } from './import/import-policy.ts'
export { unboundClauses } from './import/unbound-clauses.ts'
export { FILE_KINDS, type FileKind, fileSchema, fileSchemaText } from './editor/file-schema.ts'
export { dayRange } from './simulate/day-range.ts'
export { checkLegal, legalItemText, type LegalItem, legalReport } from './legal/index.ts'
export { CONSENT_RECEIPT_SCHEMA, CONSENT_RECORD_SCHEMA, PROCESSING_REGISTER_SCHEMA } from './interchange/index.ts'
export { type ConsentFacts, consentRecordOf, processingRegisterOf, receiptOf } from './interchange/index.ts'
export type { ConsentEvent, ConsentReceipt, ConsentRecord, ProcessingRegister } from './interchange/index.ts'
export { readConsentReceipt, readConsentRecord, readProcessingRegister } from './interchange/index.ts'
export { REGISTER_LANGUAGES, registerCsv, type RegisterLanguage, registerMarkdown } from './interchange/index.ts'
export { writeConsentReceipt, writeConsentRecord, writeProcessingRegister } from './interchange/index.ts'
export { diffPolicies, isEmptyDiff, type PolicyDiff } from './diff/diff.ts'
export { showDiff } from './diff/show.ts'
export { type HarmFinding, harmFindings, harmLevel } from './duties/harm.ts'
export { handedTo, type Owed, owedBy, WHOLE_POLICY } from './duties/owed.ts'
export {
  type ProcessingChange,
  processingChanges,
  type ProcessingItem,
  processingNotice,
  UNCONFIRMED_MARK,
} from './duties/processing-notice.ts'
