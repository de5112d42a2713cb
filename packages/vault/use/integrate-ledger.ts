import { DoverieError, equalBytes } from '@doverie/core/base'
import {
  append,
  type Edge,
  edgeFromTiles,
  edgeTiles,
  EMPTY_EDGE,
  EMPTY_ROOT,
  leafHash,
  rootOf,
  signCheckpoint,
} from '@doverie/core/log'
import { entriesOf } from '../guard/entry.ts'
import type { Vault } from '../guard/vault.ts'
import { sha256 } from '../seal/sha256.ts'
import { type Queryable, transaction } from '../store/database.ts'
import { loadHead, saveHead } from '../store/journal.ts'
import { insertHistory } from '../store/ledger-history.ts'
import {
  advanceState,
  insertState,
  type LedgerBatch,
  type LedgerState,
  loadPending,
  loadPrevious,
  loadTiles,
  lockState,
  placeBatches,
  putTiles,
} from '../store/ledger.ts'
import { ledgerKeys } from './ledger-keys.ts'

/** Batches integrated in one step at most: bounds memory, and the length of the transaction. */
const MAX_BATCHES = 256

export interface Integrated {
  readonly size: number
  /** Entries that got their place in this step. */
  readonly added: number
  /** True where more were waiting than one step takes. */
  readonly more: boolean
}

/**
 * Gives waiting entries their places: builds the tiles they complete, moves the tree's head by compare-and-swap and signs the
 * checkpoint, all in one transaction under the head's lock, so that of several servers one integrates at a time. Order is the
 * order here. A crash leaves all of a step or nothing; a checkpoint signed and not committed was never shown to anybody.
 * Throws `ledger-inconsistent` where the stored tree does not lead to the stored root: then nothing more may be signed.
 */
export async function integrateLedger(vault: Vault): Promise<Integrated> {
  if (vault.suspended()) throw new DoverieError('restore-pending')
  const step = await transaction(vault.data, async (tx) => {
    const before = (await lockState(tx, vault.origin)) ?? (await firstState(vault, tx))
    await assertContinues(vault, tx, before)
    const pending = await loadPending(tx, MAX_BATCHES)
    if (pending.length === 0) return { size: before.size, added: 0, more: false, state: before }
    const edge = await edgeOf(tx, before)
    const { edge: after, tiles } = append(edge, leavesOf(pending), sha256)
    const root = rootOf(after, sha256)
    const checkpoint = signed(vault, after.size, root)
    const state = { size: after.size, root, checkpoint }
    await place(tx, pending, before.size)
    await putTiles(
      tx,
      tiles.map(({ tile, bytes }) => ({ level: Number(tile.level), n: tile.index, hashes: bytes })),
    )
    await advanceState(tx, vault.origin, before.size, state, vault.now())
    return { size: after.size, added: after.size - before.size, more: pending.length === MAX_BATCHES, state }
  })
  if (step.added > 0) await saveHead(vault.keys, vault.origin, step.state.size, step.state.checkpoint)
  return { size: step.size, added: step.added, more: step.more }
}

/**
 * INVARIANT: the ledger never forks silently. Data restored under a running server show themselves by a head behind, or beside,
 * the one the key store has seen; a key store restored, by a head that is neither this one nor the one before. Nothing more is
 * signed then. Called under the head's lock, so nobody else is moving it.
 */
async function assertContinues(vault: Vault, tx: Queryable, state: LedgerState): Promise<void> {
  const seen = await loadHead(vault.keys, vault.origin)
  if (seen?.size === state.size && seen.checkpoint === state.checkpoint) return
  if (seen === null || seen.size < state.size) {
    const { previous } = (await loadPrevious(tx, vault.origin)) ?? { previous: null }
    if (previous === null || seen?.checkpoint === previous) {
      // Whoever made that step did not come to tell it. The key store is never more than one step behind.
      if (state.size > 0) await saveHead(vault.keys, vault.origin, state.size, state.checkpoint)
      return
    }
  }
  // INVARIANT: older data serve nothing, also where they came under a running server.
  vault.suspend()
  if (seen?.size !== state.size) throw new DoverieError('restore-pending')
  throw new DoverieError('ledger-inconsistent', 'The tree has forked.')
}

function signed(vault: Vault, size: number, root: Uint8Array): string {
  const time = Math.floor(vault.now() / 1000)
  return signCheckpoint({ origin: vault.origin, size, root, extensions: [] }, ledgerKeys(vault).signers, time)
}

async function firstState(vault: Vault, tx: Queryable): Promise<LedgerState> {
  const checkpoint = signed(vault, 0, EMPTY_ROOT)
  await insertState(tx, vault.origin, { size: 0, root: EMPTY_ROOT, checkpoint }, vault.now())
  const state = await lockState(tx, vault.origin)
  if (state === null) throw new DoverieError('ledger-inconsistent')
  return state
}

/** The right edge of the stored tree. Checked against the stored root: an unknown durable state stops the writer. */
export async function edgeOf(tx: Queryable, state: LedgerState): Promise<Edge> {
  if (state.size === 0) return EMPTY_EDGE
  const wanted = edgeTiles(state.size).map(({ level, index }) => ({ level: Number(level), n: index }))
  const stored = new Map((await loadTiles(tx, wanted)).map((tile) => [`${tile.level}/${tile.n}`, tile.hashes]))
  const edge = edgeFromTiles(state.size, ({ level, index }) => stored.get(`${level}/${index}`))
  if (!equalBytes(rootOf(edge, sha256), state.root)) {
    throw new DoverieError('ledger-inconsistent', 'The stored tiles do not lead to the stored root.')
  }
  return edge
}

function leavesOf(pending: readonly LedgerBatch[]): readonly Uint8Array[] {
  return pending.flatMap(({ leaves, entries }) => {
    if (leaves.length !== entries * 32) throw new DoverieError('ledger-inconsistent', 'A batch has lost leaves.')
    return decodeLeaves(leaves).map((leaf) => leafHash(leaf, sha256))
  })
}

function decodeLeaves(leaves: Uint8Array): readonly Uint8Array[] {
  return Array.from({ length: leaves.length / 32 }, (_, i) => leaves.subarray(i * 32, (i + 1) * 32))
}

async function place(tx: Queryable, pending: readonly LedgerBatch[], size: number): Promise<void> {
  let next = size
  const placements = pending.map((batch) => {
    const firstIndex = next
    next += batch.entries
    return { batch: batch.id, firstIndex }
  })
  await placeBatches(tx, placements)
  const buckets = pending.flatMap((batch) => entriesOf(batch).map((entry) => entry.bucket))
  await insertHistory(tx, Buffer.concat(buckets), size)
}
