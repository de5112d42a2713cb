import { hash } from 'node:crypto'
import type { Instant, Uuid } from '@doverie/core/base'
import { REF_DOMAIN } from '@doverie/core/log'

const BLOCK = 64
const DAY = 86_400_000
const REF = Buffer.from(REF_DOMAIN)
const BUCKET = Buffer.from('doverie/bucket/v1\n')
export const BUCKET_SIZE = 16

/**
 * Scratch space of one computation: a padded key, then what is hashed under it. Nothing of it outlives a call, and of each
 * padded key only the first half differs from one person to another.
 */
const inner = Buffer.alloc(BLOCK + 64, 0x36)
const outer = Buffer.alloc(BLOCK + 32, 0x5c)

/**
 * K_ref, the secret that ties ledger entries to one person: `ref` inside an entry, `bucket` to find a day's entries by. Both
 * are HMAC-SHA-256 (RFC 2104), truncated to 16 bytes. They are computed from one-shot hashes, which is several times cheaper
 * here than `createHmac` and happens once per read. Bytes are held as text of a character each, the smallest thing that holds
 * them: there is one of these for everybody remembered.
 */
export class RefKey {
  readonly #key: string
  #day = -1
  #bucket = ''

  /** `key` is 32 bytes. */
  constructor(key: Uint8Array) {
    this.#key = Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1')
  }

  /** The key itself, 64 hex digits: for the person whose it is, and nobody else. */
  disclose(): string {
    return Buffer.from(this.#key, 'latin1').toString('hex')
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
      this.#bucket = Buffer.from(this.#mac(BUCKET, String(day)), 'hex').toString('latin1', 0, BUCKET_SIZE)
    }
    return Buffer.from(this.#bucket, 'latin1')
  }

  #mac(domain: Buffer, message: string): string {
    for (let i = 0; i < 32; i++) {
      const byte = this.#key.charCodeAt(i)
      inner[i] = byte ^ 0x36
      outer[i] = byte ^ 0x5c
    }
    domain.copy(inner, BLOCK)
    const end = BLOCK + domain.length + inner.write(message, BLOCK + domain.length, 'latin1')
    outer.write(hash('sha256', inner.subarray(0, end), 'hex'), BLOCK, 'hex')
    return hash('sha256', outer, 'hex')
  }
}
