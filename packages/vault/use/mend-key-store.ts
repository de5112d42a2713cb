import { type Facts, type Instant, type Uuid } from '@doverie/core/base'
import { isNarrowing } from '@doverie/core/consent'
import type { Policy } from '@doverie/core/policy'
import { buryKeys } from '../guard/bury-keys.ts'
import { REF } from '../guard/key-ring.ts'
import { tagKindsIn } from '../guard/values.ts'
import type { Vault } from '../guard/vault.ts'
import { listTaken } from '../store/access.ts'
import { type Queryable, transaction } from '../store/database.ts'
import { accessTaken, appendAllJournal, findUntold, type JournalEntry } from '../store/journal.ts'
import { deleteTags, listHoldersOf, loadKeys } from '../store/key-store.ts'
import { listKept, listNumbers, raiseNumbers } from '../store/letters.ts'
import { listGenerations } from '../store/records.ts'
import type { KeyAt } from '../store/aged-keys.ts'
import { listEventsOf, listSubjects, loadFacts } from '../store/subjects.ts'
import { proveTagsOf } from '../store/tags.ts'
import { keptPolicies } from './kept-policies.ts'

const PAGE = 1_000
const DAY = 86_400_000
const FIRST: Uuid = '00000000-0000-0000-0000-000000000000'

/** What a key store that came out of an older copy lacked. */
export interface Mended {
  /** Destroyed people, and compartments of others, whose keys the copy had brought back. */
  readonly buried: { readonly people: number; readonly compartments: number }
  /** Narrowings that the copy's journal did not know. */
  readonly told: number
  /** People whose keys were made after the copy: their data open for nobody any more. */
  readonly lost: number
  /** Letters of the register likewise: they can be answered, and are read no more. */
  readonly lostLetters: number
}

/**
 * Puts into a key store that came out of an older copy what the data know better: keys of the destroyed go again, the journal is told
 * of every narrowing, and nobody is found by what they have changed since. What the copy never had (keys of people who came later)
 * is lost. Each step may be done again; a crash leaves it to be done from the beginning.
 */
export async function mendKeyStore(vault: Vault, tx: Queryable): Promise<Mended> {
  const mend = new Mend(vault, tx, (await keptPolicies(vault)).inForce)
  await mend.access()
  await raiseNumbers(vault.keys, await listNumbers(tx))
  await mend.letters()
  for (let after = FIRST; ; ) {
    const subjects = await listSubjects(tx, after, PAGE)
    const last = subjects.at(-1)
    if (last === undefined) return mend.mended()
    await mend.page(subjects)
    after = last
  }
}

class Mend {
  readonly #vault: Vault
  readonly #tx: Queryable
  readonly #at: Instant
  readonly #policy: Policy | null
  #people = 0
  #compartments = 0
  #told = 0
  #lost = 0
  #lostLetters = 0

  constructor(vault: Vault, tx: Queryable, policy: Policy | null) {
    this.#vault = vault
    this.#tx = tx
    this.#policy = policy
    this.#at = vault.now()
  }

