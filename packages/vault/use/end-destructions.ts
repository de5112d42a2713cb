import { DoverieError, type Facts, type Instant, isDoverieError, type Uuid } from '@doverie/core/base'
import { applyEvent } from '@doverie/core/consent'
import type { Policy } from '@doverie/core/policy'
import { batchOf, type Entry, makeEntry, NO_POLICY } from '../guard/entry.ts'
import { isAnswerKey } from '../guard/answer-keys.ts'
import { currentEpoch } from '../guard/key-ring.ts'
import { RefKey } from '../guard/ref-key.ts'
import { retireFormerKeys, rewrapCell } from '../guard/rewrap-cell.ts'
import { tagKindsIn } from '../guard/values.ts'
import type { Vault } from '../guard/vault.ts'
import { deleteAccess } from '../store/access.ts'
import { deleteDisclosures } from '../store/disclosures.ts'
import { deleteAffected } from '../store/incident-people.ts'
import { type Queryable, transaction } from '../store/database.ts'
import { type BegunDestruction, deleteBegun, listBegun, registerDestructions } from '../store/destructions.ts'
import { endOutcomes } from '../store/erasure-outcomes.ts'
import { deleteAnswers, deleteConflicts } from '../store/documents.ts'
import { deleteIdentifierChange } from '../store/identifier-changes.ts'
import { appendJournal, deleteJournal } from '../store/journal.ts'
import { cellsOf, deleteTags } from '../store/key-store.ts'
import { appendBatch } from '../store/ledger.ts'
import { unlinkLetters } from '../store/letters.ts'
import { deleteMailOf } from '../store/outbox.ts'
import { deletePlan } from '../store/plans.ts'
import { deleteRecords } from '../store/records.ts'
import { deletePublications } from '../store/publications.ts'
import { emptyAnswers } from '../store/replies.ts'
import { deleteRepresentationsOf } from '../store/representation.ts'
import { deleteEvents, forgetBeginning, lockFactsOf, saveFacts } from '../store/subjects.ts'
import { CellTurns } from './cell-turns.ts'

const DAY = 86_400_000
/** So many people are ended in one transaction at most: a cell's. */
const TOGETHER = 512

/** The ledger's last word of each destruction that was ended. */
type Ended = ReadonlyMap<Uuid, Entry>

const turns = new WeakMap<Vault, CellTurns<Ended>>()

function cellTurns(vault: Vault): CellTurns<Ended> {
  const known = turns.get(vault) ?? new CellTurns<Ended>()
  turns.set(vault, known)
  return known
}

/**
 * Ends whatever destruction of these people was begun: keys and tags, then the word that it is done. Those of one cell share
 * its re-wrap, also with whoever asks meanwhile. Gives the last word of those that ended here. Doing it again changes nothing, so whoever finds a destruction begun may end
 * it; the people's locks let one do it at a time, and what was collected again since keeps its keys.
 *
 * What a crash leaves, step by step: nothing done, and all still begun (before the key store's transaction); keys and tags gone
 * with their line in the register, and the cell's former key still there (before the survivors were read back); that gone too, and the
 * data without the last word. Each is found by the sweep and ended by this same code.
 */
export async function endDestructions(vault: Vault, subjects: readonly Uuid[]): Promise<Ended> {
  const cells = await cellsOf(vault.keys, subjects)
  const keyless = subjects.filter((subject) => !cells.has(subject))
  const groups = new Map<Uuid, Uuid[]>()
  for (const [subject, cell] of cells) groups.set(cell, [...(groups.get(cell) ?? []), subject])
  const faults: unknown[] = []
  const ended = new Map<Uuid, Entry>()
  const guarded = async (work: () => Promise<Ended>): Promise<void> => {
    // One that fails keeps no other waiting.
    const words = await work().catch((error: unknown) => void faults.push(error))
    for (const [subject, entry] of words ?? []) ended.set(subject, entry)
  }
  for (const [cell, those] of groups) {
    await guarded(() => cellTurns(vault).join(cell, those, (joined) => endTogether(vault, cell, joined)))
  }
  for (let i = 0; i < keyless.length; i += TOGETHER) {
    await guarded(() => endTogether(vault, null, keyless.slice(i, i + TOGETHER)))
  }
  if (faults.length > 0) throw faults[0]
  return ended
}

