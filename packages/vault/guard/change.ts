import { DoverieError, type Facts, type Instant, type Operation, type Uuid } from '@doverie/core/base'
import { applyEvent, isNarrowing, newFacts, type PersonEvent } from '@doverie/core/consent'
import { decide, type Decision, type Policy } from '@doverie/core/policy'
import type { Permit } from '../permit.ts'
import { type Queryable, transaction } from '../store/database.ts'
import { announceJournal, confirmJournal, type JournalEntry } from '../store/journal.ts'
import { appendBatch } from '../store/ledger.ts'
import { awaitReads } from '../store/read-lane.ts'
import { lockRecords, type SealedRecord } from '../store/records.ts'
import { insertEvents, insertSubject, lockFacts, saveFacts, type VersionedFacts } from '../store/subjects.ts'
import { actorOf, type Caller, isPersonSide } from './caller.ts'
import { batchOf, type Entry, type EntryContent, makeEntry } from './entry.ts'
import { issuePermit } from './issue-permit.ts'
import { type HeldKey, REF } from './key-ring.ts'
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
  /** To whom the data go, of the `transfer:` operations. */
  readonly recipient?: string | undefined
  /** Compartments the change touches beyond those of its fields. */
  readonly compartments?: readonly string[]
  readonly detail?: EntryContent['detail']
  /** True where the act begins a person: `subject` is a fresh id, and the compartments are the first of it. */
  readonly begins?: boolean
  /** True where the entry of the change, once permitted, is to be tied to nobody. */
  readonly unlinked?: boolean
  /** What the act itself says of whom it begins, or of an age not known yet: it is decided by that, too. */
  readonly beginsWith?: Pick<Facts, 'age' | 'representatives'>
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
  /**
   * Makes a change to somebody else in the same transaction, under their lock too: both come about or neither. It is decided and
   * entered like any other, and a refusal of it is recorded and given back; who cannot do without it throws. Only for people
   * whom nobody locks the other way round: a new one, or the one whom a submission proves to be.
   */
  readonly also: <T>(request: ChangeRequest, work: (changing: Changing) => Promise<T>) => Promise<Changed<T>>
  /** Runs after the commit and before the acknowledgement. A crash before it leaves it undone: only for what the sweep repairs. */
  readonly afterCommit: (work: () => Promise<unknown>) => void
  /** Tells of a narrowing of somebody else that the work has written itself, in the same transaction. */
  readonly narrowed: (narrowing: JournalEntry) => void
  /** Adds to the ledger entry's detail. */
  readonly note: (detail: NonNullable<EntryContent['detail']>) => void
}

export type Changed<T> =
  | { readonly effect: 'permit'; readonly decision: Decision; readonly entry: Entry; readonly value: T }
  | { readonly effect: 'refuse'; readonly decision: Decision; readonly entry: Entry }

/** What a transaction's changes share. */
interface Moment {
  readonly vault: Vault
  readonly tx: Queryable
  readonly at: Instant
  /** The changes made in it so far. */
  readonly made: Made[]
}

/** A change made, with what must happen once it is committed. */
interface Made {
  readonly subject: Uuid
  readonly narrowings: readonly JournalEntry[]
  readonly afterwards: readonly (() => Promise<unknown>)[]
}

type Work<T> = (changing: Changing) => Promise<T>
type Finish<T> = (tx: Queryable, changed: Changed<T>) => Promise<void>

/**
 * Decides and makes one change to one person, with its ledger entry, in one transaction. A refusal is recorded and changes
 * nothing else. `finish` still belongs to the transaction and knows the entry. INVARIANT: when this returns after a narrowing
 * event, no read that the event forbids can commit any more, here or in another server, and the key store's journal knows of it. The
 * journal is told before the commit, so that it never knows less than the data.
 */
export async function change<T>(
  vault: Vault,
  request: ChangeRequest,
  work: Work<T>,
  finish: Finish<T> = () => Promise.resolve(),
): Promise<Changed<T>> {
  const at = vault.now()
  await admit(vault, request, at)
  const person = request.begins === true ? await begin(vault, request, at) : await vault.people.get(request.subject, at)
  const made: Made[] = []
  const outcome = await transaction(vault.data, async (tx) => {
    const changed = await changeWithin({ vault, tx, at, made }, request, person, work, finish)
    await announce(vault, made)
    return changed
  }).finally(() => {
    vault.people.forget(request.subject)
    for (const { subject } of made) vault.people.forget(subject)
  })
  await settle(vault, made)
  return outcome
}

