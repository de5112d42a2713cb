import { DoverieError, equalBytes, type Instant } from '@doverie/core/base'
import { commitment } from '@doverie/core/log'
import { entriesOf } from '../guard/entry.ts'
import { pack } from '../guard/pack.ts'
import type { Vault } from '../guard/vault.ts'
import { sha256 } from '../seal/sha256.ts'
import { transaction } from '../store/database.ts'
import { countFolds, FOLD, foldHistory } from '../store/ledger-history.ts'
import { loadUnpacked, packedEnd, replaceBatches, tryPackLock, type UnpackedBatch } from '../store/ledger-packs.ts'

/** Entries of a pack: to read one of them, all are opened, which takes about a millisecond. */
const PACK = 1024

/**
 * Puts the oldest batches made before an instant together, one pack's worth, and folds the list by which people find their entries
 * once enough of it is packed (decision 022). What an entry says, its place and its proof stay as they were. Each step is one
 * transaction: a crash leaves all of it or nothing. True where more may be waiting. Throws `ledger-inconsistent`, and changes
 * nothing, where the stored entries are not what was committed to: evidence is not written anew.
 */
export async function packLedger(vault: Vault, before: Instant): Promise<boolean> {
  if (vault.suspended()) return false
  return transaction(vault.data, async (tx) => {
    if (!(await tryPackLock(tx))) return false
    const end = await packedEnd(tx)
    const folds = await countFolds(tx)
    if (end >= (folds + 1) * FOLD) {
      if (await foldHistory(tx, folds)) return true
      throw new DoverieError('ledger-inconsistent', 'The list of people’s entries is damaged.')
    }
    const batches = await loadUnpacked(tx, end, before, PACK)
    const entries = batches.reduce((sum, { batch }) => sum + batch.entries, 0)
    const [first, last] = [batches.at(0), batches.at(-1)]
    if (first === undefined || last === undefined || entries < PACK) return false
    const framed = batches.flatMap((one, i) => checked(one, i === 0 ? end : endOf(batches[i - 1])))
    await replaceBatches(
      tx,
      batches.map(({ batch }) => batch),
      {
        id: vault.newId(),
        entries,
        leaves: Buffer.concat(batches.map(({ batch }) => batch.leaves)),
        bodies: pack(framed),
        packed: true,
        firstIndex: end,
        since: Math.min(...batches.map(({ at }) => at)),
        until: Math.max(...batches.map(({ at }) => at)),
      },
    )
    return true
  })
}

function endOf(one: UnpackedBatch | undefined): number {
  return one === undefined ? Number.NaN : one.firstIndex + one.batch.entries
}

/** The entries of a batch that stands where the one before it ends, each what its public leaf commits to. */
function checked({ firstIndex, batch }: UnpackedBatch, place: number): ReturnType<typeof entriesOf> {
  const entries = entriesOf(batch)
  const sound =
    firstIndex === place &&
    batch.leaves.length === 32 * entries.length &&
    entries.every(({ salt, body }, i) =>
      equalBytes(commitment(salt, body, sha256), batch.leaves.subarray(32 * i, 32 * (i + 1))),
    )
  if (!sound) throw new DoverieError('ledger-inconsistent', 'Stored entries are not what the ledger committed to.')
  return entries
}