/** Somebody whose destruction is to be ended, under lock. */
interface Ending {
  readonly subject: Uuid
  readonly facts: Facts
  readonly version: number
  /** True where the person goes, else only what is in `due`. */
  readonly person: boolean
  readonly due: readonly string[]
  readonly acts: readonly BegunDestruction[]
}

/** Ends those of one cell; `cell` null for those whose keys are gone already. */
async function endTogether(vault: Vault, cell: Uuid | null, subjects: readonly Uuid[]): Promise<Ended> {
  const at = vault.now()
  const people = await vault.people.load(subjects, at)
  const refOf = (subject: Uuid): RefKey | undefined => {
    const known = people.get(subject)
    return known === undefined || isDoverieError(known) ? undefined : known.kRef
  }
  try {
    return await transaction(vault.data, async (tx) => {
      const ending = await lockEnding(vault, tx, subjects, at)
      if (ending.length === 0) return new Map<Uuid, Entry>()
      await buryKeys(vault, cell, ending, at)
      return tellDone(vault, tx, ending, refOf, at)
    })
  } finally {
    for (const subject of subjects) vault.people.forget(subject)
  }
}

/** Those of whom something is still to be ended, in the order of their ids: so two who end the same never wait for each other. */
async function lockEnding(
  vault: Vault,
  tx: Queryable,
  subjects: readonly Uuid[],
  at: Instant,
): Promise<readonly Ending[]> {
  const locked = await lockFactsOf(tx, subjects)
  const begun = await listBegun(tx, subjects)
  const ending: Ending[] = []
  for (const [subject, { facts, version }] of locked) {
    const person = facts.state === 'destroying'
    const due = person ? [...new Set([...facts.dying, ...facts.held])] : facts.dying
    if (!person && due.length === 0) continue
    const acts = begun.filter((act) => act.subject === subject)
    const lost = { id: vault.newId(), subject, person, compartments: due, purpose: null, entry: null, at, claim: null }
    ending.push({ subject, facts, version, person, due, acts: acts.length > 0 ? acts : [lost] })
  }
  return ending
}

/** In the key store: keys and tags, the journal's word, the register's line, all in the transaction of the cell's re-wrap. */
async function buryKeys(vault: Vault, cell: Uuid | null, ending: readonly Ending[], at: Instant): Promise<void> {
  const policy = vault.policy()
  // Which identifiers a compartment holds only the policy tells; without it the destruction waits, begun.
  if (policy === null && ending.some(({ person }) => !person)) throw new DoverieError('policy-absent')
  const going = new Map(ending.map((one) => [one.subject, one]))
  const alongside = async (tx: Queryable, epoch: number): Promise<void> => {
    await deleteTags(
      tx,
      ending.map(({ subject, person, due }) => ({ subject, kinds: person ? null : identifiersIn(policy, due) })),
    )
    for (const one of ending) await tellJournal(vault, tx, one, at)
    const acts = ending.flatMap((one) => one.acts)
    await registerDestructions(tx, acts, { at, epoch })
  }
  if (cell === null) {
    await retireFormerKeys(vault)
    await transaction(vault.keys, async (tx) => alongside(tx, await currentEpoch(tx)))
    return
  }
  const burial = {
    isDead: ({ subject_id, compartment }: { readonly subject_id: Uuid; readonly compartment: string }) => {
      const one = going.get(subject_id)
      return one !== undefined && (one.person || isAnswerKey(compartment) || one.due.includes(compartment))
    },
    leaves: (subject: Uuid) => going.get(subject)?.person === true,
    alongside,
  }
  await rewrapCell(vault, cell, burial, at)
}

