import { DoverieError, isDoverieError, type Facts, type Instant, type Uuid } from '@doverie/core/base'
import { applyEvent, isNarrowing, type PersonEvent } from '@doverie/core/consent'
import { batchOf, type Entry, makeEntry, NO_POLICY } from '../guard/entry.ts'
import { narrowingOf } from '../guard/change.ts'
import { recordAct } from '../guard/record-act.ts'
import { resealWithout } from '../guard/reseal-person.ts'
import { RefKey } from '../guard/ref-key.ts'
import { isWhole, type Standing, standingOf } from '../guard/standing.ts'
import { openVault, type Vault, type VaultOptions } from '../guard/vault.ts'
import { type Queryable, transaction } from '../store/database.ts'
import { deleteBegun } from '../store/destructions.ts'
import {
  announceJournal,
  confirmJournal,
  isOfAccess,
  type JournalEntry,
  type KeptEntry,
  listJournalHolders,
  loadJournalOf,
  saveHead,
} from '../store/journal.ts'
import { appendBatch } from '../store/ledger.ts'
import { listNumbers, raiseNumbers } from '../store/letters.ts'
import { subjectsOfOpen } from '../store/matters.ts'
import { emptyRecords } from '../store/records.ts'
import { emptyAnswers } from '../store/replies.ts'
import { insertUntold, lockForReplay, markReplayed } from '../store/restored.ts'
import { findUnknown, forgetPassing, takeAgain } from '../store/standing.ts'
import { lockFactsOf, putEvents, putFacts, putOffErasures, type VersionedFacts } from '../store/subjects.ts'
import { endRestoredDeputies } from './deputies/deputy.ts'
import { forgetPerson } from './end-destructions.ts'
import { reopenDestructions } from './requests/reopen-destructions.ts'
import { endLostClaims } from './end-lost-claims.ts'
import { mendKeyStore, type Mended } from './mend-key-store.ts'
import { type OpenedLedger, openLedger } from './open-ledger.ts'

/** People of one page, held in memory together. */
const PAGE = 500
const DAY = 86_400_000
const WEEK = 7 * DAY
const FIRST: Uuid = '00000000-0000-0000-0000-000000000000'

/** What a replay put in, and what it could not know. */
export interface Replayed {
  /** Narrowings that the data did not know, of so many people. */
  readonly narrowings: number
  readonly people: number
  /** People and compartments that were destroyed and had come back. */
  readonly destroyed: { readonly people: number; readonly compartments: number }
  /** Access taken again: credentials revoked, members of staff switched off. */
  readonly credentials: number
  readonly staff: number
  /** People whose destruction was asked for and of whom nobody knows whether it began: blocked, for the officer to look at. */
  readonly unknown: readonly Uuid[]
  /** Requests on their way to a destruction, which staff decide on again: what was taken back since the backup nobody knows. */
  readonly reopened: number
  /** The ledger that goes on under another name; null where the old one goes on. */
  readonly ledger: OpenedLedger | null
  /** What the key store lacked; null where it was not restored. */
  readonly keys: Mended | null
}

/**
 * Opens a vault, replaying the journal first where the data, or the key store, came out of a backup: nothing is served before. Data
 * that are older, or whose key store is, without `doverie restore` having said so are `restore-pending` unless `untold` is true:
 * that may be the wrong database.
 */
export async function openReplayed(
  options: VaultOptions,
  hooks: { readonly untold?: boolean; readonly onReplayed?: (replayed: Replayed) => void } = {},
): Promise<Vault> {
  const opened = await openVault({ ...options, unreplayed: true })
  try {
    const standing = await transaction(opened.data, (tx) => standingOf(tx, opened.keys, options.origin))
    if (isWhole(standing)) return opened
    if (standing.dataRestored || standing.keysRestored || hooks.untold === true) {
      const replayed = await replayJournal(opened)
      if (replayed !== null) hooks.onReplayed?.(replayed)
    }
  } catch (error) {
    await opened.close()
    throw error
  }
  await opened.close()
  return openVault(options)
}

/**
 * Replays the key store's journal over older data, in one transaction of the data: every narrowing that they do not know takes place
 * again under its own id, what was destroyed is destroyed, revoked credentials are revoked, and the ledger goes on or is followed by
 * another. A crash leaves the data as they were, to be replayed from the beginning. Null where another process has done it meanwhile.
 */
