export { type AuditedEntry, auditEntries, type AuditFault } from './audit.ts'
export { decodeBundle, encodeBundle, MAX_ENTRY_SIZE } from './bundle.ts'
export { type OpenedCheckpoint, openCheckpoint, signCheckpoint } from './checkpoint.ts'
export { type Checkpoint, formatCheckpoint, parseCheckpoint } from './checkpoint-text.ts'
export { type CopiedLog, copyLog, type CopyLogOptions, type LogCopy } from './copy-log.ts'
export { commitment, commitmentInput, ENTRY_DOMAIN, SALT_SIZE } from './entry.ts'
export { formatOpening, type Opening, parseOpening, REF_DOMAIN, refOf } from './opening.ts'
export { EMPTY_ROOT, HASH_SIZE, leafHash, nodeHash, type Sha256, sha256 } from './hash.ts'
export {
  formatNote,
  formatSignatureLines,
  MAX_NOTE_SIZE,
  MAX_SIGNATURES,
  type Note,
  type NoteSignature,
  type OpenedNote,
  openNote,
  parseNote,
  parseSignatureLines,
  signatures,
  type SignatureToVerify,
  signaturesToVerify,
  signNote,
  type VerifiedSignature,
} from './note.ts'
export {
  formatSigningKey,
  formatVerifierKey,
  isKeyName,
  isLogKey,
  isWitnessKey,
  KEY_TYPES,
  type KeyType,
  keyId,
  parseSigningKey,
  parseVerifierKey,
  type Signer,
  type SigningKey,
  signerOf,
  signingKey,
  type VerifierKey,
  verifierKey,
} from './note-key.ts'
export { verifyConsistency, verifyInclusion, verifySubtreeConsistency, verifySubtreeInclusion } from './proof.ts'
export { type ProofCaseResult, runProofCase } from './proof-cases.ts'
export {
  formatProofFile,
  MAX_PROOF_FILE_SIZE,
  openProofFile,
  parseProofFile,
  type ProofFile,
} from './proof-file.ts'
export { type ProofPlan, planConsistency, planInclusion, proofFromTiles } from './proof-plan.ts'
export { fetchResource, MINIMUM, type ReadResource } from './resource.ts'
export {
  decodeTile,
  encodeTile,
  hashCount,
  parseTilePath,
  TILE_WIDTH,
  type Tile,
  tilePath,
  tilesBetween,
  tileWidth,
} from './tile.ts'
export {
  append,
  type Edge,
  EMPTY_EDGE,
  edgeFromTiles,
  edgeTiles,
  type Growth,
  rootOf,
  type TileContent,
} from './tree.ts'
export { type LogFault, type LogReport, type VerifyLogOptions, verifyLog } from './verify-log.ts'
export { PORTABLE, type SignatureVerifiers } from './signature.ts'
export {
  formatTrustPolicy,
  isWitnessed,
  MAX_POLICY_SIZE,
  NO_WITNESSES,
  parseTrustPolicy,
  policyKeys,
  type TrustedParty,
  type TrustPolicy,
  type WitnessGroup,
} from './trust-policy.ts'
export {
  type AddCheckpoint,
  addCosignatures,
  formatAddCheckpoint,
  judgeAddCheckpoint,
  MAX_ADD_CHECKPOINT_SIZE,
  parseAddCheckpoint,
  type WitnessedTree,
  type WitnessVerdict,
} from './witness.ts'
