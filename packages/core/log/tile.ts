import { concat, DoverieError } from '../base/index.ts'
import { HASH_SIZE } from './hash.ts'
import { isCount, parseCount } from './number.ts'

/** Hashes of a full tile, entries of a full bundle. */
export const TILE_WIDTH = 256

const MAX_LEVEL = 63
const PATH = /^tile\/(entries|0|[1-9][0-9]?)\/((?:x[0-9]{3}\/)*[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/

/**
 * The place of a resource of a tlog-tiles log: a tile of hashes at `level`, or a bundle of entries. Hash i of tile n at
 * level l is the Merkle tree hash of the leaves [(256n + i) * 256^l, (256n + i + 1) * 256^l).
 */
export interface Tile {
  readonly level: number | 'entries'
  readonly index: number
  /** 1 to 255 for a partial tile, 256 for a full one. */
  readonly width: number
}

/** The path under the log's prefix (c2sp.org/tlog-tiles): `tile/<L>/<N>[.p/<W>]`. */
export function tilePath(tile: Tile): string {
  const { level, index, width } = tile
  const levelFits = level === 'entries' || (isCount(level) && level <= MAX_LEVEL)
  if (!levelFits || !isCount(index) || !isCount(width) || width < 1 || width > TILE_WIDTH) {
    throw new DoverieError('invalid-value', 'There is no such tile.', { field: 'tile' })
  }
  return `tile/${String(level)}/${indexPath(index)}${width === TILE_WIDTH ? '' : `.p/${width}`}`
}

/** The tile of a path; the inverse of `tilePath`. Throws `invalid-value` on any other text. */
export function parseTilePath(path: string): Tile {
  const match = PATH.exec(path)
  if (match !== null) {
    const [, level = '', elements = '', width] = match
    const tile = {
      level: level === 'entries' ? ('entries' as const) : Number(level),
      index: Number(elements.replaceAll(/[x/]/g, '')),
      width: width === undefined ? TILE_WIDTH : (parseCount(width) ?? 0),
    }
    const partial = width === undefined || tile.width < TILE_WIDTH
    const fits = isCount(tile.index) && (tile.level === 'entries' || tile.level <= MAX_LEVEL)
    // Formatting again refuses a second spelling (x000/001) without a rule of its own for each.
    if (partial && fits && tilePath(tile) === path) return tile
  }
  throw new DoverieError('invalid-value', 'This is not the path of a tile.', { field: 'path' })
}

/** How many hashes level `level` of a tree of `size` leaves has: only full tiles are hashed into the level above. */
export function hashCount(level: number, size: number): number {
  return Math.floor(size / TILE_WIDTH ** level)
}

/** Width of a tile in a tree of `size` leaves; 0 where the tree has no such tile. */
export function tileWidth(level: number | 'entries', index: number, size: number): number {
  const count = hashCount(level === 'entries' ? 0 : level, size)
  return Math.max(0, Math.min(TILE_WIDTH, count - index * TILE_WIDTH))
}

/**
 * The tiles and bundles that a tree of `to` leaves has and a tree of `from` leaves had not, in their width at `to`: bundles
 * first, then tiles level by level, each in order. From 0: everything a log of that size is made of.
 */
export function* tilesBetween(from: number, to: number): Generator<Tile, void, undefined> {
  if (!isCount(from) || !isCount(to) || from > to) {
    throw new DoverieError('invalid-value', 'A log only grows.', { field: 'size' })
  }
  yield* grown('entries', from, to)
  for (let level = 0; hashCount(level, to) > 0; level++) yield* grown(level, from, to)
}

function* grown(level: number | 'entries', from: number, to: number): Generator<Tile, void, undefined> {
  const before = hashCount(level === 'entries' ? 0 : level, from)
  const after = hashCount(level === 'entries' ? 0 : level, to)
  if (before === after) return
  for (let index = Math.floor(before / TILE_WIDTH); index * TILE_WIDTH < after; index++) {
    yield { level, index, width: Math.min(TILE_WIDTH, after - index * TILE_WIDTH) }
  }
}

/** The bytes of a tile: its hashes one after another. */
export function encodeTile(hashes: readonly Uint8Array[]): Uint8Array {
  return concat(...hashes)
}

/**
 * The first `width` hashes of a stored tile. A wider one serves as well: a log may drop a partial tile once the full one is
 * there. Throws `ledger-inconsistent` where the bytes are no tile of at least that width.
 */
export function decodeTile(bytes: Uint8Array, width: number): readonly Uint8Array[] {
  const held = bytes.length / HASH_SIZE
  if (!Number.isInteger(held) || held < width || held > TILE_WIDTH) {
    throw new DoverieError('ledger-inconsistent', 'A tile does not have the length of its width.', { width })
  }
  return Array.from({ length: width }, (_, i) => bytes.subarray(i * HASH_SIZE, (i + 1) * HASH_SIZE))
}

/** Three digits per path element, all but the last marked `x`, so that no file is named like a directory. */
function indexPath(index: number): string {
  let path = String(index % 1000).padStart(3, '0')
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    path = `x${String(rest % 1000).padStart(3, '0')}/${path}`
  }
  return path
}
