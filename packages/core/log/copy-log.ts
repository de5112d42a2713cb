import { DoverieError, equalBytes, isDoverieError, utf8 } from '../base/index.ts'
import { decodeBundle, encodeBundle } from './bundle.ts'
import { openCheckpoint } from './checkpoint.ts'
import type { Checkpoint } from './checkpoint-text.ts'
import { leafHash, type Sha256, sha256 as portableSha256 } from './hash.ts'
import { parseVerifierKey } from './note-key.ts'
import { fetchResource, MINIMUM, readEdge, readMinimum, type ReadResource } from './resource.ts'
import { append, type Edge, edgeTiles, EMPTY_EDGE, rootOf } from './tree.ts'
import { TILE_WIDTH, type Tile, tilePath, tileWidth } from './tile.ts'

/** Where a copy lies. What `write` took stays after a crash only once `seal` has resolved. */
export interface LogCopy {
  readonly read: ReadResource
  readonly write: (path: string, bytes: Uint8Array) => Promise<void>
  /** Makes everything written durable, and then the checkpoint the newest: never the other way round. */
  readonly seal: (checkpoint: Uint8Array) => Promise<void>
}

export interface CopyLogOptions {
  readonly sha256?: Sha256
  /** Called after every bundle with the number of entries copied and their total. */
  readonly onProgress?: (copied: number, size: number) => void
}

export interface CopiedLog {
  readonly origin: string
  readonly from: number
  readonly size: number
  /** Tiles and bundles that were partial in the copy's last tree and are full now: their partial forms may go. */
  readonly filled: readonly string[]
}

/** Bundles in flight. */
const AHEAD = 8

/**
 * Brings a copy of a log up to date: what the copy's own checkpoint lacks is read from the log as entries, hashed, and
 * written as bundles and tiles; the new checkpoint replaces the old one last, so that a copy that was interrupted is still the
 * whole log of its last checkpoint, and goes on where it stopped. Nothing read is trusted: the copy's own edge must lead to its
 * checkpoint's root and all that is added to the new one's. Memory: a few bundles and one tile per level.
 * Throws `ledger-inconsistent` where the log does not continue what the copy holds, or is not what its checkpoint says.
 */
export async function copyLog(
  read: ReadResource,
  copy: LogCopy,
  vkey: string,
  options: CopyLogOptions = {},
): Promise<CopiedLog> {
  const key = parseVerifierKey(vkey)
  const note = await read('checkpoint')
  if (note === null) throw inconsistent('There is no checkpoint.')
  const checkpoint = openCheckpoint(note, key.name, [key])
  const heldNote = await copy.read('checkpoint')
  const held = heldNote === null ? null : openCheckpoint(heldNote, key.name, [key])
  if (held !== null && held.size > checkpoint.size) {
    throw inconsistent(`The copy has ${held.size} entries, the log ${checkpoint.size}.`)
  }
  if (held !== null && held.size === checkpoint.size && !equalBytes(held.root, checkpoint.root)) {
    throw inconsistent(`The log has signed two trees of ${held.size} entries.`)
  }
  const since = await readMinimum(read, checkpoint.size)
  if (since === null) throw inconsistent('The log says that it begins where it cannot.')
  if (held !== null && held.size < since) {
    throw inconsistent(
      `The log has nothing of before ${since} any more, and the copy ends at ${held.size}: begin another copy.`,
    )
  }
  const step = { read, copy, checkpoint, held, since, options, sha256: options.sha256 ?? portableSha256 }
  // Bundles that an interrupted copy left are taken from it. Where one of them is damaged the root tells, and all are read anew.
  if (!(await grow(step, true)) && !(await grow(step, false))) {
    throw inconsistent('The entries of the log do not lead to the root of its checkpoint.')
  }
  await copy.seal(note)
  const from = held?.size ?? since
  return { origin: checkpoint.origin, from, size: checkpoint.size, filled: filledBetween(from, checkpoint.size) }
}

interface Step {
  readonly read: ReadResource
  readonly copy: LogCopy
  readonly checkpoint: Checkpoint
  readonly held: Checkpoint | null
  /** The first entry that the log has. */
  readonly since: number
  readonly options: CopyLogOptions
  readonly sha256: Sha256
}

