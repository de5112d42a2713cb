import { equalBytes, hex, isDoverieError } from '../base/index.ts'
import { decodeBundle } from './bundle.ts'
import { openCheckpoint } from './checkpoint.ts'
import { type Checkpoint, parseCheckpoint } from './checkpoint-text.ts'
import { HASH_SIZE, leafHash, type Sha256, sha256 as portableSha256 } from './hash.ts'
import { parseNote } from './note.ts'
import { parseVerifierKey, type VerifierKey, verifierKey } from './note-key.ts'
import { fetchResource, MINIMUM, readEdge, readMinimum, type ReadResource } from './resource.ts'
import { decodeTile, TILE_WIDTH, type Tile, tilePath, tileWidth } from './tile.ts'
import { append, type Edge, EMPTY_EDGE, rootOf, type TileContent } from './tree.ts'

export interface VerifyLogOptions {
  readonly sha256?: Sha256
  /** Called after every bundle with the number of entries verified and their total. */
  readonly onProgress?: (verified: number, size: number) => void
  /** The notes of checkpoints kept from before, under this name or a former one: the log must be a continuation of each. */
  readonly earlier?: readonly (Uint8Array | string)[]
  /** The highest minimum index that is accepted of a pruned log, which says it without a signature; 0 where left out. */
  readonly since?: number
  /**
   * The private side: the commitments recomputed from salt and body of the entries [from, to), null where one is missing.
   * Where given, every public entry must have its private half.
   */
  readonly entries?: (from: number, to: number) => Promise<readonly (Uint8Array | null)[]>
}

/** What is wrong, and where it was seen first. */
export interface LogFault {
  readonly kind:
    | 'checkpoint'
    | 'missing'
    | 'malformed'
    | 'entry'
    | 'private-entry'
    | 'tile'
    | 'root'
    | 'earlier-checkpoint'
  /** The resource that differs: `checkpoint` or the path of a tile or bundle. */
  readonly path: string
  /** The entries that the difference may touch, [from, to): exactly one where it could be told. */
  readonly from: number
  readonly to: number
  /** What the entries, or the tiles below, hash to; and what was found instead. Hex, where it is a hash. */
  readonly expected: string | null
  readonly found: string | null
}

export type LogReport =
  | {
      readonly ok: true
      readonly origin: string
      readonly size: number
      readonly root: Uint8Array
      /** The first entry that was looked at: 0, or where a pruned log begins. */
      readonly since: number
      /** How many of the earlier checkpoints are from before it, so that nothing is left to compare them with. */
      readonly uncompared: number
    }
  | { readonly ok: false; readonly fault: LogFault; readonly checkpoint: Checkpoint | null }

/** Bundles in flight: hides the latency of a remote log and bounds the memory. */
const AHEAD = 8

/**
 * Re-hashes a whole log: the checkpoint's signature, every entry against level 0, every tile against those below, the root.
 * `read` gives a resource under the log's prefix, or null where there is none; what it throws is passed on. Nothing read
 * is trusted. A log that does not verify is a report, not an exception; only a `vkey` that is none throws.
 * Memory: a few bundles and one tile per level, whatever the size.
 */
export async function verifyLog(read: ReadResource, vkey: string, options: VerifyLogOptions = {}): Promise<LogReport> {
  const key = parseVerifierKey(vkey)
  const open = (note: Uint8Array | string): Checkpoint => openCheckpoint(note, key.name, [key])
  let checkpoint: Checkpoint | null = null
  try {
    const note = await read('checkpoint')
    if (note === null) throw new Difference({ kind: 'missing', path: 'checkpoint' })
    checkpoint = attempt(() => open(note), { kind: 'checkpoint', path: 'checkpoint' })
    const { size: checkpointSize } = checkpoint
    const earlier = (options.earlier ?? [])
      .map((kept) => attempt(() => openEarlier(kept, key), { kind: 'earlier-checkpoint', path: 'checkpoint' }))
      .sort((a, b) => a.size - b.size)
    const longer = earlier.find((kept) => kept.size > checkpointSize)
    if (longer !== undefined) {
      const range = { from: checkpoint.size, to: longer.size }
      throw new Difference({ kind: 'earlier-checkpoint', path: 'checkpoint', ...range })
    }
    const since = await readMinimum(read, checkpointSize)
    if (since === null) throw new Difference({ kind: 'malformed', path: MINIMUM })
    if (since > (options.since ?? 0)) throw new Difference({ kind: 'missing', path: MINIMUM, from: 0, to: since })
    await rehash(read, checkpoint, since, earlier, options)
    const { origin, size, root } = checkpoint
    const uncompared = earlier.filter((kept) => kept.size > 0 && kept.size < since).length
    return { ok: true, origin, size, root, since, uncompared }
  } catch (error) {
    if (error instanceof Difference) return { ok: false, fault: error.fault, checkpoint }
    throw error
  }
}

