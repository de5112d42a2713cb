/** A form in which a text may lie in a file. */
export interface Encoded {
  readonly encoding: string
  readonly bytes: Buffer
}

/** The names of all encodings that are looked for. */
export const ENCODINGS = [
  'utf-8',
  'base64',
  'base64url',
  'hex',
  'HEX',
  'utf-16le',
  'utf-16be',
  '%XX',
  '%xx',
  '\\uxxxx',
  '\\uXXXX',
] as const

/** A text in every encoding, each form once: where an encoding leaves a text as it is, its plain form stands for it. */
export function encodingsOf(text: string): readonly Encoded[] {
  const utf8 = Buffer.from(text, 'utf8')
  const hex = utf8.toString('hex')
  const percent = encodeURIComponent(text)
  const escaped = escapeUnicode(text)
  const forms: Encoded[] = [
    { encoding: 'utf-8', bytes: utf8 },
    { encoding: 'hex', bytes: Buffer.from(hex) },
    { encoding: 'HEX', bytes: Buffer.from(hex.toUpperCase()) },
    { encoding: 'utf-16le', bytes: Buffer.from(text, 'utf16le') },
    { encoding: 'utf-16be', bytes: Buffer.from(text, 'utf16le').swap16() },
    { encoding: '%XX', bytes: Buffer.from(percent) },
    { encoding: '%xx', bytes: Buffer.from(percent.replace(/%../g, (escape) => escape.toLowerCase())) },
    { encoding: '\\uxxxx', bytes: Buffer.from(escaped) },
    { encoding: '\\uXXXX', bytes: Buffer.from(escaped.replace(/\\u..../g, (e) => `\\u${e.slice(2).toUpperCase()}`)) },
  ]
  for (const before of [0, 1, 2] as const) {
    const standard = base64At(utf8, before)
    forms.push({ encoding: 'base64', bytes: Buffer.from(standard) })
    forms.push({ encoding: 'base64url', bytes: Buffer.from(standard.replaceAll('+', '-').replaceAll('/', '_')) })
  }
  const seen = new Set<string>()
  return forms.filter(({ bytes }) => {
    const key = bytes.toString('latin1')
    return seen.has(key) ? false : seen.add(key)
  })
}

/** The characters of a base64 text that depend on these bytes alone, where `before` bytes (modulo 3) stand before them. */
function base64At(bytes: Buffer, before: 0 | 1 | 2): string {
  const text = Buffer.concat([Buffer.alloc(before), bytes, Buffer.alloc(3)]).toString('base64')
  const first = Math.ceil((before * 8) / 6)
  return text.slice(first, Math.floor(((before + bytes.length) * 8) / 6))
}

function escapeUnicode(text: string): string {
  let escaped = ''
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    escaped += code < 0x80 ? text.charAt(i) : `\\u${code.toString(16).padStart(4, '0')}`
  }
  return escaped
}
