import { DoverieError, type Facts } from '@doverie/core/base'
import { fieldsOf, groundless, type Policy } from '@doverie/core/policy'
import type { Caller, StaffCaller } from '../../guard/caller.ts'
import type { Vault } from '../../guard/vault.ts'
import type { RequestRow } from '../../store/requests.ts'
import { assertSecond } from '../duties.ts'
import { unkeptOf } from '../kept.ts'
import { ask } from '../open-fields.ts'
import { suffices } from './identity.ts'
import { firstEntity } from './law.ts'
import type { Case } from './on-request.ts'
import { ticketOf } from './ticket.ts'

/**
 * Whether a member of staff may take a step that destroys data. INVARIANT: nobody destroys by a letter of their own making. Who wrote
 * is proved as far as the kind asks for, whoever registered the letter or checked who wrote takes no such step, and the policy lets
 * this caller destroy: it is asked as for a destruction, and a refusal is in the ledger. Throws `conflict` where who wrote is not
 * proved so, `forbidden` otherwise.
 */
export async function assertMayDestroy(
  vault: Vault,
  caller: StaffCaller,
  found: Case,
  named: readonly string[] | undefined,
): Promise<void> {
  const { policy, letter, request } = found
  if (letter.subject === null) return
  const { facts } = await vault.people.reload(letter.subject, vault.now())
  if (facts?.state !== 'live') return
  const going = named?.filter((one) => facts.held.includes(one)) ?? goingOf(policy, request, facts, vault.now())
  if (going.length === 0 && request.kind !== 'erasure') return
  if (letter.identity !== 'proved' || !suffices(request.kind, letter.proof)) {
    throw new DoverieError('conflict', 'Nothing is destroyed before it is proved who asks.', { field: 'letter' })
  }
  assertOthersLetter(caller, letter)
  const fields = going.flatMap((compartment) => fieldsOf(policy, compartment))
  if (fields.length === 0) return
  const { decision } = await ask(
    vault,
    caller,
    {
      subject: letter.subject,
      purpose: policy.system.law,
      entity: request.entity ?? firstEntity(policy),
      fields,
      ticket: ticketOf(request.number),
    },
    'accept-destruction',
    'destroy',
    false,
  )
  if (decision.effect === 'permit') return
  throw new DoverieError(
    'forbidden',
    'The policy does not let this role have these data destroyed, or something keeps them.',
    {
      ...(decision.clauses[0] === undefined ? {} : { clause: decision.clauses[0] }),
    },
  )
}

/**
 * Throws `forbidden` for whoever registered a letter or checked who wrote it, or had the link made by which that was checked: what it asks for
 * would be of their own making.
 */
export function assertOthersLetter(caller: Caller, { proof, registeredBy }: Case['letter']): void {
  const before = proof.flatMap(({ passed, by }) => (passed && by !== null ? [by] : []))
  const links = proof.flatMap(({ passed, link }) => (passed && link !== undefined ? [link] : []))
  if (caller.kind === 'staff' && links.includes(caller.pseudonym)) {
    throw new DoverieError('forbidden', 'Who wrote was checked under a sign-in whose link you had made.')
  }
  for (const first of [...before, registeredBy]) if (first !== null) assertSecond(caller, first)
}

/** What the acceptance of a request would have destroyed, as things stand: of a withdrawal what no other ground is left for. */
function goingOf(policy: Policy, { kind, entity }: RequestRow, facts: Facts, at: number): readonly string[] {
  if (kind === 'erasure') return unkeptOf(policy, facts, at)
  const consents = facts.consents.filter((consent) => entity !== null && consent.entity !== entity)
  return groundless(policy, { ...facts, consents }, at)
}
