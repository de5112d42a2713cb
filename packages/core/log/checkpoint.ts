import { DoverieError } from '../base/index.ts'
import { type Checkpoint, formatCheckpoint, parseCheckpoint } from './checkpoint-text.ts'
import { type OpenedNote, openNote, signNote } from './note.ts'
import { isLogKey, type Signer, type VerifierKey } from './note-key.ts'
import { PORTABLE, type SignatureVerifiers } from './signature.ts'

/** A checkpoint whose log signed it. */
export interface OpenedCheckpoint extends Checkpoint {
  readonly verified: OpenedNote['verified']
}

/**
 * A signed checkpoint; `time` (POSIX seconds) is for signers whose type carries one. INVARIANT (the caller's): a log never
 * signs a checkpoint that is inconsistent with one it signed before; nothing here can see that.
 */
export function signCheckpoint(checkpoint: Checkpoint, signers: readonly Signer[], time: number | null = null): string {
  return signNote(formatCheckpoint(checkpoint), signers, time)
}

/**
 * The checkpoint in a note that the log itself signed: of `keys`, at least one of a log's type named as `origin` must have.
 * Witness keys may stand among `keys`; whether their number suffices is the caller's policy. Throws `invalid-value`
 * otherwise, also for another log's checkpoint.
 */
export function openCheckpoint(
  note: Uint8Array | string,
  origin: string,
  keys: readonly VerifierKey[],
  verifiers: SignatureVerifiers = PORTABLE,
): OpenedCheckpoint {
  const { text, verified } = openNote(note, keys, verifiers)
  const checkpoint = parseCheckpoint(text)
  const byTheLog = verified.some((one) => one.name === origin && isLogKey(one))
  if (checkpoint.origin !== origin || !byTheLog) {
    throw new DoverieError('invalid-value', 'This log did not sign this checkpoint.', { field: 'checkpoint' })
  }
  return { ...checkpoint, verified }
}
