import { base64, DoverieError, fromBase64 } from '../base/index.ts'
import { HASH_SIZE } from './hash.ts'
import { isNoteText } from './note-text.ts'
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

function malformed(): DoverieError {
  return new DoverieError('invalid-value', 'This is not a checkpoint.', { field: 'checkpoint' })
}
