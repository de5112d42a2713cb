import { DoverieError, type Instant, type Uuid } from '@doverie/core/base'
import {
  breaksBetween,
  type ConsentNeeded,
  PeopleTally,
  type Policy,
  type RecordedVersion,
  Replay,
  type SimulationReport,
} from '@doverie/core/policy'
import type { Caller } from '../guard/caller.ts'
import type { FramedEntry } from '../guard/pack.ts'
import { REF } from '../guard/key-ring.ts'
import { recordAct } from '../guard/record-act.ts'
import { RefKey } from '../guard/ref-key.ts'
import type { Vault } from '../guard/vault.ts'
import { findPeriod, listPeople, loadEventsOfChanged, type Places } from '../store/simulation.ts'
import { factsBefore, type Timeline, timelineOf } from './person-timeline.ts'
import { entriesBetween } from './read-ledger.ts'
import { RecordedBodies } from './recorded-bodies.ts'
import { keptPolicies, type KeptPolicies } from './kept-policies.ts'

const DAY = 86_400_000
/** People loaded, and places of the ledger read, at a time: what bounds the memory beside the people themselves. */
const PEOPLE_PAGE = 1_000
const PLACES_PAGE = 8_192
/** Days whose buckets are held: entries come in the order of the ledger, which is nearly that of time. */
const DAYS_HELD = 3

export interface SimulationRequest {
  /** The policy to try; it need not be known here. */
  readonly policy: Policy
  /** Who tries it; null: whoever holds the machine. */
  readonly caller: Caller | null
  readonly from: Instant
  /** Not part of the period. */
  readonly to: Instant
  /** Told of everybody who has to be asked for consent again. */
  readonly onConsentNeeded?: (subject: Uuid, needed: readonly ConsentNeeded[]) => void
}

/**
 * Replays the recorded decisions of a period under another policy, with the facts as each of them found them, and counts what
 * it would mean for people now. Nothing is unsealed but each person's K_ref, and nothing is written but one entry, before anything
 * is read: who tried which version over which period. Only entries that have their place in the tree are read. Throws `policy-absent` where no version is in force, `ledger-inconsistent` for damaged bodies.
 */
export async function simulatePolicy(vault: Vault, request: SimulationRequest): Promise<SimulationReport> {
  const { policy: after, from, to } = request
  const now = vault.now()
  const kept = await keptPolicies(vault)
  const before = kept.inForce
  if (before === null) throw new DoverieError('policy-absent')
  // A list of people comes of it: that it was made is in the ledger before it is.
  await recordAct(vault, vault.data, 'simulate-policy', request.caller, before.defaults.acts.adopt, {
    version: after.id,
    text: after.official.sha256,
    before: before.id,
    from,
    to,
  })
  const tally = new PeopleTally(before, after, kept.givenUnder, Math.max(now, after.effective?.from ?? now))
  const people = await loadPeople(vault, request, tally)
  const counted = new Counted(kept, before, people, new Replay(after))
  const period = await findPeriod(vault.data, from, to)
  if (period !== null)
    await readBodies(vault, period, (entry) => {
      counted.add(entry, from, to)
    })
  return {
    before: before.id,
    after: after.id,
    zone: after.zone,
    from,
    to,
    ...counted.result(),
    breaks: breaksBetween(before, after),
    people: tally.result(),
  }
}

/** Somebody whose entries can be told, and what was known of them when. */
interface Tied {
  readonly kRef: RefKey
  readonly timeline: Timeline
}

