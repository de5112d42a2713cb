import { DoverieError } from '@doverie/core/base'
import type { Policy } from '@doverie/core/policy'
import { type Caller, ledgerNameOf, type StaffCaller } from '../guard/caller.ts'
import { change, type Changed, type ChangeRequest, type Changing } from '../guard/change.ts'
import { unsealFields } from '../guard/values.ts'
import type { Vault } from '../guard/vault.ts'
import { checkNames, checkSubjectId } from '../guard/vocabulary.ts'
import type { Permit } from '../permit.ts'
import type { Personal } from '../personal.ts'
import type { Queryable } from '../store/database.ts'
import {
  type Basis,
  type Disclosure,
  type DisclosureState,
  findDisclosure,
  insertDisclosure,
  settleDisclosure,
} from '../store/disclosures.ts'
import { assertSecond, holdCaller, linkOf } from './duties.ts'
import { about, checkPerson, type OnPerson } from './on-person.ts'
import { type Decided, decidedOf } from './open-fields.ts'

/** Which data of a person go to whom, for what. */
export interface DisclosureRequest extends OnPerson {
  /** Whom the policy names as a recipient: a processor, a third party, an authority, another entity of the operator. */
  readonly recipient: string
  readonly purpose: string
  readonly fields: readonly string[]
}

/** A permitted disclosure: what is to be handed over, or that it waits. */
export interface Disclosed extends Decided {
  readonly line?: Pick<Disclosure, 'id' | 'state' | 'basis' | 'fields'>
  /** What opens the values; absent while they wait. */
  readonly permit?: Permit
  readonly values?: ReadonlyMap<string, Personal>
}

type Recipient = NonNullable<ReturnType<Policy['recipients']['get']>>

/** Of a disclosure that answers no demand. */
const PLAIN = { demand: null, hiddenUntil: null } as const

/** What is the same of asking for a disclosure, of making and of declining it. */
export type Asked = Pick<
  Disclosure,
  'id' | 'subject' | 'recipient' | 'entity' | 'purpose' | 'fields' | 'ticket' | 'demand' | 'hiddenUntil'
>

/**
 * Opens fields of a person to be handed to a recipient (operation `transfer:provide`; 152-FZ art. 6(3), 7): the only use-case
 * by which data go to anybody else. The decision, its entry in the person's history and the line of the register are durable
 * before a value leaves. What an authority demands waits for the word of another member of staff; then nothing is opened yet.
 */
export async function disclose(vault: Vault, caller: Caller, request: DisclosureRequest): Promise<Disclosed> {
  const subject = checkPerson(vault, request)
  const { recipient, purpose, entity } = request
  const fields = [...new Set(request.fields)]
  if (fields.length === 0) throw new DoverieError('invalid-request', 'No field is named.', { field: 'fields' })
  const policy = vault.policy()
  if (policy !== null) {
    checkNames(policy, request)
    recipientOf(policy, recipient)
  }
  const ticket = request.ticket ?? null
  const asked: Asked = { id: vault.newId(), subject, recipient, entity, purpose, fields, ticket, ...PLAIN }
  const waits = policy?.recipients.get(recipient)?.kind === 'authority'
  const outcome = await change(
    vault,
    transferOf(caller, asked, waits ? 'ask-disclosure' : 'disclose'),
    async (changing) => {
      const whom = recipientOf(changing.policy, recipient)
      // Decided before by another version: under the one in force now the other way may be right.
      if ((whom.kind === 'authority') !== waits) throw new DoverieError('conflict')
      await holdCaller(changing, caller)
      const state = waits ? 'waiting' : 'made'
      const basis = basisOf(changing.policy, whom, purpose)
      await insertDisclosure(changing.tx, {
        ...asked,
        kind: whom.kind,
        basis,
        policy: changing.policy.id,
        state,
        askedAt: changing.at,
        askedBy: ledgerNameOf(caller),
        settledAt: waits ? null : changing.at,
        settledBy: waits ? null : ledgerNameOf(caller),
        entry: changing.permit.decision,
      })
      const line = { id: asked.id, state, basis, fields } as const
      return waits ? { line } : { line, ...(await released(changing)) }
    },
  )
  return outcome.effect === 'permit' ? { ...decidedOf(outcome), ...outcome.value } : decidedOf(outcome)
}

/**
 * The second word: another member of staff than the one who asked, whom the policy permits the same, makes the disclosure and is
 * given the values. It is decided by the facts of now. Throws `not-found`; `conflict` where it does not wait any more;
 * `forbidden` for who asked.
 */
