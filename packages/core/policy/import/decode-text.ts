import { err, ok, type Result } from '../../base/index.ts'

/** How the bytes of a text were told. */
export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1251'

export interface Decoded {
  readonly text: string
  readonly encoding: Encoding
}

const OTHER_FORMATS: readonly (readonly [readonly number[], string])[] = [
  [[0xd0, 0xcf, 0x11, 0xe0], 'a .doc file'],
  [[0x25, 0x50, 0x44, 0x46], 'a PDF file'],
  [[0x7b, 0x5c, 0x72, 0x74], 'an RTF file'],
]

/**
 * The text of an exported policy: UTF-8, UTF-16 with or without its mark, or Windows-1251, which is taken only where what
 * comes out reads as Russian. Else what is wrong, and the line where it shows.
 */
export function decodeText(bytes: Uint8Array): Result<Decoded, { readonly line: number; readonly message: string }> {
  const fault = (message: string, line = 1): ReturnType<typeof decodeText> => err({ line, message })
  for (const [magic, what] of OTHER_FORMATS) {
    if (!magic.every((byte, i) => bytes[i] === byte)) continue
    return fault(`this is ${what}; save it as .docx, as plain text (UTF-8) or as a filtered web page, and import that`)
  }
  const encoding = encodingOf(bytes)
  if (encoding === null) {
    return fault('neither UTF-8, UTF-16 nor Windows-1251 in Russian; save the text as UTF-8', lineOfBadByte(bytes))
  }
  const text = new TextDecoder(encoding).decode(bytes)
  const odd = text.search(/[\u0000-\u0008\u000e-\u001f\ufffd\u202a-\u202e\u2066-\u2069]/)
  if (odd >= 0) return fault('a character that no text for people has', text.slice(0, odd).split('\n').length)
  return ok({ text, encoding })
}

function encodingOf(bytes: Uint8Array): Encoding | null {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le'
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be'
  // Of Russian and English in UTF-16 nearly every other byte is one of few; in no other encoding is it.
  const halves = [0, 0]
  const sample = bytes.subarray(0, 4000)
  for (const [i, byte] of sample.entries()) if (byte === 0 || byte === 4) halves[i % 2] = (halves[i % 2] ?? 0) + 1
  const [high = 0, low = 0] = halves.map((count) => count / Math.max(1, sample.length / 2))
  if (low > 0.8 && high < 0.3) return 'utf-16le'
  if (high > 0.8 && low < 0.3) return 'utf-16be'
  if (isUtf8(bytes)) return 'utf-8'
  return readsAsRussian(new TextDecoder('windows-1251').decode(bytes)) ? 'windows-1251' : null
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}

/** KOI8-R taken for Windows-1251 gives Cyrillic, too, but with small and large letters exchanged. */
function readsAsRussian(text: string): boolean {
  const small = text.match(/[а-яё]/g)?.length ?? 0
  const large = text.match(/[А-ЯЁ]/g)?.length ?? 0
  const foreign = text.match(/[\u0402-\u040f\u0452-\u045f\u0490\u0491\u0098]/g)?.length ?? 0
  return small > 2 * large && small > 10 * foreign
}

function lineOfBadByte(bytes: Uint8Array): number {
  const decoded = new TextDecoder('utf-8').decode(bytes)
  return decoded.slice(0, decoded.indexOf('\ufffd')).split('\n').length
}