async function loadPeople(vault: Vault, request: SimulationRequest, tally: PeopleTally): Promise<readonly Tied[]> {
  const tied: Tied[] = []
  for (let after = '00000000-0000-0000-0000-000000000000'; ; ) {
    const page = await listPeople(vault.data, after, PEOPLE_PAGE)
    const subjects = page.map(({ subject }) => subject)
    const [keys, events] = await Promise.all([
      vault.ring.load(subjects, vault.now()),
      loadEventsOfChanged(vault.data, subjects, request.from),
    ])
    for (const { subject, facts } of page) {
      const needed = tally.add(facts)
      if (needed.length > 0) request.onConsentNeeded?.(subject, needed)
      const ref = keys.get(subject)?.find(({ compartment }) => compartment === REF)
      // Between the halves of a destruction the secret may be gone: then nothing ties an entry to them any more.
      if (ref === undefined) continue
      tied.push({
        kRef: new RefKey(ref.unwrap(subject)),
        timeline: timelineOf(facts, events.get(subject) ?? [], request.from),
      })
    }
    const last = subjects.at(-1)
    if (last === undefined || page.length < PEOPLE_PAGE) return tied
    after = last
  }
}

/** Reads the bodies of a period in the order of the ledger, the next ones while the last are worked on. */
async function readBodies(vault: Vault, period: Places, take: (entry: FramedEntry) => void): Promise<void> {
  const page = (first: number): Promise<ReadonlyMap<number, FramedEntry>> =>
    entriesBetween(vault.data, first, Math.min(first + PLACES_PAGE, period.end))
  let next = page(period.first)
  for (let first = period.first; first < period.end; first += PLACES_PAGE) {
    const entries = await next
    if (first + PLACES_PAGE < period.end) {
      next = page(first + PLACES_PAGE)
      // Whoever takes it sees the failure; until then it must not end the process.
      next.catch(() => undefined)
    }
    for (const entry of entries.values()) take(entry)
  }
}

/** Puts the entries of a period, one after the other, to both policies. */
class Counted {
  readonly #kept: KeptPolicies
  readonly #inForce: Policy
  readonly #people: readonly Tied[]
  readonly #replay: Replay
  readonly #bodies = new RecordedBodies()
  readonly #days = new Map<number, ReadonlyMap<string, number>>()
  readonly #versions = new Map<string, number>()
  #entries = 0
  #other = 0
  #untied = 0

  constructor(kept: KeptPolicies, inForce: Policy, people: readonly Tied[], replay: Replay) {
    this.#kept = kept
    this.#inForce = inForce
    this.#people = people
    this.#replay = replay
  }

  add({ bucket, body }: FramedEntry, from: Instant, to: Instant): void {
    const { kind, at } = this.#bodies.read(body)
    if (at < from || at >= to) return
    this.#entries += 1
    const { entry, act } = kind
    if (act === null) {
      this.#other += 1
      return
    }
    this.#versions.set(entry.policy, (this.#versions.get(entry.policy) ?? 0) + 1)
    const person = this.#bucketsOf(at).get(bucket.toString('latin1'))
    const tied = person === undefined ? undefined : this.#people[person]
    if (person === undefined || tied === undefined) {
      this.#untied += 1
      return
    }
    const before = this.#kept.versions.get(entry.policy) ?? this.#inForce
    this.#replay.add({ act, at, effect: entry.effect, facts: factsBefore(tied.timeline, at), person, before })
  }

  result(): Pick<SimulationReport, 'entries' | 'otherEntries' | 'untied' | 'versions' | 'replayed'> {
    const versions = [...this.#versions].map(
      ([version, decisions]): RecordedVersion => ({ version, decisions, kept: this.#kept.versions.has(version) }),
    )
    return {
      entries: this.#entries,
      otherEntries: this.#other,
      untied: this.#untied,
      versions: versions.sort((a, b) => (a.version < b.version ? -1 : 1)),
      replayed: this.#replay.result(),
    }
  }

  /** Bucket -> person, for the UTC day that holds the instant. */
  #bucketsOf(at: Instant): ReadonlyMap<string, number> {
    const day = Math.floor(at / DAY)
    const known = this.#days.get(day)
    if (known !== undefined) return known
    const fresh = new Map(this.#people.map(({ kRef }, person) => [kRef.bucket(at).toString('latin1'), person]))
    const [oldest] = this.#days.keys()
    if (this.#days.size >= DAYS_HELD && oldest !== undefined) this.#days.delete(oldest)
    this.#days.set(day, fresh)
    return fresh
  }
}
