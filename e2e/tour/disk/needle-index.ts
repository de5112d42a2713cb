import type { Canary } from '../people/canaries.ts'
import { encodingsOf } from './encodings.ts'

/** A canary in some bytes. */
export interface Sighting {
  readonly canary: Canary
  readonly encoding: string
  readonly offset: number
}

/** Bytes between two looks. */
const STRIDE = 4
/** Bytes that a look sees. A text of STRIDE + ANCHOR - 1 bytes holds a whole one, wherever it begins. */
const ANCHOR = 6
const SHORTEST = STRIDE + ANCHOR - 1
const A = 0x9e3779b1
const B = 0x85ebca77

/**
 * All canaries in all encodings, ready to be looked for in one pass: at every fourth byte six bytes are hashed against a bit
 * table, which has the first four such anchors of every text; then the texts themselves are compared. The cost per byte
 * hardly grows with the number of canaries.
 */
export class NeedleIndex {
  readonly #texts = new Map<string, number>()
  /** By the hash of an anchor: where in a text it stands, and how long that text is, as `STRIDE * length + place`. */
  readonly #places = new Map<number, number[]>()
  readonly #bits: Int32Array
  readonly #shift: number
  readonly #canaries: readonly Canary[]
  readonly #encodings: string[] = []
  /** Bytes of the longest text. */
  readonly longest: number

  constructor(canaries: readonly Canary[]) {
    this.#canaries = canaries
    let longest = 0
    for (const [number, { text }] of canaries.entries()) {
      for (const { encoding, bytes } of encodingsOf(text)) {
        if (bytes.length < SHORTEST) continue
        longest = Math.max(longest, bytes.length)
        const key = bytes.toString('latin1')
        if (this.#texts.has(key)) continue
        this.#texts.set(key, number * 64 + this.#encodingNumber(encoding))
        for (let place = 0; place < STRIDE; place++) this.#addPlace(bytes, place)
      }
    }
    this.longest = longest
    // At least 32 bits per anchor: a look at noise passes the table once in 32 at most.
    const size = Math.min(30, Math.max(16, Math.ceil(Math.log2(32 * (this.#places.size + 1)))))
    this.#shift = 32 - size
    this.#bits = new Int32Array(2 ** size / 32)
    for (const hash of this.#places.keys()) {
      const bit = hash >>> this.#shift
      this.#bits[bit >>> 5] = (this.#bits[bit >>> 5] ?? 0) | (1 << (bit & 31))
    }
  }

  /** Tells every canary that begins in bytes [from, to). */
  search(bytes: Buffer, from: number, to: number, found: (sighting: Sighting) => void): void {
    const aligned = bytes.byteOffset % 4 === 0 ? bytes : copyOf(bytes)
    const words = new Int32Array(aligned.buffer, aligned.byteOffset, bytes.length >> 2)
    const bits = this.#bits
    const shift = this.#shift
    const tell = (sighting: Sighting): void => {
      if (sighting.offset >= from && sighting.offset < to) found(sighting)
    }
    const end = Math.min(words.length, Math.ceil((to + STRIDE) / STRIDE))
    for (let i = from >> 2; i < end; i++) {
      const low = words[i] ?? 0
      // The last word may have no neighbour; what it lacks is looked at byte by byte.
      const high = i + 1 < words.length ? (words[i + 1] ?? 0) & 0xffff : tail(aligned, 4 * i + 4)
      // Empty pages are a good part of a database; no text has six zeros in a row.
      if (low === 0 && high === 0) continue
      const hash = mix(low, high)
      const bit = hash >>> shift
      if (((bits[bit >>> 5] ?? 0) & (1 << (bit & 31))) !== 0) this.#look(aligned, 4 * i, hash, tell)
    }
  }

  #look(bytes: Buffer, at: number, hash: number, found: (sighting: Sighting) => void): void {
    for (const packed of this.#places.get(hash) ?? []) {
      const start = at - (packed % STRIDE)
      const length = Math.floor(packed / STRIDE)
      if (start < 0 || start + length > bytes.length) continue
      const match = this.#texts.get(bytes.toString('latin1', start, start + length))
      if (match === undefined) continue
      const canary = this.#canaries[Math.floor(match / 64)]
      const encoding = this.#encodings[match % 64]
      if (canary === undefined || encoding === undefined) continue
      if (encoding === 'utf-8' && /^[0-9]+$/.test(canary.text) && insideNumber(bytes, start, length)) continue
      found({ canary, encoding, offset: start })
    }
  }

  #addPlace(bytes: Buffer, place: number): void {
    const hash = mix(bytes.readInt32LE(place), bytes.readUInt16LE(place + 4))
    const packed = STRIDE * bytes.length + place
    const places = this.#places.get(hash)
    if (places === undefined) this.#places.set(hash, [packed])
    else if (!places.includes(packed)) places.push(packed)
  }

  #encodingNumber(encoding: string): number {
    const known = this.#encodings.indexOf(encoding)
    return known >= 0 ? known : this.#encodings.push(encoding) - 1
  }
}

/**
 * True where digits are the middle of a longer number (an instant, a size) or of hexadecimal text (an id, a hash). A million
 * ledger entries hold so much of both that some canary of nine digits is hit by chance.
 */
function insideNumber(bytes: Buffer, at: number, length: number): boolean {
  const after = bytes[at + length] ?? 0
  if (isDigit(after) || isHexLetter(after)) return true
  const before = at === 0 ? 0 : (bytes[at - 1] ?? 0)
  if (isHexLetter(before)) return true
  // A phone stands behind its 7 or 8; an escaped character (%20, \u0020) ends in what looks like a digit.
  if (before === 0x37 || before === 0x38 || bytes[at - 3] === 0x25) return false
  return isDigit(before) && !(bytes[at - 6] === 0x5c && bytes[at - 5] === 0x75)
}

function isHexLetter(byte: number): boolean {
  return byte >= 0x61 && byte <= 0x66
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39
}

function mix(low: number, high: number): number {
  // The upper bits of products are well mixed, and the table is addressed by them.
  return (Math.imul(Math.imul(low, A) ^ high, B) ^ Math.imul(high, A)) >>> 0
}

function tail(bytes: Buffer, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)
}

function copyOf(bytes: Buffer): Buffer {
  const copy = Buffer.from(new ArrayBuffer(bytes.length))
  bytes.copy(copy)
  return copy
}
