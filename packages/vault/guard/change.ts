import { DoverieError, type Facts, type Instant, type Operation, type Uuid } from '@doverie/core/base'
import { applyEvent, isNarrowing, newFacts, type PersonEvent } from '@doverie/core/consent'
import { decide, type Decision, type Policy } from '@doverie/core/policy'
import type { Permit } from '../permit.ts'
import { type Queryable, transaction } from '../store/database.ts'
import { appendJournal } from '../store/journal.ts'
import { appendBatch } from '../store/ledger.ts'
import { awaitReads } from '../store/read-lane.ts'
import { lockRecords, type SealedRecord } from '../store/records.ts'
import { insertEvents, insertSubject, lockFacts, saveFacts, type VersionedFacts } from '../store/subjects.ts'
import { actorOf, type Caller } from './caller.ts'
import { batchOf, type Entry, type EntryContent, makeEntry } from './entry.ts'
import { issuePermit } from './issue-permit.ts'
import { REF } from './key-ring.ts'
import { Person } from './people.ts'
import { outsideScope, refusedAsNobody, refusedWithoutPolicy } from './refusals.ts'
import type { Vault } from './vault.ts'
import { compartmentsOf } from './vocabulary.ts'
import { RefKey } from './ref-key.ts'

/** An act that changes a person's data or grounds. */
export interface ChangeRequest {
  readonly caller: Caller
  readonly subject: Uuid
  /** The use-case as the ledger names it. */
  readonly act: string
  readonly operation: Operation
  readonly purpose: string
  readonly entity: string
  readonly fields: readonly string[]
  readonly ticket?: string | undefined
  /** Compartments the change touches beyond those of its fields. */
  readonly compartments?: readonly string[]
  readonly detail?: EntryContent['detail']
  /** True where the act begins a person: `subject` is a fresh id, and the compartments are the first of it. */
  readonly begins?: boolean
}

/** A change under way, inside its transaction and under the person's lock. */
export interface Changing {
  readonly tx: Queryable
  readonly policy: Policy
  /** The person, with the keys made for this change as soon as they are. */
  readonly person: () => Person
  readonly permit: Permit
  readonly at: Instant
  readonly facts: () => Facts
  /** The permitted compartments as they stand, this change's own writes included. Read and locked once. */
  readonly records: () => Promise<Map<string, SealedRecord>>
  /** Has keys for compartments at generations in the key store, before anything is sealed under them. */
  readonly extendKeys: (generations: ReadonlyMap<string, number>) => Promise<void>
  /** Takes an event into the facts; it is stored with the change. */
  readonly apply: (event: PersonEvent) => void
  /** Runs after the commit and before the acknowledgement. A crash before it leaves it undone: only for what the sweep repairs. */
  readonly afterCommit: (work: () => Promise<void>) => void
  /** Adds to the ledger entry's detail. */
  readonly note: (detail: NonNullable<EntryContent['detail']>) => void
}

export type Changed<T> =
  | { readonly effect: 'permit'; readonly decision: Decision; readonly entry: Entry; readonly value: T }
  | { readonly effect: 'refuse'; readonly decision: Decision; readonly entry: Entry }

/**
 * Decides and makes one change to one person, with its ledger entry, in one transaction. A refusal is recorded and changes
 * nothing else. `finish` still belongs to the transaction and knows the entry. INVARIANT: when this returns after a narrowing event, no read that the event forbids can commit any more,
 * here or in another server, and the key store's journal knows of it.
 */
export async function change<T>(
  vault: Vault,
  request: ChangeRequest,
  work: (changing: Changing) => Promise<T>,
  finish: (tx: Queryable, changed: Changed<T>) => Promise<void> = () => Promise.resolve(),
): Promise<Changed<T>> {
  const at = vault.now()
  if (request.caller.kind === 'service') vault.reach.admit(request.caller, request.subject, at)
  let person = request.begins === true ? await begin(vault, request, at) : await vault.people.get(request.subject, at)
  const events: PersonEvent[] = []
  const afterwards: (() => Promise<void>)[] = []
  const outcome = await transaction(vault.data, async (tx) => {
    const before = await factsBefore(tx, request, person)
    // Cached before somebody else's change: there may be keys by now that it does not know.
    if (before !== null && before.version !== person.version) person = await withKeys(vault, person, at)
    const policy = vault.policy()
    const known = before?.facts ?? (request.begins === true ? person.facts : null)
    const decision = decideChange(policy, request, before?.facts ?? null, at)
    const id = vault.newId()
    if (decision.effect === 'refuse' || policy === null || known === null) {
      return {
        effect: 'refuse' as const,
        decision,
        entry: await record(vault, tx, request, decision, person, id, at, {}),
      }
    }
    let facts = known
    let detail: NonNullable<EntryContent['detail']> = { ...request.detail }
    const fields = request.fields
    const compartments = [...new Set([...compartmentsOf(policy, fields), ...(request.compartments ?? [])])]
    const permit = issuePermit({ subject: request.subject, fields, compartments, decision: id })
    let records: Map<string, SealedRecord> | null = request.begins === true ? new Map() : null
    const changing: Changing = {
      tx,
      policy,
      person: () => person,
      permit,
      at,
      extendKeys: async (generations) => {
        const cell = person.keys[0]?.cellId
        if (cell === undefined) throw new DoverieError('key-missing')
        await vault.ring.extend(person.subject, cell, generations, at)
        person = await withKeys(vault, person, at)
      },
      records: async () => {
        records ??= new Map((await lockRecords(tx, permit)).map((row) => [row.compartment, row]))
        return records
      },
      facts: () => facts,
      apply: (event) => {
        facts = applyEvent(facts, event)
        events.push(event)
      },
      afterCommit: (then) => void afterwards.push(then),
      note: (more) => {
        detail = { ...detail, ...more }
      },
    }
    const value = await work(changing)
    if (request.begins === true) await insertSubject(tx, request.subject, facts, at)
    else await saveFacts(tx, request.subject, facts)
    await insertEvents(
      tx,
      request.subject,
      events.map((event) => ({ id: vault.newId(), event })),
    )
    const entry = await record(vault, tx, request, decision, person, id, at, detail)
    const changed = { effect: 'permit' as const, decision, entry, value }
    await finish(tx, changed)
    return changed
  }).finally(() => {
    vault.people.forget(request.subject)
  })
  if (outcome.effect === 'permit') await settle(vault, request.subject, events, afterwards)
  return outcome
}

