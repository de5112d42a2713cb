import { DoverieError } from '../base/index.ts'
import { TILE_WIDTH } from './tile.ts'

/** Bytes of the longest entry: its length has two bytes. */
export const MAX_ENTRY_SIZE = 0xffff

/** An entry bundle (c2sp.org/tlog-tiles): 1 to 256 entries, each after its length as two big-endian bytes. */
export function encodeBundle(entries: readonly Uint8Array[]): Uint8Array {
  if (entries.length < 1 || entries.length > TILE_WIDTH || entries.some((entry) => entry.length > MAX_ENTRY_SIZE)) {
    throw new DoverieError('invalid-value', 'A bundle has 1 to 256 entries of at most 65535 bytes.', {
      field: 'entries',
    })
  }
  const bytes = new Uint8Array(entries.reduce((sum, entry) => sum + 2 + entry.length, 0))
  let at = 0
  for (const entry of entries) {
    bytes[at] = entry.length >>> 8
    bytes[at + 1] = entry.length & 0xff
    bytes.set(entry, at + 2)
    at += 2 + entry.length
  }
  return bytes
}

/** The entries of a bundle. Throws `invalid-value` where the bytes do not split exactly into 1 to 256 entries. */
export function decodeBundle(bytes: Uint8Array): readonly Uint8Array[] {
  const entries: Uint8Array[] = []
  let at = 0
  while (at < bytes.length && entries.length < TILE_WIDTH) {
    const start = at + 2
    at = start + (((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0))
    // Where an entry, or its length, is cut off, `at` is now beyond the bytes.
    entries.push(bytes.subarray(start, at))
  }
  if (entries.length === 0 || at !== bytes.length) {
    throw new DoverieError('invalid-value', 'These bytes are not an entry bundle.', { field: 'bundle' })
  }
  return entries
}
