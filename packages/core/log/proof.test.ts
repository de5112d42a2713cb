import { hash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { utf8 } from '../base/index.ts'
import { EMPTY_ROOT, leafHash, type Sha256, treeHash } from './hash.ts'
import { verifyConsistency, verifyInclusion, verifySubtreeConsistency, verifySubtreeInclusion } from './proof.ts'
import { planConsistency, planInclusion, proofFromTiles } from './proof-plan.ts'
import { type Tile, tilePath, tileWidth } from './tile.ts'
import { append, EMPTY_EDGE, rootOf } from './tree.ts'

const sha256: Sha256 = (input) => hash('sha256', input, 'buffer')
const LEAVES = 66_100
const leaves = Array.from({ length: LEAVES }, (_, i) => leafHash(utf8(`leaf ${i}`), sha256))

/** A stored log: of every tile its widest form, as a database that overwrites partial tiles would hold it. */
const stored = new Map<string, Uint8Array>()
for (const { tile, bytes: content } of append(EMPTY_EDGE, leaves, sha256).tiles) {
  stored.set(`${tile.level}/${tile.index}`, content)
}

function read(tile: Tile): Uint8Array | undefined {
  return stored.get(`${tile.level}/${tile.index}`)
}

function rootAt(size: number): Uint8Array {
  return rootOf(append(EMPTY_EDGE, leaves.slice(0, size), sha256).edge, sha256)
}

const anySize = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 1200 }) },
  { weight: 1, arbitrary: fc.constantFrom(255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, LEAVES) },
)

function flip(input: Uint8Array, bit: number): Uint8Array {
  const flipped = Uint8Array.from(input)
  const at = bit % (flipped.length * 8)
  flipped[at >> 3] = (flipped[at >> 3] ?? 0) ^ (1 << (at & 7))
  return flipped
}

describe('generated proofs of inclusion', () => {
  test('verify, and no other leaf, index, size or bit does', () => {
    fc.assert(
      fc.property(anySize, fc.nat(), fc.nat(), fc.nat(), (size, seed, which, bit) => {
        const index = seed % size
        const plan = planInclusion(index, size)
        for (const tile of plan.tiles) expect(tile.width).toBe(tileWidth(tile.level, tile.index, size))
        const proof = proofFromTiles(plan, read, sha256)
        const root = rootAt(size)
        const leaf = leaves[index]!
        expect(verifyInclusion(index, size, leaf, proof, root, sha256)).toBe(true)
        expect(verifyInclusion(index, size, flip(leaf, bit), proof, root, sha256)).toBe(false)
        expect(verifyInclusion(index, size, leaf, proof, flip(root, bit), sha256)).toBe(false)
        expect(verifyInclusion(index, size, leaf, [...proof, root], root, sha256)).toBe(false)
        if (size > 1) {
          const broken = proof.map((one, i) => (i === which % proof.length ? flip(one, bit) : one))
          expect(verifyInclusion(index, size, leaf, broken, root, sha256)).toBe(false)
          expect(verifyInclusion((index + 1) % size, size, leaf, proof, root, sha256)).toBe(false)
          expect(verifyInclusion(index, size, leaf, proof.slice(1), root, sha256)).toBe(false)
        }
      }),
      { numRuns: 60 },
    )
  })

  test('read only the tiles that were planned', () => {
    const plan = planInclusion(66_000, LEAVES)
    expect(plan.tiles.map((tile) => tilePath(tile)).sort()).toEqual([
      'tile/0/257',
      'tile/0/258.p/52',
      'tile/1/001.p/2',
      'tile/2/000.p/1',
    ])
    const planned = new Set(plan.tiles.map((tile) => tilePath(tile)))
    const seen: string[] = []
    proofFromTiles(
      plan,
      (tile) => {
        seen.push(tilePath(tile))
        return read(tile)
      },
      sha256,
    )
    expect(new Set(seen)).toEqual(planned)
    expect(seen).toHaveLength(planned.size)
  })

  test('are refused for a leaf that the tree does not have', () => {
    for (const [index, size] of [
      [0, 0],
      [5, 5],
      [-1, 5],
      [0.5, 5],
      [0, Number.NaN],
    ] as const) {
      expect(() => planInclusion(index, size)).toThrow(expect.objectContaining({ code: 'invalid-value' }))
    }
  })

  test('stop at a tile that is missing or too narrow', () => {
    const plan = planInclusion(0, 300)
    expect(() => proofFromTiles(plan, () => null)).toThrow(expect.objectContaining({ code: 'ledger-inconsistent' }))
    expect(() => proofFromTiles(plan, () => new Uint8Array(32))).toThrow(
      expect.objectContaining({ code: 'ledger-inconsistent' }),
    )
  })
})

