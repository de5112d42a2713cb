import { TILE_WIDTH, type Tile, tilePath, tileWidth } from './tile.ts'
import { type Edge, edgeFromTiles, edgeTiles } from './tree.ts'

/** Gives a resource under a log's prefix (`checkpoint`, or the path of a tile or bundle), or null where there is none. */
export type ReadResource = (path: string) => Promise<Uint8Array | null>

/** A tile or bundle in its own width or in full: a log may drop a partial one once the full one is there. */
export async function fetchResource(read: ReadResource, tile: Tile): Promise<Uint8Array | null> {
  const bytes = await read(tilePath(tile))
  return bytes === null && tile.width < TILE_WIDTH ? read(tilePath({ ...tile, width: TILE_WIDTH })) : bytes
}

/** What a pruned log publishes its minimum index as, beside its tree: decimal digits. The specification leaves open how. */
export const MINIMUM = 'minimum'

/**
 * The first entry that a log still has: all before it may be gone (c2sp.org/tlog-tiles, "Pruning"). 0 where the log says nothing;
 * null where it says what cannot be: entries go by whole bundles, and no further than the tree reaches.
 */
export async function readMinimum(read: ReadResource, size: number): Promise<number | null> {
  const bytes = await read(MINIMUM)
  if (bytes === null) return 0
  const text = String.fromCharCode(...bytes.subarray(0, 20))
  const minimum = /^(0|[1-9][0-9]{0,14})\n?$/.test(text) ? Number(text) : null
  return minimum === null || minimum > size || minimum % TILE_WIDTH !== 0 ? null : minimum
}

/**
 * The edge of a tree of `size` entries, from the tiles of a longer one. Nothing read is trusted: whoever goes on from it compares
 * what comes out with a signed root. Throws `ledger-inconsistent` where a tile is missing or is none.
 */
export async function readEdge(read: ReadResource, size: number, treeSize: number): Promise<Edge> {
  const tiles = new Map<string, Uint8Array | null>()
  for (const tile of edgeTiles(size)) {
    const stored = { ...tile, width: tileWidth(tile.level, tile.index, treeSize) }
    tiles.set(tilePath(tile), await fetchResource(read, stored))
  }
  return edgeFromTiles(size, (tile) => tiles.get(tilePath(tile)))
}
