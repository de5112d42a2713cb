import type { Caller } from '../guard/caller.ts'
import type { Vault } from '../guard/vault.ts'
import { type Conflict, listConflicts as list } from '../store/documents.ts'
import { assertOfficer } from './duties.ts'

/** Submissions that differ from confirmed values, for the data-protection officer to settle. Names fields, no values. */
export async function listConflicts(vault: Vault, caller: Caller): Promise<readonly Conflict[]> {
  assertOfficer(vault, caller)
  return list(vault.data)
}