export async function approveDisclosure(
  vault: Vault,
  caller: StaffCaller,
  which: { readonly subject: string; readonly disclosure: string },
): Promise<Disclosed> {
  const waiting = await findWaiting(vault, which)
  const { kind, id } = waiting.askedBy
  if (waiting.demand !== null)
    throw new DoverieError('conflict', 'It is approved with its demand.', { field: 'demand' })
  if (kind === 'staff' && id !== undefined) assertSecond(caller, id)
  return handOver(vault, caller, waiting)
}

/** Makes what waits, decided by the facts of now; whoever calls has asked who may say the second word. Throws `conflict`. */
export async function handOver(vault: Vault, caller: StaffCaller, waiting: Disclosure): Promise<Disclosed> {
  const outcome = await change(vault, transferOf(caller, waiting, 'disclose'), async (changing) => {
    const { id: disclosure, basis, fields } = waiting
    await settle(changing, caller, waiting, 'made')
    changing.note(linkOf(caller))
    return { line: { id: disclosure, state: 'made' as const, basis, fields }, ...(await released(changing)) }
  })
  return outcome.effect === 'permit' ? { ...decidedOf(outcome), ...outcome.value } : decidedOf(outcome)
}

/**
 * Asks for what a demand is to be answered with: it waits for the second word. `also` belongs to the transaction, before anything is
 * written. A refusal is recorded, and nothing waits then.
 */
export function askToHandOver(
  vault: Vault,
  caller: StaffCaller,
  asked: Asked,
  basis: Basis,
  also: (tx: Queryable) => Promise<void>,
): Promise<Changed<null>> {
  return change(vault, transferOf(caller, asked, 'ask-disclosure'), async (changing) => {
    await holdCaller(changing, caller)
    await also(changing.tx)
    await insertDisclosure(changing.tx, {
      ...{ ...asked, kind: 'authority', basis, policy: changing.policy.id, state: 'waiting', askedAt: changing.at },
      ...{ askedBy: ledgerNameOf(caller), settledAt: null, settledBy: null, entry: changing.permit.decision },
    })
    return null
  })
}

/** Declines, or takes back, what waits for its second word: whom the policy permits the disclosure may. Throws as above. */
export async function declineDisclosure(
  vault: Vault,
  caller: StaffCaller,
  which: { readonly subject: string; readonly disclosure: string },
): Promise<Decided> {
  const waiting = await findWaiting(vault, which)
  const outcome = await change(vault, transferOf(caller, waiting, 'decline-disclosure'), (changing) =>
    settle(changing, caller, waiting, 'declined'),
  )
  return decidedOf(outcome)
}

function transferOf(caller: Caller, asked: Asked, act: string): ChangeRequest {
  const { id, subject, recipient, purpose, fields, entity, ticket } = asked
  return {
    caller,
    subject,
    act,
    operation: 'transfer:provide',
    purpose,
    fields,
    recipient,
    detail: { disclosure: id },
    ...about({ subject, entity, ticket: ticket ?? undefined }),
  }
}

async function findWaiting(
  vault: Vault,
  { subject, disclosure }: { readonly subject: string; readonly disclosure: string },
): Promise<Disclosure> {
  checkSubjectId(subject)
  const found = await findDisclosure(vault.data, subject, disclosure)
  if (found === null) throw new DoverieError('not-found')
  if (found.state !== 'waiting') throw new DoverieError('conflict', 'It does not wait any more.')
  return found
}

async function settle(
  changing: Changing,
  caller: StaffCaller,
  { id, subject }: Disclosure,
  state: DisclosureState,
): Promise<void> {
  await holdCaller(changing, caller)
  const { tx, at, permit } = changing
  const settled = { subject, id, state, settledAt: at, settledBy: ledgerNameOf(caller), entry: permit.decision }
  if (!(await settleDisclosure(tx, settled))) throw new DoverieError('conflict', 'It does not wait any more.')
}

async function released(changing: Changing): Promise<{
  readonly permit: Permit
  readonly values: ReadonlyMap<string, Personal>
}> {
  const { permit } = changing
  const records = [...(await changing.records()).values()]
  return { permit, values: unsealFields(changing.person(), records, permit) }
}

function recipientOf(policy: Policy, recipient: string): Recipient {
  const known = policy.recipients.get(recipient)
  if (known === undefined)
    throw new DoverieError('invalid-request', 'The policy knows no such recipient.', { field: 'recipient' })
  return known
}

/** What entitles the recipient: its own norm, the purpose's, the contract that binds it, or the consent to the purpose. */
function basisOf(policy: Policy, { kind, norm, contract }: Recipient, purpose: string): Basis {
  const known = policy.purposes.get(purpose)
  if (known === undefined) throw new DoverieError('internal')
  const law = kind === 'authority' ? (norm ?? known.norm) : known.norm
  if (law !== null) return { by: 'norm', text: law }
  if (contract !== null) return { by: 'contract', text: contract }
  return { by: known.grounds.includes('consent') ? 'consent' : 'contract', text: known.label }
}