async function admit(vault: Vault, { caller, subject }: ChangeRequest, at: Instant): Promise<void> {
  if (caller.kind === 'service') await vault.reach.admit(caller, subject, at)
}

async function changeWithin<T>(
  moment: Moment,
  request: ChangeRequest,
  known: Person,
  work: Work<T>,
  finish: Finish<T>,
): Promise<Changed<T>> {
  const { vault, tx, at } = moment
  const before = await factsBefore(tx, request, known)
  // Cached before somebody else's change: there may be keys by now that it does not know.
  const person = before !== null && before.version !== known.version ? await withKeys(vault, known, at) : known
  const policy = vault.policy()
  const facts = before?.facts ?? (request.begins === true ? person.facts : null)
  const decision = decideChange(policy, request, told(before?.facts, request) ?? initialFacts(request, at), at)
  const id = vault.newId()
  if (decision.effect === 'refuse' || policy === null || facts === null) {
    return { effect: 'refuse', decision, entry: await record(vault, tx, request, decision, person, id, at, {}) }
  }
  const permit = issuePermit({
    subject: request.subject,
    fields: request.fields,
    compartments: compartmentsIn(policy, request),
    decision: id,
  })
  const { changing, outcome } = begun(moment, request, { policy, person, permit, facts })
  const value = await work(changing)
  const { events, others, afterwards, detail } = outcome
  if (request.begins === true) await insertSubject(tx, request.subject, changing.facts(), at)
  else await saveFacts(tx, request.subject, changing.facts())
  const named = events.map((event) => ({ id: vault.newId(), event }))
  await insertEvents(tx, request.subject, named)
  const recorded = request.unlinked === true ? nobody(vault, request.subject) : changing.person()
  const entry = await record(vault, tx, request, decision, recorded, id, at, detail)
  const changed: Changed<T> = { effect: 'permit', decision, entry, value }
  await finish(tx, changed)
  const version = request.begins === true ? 1 : (before?.version ?? 0) + 1
  const own = named.map(({ id, event }, place) => narrowingOf(request.subject, { id, event }, version, place))
  moment.made.push({
    subject: request.subject,
    narrowings: [...own.filter((narrowing) => narrowing !== null), ...others],
    afterwards,
  })
  return changed
}

/** What a change's work brings about. */
interface Outcome {
  readonly events: PersonEvent[]
  readonly others: JournalEntry[]
  readonly afterwards: (() => Promise<unknown>)[]
  detail: NonNullable<EntryContent['detail']>
}

/** A change permitted and under way, and what comes of it. */
function begun(
  moment: Moment,
  request: ChangeRequest,
  start: {
    readonly policy: Policy
    readonly person: Person
    readonly permit: Permit
    readonly facts: Facts
  },
): { readonly changing: Changing; readonly outcome: Outcome } {
  const { vault, tx, at } = moment
  const { policy, permit } = start
  let { person, facts } = start
  let records: Map<string, SealedRecord> | null = request.begins === true ? new Map() : null
  const outcome: Outcome = { events: [], others: [], afterwards: [], detail: { ...request.detail } }
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
      outcome.events.push(event)
    },
    also: async (other, work) => {
      await admit(vault, other, at)
      const somebody =
        other.begins === true ? await begin(vault, other, at) : await loadWithin(vault, tx, other.subject, at)
      return changeWithin(moment, other, somebody, work, () => Promise.resolve())
    },
    afterCommit: (then) => void outcome.afterwards.push(then),
    narrowed: (narrowing) => void outcome.others.push(narrowing),
    note: (more) => {
      outcome.detail = { ...outcome.detail, ...more }
    },
  }
  return { changing, outcome }
}