describe('generated proofs of consistency', () => {
  test('verify, and no other root, size or bit does', () => {
    fc.assert(
      fc.property(anySize, fc.nat(), fc.nat(), fc.nat(), (size2, seed, which, bit) => {
        const size1 = (seed % size2) + 1
        const proof = proofFromTiles(planConsistency(size1, size2), read, sha256)
        const root1 = rootAt(size1)
        const root2 = rootAt(size2)
        expect(verifyConsistency(size1, size2, proof, root1, root2, sha256)).toBe(true)
        expect(verifyConsistency(size1, size2, proof, flip(root1, bit), root2, sha256)).toBe(false)
        expect(verifyConsistency(size1, size2, proof, root1, flip(root2, bit), sha256)).toBe(false)
        expect(verifyConsistency(size1, size2, [...proof, root1], root1, root2, sha256)).toBe(false)
        if (size1 < size2) {
          const broken = proof.map((one, i) => (i === which % proof.length ? flip(one, bit) : one))
          expect(verifyConsistency(size1, size2, broken, root1, root2, sha256)).toBe(false)
          expect(verifyConsistency(size1, size2, proof.slice(0, -1), root1, root2, sha256)).toBe(false)
        } else {
          expect(proof).toEqual([])
        }
      }),
      { numRuns: 60 },
    )
  })

  test('hold for every pair of small sizes', () => {
    for (let size2 = 1; size2 <= 40; size2++) {
      const root2 = treeHash(leaves.slice(0, size2), sha256)
      for (let size1 = 1; size1 <= size2; size1++) {
        const proof = proofFromTiles(planConsistency(size1, size2), read, sha256)
        const root1 = treeHash(leaves.slice(0, size1), sha256)
        expect(verifyConsistency(size1, size2, proof, root1, root2, sha256)).toBe(true)
      }
    }
  })

  test('are refused from an empty or a larger tree', () => {
    for (const [size1, size2] of [
      [0, 5],
      [6, 5],
      [-1, 5],
      [1, 1.5],
    ] as const) {
      expect(() => planConsistency(size1, size2)).toThrow(expect.objectContaining({ code: 'invalid-value' }))
    }
  })
})

describe('subtrees', () => {
  /** SUBTREE_SUBPROOF of the draft, word by word: `known` says that the verifier has the subtree's root. */
  function subproof(start: number, end: number, tree: readonly Uint8Array[], known: boolean): readonly Uint8Array[] {
    if (start === 0 && end === tree.length) return known ? [] : [treeHash(tree)]
    let middle = 1
    while (middle * 2 < tree.length) middle *= 2
    const [left, right] = [tree.slice(0, middle), tree.slice(middle)]
    if (end <= middle) return [...subproof(start, end, left, known), treeHash(right)]
    if (start >= middle) return [...subproof(start - middle, end - middle, right, known), treeHash(left)]
    return [...subproof(0, end - middle, right, false), treeHash(left)]
  }

  test('are parts of every tree up to 20 leaves, by exactly their own proof', () => {
    for (let size = 1; size <= 20; size++) {
      const tree = leaves.slice(0, size)
      const root = treeHash(tree)
      for (let start = 0; start < size; start++) {
        for (let end = start + 1; end <= size; end++) {
          const subroot = treeHash(tree.slice(start, end))
          const aligned = start % 2 ** Math.ceil(Math.log2(end - start)) === 0
          const proof = aligned ? subproof(start, end, tree, true) : []
          expect(verifySubtreeConsistency(start, end, size, proof, subroot, root)).toBe(aligned)
          expect(verifySubtreeConsistency(start, end, size, [...proof, root], subroot, root)).toBe(false)
          expect(verifySubtreeConsistency(start, end, size, proof, flip(subroot, 0), root)).toBe(false)
          expect(verifySubtreeConsistency(start, end, size, proof, subroot, flip(root, 0))).toBe(false)
        }
      }
    }
  })

  test('that start where no subtree can are rejected', () => {
    const [leaf, next] = [leaves[1]!, leaves[2]!]
    const root = treeHash([leaf, next])
    expect(verifySubtreeInclusion(2, 2, 4, leaf, [next], root)).toBe(true)
    expect(verifySubtreeInclusion(1, 1, 3, leaf, [next], root)).toBe(false)
  })
})

test('verification never throws, whatever the numbers', () => {
  const number = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(0, 2 ** 53 - 1, 2 ** 53, 2 ** 64))
  const hashes = fc.array(fc.uint8Array({ maxLength: 33 }), { maxLength: 4 })
  fc.assert(
    fc.property(number, number, number, hashes, (a, b, c, proof) => {
      expect(verifyInclusion(a, b, leaves[0]!, proof, EMPTY_ROOT)).toBe(false)
      expect(verifyConsistency(a, b, proof, leaves[0]!, EMPTY_ROOT)).toBe(false)
      expect(verifySubtreeInclusion(a, b, c, leaves[0]!, proof, EMPTY_ROOT)).toBe(false)
      expect(verifySubtreeConsistency(a, b, c, proof, leaves[0]!, EMPTY_ROOT)).toBe(false)
    }),
  )
})
