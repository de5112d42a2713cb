import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js'
import { concat } from '../base/index.ts'

/**
 * SHA-256 of the bytes. Every function of this folder that hashes takes one as its last argument and uses a portable
 * implementation by default; a server passes the faster one of its platform.
 */
export type Sha256 = (bytes: Uint8Array) => Uint8Array

export const sha256: Sha256 = nobleSha256

/** Bytes of one hash. */
export const HASH_SIZE = 32

/** The root of a tree without leaves: SHA-256 of nothing (RFC 6962 section 2.1). */
export const EMPTY_ROOT: Uint8Array = sha256(new Uint8Array(0))

// The two prefixes keep a leaf from ever being read as a node (second preimages).
const LEAF_PREFIX = Uint8Array.of(0)
const NODE_PREFIX = Uint8Array.of(1)

/** RFC 6962 section 2.1: the hash of a leaf that holds `entry`. */
export function leafHash(entry: Uint8Array, hash: Sha256 = sha256): Uint8Array {
  return hash(concat(LEAF_PREFIX, entry))
}

/** RFC 6962 section 2.1: the hash of an inner node over its two children. */
export function nodeHash(left: Uint8Array, right: Uint8Array, hash: Sha256 = sha256): Uint8Array {
  return hash(concat(NODE_PREFIX, left, right))
}

/**
 * The Merkle tree hash over hashes that stand side by side, the last of which may span fewer leaves than the others.
 * Of no hashes: the empty root.
 */
export function treeHash(hashes: readonly Uint8Array[], hash: Sha256 = sha256): Uint8Array {
  let row = hashes
  while (row.length > 1) {
    const above: Uint8Array[] = []
    for (let i = 0; i < row.length; i += 2) {
      const left = row[i]
      const right = row[i + 1]
      if (left === undefined) continue
      // An odd last one rises unchanged, which is the same split at the largest power of two as RFC 6962's.
      above.push(right === undefined ? left : nodeHash(left, right, hash))
    }
    row = above
  }
  return row[0] ?? EMPTY_ROOT
}
