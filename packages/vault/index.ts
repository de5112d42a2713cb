export { callerId } from './guard/caller.ts'
export type { Caller, PersonCaller, ServiceCaller, StaffCaller, SubjectCaller } from './guard/caller.ts'
export type { Evidence } from './guard/evidence.ts'
export type { Letter } from './guard/letters.ts'
export { openVault, type Vault, type VaultOptions } from './guard/vault.ts'
export type { Personal } from './personal.ts'
export type { Permit } from './permit.ts'
export type { Kms } from './seal/kms.ts'
export { awsKms } from './seal/kms-aws.ts'
export { fileKms, type RootKeyFile, type RootKeys } from './seal/kms-file.ts'
export { transitKms } from './seal/kms-transit.ts'
export { NODE_VERIFIERS, type NoteSigner, noteSigner, siblingSeed } from './seal/note-crypto.ts'
export { actFor, listRepresented } from './use/act-for.ts'
export {
  type Attack,
  attackCopy,
  bucketsSince,
  type Destroyed as DestroyedTarget,
  type OldCopy,
  openKept,
  readOldCopy,
} from './use/attack-copy.ts'
export { assertMayArchive, makeArchive, type MadeArchive } from './use/archive/make-archive.ts'
export { type AuditPage, auditLedger } from './use/audit-ledger.ts'
export {
  type BackupSource,
  type CutSizes,
  type DatabaseKind,
  openBackupSource,
  type TablePart,
  type VaultUrls,
} from './use/back-up.ts'
export { blockPerson, unblockPerson } from './use/block-person.ts'
export { listClocks, type RunningClock } from './use/running-clocks.ts'
export { endCalendarFeed, makeCalendarFeed, readCalendarFeed } from './use/calendar-feed.ts'
export { collectForm, type Collected, type SubmittedForm } from './use/collect-form.ts'
export { compareValue, type Compared, type CompareRequest } from './use/compare-value.ts'
export { CONFIRMATION_FORMS, type ConfirmationForm, confirmData } from './use/confirm-data.ts'
export { correctAge } from './use/correct-age.ts'
export { countAttempt } from './use/count-attempt.ts'
export { type Corrected, correctValues } from './use/correct-values.ts'
export {
  authenticateCredential,
  knownCredential,
  type CredentialRequest,
  type CredentialSummary,
  issueCredential,
  listCredentials,
  revokeCredential,
} from './use/credentials.ts'
export { type Described, describePerson } from './use/describe-person.ts'
export { type Destroyed, destroyAll, destroyData, type DestroyRequest } from './use/destroy-data.ts'
export { issueConsentReceipt, type IssuedReceipt, receiptSigner } from './use/consent-receipt.ts'
export type { DestructionStatement } from './documents/destruction-statement.ts'
export { type IssuedAct, issueDestructionAct, printDestructionAct } from './use/destruction-act.ts'
export {
  keepRetention,
  listPlannedDestructions,
  planDestructions,
  type PlannedDestruction,
  type ShownDestruction,
} from './use/plan-destructions.ts'
export { endPause, showPause, type ShownPause } from './use/pause-after-restore.ts'
export { measureProtection, showProtection } from './use/protection-level.ts'
export { type DoubtList, listDoubts } from './use/list-doubts.ts'
export {
  approveDisclosure,
  declineDisclosure,
  disclose,
  type Disclosed,
  type DisclosureRequest,
} from './use/disclose.ts'
export { type AskedDestruction, askDestruction, cancelDestruction, carryOutErasures } from './use/erasure.ts'
export { describeEpochs } from './use/describe-epochs.ts'
export { endContract } from './use/end-contract.ts'
export { type EndedEpoch, endEpoch, type EpochStep } from './use/end-epoch.ts'
export { keepEpochs } from './use/keep-epochs.ts'
export { openReplayed, type Replayed } from './use/replay-journal.ts'
export { type BackupContent, restoreBackup } from './use/restore-backup.ts'
export { type ExplainedDecision, explainDecision } from './use/explain-decision.ts'
export { type Candidate, findBySurname, type FoundBySurname, type SurnameSearch } from './use/find-by-surname.ts'
export {
  beginProvider,
  proveByProvider,
  type ProviderStep,
  type Said,
  takeProviderStep,
} from './use/prove-provider.ts'
export { findPerson, type FindRequest, type Found } from './use/find-person.ts'
export { giveConsent } from './use/give-consent.ts'
export { listOwnPublications, makePublic, type OwnPublication } from './use/publications/make-public.ts'
export { PublicReads } from './use/publications/public-reads.ts'
export type { PublicData } from './use/publications/serve-public.ts'
export { type Integrated, integrateLedger } from './use/integrate-ledger.ts'
export type { Kept } from './use/kept.ts'
export { packLedger } from './use/pack-ledger.ts'
export { destroyField } from './use/destroy-field.ts'
export { erasureReceipts } from './use/erasure-receipts.ts'
export { pruneLedger } from './use/prune-ledger.ts'
export { confirmHold, liftHold, listHolds, setHold, type StandingHold } from './use/legal-hold.ts'
export { listConflicts } from './use/list-conflicts.ts'
export { listDisclosures, listDisclosuresOf, pageAfter, showDisclosures } from './use/list-disclosures.ts'
export { type DestructionAct, listDestructions } from './use/list-destructions.ts'
export {
  adoptPolicy,
  currentPolicy,
  listPolicies,
  loadPolicy,
  type PolicyVersion,
  proposePolicy,
  type Prover,
  readPolicy,
  refreshPolicy,
} from './use/adopt-policy.ts'
export type { OnPerson } from './use/on-person.ts'
export { type AccessRequest, decideAccess, type Decided, isOpened, openFields, type Opened } from './use/open-fields.ts'
export { clauseTests, countClauses, liveMatrix, type LiveMatrix, policyMatrix } from './use/policy-matrix.ts'
export {
  cancelMailbox,
  confirmMailbox,
  listWaitingMailboxes,
  myWaitingMailbox,
  proposeMailbox,
  proveMailbox,
  replaceMailboxes,
  sendMailboxCode,
  type WaitingMailbox,
} from './use/lost-mailbox.ts'
export { endOtherSessions } from './use/end-sessions.ts'
export type { Ceremony, PasskeySite } from './use/passkey-ceremony.ts'
export {
  addPasskey,
  beginPasskey,
  beginPasskeySignIn,
  listPasskeys,
  type Passkey,
  proveByPasskey,
  removePasskey,
  renamePasskey,
  signInByPasskey,
} from './use/passkeys.ts'
export { provePhone, sendPhoneCode } from './use/prove-phone.ts'
export { proveLetterCode, proveOwnRequest, sendLetterCode } from './use/requests/letter-code.ts'
export { proveCode, type Session } from './use/prove-code.ts'
export { sha256 } from './seal/sha256.ts'
export {
  discloseLedgerSecret,
  type HistoryEntry,
  proveEntry,
  proveNewEntry,
  readHistory,
  tellHistory,
} from './use/read-history.ts'
export {
  ledgerKey,
  ledgerPolicy,
  type LedgerReport,
  readCheckpoint,
  readPublic,
  readTile,
  verifyLedger,
} from './use/read-ledger.ts'
export { confront, consistencyOf, finalise, treeToWitness, witnessing, type SignedTree } from './use/published-tree.ts'
export {
  confirmRepresentative,
  listMyRepresentatives,
  listProposedRepresentatives,
} from './use/confirm-representative.ts'
export { endRepresentative, proposeRepresentative, registerRepresented } from './use/represent.ts'
export { requestCode, type SentCode } from './use/request-code.ts'
export { listDevelopmentMail, type MailAnswer, sendDueMail } from './use/send-mail.ts'
export { type DocumentTexts, readTexts } from './documents/texts.ts'
export { EXTENSION_WORDS, KIND_WORDS } from './documents/kind-words.ts'
export type { LetterRow } from './store/letters.ts'
export type { ReplyRow } from './store/replies.ts'
export type { RequestRow } from './store/requests.ts'
export { decideRequest, isStaffStep, recallRequest } from './use/requests/decide-request.ts'
export { printAddressSheet } from './use/requests/address-sheet.ts'
export { forgetLetters } from './use/requests/forget-letters.ts'
export {
  correctForRequest,
  type Fulfilled,
  publicationsForRequest,
  publishForRequest,
  settleForRequest,
} from './use/requests/fulfil-request.ts'
export { provedUntil } from './use/requests/identity.ts'
export type { LetterContent, PartIn, PartInfo, Sender } from './use/requests/letter-content.ts'
export { checkSignature } from './use/requests/check-signature.ts'
export { linkLetter, recordCheck } from './use/requests/prove-identity.ts'
export {
  type DescribedRequest,
  describeRequest,
  listOwnRequests,
  listQueue,
  type QueuePage,
  type Repeated,
  type QueueRequest,
} from './use/requests/queue.ts'
export { readLetter, type ReadLetter, readPart } from './use/requests/read-letter.ts'
export {
  type AsideMessage,
  dismissAside,
  listAside,
  readAside,
  registerAside,
} from './use/requests/mail-aside.ts'
export {
  describeIntake,
  forgetMail,
  furthestBack,
  intakeAlone,
  type MailboxState,
  mailboxState,
  type MailFault,
  noteFailing,
  noteReached,
  readingOf,
  saveReading,
} from './use/requests/mail-intake.ts'
export { type MessageIn, type ReadMessage } from './use/requests/message-in.ts'
export { type IntakeSettings, type MailFate, takeMessage } from './use/requests/take-message.ts'
export { type LetterIn, type RegisteredLetter, registerLetter } from './use/requests/register-letter.ts'
export {
  markPosted,
  readExport,
  readReply,
  REPLY_CHANNELS,
  REPLY_KINDS,
  type ReplyChannel,
  type ReplyRequest,
  sendReply,
  type SentReply,
  type SentReplyKind,
} from './use/requests/send-reply.ts'
export type { AffectedPerson } from './store/incident-people.ts'
export type { Affected, IncidentDocument, IncidentRow, IncidentScope } from './store/incidents.ts'
export type { DeputyRow } from './store/deputies.ts'
export {
  actAsDeputy,
  appointDeputy,
  confirmDeputy,
  type DeputyRequest,
  endDeputies,
  endDeputy,
  listDeputies,
} from './use/deputies/deputy.ts'
export type { DutyDocument, DutyFacts, DutyRow, StoredDutyEvent } from './store/duties.ts'
export type { DutyStatement } from './documents/duty-document.ts'
export { clockWords } from './documents/clock-words.ts'
export { DUTY_WORDS } from './documents/duty-words.ts'
export type { DutyContent, DutyWords } from './use/operator-duties/content.ts'
export { draftDuty, type DutyDraft, readDutyDocument } from './use/operator-duties/duty-documents.ts'
export { keepDuties } from './use/operator-duties/keep-duties.ts'
export { type DutyRequest, openDuty } from './use/operator-duties/open-duty.ts'
export { type DescribedDuty, describeDuty, listDuties } from './use/operator-duties/read-duties.ts'
export { describeDutyFurther, type DutyStepRequest, stepDuty } from './use/operator-duties/step-duty.ts'
export type { IncidentDocumentKind, IncidentStatement } from './documents/incident-notice.ts'
export type { IncidentContent, IncidentWords } from './use/incidents/content.ts'
export { draftNotice, type IncidentDraft, readNotice } from './use/incidents/draft-notice.ts'
export { type NewIncident, openIncident } from './use/incidents/open-incident.ts'
export { type DescribedIncident, describeIncident, listIncidents, showAffected } from './use/incidents/read-incident.ts'
export { scopeIncident, type ScopeRequest } from './use/incidents/scope-incident.ts'
export { describeFurther, type IncidentStepRequest, leaveUntold, stepIncident } from './use/incidents/step-incident.ts'
export { tellAffected } from './use/incidents/tell-affected.ts'
export { tendIncidents } from './use/incidents/tend-incidents.ts'
export { rerouteRequest } from './use/requests/reroute-request.ts'
export { recountRequests, tendRequests } from './use/requests/tend-requests.ts'
export { askForReview } from './use/ask-review.ts'
export { GENTLY, type Pace, resting } from './use/pace.ts'
export {
  approveDemand,
  askForDemand,
  type DemandCase,
  type DemandExport,
  refuseDemand,
} from './use/demands/answer-demand.ts'
export { describeDemand, listDemands, tendDemands } from './use/demands/demand-queue.ts'
export { normsOf } from './use/demands/norms.ts'
export { type DemandIn, registerDemand } from './use/demands/register-demand.ts'
export { listNotices, markNotice, printNoticeAddress, readRecipientLetter, tendNotices } from './use/notices/notices.ts'
export type { DemandRow } from './store/demands.ts'
export type { RecipientLetterRow } from './store/recipient-letters.ts'
export { rotateCells, rotatePeople } from './use/rotate-keys.ts'
export { type Settled, settleConflict, type SettlementRequest } from './use/settle-conflict.ts'
export { type Sampled, samplePeople } from './use/sample-people.ts'
export { reviewData } from './use/review-data.ts'
export { setConfidentiality } from './use/set-confidentiality.ts'
export { showForm, type ShownForm } from './use/show-form.ts'
export { addStaff, authenticateSession, enterStaff, firstStaffLink, leave } from './use/staff-access.ts'
export { endStaffSessions, listStaff, machineStaffLink, newStaffLink, switchOffStaff } from './use/staff-members.ts'
export { simulatePolicy, type SimulationRequest } from './use/simulate-policy.ts'
export { sweep } from './use/sweep.ts'
export { watchBacklog } from './use/watch-backlog.ts'
export { type Withdrawn, withdrawConsent } from './use/withdraw-consent.ts'
