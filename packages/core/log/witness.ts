import { base64, DoverieError, equalBytes, fromBase64, fromUtf8, isDoverieError } from '../base/index.ts'
import { type OpenedCheckpoint, openCheckpoint } from './checkpoint.ts'
import { parseCheckpoint } from './checkpoint-text.ts'
import { EMPTY_ROOT, HASH_SIZE, type Sha256, sha256 } from './hash.ts'
import { formatNote, MAX_NOTE_SIZE, parseNote, parseSignatureLines, signaturesToVerify } from './note.ts'
import { isWitnessKey, type VerifierKey } from './note-key.ts'
import { parseCount } from './number.ts'
import { verifyConsistency } from './proof.ts'
import { type SignatureVerifiers, verifySignature } from './signature.ts'

/** Bytes of the longest request: a note and 64 lines before it. */
export const MAX_ADD_CHECKPOINT_SIZE: number = MAX_NOTE_SIZE + 8 * 1024

const MAX_PROOF = 63

/** What a log asks a witness to cosign (c2sp.org/tlog-witness, `add-checkpoint`). */
export interface AddCheckpoint {
  /** Size of the last checkpoint that the witness cosigned, as the log knows it. */
  readonly old: number
  /** From the old size to the checkpoint's; empty where the old size is 0. */
  readonly proof: readonly Uint8Array[]
  /** The checkpoint's note, verbatim. */
  readonly checkpoint: string
}

/** The body of the request. */
export function formatAddCheckpoint({ old, proof, checkpoint }: AddCheckpoint): string {
  return `old ${old}\n${proof.map((hash) => `${base64(hash)}\n`).join('')}\n${checkpoint}`
}

/** The inverse of `formatAddCheckpoint`. Throws `invalid-value` on any other body. Nothing in it is verified. */
export function parseAddCheckpoint(body: Uint8Array): AddCheckpoint & { readonly origin: string } {
  if (body.length > MAX_ADD_CHECKPOINT_SIZE) throw malformed()
  const whole = decode(body)
  const end = whole.indexOf('\n\n')
  if (end === -1) throw malformed()
  const [first = '', ...lines] = whole.slice(0, end).split('\n')
  const old = first.startsWith('old ') ? parseCount(first.slice('old '.length)) : null
  if (old === null || lines.length > MAX_PROOF) throw malformed()
  const proof = lines.map((line) => {
    const hash = fromBase64(line)
    if (hash?.length !== HASH_SIZE) throw malformed()
    return hash
  })
  const checkpoint = whole.slice(end + 2)
  const { origin } = parseCheckpoint(parseNote(checkpoint).text)
  return { old, proof, checkpoint, origin }
}

/** The tree that a witness cosigned last for a log. */
export interface WitnessedTree {
  readonly size: number
  readonly root: Uint8Array
}

/** What a witness must answer: cosign it, or one of the protocol's refusals; with 409 goes the size of the last one. */
export type WitnessVerdict =
  | { readonly status: 200; readonly checkpoint: OpenedCheckpoint }
  | { readonly status: 400 | 403 | 404 | 422 }
  | { readonly status: 409; readonly size: number }

/**
 * Judges a request, in the order of the specification. `keys` are those that the witness trusts for the request's origin, null
 * where it knows no such log; `last` is what it cosigned last for it, null where nothing. INVARIANT (the caller's): between
 * reading `last` and making the new one durable nobody else changes it, and no cosignature leaves before that.
 */
export function judgeAddCheckpoint(
  request: AddCheckpoint & { readonly origin: string },
  keys: readonly VerifierKey[] | null,
  last: WitnessedTree | null,
  verifiers: SignatureVerifiers,
  hash: Sha256 = sha256,
): WitnessVerdict {
  if (keys === null || keys.length === 0) return { status: 404 }
  const checkpoint = opened(request, keys, verifiers)
  if (checkpoint === null) return { status: 403 }
  const { size, root } = checkpoint
  const { old, proof } = request
  if (old > size) return { status: 400 }
  const known = last?.size ?? 0
  if (old !== known) return { status: 409, size: known }
  if (size === 0)
    return equalBytes(root, EMPTY_ROOT) && proof.length === 0 ? { status: 200, checkpoint } : { status: 422 }
  if (old === 0) return proof.length === 0 ? { status: 200, checkpoint } : { status: 422 }
  const consistent = last !== null && verifyConsistency(old, size, proof, last.root, root, hash)
  return consistent ? { status: 200, checkpoint } : { status: 422 }
}

function opened(
  { checkpoint, origin }: { readonly checkpoint: string; readonly origin: string },
  keys: readonly VerifierKey[],
  verifiers: SignatureVerifiers,
): OpenedCheckpoint | null {
  try {
    return openCheckpoint(checkpoint, origin, keys, verifiers)
  } catch (error) {
    if (isDoverieError(error)) return null
    throw error
  }
}

/**
 * The checkpoint's note with the cosignatures of a witness's answer added. Lines of unknown keys are ignored, as are those that
 * the note carries already or that come after another of the same key. Throws `invalid-value` where the answer is none, a known key's line does not verify or has no time,
 * or no line is of `keys`: then nothing of it is taken.
 */
export function addCosignatures(
  note: string,
  answer: Uint8Array | string,
  keys: readonly VerifierKey[],
  verifiers: SignatureVerifiers,
): string {
  const { text, signatures } = parseNote(note)
  const lines = parseSignatureLines(typeof answer === 'string' ? answer : decode(answer))
  const witnesses = keys.filter(isWitnessKey)
  const known = lines.filter(({ name, keyId }) => witnesses.some((key) => key.name === name && key.keyId === keyId))
  const checked = signaturesToVerify({ text, signatures: known }, witnesses).filter((one) => {
    const holds = verifySignature(one, verifiers)
    if (holds === false || one.time === 0) throw malformed()
    return holds === true
  })
  // One line for each key: else a witness could fill the note with its own, and leave no room for the others.
  const fresh = known.filter(
    ({ name, keyId }, i) =>
      checked.some(({ key }) => key.name === name && key.keyId === keyId) &&
      ![...signatures, ...known.slice(0, i)].some((held) => held.name === name && held.keyId === keyId),
  )
  if (checked.length === 0) throw malformed()
  return fresh.length === 0 ? note : formatNote({ text, signatures: [...signatures, ...fresh] })
}

function decode(bytes: Uint8Array): string {
  try {
    return fromUtf8(bytes)
  } catch {
    throw malformed()
  }
}

function malformed(): DoverieError {
  return new DoverieError('invalid-value', 'This is not what the witness protocol says.', { field: 'witness' })
}
