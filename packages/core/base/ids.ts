/** An opaque random identifier (UUID, RFC 9562) in its lower-case text form. */
export type Uuid = string

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

export function isUuid(text: string): text is Uuid {
  return UUID.test(text)
}

/** A version 4 UUID from 16 random bytes of the caller's. */
export function uuidFrom(random: Uint8Array): Uuid {
  const bytes = Uint8Array.from(random.subarray(0, 16))
  if (bytes.length !== 16) throw new TypeError('uuidFrom: 16 random bytes are needed')
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  let text = ''
  for (const [i, byte] of bytes.entries()) {
    text += (i === 4 || i === 6 || i === 8 || i === 10 ? '-' : '') + byte.toString(16).padStart(2, '0')
  }
  return text
}
