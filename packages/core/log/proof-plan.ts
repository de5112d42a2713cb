import { DoverieError } from '../base/index.ts'
import { nodeHash, type Sha256, sha256, treeHash } from './hash.ts'
import { isCount } from './number.ts'
import { decodeTile, hashCount, TILE_WIDTH, type Tile, tileWidth } from './tile.ts'

/** A node of the binary tree over the leaves [index * 2^height, (index + 1) * 2^height), all of them present. */
interface Node {
  readonly height: number
  readonly index: number
}

/**
 * A proof still to be computed: first fetch `tiles` from wherever they lie, then call `proofFromTiles`. Two steps, so that
 * this folder waits for nobody.
 */
export interface ProofPlan {
  readonly size: number
  /** The tiles to fetch, in their width at `size`, each once. A wider stored tile serves as well. */
  readonly tiles: readonly Tile[]
  /** Per hash of the proof: the nodes it is folded from, left to right. */
  readonly hashes: readonly (readonly Node[])[]
}

/** Plans the proof that leaf `index` lies in the tree of `size` leaves (RFC 6962 section 2.1.1), for `verifyInclusion`. */
export function planInclusion(index: number, size: number): ProofPlan {
  if (!isCount(index) || !isCount(size) || index >= size) {
    throw new DoverieError('invalid-value', 'The tree has no such leaf.', { field: 'index' })
  }
  const ranges: Range[] = []
  let start = 0
  let end = size
  while (end - start > 1) {
    const middle = start + split(end - start)
    if (index < middle) {
      ranges.push([middle, end])
      end = middle
    } else {
      ranges.push([start, middle])
      start = middle
    }
  }
  return plan(size, ranges.reverse())
}

/** Plans the proof that the tree of `size1` leaves is a prefix of that of `size2` (RFC 6962 section 2.1.2). */
export function planConsistency(size1: number, size2: number): ProofPlan {
  if (!isCount(size1) || !isCount(size2) || size1 === 0 || size1 > size2) {
    throw new DoverieError('invalid-value', 'Only a tree that is not empty can be a prefix.', { field: 'size' })
  }
  const ranges: Range[] = []
  let start = 0
  let end = size2
  while (end !== size1) {
    const middle = start + split(end - start)
    if (size1 <= middle) {
      ranges.push([middle, end])
      end = middle
    } else {
      ranges.push([start, middle])
      start = middle
    }
  }
  // What remains is the old tree itself, whose root the verifier knows, or its last part, which must be told.
  if (start !== 0) ranges.push([start, end])
  return plan(size2, ranges.reverse())
}

/**
 * The hashes of a planned proof. `read` gives the bytes of each of `plan.tiles`, in its own or a greater width. Throws
 * `ledger-inconsistent` where one is missing or has no such width.
 */
export function proofFromTiles(
  plan: ProofPlan,
  read: (tile: Tile) => Uint8Array | null | undefined,
  hash: Sha256 = sha256,
): readonly Uint8Array[] {
  const rows = new Map<string, readonly Uint8Array[]>()
  const row = (tile: Tile): readonly Uint8Array[] => {
    const key = `${tile.level}/${tile.index}`
    const known = rows.get(key)
    if (known !== undefined) return known
    const bytes = read(tile)
    if (bytes === null || bytes === undefined) {
      throw new DoverieError('ledger-inconsistent', 'A tile that the proof needs is missing.', { ...tile })
    }
    const hashes = decodeTile(bytes, tile.width)
    rows.set(key, hashes)
    return hashes
  }
  return plan.hashes.map((nodes) =>
    nodes
      .map((node) => {
        const { tile, from, to } = place(node, plan.size)
        return treeHash(row(tile).slice(from, to), hash)
      })
      .reduceRight((right, left) => nodeHash(left, right, hash)),
  )
}

type Range = readonly [start: number, end: number]

function plan(size: number, ranges: readonly Range[]): ProofPlan {
  const hashes = ranges.map(([start, end]) => cover(start, end))
  const tiles = new Map<string, Tile>()
  for (const node of hashes.flat()) {
    const { tile } = place(node, size)
    tiles.set(`${tile.level}/${tile.index}`, tile)
  }
  return { size, tiles: [...tiles.values()], hashes }
}

/** The largest power of two that is less than `count` (count > 1). */
function split(count: number): number {
  let power = 1
  while (power * 2 < count) power *= 2
  return power
}

/** The full subtrees that the leaves [start, end) of a proof consist of, left to right. */
function cover(start: number, end: number): readonly Node[] {
  const nodes: Node[] = []
  let at = start
  while (at < end) {
    let height = 0
    let span = 1
    while (span * 2 <= end - at) {
      span *= 2
      height++
    }
    nodes.push({ height, index: at / span })
    at += span
  }
  return nodes
}

/** Where a node's hash comes from: the hashes [from, to) of a tile; they never cross from one tile to the next. */
function place(node: Node, size: number): { readonly tile: Tile; readonly from: number; readonly to: number } {
  const level = Math.floor(node.height / 8)
  const span = 2 ** (node.height % 8)
  const first = node.index * span
  const index = Math.floor(first / TILE_WIDTH)
  const from = first - index * TILE_WIDTH
  if (first + span > hashCount(level, size)) throw new DoverieError('internal', 'A planned node is outside its tree.')
  return { tile: { level, index, width: tileWidth(level, index, size) }, from, to: from + span }
}
