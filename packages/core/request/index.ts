export { type CalendarYear, embeddedCalendar, type ProductionCalendar, withYears } from './calendar.ts'
export { type CalendarEvent, calendarText } from './ics.ts'
export { clockReport, type ClockReport } from './clock-report.ts'
export {
  documentMethods,
  IDENTITY_METHODS,
  type IdentityMethod,
  type IdentityMethodId,
  isIdentityMethod,
  levelFor,
  levelReached,
  PROOF_FRESH,
  settling,
} from './identity.ts'
export { isNobodyThere, readDeliveryStatus } from './delivery-status.ts'
export { type Law, lawOf } from './law.ts'
export {
  type End,
  ENDS,
  hasToTell,
  isEnd,
  type Machine,
  MACHINES,
  type Owner,
  ownerOf,
  type State,
  type Step,
  STEPS,
  stepsFrom,
} from './machine.ts'
export {
  advanceIncident,
  CLOSE,
  type Incident,
  type IncidentEvent,
  type IncidentFault,
  type IncidentStep,
  incidentSteps,
  isIncidentEnd,
  type LaterIncidentEvent,
  openIncident,
} from './incident.ts'
export {
  asksNoReceipt,
  authenticationHint,
  type MailHeader,
  type MailNature,
  mailNature,
} from './mail-nature.ts'
export { messageIdsIn, numberInHeading, ownWords } from './mail-thread.ts'
export { readCalendar } from './read-calendar.ts'
export { type Marks, recognise, type Recognised } from './recognise.ts'
export {
  advance,
  DESTROYING,
  extendable,
  isDestroying,
  type PlainStep,
  type Request,
  type RequestEvent,
  type RequestFault,
  receive,
  requestOf,
  UNPROVED,
} from './request.ts'
export { repeatedUntil } from './repeat.ts'
export { unprovedAt } from './unproved.ts'
export { countTerm, momentOf, type Term } from './term.ts'
export {
  ANSWER,
  earliest,
  type Escalation,
  escalationDue,
  ESCALATIONS,
  EXTENSION_REASONS,
  type ExtensionReason,
  nextEscalation,
  type Track,
} from './track.ts'
export {
  demandAfter,
  demandBeginning,
  demandDue,
  demandEscalation,
  type DemandState,
  type DemandStep,
  endOfDay,
  isDemandEnd,
  nextDemandEscalation,
} from './demand.ts'
export {
  advanceDuty,
  type Duty,
  DUTY_CLOCKS,
  type DutyEvent,
  type DutyFault,
  type DutyStep,
  dutySteps,
  isDutyEnd,
  isNotice,
  isOwed,
  type LaterDutyEvent,
  openDuty,
  reviewEnds,
} from './duty.ts'
