import type { Caller } from '../guard/caller.ts'
import { recordAct } from '../guard/record-act.ts'
import type { Vault } from '../guard/vault.ts'
import { transaction } from '../store/database.ts'
import { type Conflict, listConflicts as list } from '../store/documents.ts'
import { accessClauses, assertOfficer } from './duties.ts'

/** Submissions that differ from confirmed values, for the data-protection officer to settle. Names fields, no values; entered. */
export async function listConflicts(vault: Vault, caller: Caller): Promise<readonly Conflict[]> {
  assertOfficer(vault, caller)
  return transaction(vault.data, async (tx) => {
    const found = await list(tx)
    await recordAct(vault, tx, 'list-conflicts', caller, accessClauses(vault), { conflicts: found.length })
    return found
  })
}
