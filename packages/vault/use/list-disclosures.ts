import { DoverieError, type Instant, type Uuid } from '@doverie/core/base'
import type { Caller, PersonCaller } from '../guard/caller.ts'
import { recordAct } from '../guard/record-act.ts'
import type { Vault } from '../guard/vault.ts'
import { transaction } from '../store/database.ts'
import { type Disclosure, type DisclosureState, listDisclosures as list } from '../store/disclosures.ts'
import { admitPersonSide } from './admit-person-side.ts'
import { accessClauses, assertOfficer } from './duties.ts'

const PAGE = 200

/** The register of disclosures, newest first, for the data-protection officer; the look at it is entered in the ledger. */
export async function listDisclosures(
  vault: Vault,
  caller: Caller,
  which: {
    readonly subject?: Uuid | undefined
    readonly recipient?: string | undefined
    readonly state?: DisclosureState | undefined
    readonly before?: Instant | undefined
  } = {},
): Promise<readonly Disclosure[]> {
  assertOfficer(vault, caller)
  const { subject = null, recipient = null, state = null, before = null } = which
  return transaction(vault.data, async (tx) => {
    const found = await list(tx, { subject, recipient, state, before, limit: PAGE })
    await recordAct(vault, tx, 'list-disclosures', caller, accessClauses(vault), { disclosures: found.length })
    return found
  })
}

/** To whom a person's data went (152-FZ art. 14(7)), the latest first: theirs to see, as their history is. */
export async function showDisclosures(vault: Vault, caller: PersonCaller): Promise<readonly Disclosure[]> {
  await admitPersonSide(vault, caller, 'read-disclosures')
  const { facts } = await vault.people.get(caller.subject, vault.now())
  if (facts === null) throw new DoverieError('not-found')
  return list(vault.data, { subject: caller.subject, recipient: null, state: null, before: null, limit: 1000 })
}
