import * as access from './access.ts'
import { auditLedger } from './audit.ts'
import { settleConflict } from './conflict.ts'
import * as destructions from './destructions.ts'
import * as disclosure from './disclosure.ts'
import * as forms from './forms.ts'
import * as health from './health.ts'
import * as identity from './identity.ts'
import * as letters from './letters.ts'
import * as ledger from './ledger.ts'
import * as legalHold from './legal-hold.ts'
import * as me from './me.ts'
import type { AnyOperation } from './operation.ts'
import * as person from './person.ts'
import * as policy from './policy.ts'
import { policyMatrix } from './policy-matrix.ts'
import * as requests from './requests.ts'
import { showProtection } from './protection.ts'
import * as representative from './representative.ts'
import * as retention from './retention.ts'
import * as signIn from './sign-in.ts'
import * as staff from './staff.ts'
import * as members from './staff-members.ts'

/** Every operation of the HTTP interface. */
export const CONTRACT: readonly AnyOperation[] = [
  health.healthz,
  health.showOpenApi,
  forms.showPolicy,
  forms.listForms,
  forms.showForm,
  forms.submitForm,
  access.open,
  access.openByQuery,
  access.openBatch,
  access.decideAccess,
  access.compare,
  access.search,
  signIn.requestCode,
  signIn.proveCode,
  signIn.enter,
  signIn.leave,
  me.showMe,
  me.showHistory,
  me.proveEntry,
  me.showLedgerSecret,
  me.correctMine,
  me.closeMine,
  me.giveConsent,
  me.consentReceipt,
  me.withdrawMine,
  me.destroyMine,
  me.reviewMine,
  me.erasureReceipts,
  me.cancelDestruction,
  representative.showRepresented,
  representative.showMyRepresentatives,
  representative.dismissMine,
  disclosure.showMyDisclosures,
  representative.registerRepresented,
  person.describePerson,
  person.correctPerson,
  person.correctAge,
  representative.registerRepresentative,
  representative.confirmRepresentative,
  representative.endRepresentative,
  representative.listWaitingRepresentatives,
  person.closeField,
  person.withdrawConsent,
  person.blockPerson,
  person.unblockPerson,
  person.confirmData,
  person.endContract,
  person.destroyData,
  person.cancelTheirDestruction,
  disclosure.disclose,
  disclosure.approveDisclosure,
  disclosure.declineDisclosure,
  disclosure.listDisclosures,
  legalHold.setHold,
  legalHold.confirmHold,
  legalHold.liftHold,
  legalHold.listHolds,
  staff.issueCredential,
  staff.listCredentials,
  staff.revokeCredential,
  staff.addStaff,
  members.listStaff,
  members.newStaffLink,
  members.endStaffSessions,
  members.switchOffStaff,
  staff.listConflicts,
  settleConflict,
  destructions.listDestructions,
  destructions.issueDestructionAct,
  destructions.printDestructionAct,
  retention.listPlan,
  retention.listDoubts,
  showProtection,
  identity.sendPhoneCode,
  identity.provePhone,
  identity.proveRequest,
  identity.sendLetterCode,
  identity.proveLetterCode,
  letters.registerLetter,
  letters.readLetter,
  letters.readLetterPart,
  letters.linkLetter,
  letters.checkIdentity,
  letters.askMine,
  letters.listMine,
  letters.showMine,
  letters.recallMine,
  requests.listQueue,
  requests.describeRequest,
  requests.stepRequest,
  requests.rerouteRequest,
  requests.correctForRequest,
  requests.settleForRequest,
  requests.sendReply,
  requests.markPosted,
  requests.readReply,
  requests.readExport,
  requests.printAddressSheet,
  policy.listPolicyVersions,
  policy.readPolicyVersion,
  policy.proposePolicy,
  policy.adoptPolicy,
  policy.explainDecision,
  policyMatrix,
  ledger.readCheckpoint,
  ledger.readKey,
  ledger.readMinimum,
  ledger.readLedgerPolicy,
  ledger.readReceiptKeys,
  ledger.readTile,
  auditLedger,
]
