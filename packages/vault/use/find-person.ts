import { DoverieError, hex, type Uuid } from '@doverie/core/base'
import { decide, type IndexedKind, normaliseValue } from '@doverie/core/policy'
import { actorOf, type Caller } from '../guard/caller.ts'
import { newFacts } from '@doverie/core/consent'
import { batchOf, type Entry, makeEntry } from '../guard/entry.ts'
import { outsideScope, refusedWithoutPolicy } from '../guard/refusals.ts'
import { findHolders } from '../guard/index-identifiers.ts'
import { tagsOf } from '../guard/values.ts'
import type { Vault } from '../guard/vault.ts'
import { checkNames, checkTicket, compartmentsOf } from '../guard/vocabulary.ts'
import { transaction } from '../store/database.ts'
import { appendBatch } from '../store/ledger.ts'
import { type Decided, decidedOf } from './open-fields.ts'
import { RefKey } from '../guard/ref-key.ts'

/** A search is answered with at most so many people. */
const MOST = 20

export interface FindRequest {
  readonly kind: IndexedKind
  readonly value: string
  readonly purpose: string
  readonly entity: string
  readonly ticket?: string | undefined
}

export interface Found extends Decided {
  readonly subjects: readonly Uuid[]
}

/**
 * Finds people by an exact e-mail, phone or contract number, among identifiers that were proved or whose data are confirmed,
 * and numbers that the operator issued.
 * Of each candidate the policy is asked as for reading that field (operation `use`); only those it permits are told, each
 * with an entry in their own history. A search that finds nobody is recorded too.
 */
export async function findPerson(vault: Vault, caller: Caller, request: FindRequest): Promise<Found | Decided> {
  checkTicket(request.ticket)
  const policy = vault.policy()
  const field =
    policy === null ? undefined : [...policy.fields.values()].find(({ identifies }) => identifies === request.kind)
  if (policy !== null) checkNames(policy, { ...request, fields: [] })
  if (policy !== null && field === undefined) throw new DoverieError('unknown-field', undefined, { field: 'kind' })
  const value = normaliseValue(field?.kind ?? request.kind, request.value)
  if (!value.ok) throw new DoverieError(value.error.code, value.error.message, { field: 'value' })
  const tags = tagsOf(vault, request.kind, value.value)
  // Each value searched for counts, whoever it finds and before anybody is looked for: else the limit would tell who is there.
  for (const { tag } of tags) if (caller.kind === 'service') await vault.reach.admit(caller, hex(tag), vault.now())
  const act = { ...request, fields: field === undefined ? [] : [field.id], detail: { kind: request.kind } }
  const searched = await enterSearch(vault, caller, act)
  if (searched.decision.effect === 'refuse' || field === undefined) return decidedOf(searched)
  const candidates = await findHolders(vault, request.kind, value.value, MOST)
  const subjects = await permitted(vault, caller, request, field.id, candidates)
  return { ...decidedOf(searched), subjects }
}

/** What somebody wants to search by: fields, for what, and what the entry says of it beside that. */
export interface SearchAct {
  readonly purpose: string
  readonly entity: string
  readonly ticket?: string | undefined
  readonly fields: readonly string[]
  readonly detail: Readonly<Record<string, string | readonly string[]>>
}

/** Whether this caller may search like this at all, with its entry, which is tied to nobody and durable when this returns. */
export async function enterSearch(
  vault: Vault,
  caller: Caller,
  act: SearchAct,
): Promise<{ readonly decision: Decided['decision']; readonly entry: Entry }> {
  const { purpose, entity, ticket, detail } = act
  const decision = searchDecision(vault, caller, act)
  const at = vault.now()
  const content = { act: 'search', operation: 'use' as const, caller, purpose, entity, ticket, decision, detail }
  const entry = makeEntry(content, vault.newId(), new RefKey(vault.random(32)), vault.random(32), at)
  await transaction(vault.data, (tx) => appendBatch(tx, batchOf(vault.newId(), [entry]), at))
  return { decision, entry }
}

/** The decision on a person in order, who has every ground. */
function searchDecision(
  vault: Vault,
  caller: Caller,
  { purpose, entity, ticket, fields }: SearchAct,
): Decided['decision'] {
  const policy = vault.policy()
  if (policy === null || fields.length === 0) return refusedWithoutPolicy()
  const at = vault.now()
  const facts = {
    ...newFacts(at),
    confirmedAt: at,
    held: compartmentsOf(policy, fields),
    consents: [{ purpose, entity, since: at, until: null }],
    contracts: [...policy.services.keys()].map((service) => ({ id: '', entity, service, since: at, endedAt: null })),
  }
  const act = {
    actor: actorOf(caller),
    operation: 'use' as const,
    purpose,
    entity,
    fields,
    ticket: ticket !== undefined,
    now: at,
  }
  return outsideScope(policy, { caller, act: 'search', purpose, entity }) ?? decide(policy, act, facts)
}

async function permitted(
  vault: Vault,
  caller: Caller,
  request: FindRequest,
  field: string,
  candidates: readonly Uuid[],
): Promise<readonly Uuid[]> {
  const { purpose, entity, ticket } = request
  const answers = await Promise.all(
    candidates.map((subject) =>
      vault.reads.ask({
        caller,
        subject,
        act: 'found',
        operation: 'use',
        purpose,
        entity,
        fields: [field],
        ticket,
        opens: false,
      }),
    ),
  )
  return candidates.filter((_, i) => answers[i]?.decision.effect === 'permit')
}
