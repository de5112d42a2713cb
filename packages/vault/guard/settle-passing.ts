import type pg from 'pg'
import { transaction } from '../store/database.ts'
import { deletePassingOf, lockPassingEpoch, setPassingEpoch } from '../store/passing.ts'
import type { VaultSecrets } from './secrets.ts'

/**
 * Has data that were restored from an old copy write their letters and codes under a key that there is. Those of the copy's own epoch
 * open for nobody any more, and go. INVARIANT: what another process moved on to since these secrets were read is no old copy: under the lock, by
 * which no epoch's key can go, they are read again.
 */
export async function settlePassing(data: pg.Pool, secrets: VaultSecrets): Promise<void> {
  await transaction(data, async (tx) => {
    const epoch = await lockPassingEpoch(tx)
    if (!secrets.alive.includes(epoch)) await secrets.refresh()
    if (secrets.alive.includes(epoch)) return
    await deletePassingOf(tx, secrets.alive)
    await setPassingEpoch(tx, secrets.epoch)
  })
}