async function replayJournal(vault: Vault): Promise<Replayed | null> {
  const done = await transaction(vault.data, async (tx) => {
    await lockForReplay(tx)
    const standing = await standingOf(tx, vault.keys, vault.baseOrigin)
    if (isWhole(standing)) return null
    const replay = new Replay(vault, tx)
    await replay.everybody()
    const older = standing.dataRestored || standing.dataOlder
    if (older) {
      await forgetPassing(tx)
      await endRestoredDeputies(vault, tx)
      await raiseNumbers(tx, await listNumbers(vault.keys))
      // The journal does not know either who cancelled since: they have a week to do so again.
      if (standing.keysRestored || standing.keysOlder) await putOffErasures(tx, replay.until + WEEK)
      await endLostClaims(vault, tx)
    }
    const ledger = continues(standing) ? null : await openLedger(vault, tx, standing)
    const entry = await replay.tell(ledger)
    const reopened = older ? await reopenDestructions(tx, entry, replay.until) : 0
    const keys = standing.keysRestored || standing.keysOlder ? await mendKeyStore(vault, tx) : null
    if (!(await markReplayed(tx, replay.until))) await insertUntold(tx, replay.until)
    return { replay, standing, ledger, keys, reopened }
  })
  if (done === null) return null
  const { replay, standing, ledger, keys, reopened } = done
  // A crash from here on leaves data ahead of their key store by one step: as after any other.
  await confirmJournal(vault.keys, replay.announced)
  const head = ledger === null ? standing.line : ledger.head
  if (head !== null) await saveHead(vault.keys, ledger?.origin ?? standing.origin, head.size, head.checkpoint)
  await markReplayed(vault.keys, replay.until)
  return { ...replay.counts(), reopened, ledger, keys }
}

/** The present name may be signed under again only where nothing that was published under it can be missing. */
function continues({ origin, line, head, keysRestored, keysOlder }: Standing): boolean {
  const present = line?.origin === origin ? line : null
  // Opened by a replay that crashed before it told the key store: nobody has seen it.
  if (present?.follows != null && head === null && present.size === present.since + 1) return true
  if (keysRestored || keysOlder) return false
  return head === null || (present !== null && (head.size < present.size || head.checkpoint === present.checkpoint))
}

/** A person as the replay leaves them. */
interface Outcome {
  readonly subject: Uuid
  readonly version: number
  readonly facts: Facts
  readonly events: readonly { readonly subject: Uuid; readonly id: Uuid; readonly event: PersonEvent }[]
  /** What the replay itself narrows. */
  readonly own: JournalEntry | null
  /** Compartments whose records go. */
  readonly emptied: readonly string[]
  /** True where a destruction is known to be over of which the data knew the beginning at most. */
  readonly gone: boolean
}

class Replay {
  readonly #vault: Vault
  readonly #tx: Queryable
  readonly #at: Instant
  readonly #unknown: Uuid[] = []
  readonly #announced: Uuid[] = []
  #narrowings = 0
  #people = 0
  #destroyedPeople = 0
  #destroyedCompartments = 0
  #taken = { credentials: 0, staff: 0 }
  #until: Instant

  constructor(vault: Vault, tx: Queryable) {
    this.#vault = vault
    this.#tx = tx
    this.#at = vault.now()
    this.#until = this.#at
  }

  /** Later than all that the journal says, whatever the clocks of those who told it: what is told of nobody after it is new. */
  get until(): Instant {
    return this.#until
  }

  get announced(): readonly Uuid[] {
    return this.#announced
  }

