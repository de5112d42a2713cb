import { base64, DoverieError, fromBase64, fromUtf8, utf8 } from '../base/index.ts'
import { type OpenedCheckpoint, openCheckpoint } from './checkpoint.ts'
import { parseCheckpoint } from './checkpoint-text.ts'
import { HASH_SIZE, leafHash, type Sha256, sha256 } from './hash.ts'
import { MAX_NOTE_SIZE, parseNote } from './note.ts'
import type { VerifierKey } from './note-key.ts'
import { isCount, parseCount } from './number.ts'
import { verifyInclusion } from './proof.ts'
import { PORTABLE, type SignatureVerifiers } from './signature.ts'

/** Bytes of the longest proof file: a note and as much again for the rest. */
export const MAX_PROOF_FILE_SIZE: number = 2 * MAX_NOTE_SIZE

/** A `.tlog-proof` file (c2sp.org/tlog-proof@v1): that an entry lies in a log, checkable without the log. */
export interface ProofFile {
  /** Data of the application that nothing authenticates (here: what the commitment hides); null where there is none. */
  readonly extra: Uint8Array | null
  readonly index: number
  /** The inclusion proof, from the leaf's sibling to the root's child. */
  readonly hashes: readonly Uint8Array[]
  /** The checkpoint's note, verbatim, with whatever cosignatures it carries. */
  readonly checkpoint: string
}

const HEADER = 'c2sp.org/tlog-proof@v1'
/** A tree of 2^63 leaves is as deep. */
const MAX_HASHES = 63

/** Throws `invalid-value` on parts that are no proof file, so that what is written can be read. */
export function formatProofFile(proof: ProofFile): string {
  const { extra, index, hashes, checkpoint } = proof
  const lines = [HEADER]
  if (extra !== null) lines.push(`extra ${base64(extra)}`)
  lines.push(`index ${index}`, ...hashes.map((hash) => base64(hash)))
  const file = `${lines.join('\n')}\n\n${checkpoint}`
  const hashesFit = hashes.length <= MAX_HASHES && hashes.every((hash) => hash.length === HASH_SIZE)
  if (extra?.length === 0 || !hashesFit || utf8(file).length > MAX_PROOF_FILE_SIZE) throw malformed()
  checkIndex(index, checkpoint)
  return file
}

/**
 * The inverse of `formatProofFile`. Throws `invalid-value` on any other text. Nothing is verified yet: `openProofFile`
 * does that.
 */
export function parseProofFile(file: Uint8Array | string): ProofFile {
  const whole = decode(file)
  const end = whole.indexOf('\n\n')
  if (end === -1) throw malformed()
  const [header, ...lines] = whole.slice(0, end).split('\n')
  const extra = lines[0]?.startsWith('extra ') === true ? decodeExtra(lines.shift()) : null
  const indexLine = lines.shift()
  const index = indexLine?.startsWith('index ') === true ? parseCount(indexLine.slice('index '.length)) : null
  if (header !== HEADER || index === null || lines.length > MAX_HASHES) throw malformed()
  const hashes = lines.map((line) => {
    const hash = fromBase64(line)
    if (hash?.length !== HASH_SIZE) throw malformed()
    return hash
  })
  const checkpoint = whole.slice(end + 2)
  checkIndex(index, checkpoint)
  return { extra, index, hashes, checkpoint }
}

/**
 * Verifies a proof file without any network: the log `origin` signed the checkpoint with one of `keys`, and `entry` lies at
 * the file's index in it. Returns the checkpoint with the signatures that were verified; throws `invalid-value` where
 * anything does not hold. `extra` stays unauthenticated: recompute the entry from it.
 */
export function openProofFile(
  proof: ProofFile,
  entry: Uint8Array,
  origin: string,
  keys: readonly VerifierKey[],
  hash: Sha256 = sha256,
  verifiers: SignatureVerifiers = PORTABLE,
): OpenedCheckpoint {
  const checkpoint = openCheckpoint(proof.checkpoint, origin, keys, verifiers)
  const { size, root } = checkpoint
  if (!verifyInclusion(proof.index, size, leafHash(entry, hash), proof.hashes, root, hash)) {
    throw new DoverieError('invalid-value', 'The proof does not lead from this entry to the checkpoint.', {
      field: 'proof',
    })
  }
  return checkpoint
}

/** The index is one of the tree of the checkpoint. */
function checkIndex(index: number, checkpoint: string): void {
  const { size } = parseCheckpoint(parseNote(checkpoint).text)
  if (!isCount(index) || index >= size) throw malformed()
}

function decodeExtra(line: string | undefined): Uint8Array {
  const extra = fromBase64((line ?? '').slice('extra '.length))
  if (extra === null || extra.length === 0) throw malformed()
  return extra
}

function decode(file: Uint8Array | string): string {
  if (file.length > MAX_PROOF_FILE_SIZE) throw malformed()
  if (typeof file === 'string') return file
  try {
    return fromUtf8(file)
  } catch {
    throw malformed()
  }
}

function malformed(): DoverieError {
  return new DoverieError('invalid-value', 'This is not a proof file.', { field: 'proof' })
}
