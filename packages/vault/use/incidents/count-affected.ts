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
import { findPeriod, type KnownPerson, listPeople } from '../../store/simulation.ts'
import { listEventsOf } from '../../store/subjects.ts'
import { entriesBetween } from '../read-ledger.ts'
import { fieldsHad } from './fields-had.ts'
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
  named: Named
}

/** What entries name: fields that the scope asks for, and compartments that they name beside any field. Sorted. */
interface Named {
  readonly fields: readonly string[]
  readonly compartments: readonly string[]
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
  readonly #of = new Map<Omit<RecordedAct, 'id' | 'at'>, Named>()
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
    const named = this.#namedBy(kind.entry)
    const key = bucket.toString('latin1')
    this.#days.add(Math.floor(at / DAY))
    const known = this.#traces.get(key)
    if (known === undefined) {
      this.#traces.set(key, { entries: 1, first: place, last: place, named })
      return
    }
    known.entries += 1
    known.last = place
    if (known.named !== named) known.named = together(known.named, named)
  }

  #namedBy(entry: Omit<RecordedAct, 'id' | 'at'>): Named {
    const known = this.#of.get(entry)
    if (known !== undefined) return known
    const asked = this.#scope.fields
    const own = (entry as { readonly compartments?: readonly string[] }).compartments ?? []
    // Where fields are asked for, what else the act reached is another matter.
    const named =
      asked.length === 0
        ? { fields: union(entry.fields ?? [], []), compartments: union(own, []) }
        : { fields: union(entry.fields?.filter((field) => asked.includes(field)) ?? [], []), compartments: [] }
    if (this.#of.size > 20_000) this.#of.clear()
    this.#of.set(entry, named)
    return named
  }

  /** A field that the policy in force knows no more stands for its own compartment. */
  #compartmentOf(field: string): string {
    return this.#policy.fields.get(field)?.compartment ?? field
  }

  #note({ fields, compartments }: Named): void {
    for (const field of fields) this.#fields.add(field)
    for (const name of union(
      compartments,
      fields.map((field) => this.#compartmentOf(field)),
    )) {
      this.#compartments.add(name)
    }
  }

  /** Ties what is held to people, and lets it go. */
  async #tie(): Promise<void> {
    const [traces, days] = [this.#traces, [...this.#days]]
    this.#traces = new Map()
    this.#days = new Set()
    for (let after = NOBODY; traces.size > 0; ) {
      const page = await listPeople(this.#vault.data, after, PEOPLE_PAGE)
      await this.#tiePage(page, days, traces)
      const last = page.at(-1)
      if (last === undefined || page.length < PEOPLE_PAGE) break
      after = last.subject
    }
    // Whose these were nobody knows any more: all that the entries name may have been theirs.
    for (const { named } of traces.values()) this.#note(named)
  }

  async #tiePage(page: readonly KnownPerson[], days: readonly number[], traces: Map<string, Trace>): Promise<void> {
    const { data, ring, now } = this.#vault
    const keys = await ring.load(
      page.map(({ subject }) => subject),
      now(),
    )
    const found: Gathered[] = []
    for (const { subject } of page) {
      const ref = keys.get(subject)?.find(({ compartment }) => compartment === REF)
      // Between the halves of a destruction the secret may be gone: then nothing ties an entry to them any more.
      if (ref === undefined) continue
      const person = gathered(subject, new RefKey(ref.unwrap(subject)), days, traces)
      if (person !== null) found.push(person)
    }
    if (found.length === 0) return
    this.#tied += found.reduce((sum, { entries }) => sum + entries, 0)
    const events = Map.groupBy(
      await listEventsOf(
        data,
        found.map(({ subject }) => subject),
      ),
      ({ subject }) => subject,
    )
    const people = found.flatMap((person) => {
      const told = events.get(person.subject)?.map(({ event }) => event) ?? []
      return this.#concerned(person, fieldsHad(told, this.#scope.to))
    })
    if (people.length > 0) await addAffected(data, this.#row.id, this.#row.scan, people)
  }

  /** Whom something of theirs was opened of, with no field that they never gave; nobody where all that was asked for was empty. */
  #concerned(
    { subject, entries, firstPlace, lastPlace, named }: Gathered,
    had: ReturnType<typeof fieldsHad>,
  ): readonly Omit<AffectedPerson, 'told'>[] {
    const fields = named.fields.filter((field) => had(field, this.#compartmentOf(field)))
    if (fields.length === 0 && named.fields.length > 0 && named.compartments.length === 0) return []
    this.#note({ fields, compartments: named.compartments })
    const compartments = union(
      named.compartments,
      fields.map((field) => this.#compartmentOf(field)),
    )
    return [{ subject, entries, firstPlace, lastPlace, compartments, fields }]
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

interface Gathered extends Omit<AffectedPerson, 'told' | 'compartments' | 'fields'> {
  readonly named: Named
}

/** What of the entries is one person's. */
function gathered(subject: Uuid, kRef: RefKey, days: readonly number[], traces: Map<string, Trace>): Gathered | null {
  let person: Gathered | null = null
  for (const day of days) {
    const key = kRef.bucket(day * DAY).toString('latin1')
    const trace = traces.get(key)
    if (trace === undefined) continue
    // Nobody else's.
    traces.delete(key)
    const { entries, first, last, named } = trace
    person ??= { subject, entries: 0, firstPlace: first, lastPlace: last, named }
    person = {
      ...{ subject, entries: person.entries + entries, named: together(person.named, named) },
      firstPlace: Math.min(person.firstPlace, first),
      lastPlace: Math.max(person.lastPlace, last),
    }
  }
  return person
}

function together(a: Named, b: Named): Named {
  if (a === b) return a
  return { fields: union(a.fields, b.fields), compartments: union(a.compartments, b.compartments) }
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
