import { base64, concat, DoverieError, fromBase64, fromHex, fromUtf8, hex, utf8 } from '../base/index.ts'
import { isKeyName, type KeyType, type Signer, type VerifierKey } from './note-key.ts'
import { isNoteText } from './note-text.ts'
import { PORTABLE, type SignatureVerifiers, signatureOf, splitSignature, verifySignature } from './signature.ts'

/** Room for the log's own signatures and its witnesses'; the format asks verifiers to take at least 16. */
export const MAX_SIGNATURES = 128
/** Bytes of the longest note; a post-quantum signature takes up to 5,000. */
export const MAX_NOTE_SIZE: number = 512 * 1024

/** One signature line, not verified. */
export interface NoteSignature {
  readonly name: string
  /** 8 hex digits, lower case. */
  readonly keyId: string
  readonly signature: Uint8Array
}

/** A signed note (c2sp.org/signed-note) as written. Nothing in it may be believed before `openNote`. */
export interface Note {
  /** Ends in a newline. */
  readonly text: string
  /** At least one. */
  readonly signatures: readonly NoteSignature[]
}

/** A note of which at least one known key signed the text. */
export interface OpenedNote {
  readonly text: string
  /** The signatures that were verified, in the note's order. */
  readonly verified: readonly VerifiedSignature[]
}

export interface VerifiedSignature {
  readonly name: string
  readonly keyId: string
  readonly type: KeyType
  /** POSIX seconds at which a cosigner says it signed; null for a plain signature. */
  readonly time: number | null
}

const SIGNATURE_LINE = /^\u2014 ([^ ]+) ([A-Za-z0-9+/]+={0,2})$/

/** Throws `invalid-value` on anything that is not exactly a signed note. */
export function parseNote(note: Uint8Array | string): Note {
  const whole = decode(note)
  // The text may contain empty lines; the last one separates.
  const end = whole.lastIndexOf('\n\n')
  if (end === -1 || end + 2 === whole.length || !isNoteText(whole)) throw malformed()
  return { text: whole.slice(0, end + 1), signatures: parseSignatureLines(whole.slice(end + 2)) }
}

/** Signature lines by themselves, as a witness answers with them. At least one; throws `invalid-value` on anything else. */
export function parseSignatureLines(lines: string): readonly NoteSignature[] {
  if (!isNoteText(lines) || lines.length > MAX_NOTE_SIZE) throw malformed()
  const parts = lines.slice(0, -1).split('\n')
  if (parts.length > MAX_SIGNATURES) throw malformed()
  return parts.map((line) => parseSignature(line))
}

/** The inverse of `parseSignatureLines`. */
export function formatSignatureLines(signatures: readonly NoteSignature[]): string {
  const lines = signatures.map(({ name, keyId, signature }) => {
    const id = fromHex(keyId)
    if (!isKeyName(name) || id?.length !== 4 || signature.length === 0) throw malformed()
    return `\u2014 ${name} ${base64(concat(id, signature))}\n`
  })
  if (lines.length === 0 || lines.length > MAX_SIGNATURES) throw malformed()
  return lines.join('')
}

/** The inverse of `parseNote`. Throws `invalid-value` on a text or a signature that no note can carry. */
export function formatNote(note: Note): string {
  const formatted = `${note.text}\n${formatSignatureLines(note.signatures)}`
  if (!isNoteText(note.text) || utf8(formatted).length > MAX_NOTE_SIZE) throw malformed()
  return formatted
}

/**
 * A note over the text, signed by each signer in order; `time` (POSIX seconds) is for signers whose type carries one. What
 * signs does not check what the text says.
 */
export function signNote(text: string, signers: readonly Signer[], time: number | null = null): string {
  return formatNote({ text, signatures: signatures(text, signers, time) })
}

/** The signatures of signers over a note's text. */
export function signatures(text: string, signers: readonly Signer[], time: number | null): readonly NoteSignature[] {
  if (!isNoteText(text)) throw malformed()
  return signers.map((signer) => ({
    name: signer.name,
    keyId: signer.keyId,
    signature: signatureOf(signer, text, time),
  }))
}

/** A signature of a known key, with all that is needed to verify it: for who verifies otherwise than at once (WebCrypto). */
export interface SignatureToVerify {
  readonly key: VerifierKey
  readonly message: Uint8Array
  readonly signature: Uint8Array
  readonly time: number | null
}

/**
 * The signatures of a note that are of known keys, none of them verified. Those of unknown keys are ignored. Throws
 * `invalid-value` where one cannot be what its key makes: the note is then to be rejected as a whole.
 */
export function signaturesToVerify(
  { text, signatures: lines }: Note,
  keys: readonly VerifierKey[],
): readonly SignatureToVerify[] {
  return lines.flatMap(({ name, keyId, signature }) =>
    keys
      .filter((key) => key.name === name && key.keyId === keyId)
      .map((key) => {
        const parts = splitSignature(key, text, signature)
        if (parts === null) throw rejected()
        return { key, ...parts }
      }),
  )
}

/**
 * The text of a note that at least one of `keys` signed. Signatures of other keys are ignored, and so are those of a type that
 * `verifiers` does not know; one of a known key that does not verify rejects the whole note. Throws `invalid-value` in each of
 * these cases: the text is never seen unverified.
 */
export function openNote(
  note: Uint8Array | string,
  keys: readonly VerifierKey[],
  verifiers: SignatureVerifiers = PORTABLE,
): OpenedNote {
  const parsed = parseNote(note)
  const verified: VerifiedSignature[] = []
  for (const one of signaturesToVerify(parsed, keys)) {
    const holds = verifySignature(one, verifiers)
    if (holds === null) continue
    if (!holds) throw rejected()
    const { name, keyId, type } = one.key
    verified.push({ name, keyId, type, time: one.time })
  }
  if (verified.length === 0)
    throw new DoverieError('invalid-value', 'No known key signed this note.', { field: 'note' })
  return { text: parsed.text, verified }
}

function parseSignature(line: string): NoteSignature {
  const [, name = '', encoded = ''] = SIGNATURE_LINE.exec(line) ?? []
  const bytes = fromBase64(encoded)
  if (!isKeyName(name) || bytes === null || bytes.length < 5) throw malformed()
  return { name, keyId: hex(bytes.subarray(0, 4)), signature: bytes.subarray(4) }
}

function decode(note: Uint8Array | string): string {
  // The size is checked before anything is copied or searched.
  if (note.length > MAX_NOTE_SIZE) throw malformed()
  if (typeof note === 'string') {
    if (!note.isWellFormed() || utf8(note).length > MAX_NOTE_SIZE) throw malformed()
    return note
  }
  try {
    return fromUtf8(note)
  } catch {
    throw malformed()
  }
}

function malformed(): DoverieError {
  return new DoverieError('invalid-value', 'This is not a signed note.', { field: 'note' })
}

function rejected(): DoverieError {
  return new DoverieError('invalid-value', 'A signature of a known key does not verify.', { field: 'note' })
}
