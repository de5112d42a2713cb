import type { Uuid } from '@doverie/core/base'
import { batchOf } from '../guard/entry.ts'
import { RefKey } from '../guard/ref-key.ts'
import type { Vault } from '../guard/vault.ts'
import type { Queryable } from '../store/database.ts'
import { listRegistered } from '../store/destructions.ts'
import { endClaims, listUnended } from '../store/erasure-outcomes.ts'
import { appendBatch } from '../store/ledger.ts'
import { doneEntry } from './end-destructions.ts'

const PAGE = 1_000
const FIRST: Uuid = '00000000-0000-0000-0000-000000000000'

/**
 * Lets those who asked to be destroyed find that it is over, in data that came out of a copy of before its end: the entries of then
 * are lost with the data, so the ledger says it once more, of the register of the key store, which outlives the data. A copy of
 * before they asked knows neither them nor their claim; the register has its hash. Tied to nobody, like the entry that was lost.
 */
export async function endLostClaims(vault: Vault, tx: Queryable): Promise<void> {
  const at = vault.now()
  for (let after = FIRST; ; ) {
    const registered = await listRegistered(vault.keys, after, PAGE)
    const last = registered.at(-1)
    if (last === undefined) return
    const lost = (await listUnended(tx, registered)).map((one) => ({
      ...one,
      said: doneEntry(vault, one.compartments, new RefKey(vault.random(32)), at, true),
    }))
    const said = lost.map(({ said }) => said)
    if (said.length > 0) await appendBatch(tx, batchOf(vault.newId(), said), at)
    await endClaims(
      tx,
      lost.map(({ claim, said }) => ({ claim, entry: said.id })),
      at,
    )
    after = last.act
  }
}
