import { base64, DoverieError, fromBase64 } from '../base/index.ts'
import { HASH_SIZE } from './hash.ts'
import { isNoteText, type OpenedNote, openNote, signNote } from './note.ts'
import { KEY_TYPES, type Signer, type VerifierKey } from './note-key.ts'
import { isCount, parseCount } from './number.ts'

/** What a log says of itself at one moment (c2sp.org/tlog-checkpoint). */
export interface Checkpoint {
  /** The log's identity; also the name of its key. */
  readonly origin: string
  /** Leaves of the tree. */
  readonly size: number
  readonly root: Uint8Array
  /** Opaque further lines; this project writes none. */
  readonly extensions: readonly string[]
}

/** A checkpoint whose log signed it. */
export interface OpenedCheckpoint extends Checkpoint {
  readonly verified: OpenedNote['verified']
}

/** The text of a checkpoint, to be signed as a note. Throws `invalid-value` on a checkpoint that has no text. */
export function formatCheckpoint(checkpoint: Checkpoint): string {
  const { origin, size, root, extensions } = checkpoint
  const lines = [origin, String(size), base64(root), ...extensions]
  const text = `${lines.join('\n')}\n`
  const oneLineEach = lines.every((line) => line !== '' && !line.includes('\n'))
  if (!oneLineEach || !isCount(size) || root.length !== HASH_SIZE || !isNoteText(text)) throw malformed()
  return text
}

/** The inverse of `formatCheckpoint`: `text` is a note's text, not the note. Throws `invalid-value` on any other text. */
export function parseCheckpoint(text: string): Checkpoint {
  if (!isNoteText(text)) throw malformed()
  const lines = text.slice(0, -1).split('\n')
  const [origin, decimal = '', encoded = '', ...extensions] = lines
  const size = parseCount(decimal)
  const root = fromBase64(encoded)
  if (origin === undefined || lines.includes('') || size === null || root?.length !== HASH_SIZE) throw malformed()
  return { origin, size, root, extensions }
}

/**
 * A signed checkpoint. INVARIANT (the caller's): a log never signs a checkpoint that is inconsistent with one it signed
 * before; nothing here can see that.
 */
export function signCheckpoint(checkpoint: Checkpoint, signers: readonly Signer[]): string {
  return signNote(formatCheckpoint(checkpoint), signers)
}

/**
 * The checkpoint in a note that the log itself signed: of `keys`, at least one of type Ed25519 named as `origin` must have.
 * Witness keys may stand among `keys`; whether their number suffices is the caller's policy. Throws `invalid-value`
 * otherwise, also for another log's checkpoint.
 */
export function openCheckpoint(
  note: Uint8Array | string,
  origin: string,
  keys: readonly VerifierKey[],
): OpenedCheckpoint {
  const { text, verified } = openNote(note, keys)
  const checkpoint = parseCheckpoint(text)
  const byTheLog = verified.some(({ name, type }) => name === origin && type === KEY_TYPES.ed25519)
  if (checkpoint.origin !== origin || !byTheLog) {
    throw new DoverieError('invalid-value', 'This log did not sign this checkpoint.', { field: 'checkpoint' })
  }
  return { ...checkpoint, verified }
}

function malformed(): DoverieError {
  return new DoverieError('invalid-value', 'This is not a checkpoint.', { field: 'checkpoint' })
}
