import { TILE_WIDTH, type Tile, tilePath } from './tile.ts'

/** Gives a resource under a log's prefix (`checkpoint`, or the path of a tile or bundle), or null where there is none. */
export type ReadResource = (path: string) => Promise<Uint8Array | null>

/** A tile or bundle in its own width or in full: a log may drop a partial one once the full one is there. */
export async function fetchResource(read: ReadResource, tile: Tile): Promise<Uint8Array | null> {
  const bytes = await read(tilePath(tile))
  return bytes === null && tile.width < TILE_WIDTH ? read(tilePath({ ...tile, width: TILE_WIDTH })) : bytes
}