/** A log may go on under another name after a loss (its first entry there says so); the key is the same, under each name. */
function openEarlier(note: Uint8Array | string, { publicKey, type }: VerifierKey): Checkpoint {
  const { origin } = parseCheckpoint(parseNote(note).text)
  return openCheckpoint(note, origin, [verifierKey(origin, publicKey, type)])
}

interface Fetched {
  readonly path: string
  readonly bytes: Uint8Array
  readonly width: number
}

/** Carries the first difference out of the walk; it never leaves this file. */
class Difference extends Error {
  readonly fault: LogFault

  constructor(fault: Pick<LogFault, 'kind' | 'path'> & Partial<LogFault>) {
    super(fault.kind)
    this.fault = { from: 0, to: 0, expected: null, found: null, ...fault }
  }
}

/** Appends the log's own entries to an empty tree and compares what comes out with what is stored. */
async function rehash(
  read: ReadResource,
  checkpoint: Checkpoint,
  since: number,
  earlier: readonly Checkpoint[],
  options: VerifyLogOptions,
): Promise<void> {
  const sha256 = options.sha256 ?? portableSha256
  const { size } = checkpoint
  const stored = new StoredLog(read, size)
  let edge = EMPTY_EDGE
  const checkEarlier = (at: Edge): void => {
    for (const kept of earlier) {
      if (kept.size === at.size) compareRoot(at, kept, 'earlier-checkpoint', sha256)
    }
  }
  checkEarlier(edge)
  if (since > 0) {
    edge = await pruned(read, since, size)
    checkEarlier(edge)
  }
  while (edge.size < size) {
    const from = edge.size
    const entries = await stored.bundle(from / TILE_WIDTH)
    if (options.entries !== undefined) await comparePrivate(options.entries, from, entries)
    const leaves = entries.map((entry) => leafHash(entry, sha256))
    // Earlier checkpoints may end inside this bundle.
    const inside = earlier.map((kept) => kept.size - from).filter((end) => end > 0 && end < leaves.length)
    let start = 0
    for (const end of [...new Set(inside), leaves.length]) {
      const grown = append(edge, leaves.slice(start, end), sha256)
      edge = grown.edge
      for (const computed of grown.tiles) await stored.compare(computed)
      checkEarlier(edge)
      start = end
    }
    options.onProgress?.(edge.size, size)
  }
  compareRoot(edge, checkpoint, 'root', sha256)
}

/** Where a pruned log begins: what is before it is taken from the tiles above, and the root tells whether they are right. */
async function pruned(read: ReadResource, since: number, size: number): Promise<Edge> {
  try {
    return await readEdge(read, since, size)
  } catch (error) {
    if (isDoverieError(error)) throw new Difference({ kind: 'missing', path: MINIMUM, from: 0, to: since })
    throw error
  }
}

/** The stored side: reads resources of the log in their width at the checkpoint's size, some bundles ahead. */
class StoredLog {
  readonly #read: ReadResource
  readonly #size: number
  readonly #ahead = new Map<string, Promise<Fetched>>()

  constructor(read: ReadResource, size: number) {
    this.#read = read
    this.#size = size
  }

