import { hash } from 'node:crypto'
import type { Instant, Uuid } from '@doverie/core/base'

const BLOCK = 64
const DAY = 86_400_000
const REF = Buffer.from('doverie/ref/v1\n')
const BUCKET = Buffer.from('doverie/bucket/v1\n')
export const BUCKET_SIZE = 16

/** Scratch space of one computation; nothing of it outlives a call. */
const inner = Buffer.alloc(BLOCK + 64)
const outer = Buffer.alloc(BLOCK + 32)

/**
 * K_ref, the secret that ties ledger entries to one person: `ref` inside an entry, `bucket` to find a day's entries by. Both
 * are HMAC-SHA-256 (RFC 2104), truncated to 16 bytes. They are computed from one-shot hashes with the padded key kept ready,
 * which is several times cheaper here than `createHmac` and happens once per read.
 */
export class RefKey {
  readonly #pads: Buffer
  #day = -1
  #bucket: Buffer = Buffer.alloc(0)

  /** `key` is 32 bytes. */
  constructor(key: Uint8Array) {
    this.#pads = Buffer.alloc(2 * BLOCK, 0x36)
    this.#pads.fill(0x5c, BLOCK)
    for (const [i, byte] of key.entries()) {
      this.#pads[i] = byte ^ 0x36
      this.#pads[BLOCK + i] = byte ^ 0x5c
    }
  }

  /** What the person (and nobody without K_ref) can recognise an entry as theirs by: 32 hex digits. */
  ref(entry: Uuid): string {
    return this.#mac(REF, entry).slice(0, 32)
  }

  /** The bucket of the UTC day that holds the instant. */
  bucket(at: Instant): Buffer {
    const day = Math.floor(at / DAY)
    if (day !== this.#day) {
      this.#day = day
      this.#bucket = Buffer.from(this.#mac(BUCKET, String(day)), 'hex').subarray(0, BUCKET_SIZE)
    }
    return this.#bucket
  }

  #mac(domain: Buffer, message: string): string {
    this.#pads.copy(inner, 0, 0, BLOCK)
    domain.copy(inner, BLOCK)
    const end = BLOCK + domain.length + inner.write(message, BLOCK + domain.length, 'latin1')
    this.#pads.copy(outer, 0, BLOCK)
    outer.write(hash('sha256', inner.subarray(0, end), 'hex'), BLOCK, 'hex')
    return hash('sha256', outer, 'hex')
  }
}
