import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { DoverieError } from '@doverie/core/base'
import { SALT_SIZE as SALT } from '@doverie/core/log'
import { BUCKET_SIZE as BUCKET } from './ref-key.ts'

/** An entry's private half as it is stored. */
export interface FramedEntry {
  readonly bucket: Buffer
  readonly salt: Buffer
  readonly body: string
}

const FORMAT = 1
/** What a pack of some thousand entries never comes near: a stored byte must not make a process take all memory. */
const MOST_BYTES = 64 * 1024 * 1024
/** The lowest level: entries differ by random digits, of which a higher one makes no less. */
const LEVEL = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }

/**
 * Many entries in little room: format, buckets, salts, then the bodies, a line each, compressed (Zstandard, RFC 8878). Buckets
 * and salts stand apart because they are random. A body is canonical JSON, in which no line ends.
 */
export function pack(entries: readonly FramedEntry[]): Buffer {
  const text = entries.map(({ body }) => body).join('\n')
  return Buffer.concat([
    Buffer.of(FORMAT),
    ...entries.map(({ bucket }) => bucket),
    ...entries.map(({ salt }) => salt),
    zstdCompressSync(Buffer.from(text), LEVEL),
  ])
}

/** The entries of a pack. Throws `ledger-inconsistent` where it does not hold exactly so many. */
export function unpack(packed: Uint8Array, expected: number): readonly FramedEntry[] {
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength)
  const salts = 1 + expected * BUCKET
  const text = salts + expected * SALT
  if (bytes[0] !== FORMAT || bytes.length < text) throw damaged()
  const bodies = opened(bytes.subarray(text)).split('\n')
  if (bodies.length !== expected) throw damaged()
  return bodies.map((body, i) => ({
    bucket: bytes.subarray(1 + i * BUCKET, 1 + (i + 1) * BUCKET),
    salt: bytes.subarray(salts + i * SALT, salts + (i + 1) * SALT),
    body,
  }))
}

function opened(compressed: Buffer): string {
  try {
    return zstdDecompressSync(compressed, { maxOutputLength: MOST_BYTES }).toString('utf8')
  } catch {
    throw damaged()
  }
}

function damaged(): DoverieError {
  return new DoverieError('ledger-inconsistent', 'A pack of entries is damaged.')
}