function compartmentsIn(policy: Policy, { fields, compartments }: ChangeRequest): readonly string[] {
  return [...new Set([...compartmentsOf(policy, fields), ...(compartments ?? [])])]
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

/** Somebody for a change inside a transaction, under lock: whoever waits here holds a connection to the data, and asks for no other. */
async function loadWithin(vault: Vault, tx: Queryable, subject: Uuid, at: Instant): Promise<Person> {
  const locked = await lockFacts(tx, subject)
  if (locked?.facts.state !== 'live') return nobody(vault, subject)
  const keys = (await vault.ring.load([subject], at)).get(subject) ?? []
  return new Person(subject, locked.version, locked.facts, refKeyIn(subject, keys), keys)
}

/**
 * The person that an act may begin. Keys are made only where the act will be permitted: first in the key store, so that nothing
 * is sealed under a key that is not durable. A crash from here to the commit leaves keys of nobody, for the sweep.
 */
async function begin(vault: Vault, request: ChangeRequest, at: Instant): Promise<Person> {
  const policy = vault.policy()
  const facts = initialFacts(request, at)
  if (policy === null || decideChange(policy, request, facts, at).effect === 'refuse') {
    return nobody(vault, request.subject)
  }
  const keys = await vault.ring.create(request.subject, compartmentsIn(policy, request), at)
  return new Person(request.subject, 0, facts, refKeyIn(request.subject, keys), keys)
}

/** What is known of whom an act begins; null where it begins nobody. */
function initialFacts({ begins, beginsWith }: ChangeRequest, at: Instant): Facts | null {
  return begins === true ? { ...newFacts(at), ...beginsWith } : null
}

/** What is known, with the age that the act itself tells where none was known: it is decided by that. */
function told(facts: Facts | undefined, { beginsWith }: ChangeRequest): Facts | null {
  if (facts === undefined) return null
  return facts.age || !beginsWith?.age ? facts : { ...facts, age: beginsWith.age }
}

function nobody(vault: Vault, subject: Uuid): Person {
  return new Person(subject, 0, null, new RefKey(vault.random(32)), [])
}

function refKeyIn(subject: Uuid, keys: readonly HeldKey[]): RefKey {
  const ref = keys.find(({ compartment }) => compartment === REF)
  if (ref === undefined) throw new DoverieError('key-missing', undefined, { compartment: REF })
  return new RefKey(ref.unwrap(subject))
}

/** An event as the journal keeps it; null for one that takes nothing away. */
export function narrowingOf(
  holder: Uuid,
  { id, event }: { readonly id: Uuid; readonly event: PersonEvent },
  version: number,
  place: number,
): JournalEntry | null {
  return isNarrowing(event) ? { id, at: event.at, kind: event.kind, holder, detail: event, version, place } : null
}

/**
 * Tells the journal what is about to be committed. A crash from here to the commit, or a commit of unknown outcome, leaves an
 * announcement that the sweep confirms or takes back by what the data know.
 */
async function announce(vault: Vault, made: readonly Made[]): Promise<void> {
  const narrowings = made.flatMap((one) => one.narrowings)
  if (narrowings.length > 0) await announceJournal(vault.keys, narrowings)
}

/** What must have happened before changes are acknowledged: first what narrows, of all of them. */
async function settle(vault: Vault, made: readonly Made[]): Promise<void> {
  const narrowings = made.flatMap((one) => one.narrowings)
  if (narrowings.length > 0) {
    await awaitReads(vault.data)
    await confirmJournal(
      vault.keys,
      narrowings.map(({ id }) => id),
    )
  }
  for (const { afterwards } of made) for (const then of afterwards) await then()
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
  const { caller, act, operation, purpose, entity, fields, recipient, ticket, compartments } = request
  const content: EntryContent = {
    act,
    operation,
    caller,
    purpose,
    entity,
    recipient,
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
  if (isPersonSide(caller) && caller.subject !== request.subject) {
    throw new DoverieError(
      'forbidden',
      'A person acts on their own data only, a representative on those of whom they act for.',
    )
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
      ...(request.recipient === undefined ? {} : { recipient: request.recipient }),
      now: at,
    },
    facts,
  )
  // Collecting may begin a person; an act on one who is gone does not.
  return decision.effect === 'permit' && facts === null && request.begins !== true ? refusedAsNobody(policy) : decision
}