/**
 * Of a person the journal forgets all but that they are destroyed: neither the moment nor the compartments, which stand in the ledger
 * too. Of a compartment it tells both.
 */
async function tellJournal(vault: Vault, tx: Queryable, one: Ending, at: Instant): Promise<void> {
  const { subject: holder, person, due, version } = one
  if (person) await deleteJournal(tx, holder)
  await appendJournal(tx, {
    id: vault.newId(),
    at: person ? endOfDay(at) : at,
    kind: 'destruction-done',
    holder,
    detail: { kind: 'destruction-done', compartments: person ? [] : due, person },
    version: person ? null : version + 1,
    place: 0,
  })
}

/** The last word, in the data. */
async function tellDone(
  vault: Vault,
  tx: Queryable,
  ending: readonly Ending[],
  refOf: (subject: Uuid) => RefKey | undefined,
  at: Instant,
): Promise<Ended> {
  const entries = new Map<Uuid, Entry>()
  for (const { subject, facts, person, due } of ending) {
    await saveFacts(tx, subject, applyEvent(facts, { kind: 'destruction-done', compartments: due, person, at }))
    if (person) await forgetPerson(tx, subject)
    // Nobody reads on for a destroyed person, and what would tie this entry to theirs would tie a whole day's entries.
    const kRef = (person ? undefined : refOf(subject)) ?? new RefKey(vault.random(32))
    entries.set(subject, doneEntry(vault, due, kRef, at))
  }
  await endOutcomes(tx, new Map([...entries].map(([subject, { id }]) => [subject, id])), at)
  await deleteBegun(
    tx,
    ending.map(({ subject }) => subject),
  )
  await appendBatch(tx, batchOf(vault.newId(), [...entries.values()]), at)
  return entries
}

/** The ledger's word that data are gone; `replayed` where it is said once more, the first having been lost. */
export function doneEntry(
  vault: Vault,
  compartments: readonly string[],
  kRef: RefKey,
  at: Instant,
  replayed = false,
): Entry {
  const policy = vault.policy()
  const decision = {
    effect: 'permit' as const,
    clauses: policy?.defaults.acts.destroy ?? [],
    causes: [],
    policy: policy?.id ?? NO_POLICY,
    until: null,
  }
  const detail = replayed ? { detail: { replayed } } : {}
  const content = { act: 'destroyed', operation: 'destroy' as const, caller: null, compartments, decision, ...detail }
  return makeEntry(content, vault.newId(), kRef, vault.random(32), at)
}

/** The end of the UTC day: as coarse as the act of destruction is by law, and never before what a replay must put after it. */
export function endOfDay(at: Instant): Instant {
  return (Math.floor(at / DAY) + 1) * DAY
}

/** The kinds of identifiers that compartments hold: nobody is found by what is destroyed. */
function identifiersIn(policy: Policy | null, compartments: readonly string[]): readonly string[] {
  if (policy === null) throw new DoverieError('policy-absent')
  return compartments.flatMap((compartment) => tagKindsIn(policy, compartment))
}

/** What is left of a destroyed person is their id and the word. */
export async function forgetPerson(tx: Queryable, subject: Uuid): Promise<void> {
  await emptyAnswers(tx, subject)
  await unlinkLetters(tx, subject)
  await deleteEvents(tx, subject)
  await deleteRecords(tx, subject)
  await deleteAccess(tx, subject)
  await deleteMailOf(tx, subject)
  await deleteAnswers(tx, subject)
  await deleteIdentifierChange(tx, subject)
  await deleteRepresentationsOf(tx, subject)
  await deleteDisclosures(tx, subject)
  await deletePublications(tx, subject)
  await deleteAffected(tx, subject)
  await deleteConflicts(tx, subject)
  await forgetBeginning(tx, subject)
  await deletePlan(tx, subject)
}
