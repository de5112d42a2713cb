import { DoverieError, type Instant, type Uuid } from '@doverie/core/base'
import type { Caller, PersonCaller } from '../guard/caller.ts'
import { recordAct } from '../guard/record-act.ts'
import type { Vault } from '../guard/vault.ts'
import { transaction } from '../store/database.ts'
import { type Disclosure, type DisclosureState, listDisclosures as list } from '../store/disclosures.ts'
import { admitPersonSide } from './admit-person-side.ts'
import { accessClauses, assertOfficer } from './duties.ts'
import { checkPerson, type OnPerson, rightsPurpose } from './on-person.ts'
import { type Decided, decidedOf } from './open-fields.ts'

const PAGE = 200

/** Which lines of the register are asked for. */
export interface DisclosureRange {
  readonly recipient?: string | undefined
  readonly state?: DisclosureState | undefined
  /** Behind this line: of several asked for in one moment, those with a greater id come after. */
  readonly after?: { readonly askedAt: Instant; readonly id: Uuid | null } | undefined
}

function rangeOf({ recipient, state, after }: DisclosureRange): Omit<Parameters<typeof list>[1], 'subject'> {
  const before = { before: after?.askedAt ?? null, beforeId: after?.id ?? null, hiddenAt: null }
  return { recipient: recipient ?? null, state: state ?? null, ...before, limit: PAGE }
}

/** The register of disclosures, newest first, for the data-protection officer; the look at it is entered in the ledger. */
export async function listDisclosures(
  vault: Vault,
  caller: Caller,
  range: DisclosureRange = {},
): Promise<readonly Disclosure[]> {
  assertOfficer(vault, caller)
  return transaction(vault.data, async (tx) => {
    const found = await list(tx, { subject: null, ...rangeOf(range) })
    await recordAct(vault, tx, 'list-disclosures', caller, accessClauses(vault), { disclosures: found.length })
    return found
  })
}

/** The lines about one person, likewise. A look at somebody is an act on them: it is decided, and stands in their history. */
export async function listDisclosuresOf(
  vault: Vault,
  caller: Caller,
  request: OnPerson & DisclosureRange,
): Promise<Decided & { readonly disclosures?: readonly Disclosure[] }> {
  assertOfficer(vault, caller)
  const subject = checkPerson(vault, request)
  const { entity, ticket } = request
  const answer = await vault.reads.ask({
    caller,
    subject,
    act: 'read-disclosures',
    operation: 'use',
    purpose: rightsPurpose(vault),
    entity,
    fields: [],
    ticket,
    opens: false,
  })
  if (answer.decision.effect === 'refuse') return decidedOf(answer)
  return { ...decidedOf(answer), disclosures: await list(vault.data, { subject, ...rangeOf(request) }) }
}

/** How the next page is asked for; null where this one is the last. */
export function pageAfter(lines: readonly Disclosure[]): DisclosureRange['after'] | null {
  const last = lines.length < PAGE ? undefined : lines.at(-1)
  return last === undefined ? null : { askedAt: last.askedAt, id: last.id }
}

/** To whom a person's data went (152-FZ art. 14(7)), the latest first: theirs to see, as their history is; what a norm forbids to tell from its day on. */
export async function showDisclosures(vault: Vault, caller: PersonCaller): Promise<readonly Disclosure[]> {
  await admitPersonSide(vault, caller, 'read-disclosures')
  const { facts } = await vault.people.get(caller.subject, vault.now())
  if (facts === null) throw new DoverieError('not-found')
  return list(vault.data, { subject: caller.subject, ...rangeOf({}), limit: 1000, hiddenAt: vault.now() })
}
