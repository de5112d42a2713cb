import { DoverieError } from '../base/index.ts'
import { EMPTY_ROOT, HASH_SIZE, type Sha256, sha256, treeHash } from './hash.ts'
import { isCount } from './number.ts'
import { decodeTile, encodeTile, hashCount, TILE_WIDTH, type Tile } from './tile.ts'

/**
 * The right edge of a tree: all that appending needs. `levels[l]` holds the hashes of the partial tile at level l, which
 * are floor(size / 256^l) mod 256 (none where the last tile is full); levels end with the last that has any tile.
 */
export interface Edge {
  readonly size: number
  readonly levels: readonly (readonly Uint8Array[])[]
}

/** A hash tile with its content, ready to be stored under `tilePath(tile)`. */
export interface TileContent {
  readonly tile: Tile
  readonly bytes: Uint8Array
}

export interface Growth {
  readonly edge: Edge
  /** Level by level, in order: the full tiles that became complete, then the partial tile at the new size. */
  readonly tiles: readonly TileContent[]
}

export const EMPTY_EDGE: Edge = { size: 0, levels: [] }

/**
 * Appends leaves (by their `leafHash`) to the tree. The same leaves give the same edge, and the same tiles once complete,
 * however they are cut into calls. A level that did not grow keeps its stored tile and is not returned.
 * Throws `ledger-inconsistent` on an edge that is none.
 */
export function append(edge: Edge, leafHashes: readonly Uint8Array[], hash: Sha256 = sha256): Growth {
  checkEdge(edge)
  if (leafHashes.some((leaf) => leaf.length !== HASH_SIZE)) {
    throw new DoverieError('invalid-value', 'A leaf hash has 32 bytes.', { field: 'leafHashes' })
  }
  const levels: (readonly Uint8Array[])[] = []
  const tiles: TileContent[] = []
  let arriving = leafHashes
  for (let level = 0; level < edge.levels.length || arriving.length > 0; level++) {
    const before = edge.levels[level] ?? []
    const row = arriving.length === 0 ? before : before.concat(arriving)
    const rising: Uint8Array[] = []
    let index = Math.floor(hashCount(level, edge.size) / TILE_WIDTH)
    let at = 0
    for (; row.length - at >= TILE_WIDTH; at += TILE_WIDTH, index++) {
      const full = row.slice(at, at + TILE_WIDTH)
      tiles.push({ tile: { level, index, width: TILE_WIDTH }, bytes: encodeTile(full) })
      rising.push(treeHash(full, hash))
    }
    const rest = row.slice(at)
    if (rest.length > 0 && arriving.length > 0) {
      tiles.push({ tile: { level, index, width: rest.length }, bytes: encodeTile(rest) })
    }
    levels.push(rest)
    arriving = rising
  }
  return { edge: { size: edge.size + leafHashes.length, levels }, tiles }
}

/** The root of the tree that ends at this edge (RFC 6962 section 2.1). */
export function rootOf(edge: Edge, hash: Sha256 = sha256): Uint8Array {
  checkEdge(edge)
  let root: Uint8Array | null = null
  for (const row of edge.levels) {
    // What is incomplete below stands last in the row above: the split at the largest power of two is the same.
    const whole = root === null ? row : [...row, root]
    if (whole.length > 0) root = treeHash(whole, hash)
  }
  return root ?? EMPTY_ROOT
}

/** The tiles that `edgeFromTiles` needs of a tree of `size` leaves: its partial ones. */
export function edgeTiles(size: number): readonly Tile[] {
  if (!isCount(size)) throw new DoverieError('invalid-value', 'This is not a size.', { field: 'size' })
  const tiles: Tile[] = []
  for (let level = 0; hashCount(level, size) > 0; level++) {
    const count = hashCount(level, size)
    const width = count % TILE_WIDTH
    if (width > 0) tiles.push({ level, index: Math.floor(count / TILE_WIDTH), width })
  }
  return tiles
}

/**
 * The edge of a stored tree. `read` gives the bytes of a tile, of its own or a greater width, or null. Throws
 * `ledger-inconsistent` where one is missing or has no such width. Whether the hashes are the right ones only their root
 * can say: compare `rootOf` with the checkpoint before appending.
 */
export function edgeFromTiles(size: number, read: (tile: Tile) => Uint8Array | null | undefined): Edge {
  const levels: (readonly Uint8Array[])[] = []
  for (let level = 0; hashCount(level, size) > 0; level++) levels.push([])
  for (const tile of edgeTiles(size)) {
    const bytes = read(tile)
    if (bytes === null || bytes === undefined) {
      throw new DoverieError('ledger-inconsistent', 'A tile of the right edge is missing.', { ...tile })
    }
    levels[Number(tile.level)] = decodeTile(bytes, tile.width)
  }
  return { size, levels }
}

/** An edge whose rows do not belong to its size would sign a tree that never was. */
function checkEdge(edge: Edge): void {
  const sound =
    isCount(edge.size) &&
    hashCount(edge.levels.length, edge.size) === 0 &&
    edge.levels.every(
      (row, level) => hashCount(level, edge.size) > 0 && row.length === hashCount(level, edge.size) % TILE_WIDTH,
    )
  if (!sound) throw new DoverieError('ledger-inconsistent', 'The right edge does not belong to its size.')
}
