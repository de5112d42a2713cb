import type { Instant } from '@doverie/core/base'
import type { Vault } from '../guard/vault.ts'
import { countCells, countPeople } from '../store/cells.ts'
import { countDestructions } from '../store/destructions.ts'

/** An epoch of the root key, and how many destructions its end makes final. */
export interface DescribedEpoch {
  readonly epoch: number
  readonly kms: string
  readonly state: 'prepared' | 'current' | 'closing' | 'ended'
  readonly beganAt: Instant
  readonly destroyed: number
  readonly destroyedAt: Instant | null
  readonly irrecoverableFrom: Instant | null
}

/** The state of the key hierarchy: names no person. */
export async function describeEpochs(
  vault: Vault,
): Promise<{ readonly cells: number; readonly people: number; readonly epochs: readonly DescribedEpoch[] }> {
  const destructions = await countDestructions(vault.keys)
  const epochs = (await vault.roots.epochs()).map((row) => ({
    epoch: row.epoch,
    kms: row.kms,
    state: row.state,
    beganAt: row.began_at.getTime(),
    destroyed: destructions.get(row.epoch) ?? 0,
    destroyedAt: row.destroyed_at?.getTime() ?? null,
    irrecoverableFrom: row.destroyed_at === null ? null : (row.irrecoverable_from ?? row.destroyed_at).getTime(),
  }))
  return { cells: await countCells(vault.keys), people: await countPeople(vault.keys), epochs }
}
