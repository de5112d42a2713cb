import { ed25519 } from '@noble/curves/ed25519.js'
import { base64, concat, DoverieError, fromBase64, fromHex, fromUtf8, hex, utf8 } from '../base/index.ts'
import { isKeyName, KEY_TYPES, type KeyType, type Signer, type VerifierKey } from './note-key.ts'

/** Room for the log's own signatures and its witnesses'; the format asks verifiers to take at least 16. */
export const MAX_SIGNATURES = 64
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
const CONTROL = /[\u0000-\u0009\u000b-\u001f]/

/** Throws `invalid-value` on anything that is not exactly a signed note. */
export function parseNote(note: Uint8Array | string): Note {
  const whole = decode(note)
  // The text may contain empty lines; the last one separates.
  const end = whole.lastIndexOf('\n\n')
  if (end === -1 || !whole.endsWith('\n') || end + 2 === whole.length || CONTROL.test(whole)) throw malformed()
  const lines = whole.slice(end + 2, -1).split('\n')
  if (lines.length > MAX_SIGNATURES) throw malformed()
  return { text: whole.slice(0, end + 1), signatures: lines.map((line) => parseSignature(line)) }
}

/** The inverse of `parseNote`. Throws `invalid-value` on a text or a signature that no note can carry. */
export function formatNote(note: Note): string {
  const lines = note.signatures.map(({ name, keyId, signature }) => {
    const id = fromHex(keyId)
    if (!isKeyName(name) || id?.length !== 4 || signature.length === 0) throw malformed()
    return `\u2014 ${name} ${base64(concat(id, signature))}\n`
  })
  const formatted = `${note.text}\n${lines.join('')}`
  const tooMany = lines.length === 0 || lines.length > MAX_SIGNATURES
  if (tooMany || !isNoteText(note.text) || utf8(formatted).length > MAX_NOTE_SIZE) throw malformed()
  return formatted
}

/** A note over the text, signed by each signer in order. What signs does not check what the text says. */
export function signNote(text: string, signers: readonly Signer[]): string {
  if (!isNoteText(text)) throw malformed()
  const message = utf8(text)
  return formatNote({
    text,
    signatures: signers.map(({ name, keyId, sign }) => ({ name, keyId, signature: sign(message) })),
  })
}

/**
 * The text of a note that at least one of `keys` signed. Signatures of other keys are ignored; one of a known key that does
 * not verify rejects the whole note. Throws `invalid-value` in each of these cases: the text is never seen unverified.
 */
export function openNote(note: Uint8Array | string, keys: readonly VerifierKey[]): OpenedNote {
  const { text, signatures } = parseNote(note)
  const verified: VerifiedSignature[] = []
  for (const { name, keyId, signature } of signatures) {
    for (const key of keys) {
      if (key.name !== name || key.keyId !== keyId) continue
      verified.push({ name, keyId, type: key.type, time: verify(key, text, signature) })
    }
  }
  if (verified.length === 0)
    throw new DoverieError('invalid-value', 'No known key signed this note.', { field: 'note' })
  return { text, verified }
}

/** True for a text that a note can carry. */
export function isNoteText(text: string): boolean {
  return text.endsWith('\n') && text.isWellFormed() && !CONTROL.test(text)
}

/** The time of a cosignature, null for a plain signature. Throws where the signature is not the key's over this text. */
function verify(key: VerifierKey, text: string, signature: Uint8Array): number | null {
  switch (key.type) {
    case KEY_TYPES.ed25519:
      checkEd25519(key, utf8(text), signature)
      return null
    case KEY_TYPES.cosignature: {
      // c2sp.org/tlog-cosignature: eight bytes of time, then a signature over header, time and text.
      if (signature.length !== 72) throw rejected()
      const time = new DataView(signature.buffer, signature.byteOffset).getBigUint64(0)
      if (time > BigInt(Number.MAX_SAFE_INTEGER)) throw rejected()
      checkEd25519(key, utf8(`cosignature/v1\ntime ${time}\n${text}`), signature.subarray(8))
      return Number(time)
    }
  }
}

function checkEd25519(key: VerifierKey, message: Uint8Array, signature: Uint8Array): void {
  // zip215 off: the strict checks of RFC 8032, as every other verifier of the log applies them.
  if (signature.length !== 64 || !ed25519.verify(signature, message, key.publicKey, { zip215: false })) throw rejected()
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
