import { hash } from 'node:crypto'

/**
 * SHA-256 for all that hashes many small things (the tree's leaves and nodes). By way of a text of a character each: an answer
 * in bytes is an allocation of its own outside the heap, which costs more than the hash.
 */
export function sha256(bytes: Uint8Array): Uint8Array {
  return Buffer.from(hash('sha256', bytes, 'binary'), 'latin1')
}
