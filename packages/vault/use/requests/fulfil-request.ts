import { DoverieError } from '@doverie/core/base'
import type { Caller } from '../../guard/caller.ts'
import type { Vault } from '../../guard/vault.ts'
import type { RequestRow } from '../../store/requests.ts'
import { correctValues } from '../correct-values.ts'
import { assertDuty } from '../duties.ts'
import type { OnPerson } from '../on-person.ts'
import type { Decided } from '../open-fields.ts'
import { setConfidentiality } from '../set-confidentiality.ts'
import { listOwnPublications, makePublic, type Opening, type OwnPublication } from '../publications/make-public.ts'
import { isUnproved } from './identity.ts'
import { firstEntity } from './law.ts'
import { assertOthersLetter } from './may-destroy.ts'
import { actOnRequest, type Case, caseOf } from './on-request.ts'
import { tendRequest } from './tend-requests.ts'
import { ticketOf } from './ticket.ts'

/** What was done of a request: the request as it is then, or the refusal of the policy, which leaves it where it stood. */
export type Fulfilled = { readonly request: RequestRow } | { readonly refused: Decided }

/**
 * Corrects or supplements values as a request that was accepted asks, by the use-case that corrects any, under the request's number
 * as the ticket. A crash between the two leaves the request where it was, and doing it again changes nothing more. Throws `conflict`
 * where the request asks for no correction now.
 */
export async function correctForRequest(
  vault: Vault,
  caller: Caller,
  given: { readonly request: string; readonly values: Readonly<Record<string, unknown>> },
): Promise<Fulfilled> {
  const { found, on } = await onWhom(vault, caller, given.request, 'correcting')
  const outcome = await correctValues(vault, caller, { ...on, values: given.values })
  if (outcome.decision.effect === 'refuse') return { refused: outcome }
  return { request: await done(vault, caller, found, 'corrected') }
}

/** Sets what a person wants closed to whom, as a request that was accepted asks; each field is decided by itself. Throws as the above. */
export async function settleForRequest(
  vault: Vault,
  caller: Caller,
  given: {
    readonly request: string
    readonly settings: readonly { readonly field: string; readonly closedTo: readonly string[] }[]
  },
): Promise<Fulfilled> {
  const { found, on } = await onWhom(vault, caller, given.request, 'settling')
  for (const setting of given.settings) {
    const outcome = await setConfidentiality(vault, caller, { ...on, ...setting })
    if (outcome.decision.effect === 'refuse') return { refused: outcome }
  }
  return { request: await done(vault, caller, found, 'settled') }
}

/**
 * Makes public what a person asked for, as accepted, under the consent that they gave by its own document. INVARIANT: nobody opens
 * anything to everybody by a letter of their own making. Throws as the above and as `makePublic`.
 */
export async function publishForRequest(
  vault: Vault,
  caller: Caller,
  given: { readonly request: string; readonly purpose: string; readonly fields: Opening },
): Promise<Fulfilled> {
  const { found, on } = await onWhom(vault, caller, given.request, 'publishing')
  assertOthersLetter(caller, found.letter)
  const outcome = await makePublic(vault, caller, { ...on, purpose: given.purpose, fields: given.fields })
  if (outcome.decision.effect === 'refuse') return { refused: outcome }
  return { request: await done(vault, caller, found, 'published') }
}

/**
 * What the person of a request to publish has public and could have, for whoever fulfils it, under its number as the ticket. Throws
 * `conflict` where the request is about nobody.
 */
export async function publicationsForRequest(
  vault: Vault,
  caller: Caller,
  request: string,
): Promise<Decided & { readonly publications?: readonly OwnPublication[] }> {
  const { on } = await onWhom(vault, caller, request, 'publishing')
  return listOwnPublications(vault, caller, on)
}

async function onWhom(
  vault: Vault,
  caller: Caller,
  id: string,
  state: 'correcting' | 'settling' | 'publishing',
): Promise<{ readonly found: Case; readonly on: OnPerson }> {
  await assertDuty(vault, caller, 'requests')
  const found = await caseOf(vault, id)
  const { letter, request, policy } = found
  if (request.state === state && letter.subject === null) {
    throw new DoverieError('conflict', 'Nobody whom it is about is here any more: it is refused, with that reason.')
  }
  if (request.state !== state || letter.subject === null) {
    throw new DoverieError('conflict', `The request asks for no such change now (${request.state}).`)
  }
  // A letter that moved with a join was proved of another: nothing of the person it is about now changes by it.
  if (isUnproved(request.kind, letter)) {
    throw new DoverieError('conflict', 'Nothing is changed before it is proved again who asks.', { field: 'letter' })
  }
  const entity = request.entity ?? firstEntity(policy)
  return { found, on: { subject: letter.subject, entity, ticket: ticketOf(request.number) } }
}

async function done(
  vault: Vault,
  caller: Caller,
  found: Case,
  step: 'corrected' | 'settled' | 'published',
): Promise<RequestRow> {
  await actOnRequest(vault, found, {
    name: 'step-request',
    operation: 'use',
    caller,
    events: (_, at) => [{ kind: 'step', step, at }],
  })
  return tendRequest(vault, found.request.id)
}