  counts(): Omit<Replayed, 'ledger' | 'keys' | 'reopened'> {
    return {
      narrowings: this.#narrowings,
      people: this.#people,
      destroyed: { people: this.#destroyedPeople, compartments: this.#destroyedCompartments },
      ...this.#taken,
      unknown: this.#unknown,
    }
  }

  /** Page by page, whatever the journal's length. */
  async everybody(): Promise<void> {
    for (let after = FIRST; ; ) {
      const holders = await listJournalHolders(this.#vault.keys, after, PAGE)
      const last = holders.at(-1)
      if (last === undefined) return
      await this.#page(await loadJournalOf(this.#vault.keys, holders))
      after = last
    }
  }

  async #page(entries: readonly KeptEntry[]): Promise<void> {
    for (const { at, kind } of entries) {
      this.#until = Math.max(this.#until, (kind === 'destruction-done' ? at - DAY : at) + 1)
    }
    const { credentials, staff } = await takeAgain(this.#tx, entries.filter(isOfAccess))
    this.#taken = { credentials: this.#taken.credentials + credentials, staff: this.#taken.staff + staff }
    const ofPeople = entries.filter((entry) => !isOfAccess(entry))
    const known = await lockFactsOf(this.#tx, [...new Set(ofPeople.map(({ holder }) => holder))])
    const missing = await findUnknown(this.#tx, ofPeople)
    const holding = await subjectsOfOpen(this.#tx, ofPeople.flatMap(holderOf))
    const outcomes: Outcome[] = []
    for (const [subject, before] of known) {
      if (before.facts.state === 'destroyed') continue
      const own = ofPeople.filter(({ holder }) => holder === subject)
      const outcome = this.#replayOne(subject, before, own, { missing, holding })
      if (outcome !== null) outcomes.push(outcome)
    }
    if (outcomes.length > 0) await this.#write(outcomes)
  }

  /** Null where the data know all of it. */
  #replayOne(
    subject: Uuid,
    before: VersionedFacts,
    entries: readonly KeptEntry[],
    { missing, holding }: { readonly missing: ReadonlySet<Uuid>; readonly holding: ReadonlyMap<Uuid, Uuid> },
  ): Outcome | null {
    if (entries.some(({ kind, detail }) => kind === 'destruction-done' && isOfPerson(detail))) {
      const done = { kind: 'destruction-done' as const, compartments: [], person: true, at: this.#at }
      const facts = applyEvent({ ...before.facts, state: 'destroying' }, done)
      return { subject, version: versionAfter(before, entries), facts, events: [], own: null, emptied: [], gone: true }
    }
    let { facts } = before
    const events: { subject: Uuid; id: Uuid; event: PersonEvent }[] = []
    const emptied = new Set<string>()
    const version = versionAfter(before, entries)
    let own: JournalEntry | null = null
    let unknown = false
    for (const entry of entries) {
      const { id, version: since } = entry
      const told = eventOf(entry)
      const event = isHeld(told, facts, subject, holding) ? told : withoutHolder(told)
      if (event.kind === 'destruction-done') {
        // What ended before these data were as they are they know: what is dying in them now began later.
        if (since !== null && since <= before.version) continue
        const due = event.compartments.filter((name) => facts.dying.includes(name))
        facts = applyEvent(facts, { ...event, compartments: due })
        this.#destroyedCompartments += due.length
      } else if (missing.has(id)) {
        if (event.kind === 'destruction-begun' && !isKnownBegun(entry, event, entries)) {
          unknown = true
          continue
        }
        facts = applyEvent(facts, event)
        events.push({ subject, id, event })
        if (event.kind === 'destruction-begun') for (const name of event.compartments) emptied.add(name)
        for (const implied of impliedBy(event)) {
          facts = applyEvent(facts, implied)
          events.push({ subject, id: this.#vault.newId(), event: implied })
        }
      }
    }
    if (unknown && facts.state === 'live') {
      // Announced and never confirmed: to destroy on a guess cannot be undone, and to read on may be what was forbidden.
      const block = {
        id: this.#vault.newId(),
        event: { kind: 'blocked' as const, reason: 'operator' as const, at: this.#at },
      }
      this.#unknown.push(subject)
      if (facts.blocked === null) {
        facts = applyEvent(facts, block.event)
        own = narrowingOf(subject, block, version, events.length)
        events.push({ subject, ...block })
      }
    }
    if (facts === before.facts && events.length === 0) return null
    return { subject, version, facts, events, own, emptied: [...emptied], gone: false }
  }

  async #write(outcomes: readonly Outcome[]): Promise<void> {
    await this.#announce(outcomes.flatMap(({ own }) => own ?? []))
    await putFacts(this.#tx, outcomes)
    await putEvents(
      this.#tx,
      outcomes.flatMap(({ events }) => events),
    )
    await deleteBegun(
      this.#tx,
      outcomes.filter(({ gone, facts }) => gone || facts.dying.length === 0).map(({ subject }) => subject),
    )
    for (const { subject, emptied, gone } of outcomes) {
      if (gone) await forgetPerson(this.#tx, subject)
      else if (emptied.length > 0) {
        await emptyRecords(this.#tx, subject, emptied)
        await emptyAnswers(this.#tx, subject)
      }
    }
    for (const outcome of outcomes) {
      const fields = fieldsGone(outcome.events)
      if (fields.size === 0) continue
      await resealWithout(this.#vault, this.#tx, outcome, fields, this.#at)
      await emptyAnswers(this.#tx, outcome.subject)
    }
    await this.#enter(outcomes.filter(({ gone }) => !gone))
    this.#destroyedPeople += outcomes.filter(({ gone }) => gone).length
    this.#narrowings += outcomes.reduce((sum, { events }) => sum + events.length, 0)
    this.#people += outcomes.filter(({ events }) => events.length > 0).length
  }

  /** What the replay itself narrows, the journal hears of like everything else. */
  async #announce(own: readonly JournalEntry[]): Promise<void> {
    if (own.length === 0) return
    await announceJournal(this.#vault.keys, own)
    this.#announced.push(...own.map(({ id }) => id))
  }

  /** One entry for each person, in their own history. Who is destroyed has none: it would tie the day to them. */
  async #enter(outcomes: readonly Outcome[]): Promise<void> {
    if (outcomes.length === 0) return
    const vault = this.#vault
    const people = await vault.people.load(
      outcomes.map(({ subject }) => subject),
      this.#at,
    )
    vault.people.forgetAll()
    const entries = outcomes.map(({ subject, events }): Entry => {
      const known = people.get(subject)
      const kRef = known === undefined || isDoverieError(known) ? new RefKey(vault.random(32)) : known.kRef
      const kinds = [...new Set(events.map(({ event }) => event.kind))].sort()
      const decision = { effect: 'permit' as const, clauses: [], causes: [], policy: NO_POLICY, until: null }
      const content = {
        act: 'replay',
        operation: 'clarify:change' as const,
        caller: null,
        decision,
        detail: { events: kinds },
      }
      return makeEntry(content, vault.newId(), kRef, vault.random(32), this.#at)
    })
    await appendBatch(this.#tx, batchOf(vault.newId(), entries), this.#at)
  }

  /** The act itself, on nobody's data. */
  async tell(ledger: OpenedLedger | null): Promise<Uuid> {
    const { narrowings, people, destroyed, credentials, staff, unknown } = this.counts()
    return recordAct(this.#vault, this.#tx, 'replay-journal', null, [], {
      narrowings,
      people,
      destroyedPeople: destroyed.people,
      destroyedCompartments: destroyed.compartments,
      credentials,
      staff,
      unknown: unknown.length,
      ledger: ledger?.origin ?? this.#vault.origin,
    })
  }
}

/**
 * What an entry says happened. INVARIANT: nothing that the journal tells of is passed over: whatever may narrow is replayed as the event
 * that it was, and `isNarrowing` and `applyEvent` answer for every kind there is. One that this program does not know stops it.
 */
function eventOf({ kind, detail }: KeptEntry): PersonEvent {
  // The journal's details are events as a program wrote them.
  const event = detail as PersonEvent
  if (event.kind === kind && (kind === 'destruction-done' || isNarrowing(event))) return event
  throw new DoverieError('data-newer', 'The journal tells of something that this version does not know.')
}

/** The request that a stop names as its holder. */
function holderOf({ kind, detail }: KeptEntry): readonly Uuid[] {
  const { by } = detail as { readonly by?: Uuid }
  return kind === 'blocked' && by !== undefined ? [by] : []
}

/** False of a stop whose holder did not come back, or is about somebody else here: nothing would ever lift it. */
function isHeld(event: PersonEvent, facts: Facts, subject: Uuid, holding: ReadonlyMap<Uuid, Uuid>): boolean {
  if (event.kind !== 'blocked' || event.by === undefined) return true
  return facts.erasure?.id === event.by || holding.get(event.by) === subject
}

/** The operator holds it, and whoever sees to the letter once it is registered again lifts it. */
function withoutHolder(event: PersonEvent): PersonEvent {
  return event.kind === 'blocked' ? { kind: 'blocked', reason: event.reason, at: event.at } : event
}

/** A beginning that was confirmed, or whose end is known. */
function isKnownBegun(
  { pending, version }: KeptEntry,
  { compartments }: Extract<PersonEvent, { kind: 'destruction-begun' }>,
  entries: readonly KeptEntry[],
): boolean {
  if (!pending) return true
  return entries.some((other) => {
    const event = eventOf(other)
    const after = other.version !== null && version !== null && other.version > version
    return event.kind === 'destruction-done' && after && compartments.every((name) => event.compartments.includes(name))
  })
}

/** What went with an event and only gives, so that the journal was not told of it. */
function impliedBy(event: PersonEvent): readonly PersonEvent[] {
  // A request that is over holds its stop no longer: nobody else could ever lift it.
  return event.kind === 'erasure-ended' ? [{ kind: 'unblocked', by: event.id, at: event.at }] : []
}

/** Single fields that were destroyed, of the compartments that held them. */
function fieldsGone(events: Outcome['events']): ReadonlyMap<string, readonly string[]> {
  const gone = new Map<string, readonly string[]>()
  for (const { event } of events) {
    if (event.kind !== 'fields-destroyed') continue
    gone.set(event.compartment, [...(gone.get(event.compartment) ?? []), ...event.fields])
  }
  return gone
}

function isOfPerson(detail: object): boolean {
  return (detail as { readonly person?: unknown }).person === true
}

/** Higher than any that the journal has of this person: so what is journalled from now on stands after it. */
function versionAfter(before: VersionedFacts, entries: readonly KeptEntry[]): number {
  return Math.max(before.version, ...entries.map(({ version }) => version ?? 0)) + 1
}
