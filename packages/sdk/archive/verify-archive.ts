import {
  ARCHIVE_FILES,
  ARCHIVE_FORMAT,
  type ArchiveManifest,
  equalBytes,
  hex,
  isDoverieError,
  utf8,
  ZipFault,
} from '@doverie/core/base'
import {
  isLogKey,
  isWitnessed,
  openCheckpoint,
  type OpenedCheckpoint,
  openNote,
  parseTrustPolicy,
  policyKeys,
  PORTABLE,
  type Sha256,
  sha256 as portableSha256,
  type SignatureVerifiers,
  type TrustPolicy,
} from '@doverie/core/log'
import { broken, fileOf, type Files, filesOf } from './archive-files.ts'
import { checkLines, provedEntries } from './registers.ts'
import { checkTree } from './tree.ts'

/** Whom to believe, and how to verify what they say. */
export interface ArchiveTrust {
  /** The ledger's keys and witnesses as its operator publishes them; those that the archive names where none are given. */
  readonly policy?: string | undefined
  /** Where the platform knows more, or is faster, than what is portable. */
  readonly verifiers?: SignatureVerifiers
  readonly sha256?: Sha256
}

/** An archive of which every file, line and hash holds. */
export interface VerifiedArchive {
  readonly manifest: ArchiveManifest
  /** False where the keys are the archive's own word. */
  readonly trusted: boolean
  /** Null where the policy of trust asks for no witnesses. */
  readonly witnessed: boolean | null
  /** Entries of the ledger that lines name: those proved, and those without a place. */
  readonly proved: number
  readonly unproved: number
}

/**
 * Verifies an inspector's archive: the manifest by the ledger's key; every file by its hash, none missing, added or named twice; the checkpoint, and that it
 * continues the trees of the period; every entry that a line names by its way to the root; versions of the policy by the hash that their line
 * gives. Every byte may be an attacker's: nothing is unpacked beyond what the signed manifest says. Throws `invalid-value` with the
 * file as `field`.
 */
export function verifyArchive(bytes: Uint8Array, trust: ArchiveTrust = {}): VerifiedArchive {
  try {
    return verify(bytes, trust)
  } catch (fault) {
    if (isDoverieError(fault)) throw fault
    throw broken('archive', fault instanceof ZipFault ? fault.message : 'the archive is damaged')
  }
}

function verify(
  bytes: Uint8Array,
  { policy, verifiers = PORTABLE, sha256 = portableSha256 }: ArchiveTrust,
): VerifiedArchive {
  const files = filesOf(bytes)
  const trust = trustOf(policy, files)
  const manifest = manifestOf(files, trust, verifiers)
  files.check(manifest.files, sha256)
  const checkpoint = checkpointOf(files, manifest, trust, verifiers)
  const opened = (note: string): OpenedCheckpoint | null => signedBy(note, manifest, trust, verifiers)
  checkTree(files, manifest, checkpoint, { sha256, opened })
  const proved = provedEntries(files, checkpoint, sha256)
  const unproved = checkLines(files, manifest, proved, checkpoint.size, sha256)
  const witnessed = trust.quorum === 'none' ? null : isWitnessed(trust, checkpoint.verified)
  if (witnessed === false) throw broken(ARCHIVE_FILES.checkpoint, 'too few witnesses cosigned the checkpoint')
  return { manifest, trusted: policy !== undefined, witnessed, proved: proved.size, unproved }
}

function trustOf(given: string | undefined, files: Files): TrustPolicy {
  try {
    return parseTrustPolicy(given ?? fileOf(files, ARCHIVE_FILES.trust))
  } catch {
    throw broken(given === undefined ? ARCHIVE_FILES.trust : 'trust', 'that is no policy of trust')
  }
}

/** The manifest that one of the log's keys signed; the plain one beside it must be the same. */
function manifestOf(files: Files, trust: TrustPolicy, verifiers: SignatureVerifiers): ArchiveManifest {
  const logs = new Set(trust.logs.map(({ key }) => `${key.name} ${key.keyId}`))
  const { text, verified } = signedText(files, trust, verifiers)
  const [format, body, ...rest] = text.split('\n')
  if (format !== ARCHIVE_FORMAT || body === undefined || rest.join('') !== '') {
    throw broken(ARCHIVE_FILES.signed, 'what is signed is no manifest of an archive')
  }
  if (!equalBytes(fileOf(files, ARCHIVE_FILES.manifest), utf8(body))) {
    throw broken(ARCHIVE_FILES.manifest, 'it is another than the signed one')
  }
  const manifest = JSON.parse(body) as ArchiveManifest
  const { origin } = manifest.ledger
  if (!verified.some((one) => one.name === origin && isLogKey(one) && logs.has(`${one.name} ${one.keyId}`))) {
    throw broken(ARCHIVE_FILES.signed, NOT_SIGNED)
  }
  return manifest
}

const NOT_SIGNED = 'the ledger’s key did not sign this manifest'

function signedText(files: Files, trust: TrustPolicy, verifiers: SignatureVerifiers): ReturnType<typeof openNote> {
  const note = fileOf(files, ARCHIVE_FILES.signed)
  try {
    return openNote(note, policyKeys(trust), verifiers)
  } catch {
    throw broken(ARCHIVE_FILES.signed, NOT_SIGNED)
  }
}

function checkpointOf(
  files: Files,
  manifest: ArchiveManifest,
  trust: TrustPolicy,
  verifiers: SignatureVerifiers,
): OpenedCheckpoint {
  const opened = signedBy(fileOf(files, ARCHIVE_FILES.checkpoint), manifest, trust, verifiers)
  if (opened === null) throw broken(ARCHIVE_FILES.checkpoint, 'the ledger did not sign this checkpoint')
  if (opened.size !== manifest.ledger.size || hex(opened.root) !== manifest.ledger.root) {
    throw broken(ARCHIVE_FILES.checkpoint, 'it is another than the manifest names')
  }
  return opened
}

/** A checkpoint that the ledger of the manifest signed; null for what it did not. */
function signedBy(
  note: Uint8Array | string,
  { ledger }: ArchiveManifest,
  trust: TrustPolicy,
  verifiers: SignatureVerifiers,
): OpenedCheckpoint | null {
  try {
    return openCheckpoint(note, ledger.origin, policyKeys(trust), verifiers)
  } catch {
    return null
  }
}