/** Adds what is missing; false where it does not come to the checkpoint's root. */
async function grow(step: Step, resume: boolean): Promise<boolean> {
  const { copy, checkpoint, options, sha256 } = step
  const { size } = checkpoint
  let edge = await heldEdge(step)
  const bundles = new Bundles(step, resume)
  while (edge.size < size) {
    const from = edge.size
    const index = Math.floor(from / TILE_WIDTH)
    const entries = await bundles.take(index)
    const leaves = entries.map((entry) => leafHash(entry, sha256))
    const before = from - index * TILE_WIDTH
    // The first ones of a bundle that was partial are in the copy already: they must be the same.
    const known = edge.levels[0] ?? []
    if (known.some((leaf, i) => !equalBytes(leaf, leaves[i] ?? leaf.subarray(1)))) {
      if (resume) return false
      throw inconsistent(`The log has other entries than the copy between ${index * TILE_WIDTH} and ${from - 1}.`)
    }
    const grown = append(edge, leaves.slice(before), sha256)
    edge = grown.edge
    await copy.write(tilePath({ level: 'entries', index, width: entries.length }), encodeBundle(entries))
    for (const { tile, bytes } of grown.tiles) {
      // A partial tile on the way to its width at this size belongs to no checkpoint.
      if (tile.width === tileWidth(tile.level, tile.index, size)) await copy.write(tilePath(tile), bytes)
    }
    options.onProgress?.(edge.size, size)
  }
  return equalBytes(rootOf(edge, sha256), checkpoint.root)
}

/** The right edge that the copy ends at, from its own tiles; of a new copy that at which the log begins. */
async function heldEdge(step: Step): Promise<Edge> {
  const { copy, held, sha256 } = step
  if (held === null) return step.since === 0 ? EMPTY_EDGE : firstEdge(step)
  const edge = await readEdge(copy.read, held.size, held.size)
  if (!equalBytes(rootOf(edge, sha256), held.root)) {
    throw inconsistent('The tiles of the copy do not lead to the root of its checkpoint.')
  }
  return edge
}

/** Copies the tiles that hold the hashes of what a pruned log no longer has; the root tells whether they are right. */
async function firstEdge({ read, copy, checkpoint, since }: Step): Promise<Edge> {
  for (const { level, index } of edgeTiles(since)) {
    const tile = { level, index, width: tileWidth(level, index, checkpoint.size) }
    const bytes = await fetchResource(read, tile)
    if (bytes === null) throw inconsistent(`The log has no ${tilePath(tile)}.`)
    await copy.write(tilePath(tile), bytes)
  }
  await copy.write(MINIMUM, utf8(`${since}\n`))
  return readEdge(copy.read, since, checkpoint.size)
}

/** Reads the bundles of the new tree in order, some ahead. */
class Bundles {
  readonly #step: Step
  readonly #resume: boolean
  readonly #ahead = new Map<number, Promise<readonly Uint8Array[]>>()

  constructor(step: Step, resume: boolean) {
    this.#step = step
    this.#resume = resume
  }

  take(index: number): Promise<readonly Uint8Array[]> {
    const { size } = this.#step.checkpoint
    for (let i = index; i < index + AHEAD && i * TILE_WIDTH < size; i++) {
      if (this.#ahead.has(i)) continue
      const fetched = this.#fetch(i)
      // Whoever takes it sees the failure, in the order of the log; until then it must not end the process.
      fetched.catch(() => undefined)
      this.#ahead.set(i, fetched)
    }
    const taken = this.#ahead.get(index) ?? this.#fetch(index)
    this.#ahead.delete(index)
    return taken
  }

  async #fetch(index: number): Promise<readonly Uint8Array[]> {
    const { copy, read, checkpoint } = this.#step
    const tile: Tile = { level: 'entries', index, width: tileWidth('entries', index, checkpoint.size) }
    const left = this.#resume ? await copy.read(tilePath(tile)) : null
    const entries = left === null ? null : entriesIn(left, tile.width)
    if (entries !== null) return entries
    const bytes = await fetchResource(read, tile)
    if (bytes === null) throw inconsistent(`The log has no ${tilePath(tile)}.`)
    const own = entriesIn(bytes, tile.width)
    if (own === null) throw inconsistent(`${tilePath(tile)} of the log is no bundle of its width.`)
    return own
  }
}

/** The first `width` entries of a bundle, or null where the bytes are none of that width. */
function entriesIn(bytes: Uint8Array, width: number): readonly Uint8Array[] | null {
  try {
    const entries = decodeBundle(bytes)
    return entries.length < width ? null : entries.slice(0, width)
  } catch (error) {
    if (isDoverieError(error)) return null
    throw error
  }
}

/** The tiles and bundles that were partial at `from` and are full at `to`. */
function filledBetween(from: number, to: number): readonly string[] {
  const partial: Tile[] = [...edgeTiles(from)]
  const [lowest] = partial
  if (lowest?.level === 0) partial.push({ ...lowest, level: 'entries' })
  return partial
    .filter(({ level, index }) => tileWidth(level, index, to) === TILE_WIDTH)
    .map((tile) => tilePath({ ...tile, width: TILE_WIDTH }))
}

function inconsistent(message: string): DoverieError {
  return new DoverieError('ledger-inconsistent', message)
}
