import { DoverieError, equalBytes, fromHex, fromUtf8 } from '@doverie/core/base'
import {
  commitment,
  decodeBundle,
  fetchResource,
  formatOpening,
  formatProofFile,
  planConsistency,
  planInclusion,
  type ProofPlan,
  proofFromTiles,
  type ReadResource,
  TILE_WIDTH,
  tilePath,
  tileWidth,
  verifyConsistency,
} from '@doverie/core/log'
import { type Trust, type VerifiedCheckpoint, verifyCheckpoint } from './checkpoint.ts'

/** What an act answered of its entry, before the entry had a place in the tree. Private, as an opening is. */
export interface EntryReceipt {
  /** The entry's place is not before this one. */
  readonly after: number
  /** 64 hex digits. */
  readonly salt: string
  /** Canonical JSON. */
  readonly body: string
}

/**
 * Makes a receipt whole from the public log alone: looks for the entry from where it can stand on, and proves it in the newest
 * tree that was signed. Anybody's copy of the log will do, and nobody learns which entry was looked for beyond the tiles
 * fetched. Null while the entry has no place yet, or the log never took it. Throws `invalid-value` and `ledger-inconsistent`
 * where the log is not what it says.
 */
export async function proveReceipt(receipt: EntryReceipt, read: ReadResource, trust: Trust): Promise<string | null> {
  const { note, checkpoint } = await newestCheckpoint(read, trust)
  const salt = fromHex(receipt.salt)
  if (salt === null) throw new DoverieError('invalid-value', 'A salt is 64 hex digits.', { field: 'salt' })
  const opening = { salt, body: receipt.body }
  const entry = commitment(salt, receipt.body)
  const index = await placeOf(entry, receipt.after, checkpoint.size, read)
  if (index === null) return null
  const hashes = await hashesOf(planInclusion(index, checkpoint.size), read)
  return formatProofFile({ extra: formatOpening(opening), index, hashes, checkpoint: note })
}

async function placeOf(entry: Uint8Array, after: number, size: number, read: ReadResource): Promise<number | null> {
  for (let index = Math.floor(after / TILE_WIDTH); index * TILE_WIDTH < size; index++) {
    const width = tileWidth('entries', index, size)
    const bytes = await fetchResource(read, { level: 'entries', index, width })
    if (bytes === null) throw missing(tilePath({ level: 'entries', index, width }))
    const found = decodeBundle(bytes)
      .slice(0, width)
      .findIndex((one) => equalBytes(one, entry))
    if (found !== -1) return index * TILE_WIDTH + found
  }
  return null
}

/** The newest checkpoint and what it continues. */
export interface Continuation {
  /** The newest checkpoint, to be kept in place of the earlier one. */
  readonly note: string
  readonly checkpoint: VerifiedCheckpoint
  /** False where the log does not continue the tree of the kept one: it was cut, rolled back or forked. Keep both. */
  readonly continues: boolean
}

/** Whether the log still continues a checkpoint that was kept. Throws `invalid-value` where either was not signed by it. */
export async function verifyContinuation(kept: string, read: ReadResource, trust: Trust): Promise<Continuation> {
  const earlier = await verifyCheckpoint(kept, trust)
  const { note, checkpoint } = await newestCheckpoint(read, trust)
  if (checkpoint.origin !== earlier.origin || checkpoint.size < earlier.size) {
    return { note, checkpoint, continues: false }
  }
  if (earlier.size === 0 || earlier.size === checkpoint.size) {
    const same = earlier.size === 0 || equalBytes(earlier.root, checkpoint.root)
    return { note, checkpoint, continues: same }
  }
  const hashes = await hashesOf(planConsistency(earlier.size, checkpoint.size), read)
  const continues = verifyConsistency(earlier.size, checkpoint.size, hashes, earlier.root, checkpoint.root)
  return { note, checkpoint, continues }
}

async function newestCheckpoint(
  read: ReadResource,
  trust: Trust,
): Promise<{ readonly note: string; readonly checkpoint: VerifiedCheckpoint }> {
  const bytes = await read('checkpoint')
  if (bytes === null) throw missing('checkpoint')
  const note = textOf(bytes)
  return { note, checkpoint: await verifyCheckpoint(note, trust) }
}

async function hashesOf(plan: ProofPlan, read: ReadResource): Promise<readonly Uint8Array[]> {
  const tiles = new Map<string, Uint8Array | null>()
  for (const tile of plan.tiles) tiles.set(tilePath(tile), await fetchResource(read, tile))
  return proofFromTiles(plan, (tile) => tiles.get(tilePath(tile)))
}

function textOf(bytes: Uint8Array): string {
  try {
    return fromUtf8(bytes)
  } catch {
    throw new DoverieError('invalid-value', 'The checkpoint is not text.', { field: 'checkpoint' })
  }
}

function missing(path: string): DoverieError {
  return new DoverieError('ledger-inconsistent', `The log has no ${path}.`)
}