  /** The entries of a bundle, exactly as many as the tree has there. Bundles are taken in order. */
  async bundle(index: number): Promise<readonly Uint8Array[]> {
    for (let i = index; i < index + AHEAD && i * TILE_WIDTH < this.#size; i++) {
      this.#prefetch('entries', i)
      this.#prefetch(0, i)
    }
    const { path, bytes, width } = await this.#take('entries', index)
    const from = index * TILE_WIDTH
    const to = from + width
    const entries = attempt(() => decodeBundle(bytes), { kind: 'malformed', path, from, to })
    if (entries.length < width) throw new Difference({ kind: 'missing', path, from: from + entries.length, to })
    return entries.slice(0, width)
  }

  /** Compares a computed tile with the stored one; a partial tile on the way to its width at this size is not stored. */
  async compare(computed: TileContent): Promise<void> {
    const { level, index, width } = computed.tile
    if (level === 'entries' || width !== tileWidth(level, index, this.#size)) return
    const { path, bytes } = await this.#take(level, index)
    const span = TILE_WIDTH ** level
    const start = index * TILE_WIDTH * span
    const range = { from: start, to: start + width * span }
    const hashes = attempt(() => decodeTile(bytes, width), { kind: 'malformed', path, ...range })
    for (const [i, found] of hashes.entries()) {
      const expected = computed.bytes.subarray(i * HASH_SIZE, (i + 1) * HASH_SIZE)
      if (equalBytes(found, expected)) continue
      const from = start + i * span
      const kind = level === 0 ? 'entry' : 'tile'
      throw new Difference({ kind, path, from, to: from + span, expected: hex(expected), found: hex(found) })
    }
  }

  #prefetch(level: number | 'entries', index: number): void {
    const key = `${level}/${index}`
    if (this.#ahead.has(key)) return
    const fetched = this.#fetch(level, index)
    this.#ahead.set(key, fetched)
    // Whoever takes it sees the failure, in the order of the log; until then it must not end the process.
    fetched.catch(() => undefined)
  }

  #take(level: number | 'entries', index: number): Promise<Fetched> {
    const key = `${level}/${index}`
    const fetched = this.#ahead.get(key) ?? this.#fetch(level, index)
    this.#ahead.delete(key)
    return fetched
  }

  async #fetch(level: number | 'entries', index: number): Promise<Fetched> {
    const width = tileWidth(level, index, this.#size)
    const tile: Tile = { level, index, width }
    const path = tilePath(tile)
    const bytes = await fetchResource(this.#read, tile)
    if (bytes !== null) return { path, bytes, width }
    const span = level === 'entries' ? 1 : TILE_WIDTH ** level
    const from = index * TILE_WIDTH * span
    throw new Difference({ kind: 'missing', path, from, to: from + width * span })
  }
}

async function comparePrivate(
  privateEntries: NonNullable<VerifyLogOptions['entries']>,
  from: number,
  entries: readonly Uint8Array[],
): Promise<void> {
  const held = await privateEntries(from, from + entries.length)
  for (const [i, found] of entries.entries()) {
    const expected = held[i] ?? null
    if (expected !== null && equalBytes(expected, found)) continue
    throw new Difference({
      kind: 'private-entry',
      path: tilePath({ level: 'entries', index: from / TILE_WIDTH, width: entries.length }),
      from: from + i,
      to: from + i + 1,
      expected: expected === null ? null : hex(expected),
      found: hex(found),
    })
  }
}

function compareRoot(edge: Edge, checkpoint: Checkpoint, kind: 'root' | 'earlier-checkpoint', sha256: Sha256): void {
  const root = rootOf(edge, sha256)
  if (equalBytes(root, checkpoint.root)) return
  const hashes = { expected: hex(root), found: hex(checkpoint.root) }
  throw new Difference({ kind, path: 'checkpoint', from: 0, to: edge.size, ...hashes })
}

/** Turns a parser's coded error into the difference it means here. */
function attempt<T>(parse: () => T, fault: Pick<LogFault, 'kind' | 'path'> & Partial<LogFault>): T {
  try {
    return parse()
  } catch (error) {
    if (isDoverieError(error)) throw new Difference(fault)
    throw error
  }
}
