import { createHash } from 'node:crypto'
import { commitment } from '@doverie/core/log'
import { DoverieError, type Instant, type Uuid } from '@doverie/core/base'
import type { Policy } from '@doverie/core/policy'
import { REF } from '../../guard/key-ring.ts'
import type { FramedEntry } from '../../guard/pack.ts'
import { RefKey } from '../../guard/ref-key.ts'
import type { Vault } from '../../guard/vault.ts'
import { sha256 } from '../../seal/sha256.ts'
import { addAffected, type AffectedPerson, settleAffected } from '../../store/incident-people.ts'
import {
  type Affected,
  type EvidenceEntry,
  type IncidentRow,
  type IncidentScope,
  saveAffected,
} from '../../store/incidents.ts'
import { waitsBefore } from '../../store/ledger.ts'
import { findPeriod, listPeople } from '../../store/simulation.ts'
import { entriesBetween } from '../read-ledger.ts'
import { actOnIncident, type IncidentCase } from './on-incident.ts'
import type { RecordedAct } from '../recorded-act.ts'
import { RecordedBodies } from '../recorded-bodies.ts'

const DAY = 86_400_000
const PLACES_PAGE = 8_192
const PEOPLE_PAGE = 1_000
/** Days of people that are held before the people are gone through: what bounds the memory, however long the period. */
const MOST_TRACES = 200_000
/** Asks whether data may be opened, and opens none. */
const ASKED_ONLY = 'decide'
const NOBODY: Uuid = '00000000-0000-0000-0000-000000000000'

/** What a day of one person, by its bucket, has of the entries found. */
interface Trace {
  entries: number
  first: number
  last: number
  compartments: readonly string[]
}

/**
 * Finds whom an incident is about: every permitted act of the ledger that the scope covers, tied to people by their secrets. No value is
 * opened, and nothing but numbers and ids is kept. The ledger is read in order and people in pages, so the memory does not grow with
 * either. False where entries of the period still wait for their place: then it is for later. A crash leaves the search to be made anew.
 */
export async function countAffected(vault: Vault, found: IncidentCase): Promise<boolean> {
  const { row, policy } = found
  const { scope, scan } = row
  if (scope === null || (await waitsBefore(vault.data, scope.to))) return false
  const search = new Search(vault, row, scope, policy)
  await search.run()
  await actOnIncident(vault, found, {
    name: 'count-affected',
    caller: null,
    events: (locked, at) => {
      // The scope was changed meanwhile: this answers a question that nobody asks any more.
      if (locked.scan !== scan) throw new DoverieError('conflict')
      return [{ kind: 'counted', at }]
    },
    detail: search.detail(),
    also: async (tx) => {
      const people = await settleAffected(tx, row.id, scan)
      await saveAffected(tx, row.id, { ...search.result(vault.now()), people })
    },
  })
  return true
}

/** One pass over the ledger and, as often as the memory asks for it, over the people. */
class Search {
  readonly #vault: Vault
  readonly #row: IncidentRow
  readonly #scope: IncidentScope
  readonly #policy: Policy
  readonly #bodies = new RecordedBodies()
  readonly #digest = createHash('sha256')
  readonly #fields = new Set<string>()
  readonly #compartments = new Set<string>()
  readonly #of = new Map<Omit<RecordedAct, 'id' | 'at'>, readonly string[]>()
  #traces = new Map<string, Trace>()
  #days = new Set<number>()
  #entries = 0
  #tied = 0
  #first: EvidenceEntry | null = null
  #last: EvidenceEntry | null = null
  #searched: Affected['searched'] = null

  constructor(vault: Vault, row: IncidentRow, scope: IncidentScope, policy: Policy) {
    this.#vault = vault
    this.#row = row
    this.#scope = scope
    this.#policy = policy
  }

