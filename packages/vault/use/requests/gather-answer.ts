import { DoverieError, type Facts, type Instant, type Uuid } from '@doverie/core/base'
import { decide, entryWords, type Policy } from '@doverie/core/policy'
import type { AccessRow, InformationFacts } from '../../documents/information-answer.ts'
import type { Caller } from '../../guard/caller.ts'
import type { Vault } from '../../guard/vault.ts'
import { keptOf } from '../kept.ts'
import { isOpened, openFields } from '../open-fields.ts'
import { pageOf } from '../page-of.ts'
import { readHistory } from '../read-history.ts'
import type { RecordedAct } from '../recorded-act.ts'
import { agreedParties } from '../operator-duties/agreed-parties.ts'
import { listDisclosures } from '../../store/disclosures.ts'
import { firstEntity } from './law.ts'
import type { Case } from './on-request.ts'
import { ticketOf } from './ticket.ts'

/** More than anybody's data were ever handed over; an answer that left one out would be wrong in its point. */
const MOST_HANDED = 10_000

/**
 * All that an answer on a person's data is made from, read through the guard by whoever answers: each field opened is in the person's
 * history. Other people's data are named and not opened. Null where nothing is held of anybody. Throws `refused` where the policy does
 * not let this caller answer.
 */
export async function gatherAnswer(vault: Vault, caller: Caller, found: Case): Promise<InformationFacts | null> {
  const { policy, law, letter, request } = found
  const at = vault.now()
  if (letter.subject === null || letter.identity !== 'proved') return null
  const { facts } = await vault.people.reload(letter.subject, at)
  if (facts?.state !== 'live') return null
  const held = [...policy.fields.values()].filter(({ compartment }) => facts.held.includes(compartment))
  const others = held.filter(({ whose }) => whose === 'other').map(({ id }) => id)
  const fields = held.filter(({ whose }) => whose === 'person').map(({ id }) => id)
  const purpose = answerPurpose(policy, facts, at)
  const entity = request.entity ?? firstEntity(policy)
  const values = await valuesOf(vault, caller, {
    subject: letter.subject,
    entity,
    purpose,
    fields,
    ticket: ticketOf(request.number),
  })
  const accesses = await accessesOf(vault, policy, letter.subject)
  const handed = await handedOf(vault, letter.subject)
  const kept = keptOf(policy, facts, at)
  const page = pageOf(vault, policy, '/my/data')
  const parties = await agreedParties(vault)
  const known = { policy, profile: law.profile, facts, kept, values, others, handed, accesses, parties, at, page }
  return { ...known, entity: request.entity }
}

/**
 * Under what an answer is given. What is blocked, by somebody's word or by a rule (data that nobody confirmed), is opened under law alone:
 * that it is blocked is no reason to keep back what is held (152-FZ art. 14(8)).
 */
export function answerPurpose(policy: Policy, facts: Facts, now: Instant): string {
  const { rights, law, officer } = policy.system
  const fields = [...policy.fields.values()].filter(({ compartment }) => facts.held.includes(compartment))
  const act = {
    actor: { kind: 'staff', name: officer },
    operation: 'extract',
    purpose: rights,
    entity: firstEntity(policy),
    fields: fields.map(({ id }) => id),
    ticket: true,
    now,
  } as const
  return decide(policy, act, facts).causes.some(({ reason }) => reason === 'blocked') ? law : rights
}

async function valuesOf(
  vault: Vault,
  caller: Caller,
  request: Parameters<typeof openFields>[2],
): Promise<ReadonlyMap<string, string | readonly string[]>> {
  if (request.fields.length === 0) return new Map()
  const outcome = await openFields(vault, caller, request)
  if (!isOpened(outcome)) {
    throw new DoverieError('forbidden', 'The policy does not let this role answer such a request.', {
      ...(outcome.decision.clauses[0] === undefined ? {} : { clause: outcome.decision.clauses[0] }),
    })
  }
  return new Map([...outcome.values].map(([field, value]) => [field, value.reveal(outcome.permit)]))
}

/** Who did what with a person's data, from the ledger, in words; the same acts of the same kind of caller together. */
async function accessesOf(vault: Vault, policy: Policy, subject: Uuid): Promise<readonly AccessRow[]> {
  const rows = new Map<string, AccessRow>()
  for (const { body } of await readHistory(vault, { kind: 'subject', subject, proved: [] })) {
    const { ticket: _, ...entry } = JSON.parse(body) as RecordedAct
    const { who, what, purpose } = entryWords(policy, {
      ...entry,
      actor: { kind: entry.actor.kind, name: entry.actor.name },
    })
    const key = JSON.stringify([who, what, purpose])
    const known = rows.get(key)
    const lastAt = Math.max(known?.lastAt ?? 0, entry.at)
    rows.set(key, {
      who: { ...who },
      what: { ...what },
      purpose: purpose === null ? null : { ...purpose },
      times: (known?.times ?? 0) + 1,
      lastAt,
    })
  }
  return [...rows.values()]
}

/** Recipients whom data were handed to, by the register of disclosures, the newest first. */
async function handedOf(vault: Vault, subject: Uuid): Promise<InformationFacts['handed']> {
  const which = { subject, recipient: null, state: 'made', before: null, beforeId: null, limit: MOST_HANDED } as const
  const hiddenAt = vault.now()
  const lines = await listDisclosures(vault.data, { ...which, hiddenAt })
  return lines.map(({ recipient, basis, fields, settledAt, askedAt }) => ({
    ...{ recipient, fields },
    basis: basis.text,
    at: settledAt ?? askedAt,
  }))
}
