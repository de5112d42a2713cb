import type pg from 'pg'
import { transaction } from '../store/database.ts'
import { deletePassingOf, lockPassingEpoch, setPassingEpoch } from '../store/passing.ts'
import type { VaultSecrets } from './secrets.ts'

/**
 * Has data that were restored from an old copy write their letters and codes under a key that there is. Those of the copy's own epoch
 * open for nobody any more, and go.
 */
export async function settlePassing(data: pg.Pool, secrets: VaultSecrets): Promise<void> {
  await transaction(data, async (tx) => {
    const epoch = await lockPassingEpoch(tx)
    if (secrets.alive.includes(epoch)) return
    await deletePassingOf(tx, secrets.alive)
    await setPassingEpoch(tx, secrets.epoch)
  })
}
