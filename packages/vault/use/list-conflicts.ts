import type { Caller } from '../guard/caller.ts'
import type { Vault } from '../guard/vault.ts'
import { type Conflict, listConflicts as list } from '../store/documents.ts'
import { assertOfficer } from './credentials.ts'

/** Submissions that differ from confirmed values, for the data-protection officer to settle. Names fields, no values. */
export async function listConflicts(vault: Vault, caller: Caller): Promise<readonly Conflict[]> {
  assertOfficer(caller)
  return list(vault.data)
}
