import type { Vault } from '../guard/vault.ts'
import { countWaiting } from '../store/ledger.ts'

/**
 * Looks at how many entries wait for a place in the tree, and turns reads away while they are more than `limit`: what nobody can
 * verify yet must not grow without end. Changes go on, for what narrows must stay possible, and people make few of them. Gives
 * the number, counted a little beyond the limit at most.
 */
export async function watchBacklog(vault: Vault, limit: number): Promise<number> {
  // Each batch has an entry at least: so many batches are enough to know.
  const waiting = await countWaiting(vault.data, limit + 1)
  vault.holdReads(waiting > limit)
  return waiting
}
