import type { Changing } from '../guard/change.ts'
import { proveIdentifier } from '../guard/index-identifiers.ts'
import { currentValues } from '../guard/values.ts'
import type { Vault } from '../guard/vault.ts'

/**
 * Has a person under change found by what the operator itself issued to them (the numbers of their contracts, to identify the
 * party by: clause 2.2.1 of the shipped policy). Nobody typed it, so there is nothing to prove or to confirm. It is searchable
 * with the commit of the change that writes it: until then its tag is marked, and where that never comes the tag goes.
 */
export async function proveIssued(vault: Vault, changing: Changing): Promise<void> {
  const held = await currentValues(changing)
  for (const { id, compartment, source, identifies } of changing.policy.fields.values()) {
    if (source !== 'operator' || identifies === null) continue
    await proveIdentifier(vault, changing.permit.subject, identifies, held.get(compartment)?.[id] ?? [])
  }
}
