import { equalBytes } from '../base/index.ts'
import { EMPTY_ROOT, HASH_SIZE, nodeHash, type Sha256, sha256 } from './hash.ts'
import { isCount } from './number.ts'

/*
 * Verification only. Every argument may come from an attacker: the functions answer false instead of throwing, and a
 * proof that is too long, too short or malformed is a wrong one.
 */

/** RFC 9162 section 2.1.3.2: does the proof show `leaf` (a leaf hash) at `index` of the tree of `size` leaves with `root`? */
export function verifyInclusion(
  index: number,
  size: number,
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
  root: Uint8Array,
  hash: Sha256 = sha256,
): boolean {
  if (!isCount(index) || !isCount(size) || index >= size) return false
  if (leaf.length !== HASH_SIZE || !areHashes(proof)) return false
  let node = index
  let last = size - 1
  let climbed = leaf
  for (const sibling of proof) {
    if (last === 0) return false
    if (isOdd(node) || node === last) {
      climbed = nodeHash(sibling, climbed, hash)
      while (!isOdd(node) && node !== 0) {
        node = halve(node)
        last = halve(last)
      }
    } else {
      climbed = nodeHash(climbed, sibling, hash)
    }
    node = halve(node)
    last = halve(last)
  }
  return last === 0 && equalBytes(climbed, root)
}

/**
 * RFC 9162 section 2.1.4.2: is the tree of `size1` leaves with `root1` a prefix of the tree of `size2` with `root2`?
 * From the empty tree nothing can be proved, so `size1` 0 is false.
 */
export function verifyConsistency(
  size1: number,
  size2: number,
  proof: readonly Uint8Array[],
  root1: Uint8Array,
  root2: Uint8Array,
  hash: Sha256 = sha256,
): boolean {
  return size1 !== 0 && verifySubtreeConsistency(0, size1, size2, proof, root1, root2, hash)
}

/** As `verifyInclusion`, in the subtree over the leaves [start, end) of a tree. */
export function verifySubtreeInclusion(
  index: number,
  start: number,
  end: number,
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
  root: Uint8Array,
  hash: Sha256 = sha256,
): boolean {
  if (!isSubtree(start, end) || !isCount(index) || index < start) return false
  return verifyInclusion(index - start, end - start, leaf, proof, root, hash)
}

/**
 * Is the subtree over the leaves [start, end) with `subroot` a part of the tree of `size` leaves with `root`?
 * (draft-ietf-plants-merkle-tree-certs, "Subtrees"; with start 0 it is RFC 9162's consistency.) An empty subtree is part of any
 * tree.
 */
export function verifySubtreeConsistency(
  start: number,
  end: number,
  size: number,
  proof: readonly Uint8Array[],
  subroot: Uint8Array,
  root: Uint8Array,
  hash: Sha256 = sha256,
): boolean {
  if (!isSubtree(start, end) || !isCount(size) || end > size || !areHashes(proof)) return false
  if (start === end) return proof.length === 0 && equalBytes(subroot, EMPTY_ROOT)
  // The paths of the subtree's first and last leaf and of the tree's last leaf, cut where the proof begins.
  let first = start
  let last = end - 1
  let tree = size - 1
  const atRightEdge = last === tree
  while (first !== last && (atRightEdge || isOdd(last))) [first, last, tree] = [halve(first), halve(last), halve(tree)]
  let rest = proof
  let seed = subroot
  if (first !== last) {
    const [head, ...tail] = proof
    if (head === undefined) return false
    seed = head
    rest = tail
  }
  let inSubtree = seed
  let inTree = seed
  for (const sibling of rest) {
    if (tree === 0) return false
    if (isOdd(last) || last === tree) {
      if (first < last) inSubtree = nodeHash(sibling, inSubtree, hash)
      inTree = nodeHash(sibling, inTree, hash)
      while (!isOdd(last)) [first, last, tree] = [halve(first), halve(last), halve(tree)]
    } else {
      inTree = nodeHash(inTree, sibling, hash)
    }
    ;[first, last, tree] = [halve(first), halve(last), halve(tree)]
  }
  return tree === 0 && equalBytes(inSubtree, subroot) && equalBytes(inTree, root)
}

/** A subtree starts at a multiple of the smallest power of two that is not less than its length. */
function isSubtree(start: number, end: number): boolean {
  if (!isCount(start) || !isCount(end) || start > end) return false
  let span = 1
  while (span < end - start) span *= 2
  return start % span === 0
}

function areHashes(proof: readonly Uint8Array[]): boolean {
  return proof.every((hash) => hash.length === HASH_SIZE)
}

// Sizes pass 2^32, so no bit operators.
function halve(value: number): number {
  return Math.floor(value / 2)
}

function isOdd(value: number): boolean {
  return value % 2 === 1
}