  async run(): Promise<void> {
    const { data } = this.#vault
    const period = await findPeriod(data, this.#scope.from, this.#scope.to)
    if (period === null) return
    this.#searched = { from: period.first, to: period.end }
    for (let first = period.first; first < period.end; first += PLACES_PAGE) {
      const end = Math.min(first + PLACES_PAGE, period.end)
      const held = await entriesBetween(data, first, end)
      for (let place = first; place < end; place++) {
        const entry = held.get(place)
        // INVARIANT: a list that silently lacks somebody is worse than none.
        if (entry === undefined) {
          throw new DoverieError('ledger-inconsistent', `The private half of entry ${place} is missing.`)
        }
        this.#take(place, entry)
      }
      if (this.#traces.size >= MOST_TRACES) await this.#tie()
    }
    await this.#tie()
  }

  #take(place: number, { bucket, salt, body }: FramedEntry): void {
    const { kind, at } = this.#bodies.read(body)
    const { from, to } = this.#scope
    if (at < from || at >= to || !covers(this.#scope, kind.entry)) return
    const leaf = Buffer.from(commitment(salt, body, sha256))
    this.#digest.update(leaf)
    this.#entries += 1
    const evidence = { place, leaf: leaf.toString('hex'), at }
    this.#first ??= evidence
    this.#last = evidence
    const compartments = this.#compartmentsOf(kind.entry)
    const key = bucket.toString('latin1')
    this.#days.add(Math.floor(at / DAY))
    const known = this.#traces.get(key)
    if (known === undefined) {
      this.#traces.set(key, { entries: 1, first: place, last: place, compartments })
      return
    }
    known.entries += 1
    known.last = place
    if (known.compartments !== compartments) known.compartments = union(known.compartments, compartments)
  }

  #compartmentsOf(entry: Omit<RecordedAct, 'id' | 'at'>): readonly string[] {
    const held = this.#of.get(entry)
    if (held !== undefined) return held
    const { fields } = this.#policy
    const named = entry.fields ?? []
    for (const field of named) this.#fields.add(field)
    // A field that the policy in force knows no more stands for its own compartment.
    const own = named.map((field) => fields.get(field)?.compartment ?? field)
    const all = union(own, (entry as { readonly compartments?: readonly string[] }).compartments ?? [])
    for (const name of all) this.#compartments.add(name)
    if (this.#of.size > 20_000) this.#of.clear()
    this.#of.set(entry, all)
    return all
  }

  /** Ties what is held to people, and lets it go. */
  async #tie(): Promise<void> {
    const { data, ring, now } = this.#vault
    const [traces, days] = [this.#traces, [...this.#days]]
    this.#traces = new Map()
    this.#days = new Set()
    for (let after = NOBODY; traces.size > 0; ) {
      const page = await listPeople(data, after, PEOPLE_PAGE)
      const keys = await ring.load(
        page.map(({ subject }) => subject),
        now(),
      )
      const people: Omit<AffectedPerson, 'told'>[] = []
      for (const { subject } of page) {
        const ref = keys.get(subject)?.find(({ compartment }) => compartment === REF)
        // Between the halves of a destruction the secret may be gone: then nothing ties an entry to them any more.
        if (ref === undefined) continue
        const person = gathered(subject, new RefKey(ref.unwrap(subject)), days, traces)
        if (person !== null) people.push(person)
      }
      this.#tied += people.reduce((sum, { entries }) => sum + entries, 0)
      if (people.length > 0) await addAffected(data, this.#row.id, this.#row.scan, people)
      const last = page.at(-1)
      if (last === undefined || page.length < PEOPLE_PAGE) return
      after = last.subject
    }
  }

  detail(): Readonly<Record<string, number>> {
    return { entries: this.#entries, untied: this.#entries - this.#tied }
  }

  result(countedAt: Instant): Omit<Affected, 'people'> {
    return {
      countedAt,
      entries: this.#entries,
      untied: this.#entries - this.#tied,
      compartments: [...this.#compartments].sort(),
      fields: [...this.#fields].sort(),
      first: this.#first,
      last: this.#last,
      digest: this.#digest.digest('hex'),
      searched: this.#searched,
    }
  }
}

/** What of the entries is one person's. */
function gathered(
  subject: Uuid,
  kRef: RefKey,
  days: readonly number[],
  traces: Map<string, Trace>,
): Omit<AffectedPerson, 'told'> | null {
  let person: {
    subject: Uuid
    entries: number
    firstPlace: number
    lastPlace: number
    compartments: readonly string[]
  } | null = null
  for (const day of days) {
    const key = kRef.bucket(day * DAY).toString('latin1')
    const trace = traces.get(key)
    if (trace === undefined) continue
    // Nobody else's.
    traces.delete(key)
    const { entries, first, last, compartments } = trace
    person ??= { subject, entries: 0, firstPlace: first, lastPlace: last, compartments: [] }
    person.entries += entries
    person.firstPlace = Math.min(person.firstPlace, first)
    person.lastPlace = Math.max(person.lastPlace, last)
    person.compartments = union(person.compartments, compartments)
  }
  return person
}

/** True of a permitted act on a person's data by calling software or staff that the scope asks for. */
function covers(scope: IncidentScope, entry: Omit<RecordedAct, 'id' | 'at'>): boolean {
  const { act, actor, operation, effect, purpose, fields } = entry
  if (operation === null || effect !== 'permit' || act === ASKED_ONLY) return false
  if (actor.kind !== 'service' && actor.kind !== 'staff') return false
  const { id } = actor as { readonly id?: string }
  const who =
    scope.credentials.length + scope.actors.length + scope.staff.length === 0 ||
    (actor.kind === 'service' && scope.credentials.includes(id ?? '')) ||
    (actor.kind === 'staff' && scope.staff.includes(id ?? '')) ||
    scope.actors.includes(actor.name)
  if (!who) return false
  if (scope.purposes.length > 0 && (purpose === undefined || !scope.purposes.includes(purpose))) return false
  return scope.fields.length === 0 || fields?.some((field) => scope.fields.includes(field)) === true
}

function union(a: readonly string[], b: readonly string[]): readonly string[] {
  return [...new Set([...a, ...b])].sort()
}
