export {
  ARCHIVE_FILES,
  ARCHIVE_FORMAT,
  ARCHIVE_LIMITS,
  type ArchivedFile,
  type ArchivedPrefix,
  type ArchivedTree,
  type ArchiveManifest,
  type CitedEntry,
  type ProvedEntry,
} from './archive.ts'
export {
  base64,
  base64url,
  concat,
  equalBytes,
  fromBase64,
  fromBase64url,
  fromHex,
  fromUtf8,
  hex,
  utf8,
} from './bytes.ts'
export { type Canonical, canonical } from './canonical.ts'
export { csv } from './csv.ts'
export {
  DoverieError,
  ERROR_CODES,
  type ErrorCode,
  type ErrorDetails,
  type FieldProblem,
  isDoverieError,
} from './errors.ts'
export {
  AGE_BANDS,
  type AgeBand,
  BLOCK_REASONS,
  type Block,
  type AskedErasure,
  type BlockReason,
  type Contract,
  type Facts,
  HOLD_REASONS,
  type HoldReason,
  type HeldBlock,
  type Instant,
  type LegalHold,
  type LiveConsent,
  PUBLIC_BANS,
  type PublicBan,
  type Publication,
  REPRESENTATIVE_ACTS,
  REPRESENTATIVE_KINDS,
  type Representative,
  type RepresentativeAct,
  type RepresentativeKind,
} from './facts.ts'
export { isUuid, type Uuid, uuidFrom } from './ids.ts'
export {
  DUTY_KINDS,
  DUTY_STATES,
  type DutyKind,
  type DutyState,
  HARM_LEVELS,
  type HarmLevel,
  VOID_REASONS,
  type VoidReason,
} from './duty-names.ts'
export {
  INCIDENT_RISKS,
  INCIDENT_STATES,
  type IncidentRisk,
  type IncidentState,
  NO_BREACH_REASONS,
  type NoBreachReason,
  UNTOLD_REASONS,
  type UntoldReason,
} from './incident-names.ts'
export { SIGNATURE_CHECKERS, type SignatureChecker } from './signature-names.ts'
export {
  type Clock,
  CLOCK_ENDS,
  type ClockEnd,
  GROUND_KINDS,
  type GroundKind,
  type HarmCriterion,
  type LabelledEntry,
  type LegalGround,
  type LegalNotice,
  type LegalProfile,
  REQUEST_KINDS,
  type RequestKind,
  type Sourced,
} from './legal/profile.ts'
export { legalProfile, PROFILE_IDS, type ProfileId } from './legal/profiles.ts'
export {
  type DataKind,
  type ProtectionLevel,
  protectionLevel,
  THREAT_TYPES,
  type ThreatType,
} from './legal/protection.ts'
export type { Localised } from './localised.ts'
export { OPERATIONS, type Operation } from './operations.ts'
export { formatPeriod, parseExactDuration, parsePeriod, type Period } from './period.ts'
export { err, ok, type Result } from './result.ts'
export {
  addPeriod,
  type Day,
  dayAt,
  formatDay,
  formatInstant,
  instantOf,
  isZone,
  nextDay,
  parseDay,
  startOfDay,
  weekday,
} from './zone.ts'
export { onlyZipEntries, zipEntries, type ZipEntry, ZipFault } from './zip/directory.ts'
export { unpackZip } from './zip/unpack.ts'
export { type ZipFile, ZipWriter } from './zip/write.ts'
