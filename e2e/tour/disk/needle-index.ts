import type { Canary } from '../people/canaries.ts'
import { encodingsOf } from './encodings.ts'

/** A canary in some bytes. */
export interface Sighting {
  readonly canary: Canary
  readonly encoding: string
  readonly offset: number
}

const ANCHOR = 8
/** A database's files are empty pages for a good part. */
const ZEROS = Buffer.alloc(4096)
const A = 0x9e3779b1
const B = 0x85ebca77

/**
 * All canaries in all encodings, ready to be looked for in one pass: a rolling hash of 8 bytes against a bit table, then the
 * texts that begin with those 8 bytes. The cost per byte does not grow with the number of canaries.
 */
export class NeedleIndex {
  readonly #texts = new Map<string, number>()
  /** The lengths of texts by the hash of their first bytes. */
  readonly #lengths = new Map<number, number[]>()
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
        if (bytes.length < ANCHOR) continue
        longest = Math.max(longest, bytes.length)
        const key = bytes.toString('latin1')
        if (!this.#texts.has(key)) this.#texts.set(key, number * 64 + this.#encodingNumber(encoding))
        this.#addLength(hashAt(bytes, 0), bytes.length)
      }
    }
    this.longest = longest
    // At least 64 bits per anchor: a byte of noise passes the table once in 64 at most.
    const size = Math.min(30, Math.max(16, Math.ceil(Math.log2(64 * (this.#lengths.size + 1)))))
    this.#shift = 32 - size
    this.#bits = new Int32Array(2 ** size / 32)
    for (const hash of this.#lengths.keys()) {
      const bit = hash >>> this.#shift
      this.#bits[bit >>> 5] = (this.#bits[bit >>> 5] ?? 0) | (1 << (bit & 31))
    }
  }

  /** Tells every canary that begins in bytes [from, to). */
  search(bytes: Buffer, from: number, to: number, found: (sighting: Sighting) => void): void {
    const bits = this.#bits
    const shift = this.#shift
    const end = Math.min(to, bytes.length - ANCHOR + 1)
    let low = 0
    let high = 0
    for (let i = from; i < from + ANCHOR - 1 && i < bytes.length; i++) {
      low = (low >>> 8) | (high << 24)
      high = (high >>> 8) | ((bytes[i] ?? 0) << 24)
    }
    for (let i = from; i < end; i++) {
      if (low === 0 && high === 0 && i % ZEROS.length === 0 && isZero(bytes, i)) {
        // Empty pages: the window still holds zeros behind them.
        i += ZEROS.length - ANCHOR
        continue
      }
      low = (low >>> 8) | (high << 24)
      high = (high >>> 8) | ((bytes[i + ANCHOR - 1] ?? 0) << 24)
      const hash = mix(low, high)
      const bit = hash >>> shift
      if (((bits[bit >>> 5] ?? 0) & (1 << (bit & 31))) !== 0) this.#look(bytes, i, hash, found)
    }
  }

  #look(bytes: Buffer, at: number, hash: number, found: (sighting: Sighting) => void): void {
    for (const length of this.#lengths.get(hash) ?? []) {
      if (at + length > bytes.length) continue
      const match = this.#texts.get(bytes.toString('latin1', at, at + length))
      if (match === undefined) continue
      const canary = this.#canaries[Math.floor(match / 64)]
      const encoding = this.#encodings[match % 64]
      if (canary === undefined || encoding === undefined) continue
      if (encoding === 'utf-8' && /^[0-9]+$/.test(canary.text) && insideNumber(bytes, at, length)) continue
      found({ canary, encoding, offset: at })
    }
  }

  #addLength(hash: number, length: number): void {
    const lengths = this.#lengths.get(hash)
    if (lengths === undefined) this.#lengths.set(hash, [length])
    else if (!lengths.includes(length)) lengths.push(length)
  }

  #encodingNumber(encoding: string): number {
    const known = this.#encodings.indexOf(encoding)
    return known >= 0 ? known : this.#encodings.push(encoding) - 1
  }
}

/** True where digits are the middle of a longer number (an instant, a size), which hits some canary by chance. */
function insideNumber(bytes: Buffer, at: number, length: number): boolean {
  if (isDigit(bytes[at + length] ?? 0)) return true
  const before = at === 0 ? 0 : (bytes[at - 1] ?? 0)
  // A phone stands behind its 7 or 8; an escaped character (%20, \u0020) ends in what looks like a digit.
  if (before === 0x37 || before === 0x38 || bytes[at - 3] === 0x25) return false
  return isDigit(before) && !(bytes[at - 6] === 0x5c && bytes[at - 5] === 0x75)
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39
}

function isZero(bytes: Buffer, at: number): boolean {
  return bytes.length - at >= ZEROS.length && bytes.compare(ZEROS, 0, ZEROS.length, at, at + ZEROS.length) === 0
}

function mix(low: number, high: number): number {
  // The upper bits of products are well mixed, and the table is addressed by them.
  return (Math.imul(Math.imul(low, A) ^ high, B) ^ Math.imul(high, A)) >>> 0
}

function hashAt(bytes: Buffer, at: number): number {
  return mix(bytes.readInt32LE(at), bytes.readInt32LE(at + 4))
}