  mended(): Mended {
    const buried = { people: this.#people, compartments: this.#compartments }
    return { buried, told: this.#told, lost: this.#lost, lostLetters: this.#lostLetters }
  }

  async access(): Promise<void> {
    const taken = await listTaken(this.#tx)
    await this.#tell(taken.map(({ kind, holder, at }) => accessTaken(this.#vault.newId(), kind, holder, at)))
  }

  /** Letters that are kept and whose keys the copy does not have. */
  async letters(): Promise<void> {
    for (let after = FIRST; ; ) {
      const letters = await listKept(this.#tx, after, PAGE)
      const last = letters.at(-1)
      if (last === undefined) return
      this.#lostLetters += letters.length - (await listHoldersOf(this.#vault.keys, REF, letters)).length
      after = last
    }
  }

  async page(subjects: readonly Uuid[]): Promise<void> {
    const { keys } = this.#vault
    const known = await loadFacts(this.#tx, subjects)
    const destroyed = subjects.filter((subject) => known.get(subject)?.facts.state === 'destroyed')
    await this.#bury(subjects, new Set(destroyed))
    await this.#tell(destroyed.map((subject) => this.#destroyedEntry(subject)))
    await this.#tellEvents(subjects, (subject) => known.get(subject)?.version ?? 0)
    const live = subjects.filter((subject) => known.get(subject)?.facts.state === 'live')
    await proveTagsOf(
      keys,
      provedOf(live, (subject) => known.get(subject)?.facts),
    )
    this.#lost += live.length - (await listHoldersOf(keys, REF, live)).length
  }

  /** What the data say is destroyed goes as it went before. */
  async #bury(subjects: readonly Uuid[], destroyed: ReadonlySet<Uuid>): Promise<void> {
    const held = await listGenerations(this.#tx, subjects)
    const at = new Map(held.map((one) => [`${one.subject_id} ${one.compartment}`, one]))
    // What was collected again after a destruction has a later generation; so has what was sealed anew, and its former one is needed no more.
    const isDead = ({ subject_id, compartment, generation }: KeyAt): boolean => {
      const now = at.get(`${subject_id} ${compartment}`)
      return destroyed.has(subject_id) || (now !== undefined && generation < now.generation + (now.emptied ? 1 : 0))
    }
    const dead = (await loadKeys(this.#vault.keys, subjects)).filter(isDead)
    const holders = [...new Set(dead.map(({ subject_id }) => subject_id))]
    const people = holders.filter((subject) => destroyed.has(subject))
    this.#people += people.length
    this.#compartments += dead.filter(({ subject_id }) => !destroyed.has(subject_id)).length
    // INVARIANT: nobody is found by what was destroyed. Before the keys, by which it would be known again what is to go.
    const gone = [...dead, ...held.filter(({ emptied }) => emptied)].filter(
      ({ subject_id }) => !destroyed.has(subject_id),
    )
    await deleteTags(this.#vault.keys, [
      ...[...destroyed].map((subject) => ({ subject, kinds: null })),
      ...gone.map(({ subject_id: subject, compartment }) => ({ subject, kinds: this.#identifiersIn(compartment) })),
    ])
    await buryKeys(this.#vault, holders, { isDead, leaves: (subject) => destroyed.has(subject) })
  }

  /** The kinds of identifiers that a compartment holds; null, which is all, where no policy can tell. */
  #identifiersIn(compartment: string): readonly string[] | null {
    const policy = this.#policy
    if (policy === null) return null
    return tagKindsIn(policy, compartment)
  }

  /** Of a destroyed person the journal keeps the day and no more, as ever. */
  #destroyedEntry(holder: Uuid): JournalEntry {
    const kind = 'destruction-done'
    const at = (Math.floor(this.#at / DAY) + 1) * DAY
    const detail = { kind, compartments: [], person: true }
    return { id: this.#vault.newId(), at, kind, holder, detail, version: null, place: 0 }
  }

  async #tellEvents(subjects: readonly Uuid[], versionOf: (subject: Uuid) => number): Promise<void> {
    const events = (await listEventsOf(this.#tx, subjects)).filter(({ event }) => isNarrowing(event))
    const untold = await findUntold(
      this.#vault.keys,
      events.map(({ subject, id, event }, place) => ({
        id,
        at: event.at,
        kind: event.kind,
        holder: subject,
        detail: event,
        version: versionOf(subject),
        place,
      })),
    )
    // What the copy finds them by is what they had before. They are found again once they prove what they have. In one transaction:
    // what the journal knows is not looked at again.
    const changed = untold.filter(({ kind }) => kind === 'identifier-changed')
    await transaction(this.#vault.keys, async (tx) => {
      await deleteTags(
        tx,
        changed.map(({ holder, detail }) => ({
          subject: holder,
          kinds: [(detail as { readonly identifier: string }).identifier],
        })),
      )
      await appendAllJournal(tx, untold)
    })
    this.#told += untold.length
  }

  async #tell(entries: readonly JournalEntry[]): Promise<void> {
    const untold = await findUntold(this.#vault.keys, entries)
    await appendAllJournal(this.#vault.keys, untold)
    this.#told += untold.length
  }
}

function provedOf(
  subjects: readonly Uuid[],
  factsOf: (subject: Uuid) => Facts | undefined,
): readonly { readonly subject: Uuid; readonly kind: string }[] {
  return subjects.flatMap((subject) => (factsOf(subject)?.proved ?? []).map((kind) => ({ subject, kind })))
}