/** The person's facts as they are now, under lock; null for nobody, and for a person about to begin. */
async function factsBefore(tx: Queryable, request: ChangeRequest, person: Person): Promise<VersionedFacts | null> {
  if (request.begins === true || person.facts === null) return null
  const locked = await lockFacts(tx, request.subject)
  return locked === null || locked.facts.state === 'destroyed' ? null : locked
}

/** The person with the keys as they are now. Asks the key store only: whoever waits here holds a connection to the data. */
async function withKeys(vault: Vault, person: Person, at: Instant): Promise<Person> {
  const { subject, version, facts, kRef } = person
  const keys = (await vault.ring.load([subject], at)).get(subject) ?? []
  return new Person(subject, version, facts, kRef, keys)
}

/**
 * The person that an act may begin. Keys are made only where the act will be permitted: first in the key store, so that nothing
 * is sealed under a key that is not durable. A crash from here to the commit leaves keys of nobody, for the sweep.
 */
async function begin(vault: Vault, request: ChangeRequest, at: Instant): Promise<Person> {
  const policy = vault.policy()
  const nobody = new Person(request.subject, 0, null, new RefKey(vault.random(32)), [])
  if (policy === null || decideChange(policy, request, null, at).effect === 'refuse') return nobody
  const compartments = [...new Set([...compartmentsOf(policy, request.fields), ...(request.compartments ?? [])])]
  const keys = await vault.ring.create(request.subject, compartments, at)
  const ref = keys.find(({ compartment }) => compartment === REF)
  if (ref === undefined) throw new DoverieError('key-missing')
  return new Person(request.subject, 0, newFacts(at), new RefKey(ref.unwrap()), keys)
}

/** What must have happened before a change is acknowledged. */
async function settle(
  vault: Vault,
  subject: Uuid,
  events: readonly PersonEvent[],
  afterwards: readonly (() => Promise<void>)[],
): Promise<void> {
  const narrowing = events.filter(isNarrowing)
  if (narrowing.length > 0) await awaitReads(vault.data)
  for (const event of narrowing) {
    await appendJournal(vault.keys, {
      id: vault.newId(),
      at: event.at,
      kind: event.kind,
      holder: subject,
      detail: event,
    })
  }
  for (const then of afterwards) await then()
}

async function record(
  vault: Vault,
  tx: Queryable,
  request: ChangeRequest,
  decision: Decision,
  person: Person,
  id: Uuid,
  at: Instant,
  detail: NonNullable<EntryContent['detail']>,
): Promise<Entry> {
  const { caller, act, operation, purpose, entity, fields, ticket, compartments } = request
  const content: EntryContent = {
    act,
    operation,
    caller,
    purpose,
    entity,
    ticket,
    decision,
    ...(fields.length > 0 ? { fields } : {}),
    ...(compartments === undefined ? {} : { compartments }),
    ...(Object.keys(detail).length > 0 ? { detail } : {}),
  }
  const entry = makeEntry(content, id, person.kRef, vault.random(32), at)
  await appendBatch(tx, batchOf(vault.newId(), [entry]), at)
  return entry
}

/** The decision on a change: the credential's own limits, the person's own data only for the person, then the policy. */
function decideChange(policy: Policy | null, request: ChangeRequest, facts: Facts | null, at: Instant): Decision {
  if (policy === null) return refusedWithoutPolicy()
  const scope = outsideScope(policy, request)
  if (scope !== null) return scope
  const { caller } = request
  if (caller.kind === 'subject' && caller.subject !== request.subject) {
    throw new DoverieError('forbidden', 'A person acts on their own data only.')
  }
  const decision = decide(
    policy,
    {
      actor: actorOf(caller),
      operation: request.operation,
      purpose: request.purpose,
      entity: request.entity,
      fields: request.fields,
      ticket: request.ticket !== undefined,
      now: at,
    },
    facts,
  )
  // Collecting may begin a person; an act on one who is gone does not.
  return decision.effect === 'permit' && facts === null && request.begins !== true ? refusedAsNobody(policy) : decision
}
