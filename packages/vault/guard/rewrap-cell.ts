import { createSecretKey, type KeyObject } from 'node:crypto'
import { DoverieError, type Instant, type Uuid } from '@doverie/core/base'
import { damagedKey, isSound, rewrapPersonKey } from '../seal/bound-key.ts'
import {
  deleteRetiredCellKeys,
  listRetiredCells,
  loadCellKeys,
  loadLiveKey,
  lockCell,
  putNextCellKey,
  shareCell,
  swapCellKey,
} from '../store/cells.ts'
import { type Queryable, transaction } from '../store/database.ts'
import { deleteKeys, type KeyRow, loadKeysOfCell, putWrapped } from '../store/key-store.ts'
import { nameOfCellKey } from './cell-keys.ts'
import { currentEpoch } from './key-ring.ts'
import type { Vault } from './vault.ts'

/** What a re-wrap leaves behind. */
export interface Burial {
  /** True for a key that is to go. */
  readonly isDead: (key: KeyRow) => boolean
  /** True for who goes with all their keys: their place in the cell is free again. */
  readonly leaves: (subject: Uuid) => boolean
  /** Belongs to the same transaction; `epoch` is the one that all of it belongs to. */
  readonly alongside: (tx: Queryable, epoch: number) => Promise<void>
}

const ATTEMPTS = 5

/**
 * Gives a cell another key: survivors are wrapped anew, the dead deleted, so that old copies of their keys open with the cell's
 * former key only, and that goes too. No survivor is lost at any step:
 *
 * 1. the next key is made durable beside the live one. A crash leaves it unused; the next re-wrap takes it or replaces it.
 * 2. one transaction, the cell locked (whoever adds a key locks it FOR SHARE): survivors wrapped and read back, the dead deleted,
 *    the versions swapped. A crash leaves all of it undone, or done with the former key still there.
 * 3. survivors are read back once more, with the key as it lies there opened anew; then the former key is deleted. A crash leaves that to the sweep.
 */
export async function rewrapCell(vault: Vault, cell: Uuid, burial: Burial, at: Instant): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    await prepareNext(vault, cell, at)
    if (await swap(vault, cell, burial, at)) return retireFormer(vault, cell)
  }
  throw new DoverieError('conflict')
}

/** Step 1. */
async function prepareNext(vault: Vault, cell: Uuid, at: Instant): Promise<void> {
  await transaction(vault.keys, async (tx) => {
    // Shared, so that nobody swaps the next key in while it is being replaced.
    const live = await shareCell(tx, cell)
    if (live === null) throw new DoverieError('key-missing', 'The key of a cell is missing.')
    const epoch = await currentEpoch(tx)
    const id = { cell_id: cell, version: live.version + 1 }
    const [prepared] = await loadCellKeys(tx, [id])
    if (prepared?.epoch === epoch) return
    vault.cells.forget(id)
    const { row } = await vault.cells.make(id, epoch, vault.random(32))
    await putNextCellKey(tx, row, at)
  })
}

/** Step 2. False where what was prepared is of another epoch by now, or another re-wrap took it. */
async function swap(vault: Vault, cell: Uuid, burial: Burial, at: Instant): Promise<boolean> {
  return transaction(vault.keys, async (tx) => {
    const locked = await lockCell(tx, cell)
    const epoch = await currentEpoch(tx)
    if (locked?.next?.epoch !== epoch) return false
    if (locked.live === null) throw new DoverieError('key-missing', 'The key of a cell is missing.')
    const from = await vault.cells.open(locked.live, at)
    // As it lies in the key store, opened by the KMS: what could not be had again must not be used.
    const to = await opened(vault, locked.next)
    const keys = await loadKeysOfCell(tx, cell)
    const dead = keys.filter(burial.isDead)
    const survivors = keys.filter((key) => !burial.isDead(key))
    await deleteKeys(
      tx,
      cell,
      dead.map(({ key_id }) => key_id),
    )
    await putWrapped(
      tx,
      cell,
      survivors.map((key) => ({ key_id: key.key_id, wrapped: rewrapped(from, to, key) })),
    )
    const gone = new Set(dead.map(({ subject_id }) => subject_id).filter(burial.leaves))
    await swapCellKey(tx, cell, gone.size)
    assertSound(await loadKeysOfCell(tx, cell), to, survivors.length)
    await burial.alongside(tx, epoch)
    return true
  })
}

/** Step 3. */
async function retireFormer(vault: Vault, cell: Uuid): Promise<void> {
  const live = await loadLiveKey(vault.keys, cell)
  if (live === null) throw new DoverieError('key-missing', 'The key of a cell is missing.')
  const keys = (await loadKeysOfCell(vault.keys, cell)).filter(({ cell_version }) => cell_version === live.version)
  assertSound(keys, await opened(vault, live), keys.length)
  await deleteRetiredCellKeys(vault.keys, cell, live.version)
  vault.cells.forget({ cell_id: cell, version: live.version - 1 })
}

/** Ends re-wraps that were left between their second and third step. */
export async function retireFormerKeys(vault: Vault): Promise<void> {
  for (;;) {
    const cells = await listRetiredCells(vault.keys, 100)
    for (const cell of cells) await retireFormer(vault, cell)
    if (cells.length === 0) return
  }
}

async function opened(
  vault: Vault,
  row: Parameters<typeof nameOfCellKey>[0] & { readonly epoch: number; readonly wrapped: Buffer },
): Promise<KeyObject> {
  return createSecretKey(await vault.roots.unwrap(row.epoch, row.wrapped, nameOfCellKey(row)))
}

function rewrapped(from: KeyObject, to: KeyObject, key: KeyRow): Buffer {
  const { subject_id: subject, compartment, generation, wrapped } = key
  return rewrapPersonKey(from, to, wrapped, { subject, compartment, generation })
}

/** INVARIANT: every survivor opens under the new key before the former one goes. */
function assertSound(keys: readonly KeyRow[], cell: KeyObject, expected: number): void {
  if (keys.length !== expected || !keys.every(({ wrapped }) => isSound(cell, wrapped))) throw damagedKey('cell')
}
