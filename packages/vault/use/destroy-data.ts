import { DoverieError, type Facts, type Instant, type Uuid } from '@doverie/core/base'
import { applyEvent } from '@doverie/core/consent'
import { fieldsOf, type Policy, retained } from '@doverie/core/policy'
import type { Caller } from '../guard/caller.ts'
import { change, type ChangeRequest } from '../guard/change.ts'
import { batchOf, makeEntry, NO_POLICY } from '../guard/entry.ts'
import { RefKey } from '../guard/ref-key.ts'
import type { Vault } from '../guard/vault.ts'
import { placeOf } from '../guard/vocabulary.ts'
import { deleteAnswers } from '../store/documents.ts'
import { deleteAccess } from '../store/access.ts'
import { type Queryable, transaction } from '../store/database.ts'
import { deleteIdentifierChange } from '../store/identifier-changes.ts'
import { appendJournal, deleteJournal } from '../store/journal.ts'
import { deleteKeys } from '../store/key-store.ts'
import { appendBatch } from '../store/ledger.ts'
import { deleteMailOf } from '../store/outbox.ts'
import { deleteRecords, emptyRecords } from '../store/records.ts'
import { deleteEvents, forgetBeginning, lockFacts, saveFacts } from '../store/subjects.ts'
import { type Kept, keptOf } from './kept.ts'
import { about, checkPerson, type OnPerson } from './on-person.ts'
import { type Decided, decidedOf } from './open-fields.ts'
import { destroySetAside } from './set-aside.ts'

const DAY = 86_400_000

export interface Destroyed extends Decided {
  /** Compartments whose keys are gone. */
  readonly destroyed?: readonly string[]
  /** True where nothing was kept and the person is destroyed. */
  readonly person?: boolean
  /** What a legal ground keeps, with the article and the last day. */
  readonly kept?: readonly Kept[]
}

/**
 * Destroys compartments, or (`compartments` null) the person as far as no legal ground keeps data: then what is kept stays
 * for its ground alone, and is told with its articles. A compartment asked for by name that is kept is a refusal.
 *
 * Forward-only across the two databases: (a) one transaction empties the records and makes every read refuse; (b) keys and
 * tags go from the key store; (c) the end is recorded. A crash leaves it begun, and the sweep ends it: never half undone.
 */
export async function destroyData(
  vault: Vault,
  caller: Caller,
  request: OnPerson & { readonly compartments: readonly string[] | null },
): Promise<Destroyed> {
  const subject = checkPerson(vault, request)
  const policy = vault.policy()
  if (policy === null) throw new DoverieError('policy-absent')
  if (request.compartments?.length === 0) {
    throw new DoverieError('invalid-request', 'No compartment is named.', { field: 'compartments' })
  }
  for (const name of request.compartments ?? []) {
    if (!policy.compartments.has(name)) {
      throw new DoverieError('invalid-request', 'The policy knows no such compartment.', { field: 'compartments' })
    }
  }
  const scope = await scopeOf(vault, policy, subject, request.compartments)
  const outcome = await change(vault, requestOf(policy, caller, subject, request, scope), async (changing) => {
    const { at } = changing
    // Decided before the lock was had: something may have been collected since, which a ground keeps.
    if (request.compartments === null && !sameScope(scope, wholeScope(policy, changing.facts(), at))) {
      throw new DoverieError('conflict')
    }
    changing.apply({ kind: 'destruction-begun', compartments: scope.compartments, person: scope.person, at })
    await emptyRecords(changing.tx, subject, scope.compartments)
    await destroySetAside(vault, changing, request.compartments, finishDestruction)
    if (scope.person) await deleteAccess(changing.tx, subject)
    // A letter names the address it goes to.
    const { signIn } = changing.policy.system
    const mailbox = scope.compartments.includes(placeOf(changing.policy, signIn).compartment)
    if (scope.person || mailbox) await deleteMailOf(changing.tx, subject)
    return keptOf(changing.policy, changing.facts(), at)
  })
  if (outcome.effect === 'refuse') return decidedOf(outcome)
  await finishDestruction(vault, subject, scope.compartments, scope.person)
  return { ...decidedOf(outcome), destroyed: scope.compartments, person: scope.person, kept: outcome.value }
}

interface Scope {
  readonly compartments: readonly string[]
  readonly person: boolean
}

/** What is to go: the named compartments, or all that no ground keeps, and the person with them where that is everything. */
async function scopeOf(vault: Vault, policy: Policy, subject: Uuid, named: readonly string[] | null): Promise<Scope> {
  if (named !== null) return { compartments: [...new Set(named)].sort(), person: false }
  const at = vault.now()
  const { facts } = await vault.people.reload(subject, at)
  return facts === null ? { compartments: [], person: true } : wholeScope(policy, facts, at)
}

function wholeScope(policy: Policy, facts: Facts, at: Instant): Scope {
  const kept = new Set(retained(policy, facts, at).map((row) => row.compartment))
  return { compartments: facts.held.filter((name) => !kept.has(name)), person: kept.size === 0 }
}

function sameScope(a: Scope, b: Scope): boolean {
  return a.person === b.person && a.compartments.join() === b.compartments.join()
}

function requestOf(policy: Policy, caller: Caller, subject: Uuid, request: OnPerson, scope: Scope): ChangeRequest {
  return {
    caller,
    subject,
    act: scope.person ? 'destroy-person' : 'destroy',
    operation: 'destroy',
    purpose: caller.kind === 'subject' ? policy.system.rights : policy.system.law,
    fields: scope.compartments.flatMap((compartment) => fieldsOf(policy, compartment)),
    compartments: scope.compartments,
    ...about(request),
  }
}

/**
 * The second half of a destruction: keys and tags, then the word that it is done. Doing it again changes nothing, so whoever
 * finds a destruction begun may end it; the person's lock lets one do it at a time, and what was collected again since keeps
 * its keys. A crash between the two databases leaves it begun.
 */
export async function finishDestruction(
  vault: Vault,
  subject: Uuid,
  compartments: readonly string[],
  person: boolean,
): Promise<void> {
  const at = vault.now()
  // Of a compartment the person goes on to read. Nobody reads on for a destroyed person, and what would tie this entry to
  // theirs would tie a whole day's entries to whoever the key store's journal says was destroyed.
  const kRef = person ? new RefKey(vault.random(32)) : (await vault.people.reload(subject, at)).kRef
  await transaction(vault.data, async (tx) => {
    const locked = await lockFacts(tx, subject)
    const facts = locked?.facts
    const due = compartments.filter((name) => facts?.dying.includes(name) === true)
    if (locked === null || facts === undefined) return
    if (person ? facts.state !== 'destroying' : due.length === 0) return
    await deleteSecrets(vault, subject, due, person ? null : locked.version + 1, at)
    await saveFacts(tx, subject, applyEvent(facts, { kind: 'destruction-done', compartments: due, person, at }))
    if (person) await forgetPerson(tx, subject)
    const policy = vault.policy()
    const decision = {
      effect: 'permit' as const,
      clauses: policy?.defaults.acts.destroy ?? [],
      causes: [],
      policy: policy?.id ?? NO_POLICY,
      until: null,
    }
    const content = { act: 'destroyed', operation: 'destroy' as const, caller: null, compartments: due, decision }
    const entry = makeEntry(content, vault.newId(), kRef, vault.random(32), at)
    await appendBatch(tx, batchOf(vault.newId(), [entry]), at)
  }).finally(() => {
    vault.people.forget(subject)
  })
}

/**
 * In the key store: keys, tags, and of the journal all that is said by the word of the destruction itself. Of a person (`version`
 * null) that word is all: neither the moment nor the compartments, which both stand in the ledger and would point at its entries.
 */
async function deleteSecrets(
  vault: Vault,
  subject: Uuid,
  compartments: readonly string[],
  version: number | null,
  at: Instant,
): Promise<void> {
  const person = version === null
  const identifiers = person ? [] : identifiersIn(vault.policy(), compartments)
  await transaction(vault.keys, async (tx) => {
    await deleteKeys(tx, subject, person ? null : { compartments, identifiers })
    if (person) await deleteJournal(tx, subject)
    await appendJournal(tx, {
      id: vault.newId(),
      at: person ? endOfDay(at) : at,
      kind: 'destruction-done',
      holder: subject,
      detail: { kind: 'destruction-done', compartments: person ? [] : compartments, person },
      version,
      place: 0,
    })
  })
}

/** The end of the UTC day: as coarse as the act of destruction is by law, and never before what a replay must put after it. */
function endOfDay(at: Instant): Instant {
  return (Math.floor(at / DAY) + 1) * DAY
}

/** The kinds of identifiers that compartments hold: nobody is found by what is destroyed. */
function identifiersIn(policy: Policy | null, compartments: readonly string[]): readonly string[] {
  // Which identifiers a compartment holds only the policy tells; without it the destruction waits, begun.
  if (policy === null) throw new DoverieError('policy-absent')
  const fields = compartments.flatMap((compartment) => fieldsOf(policy, compartment))
  return fields.flatMap((field) => policy.fields.get(field)?.identifies ?? [])
}

/** What is left of a destroyed person is their id and the word. */
async function forgetPerson(tx: Queryable, subject: Uuid): Promise<void> {
  await deleteEvents(tx, subject)
  await deleteRecords(tx, subject)
  await deleteAccess(tx, subject)
  await deleteMailOf(tx, subject)
  await deleteAnswers(tx, subject)
  await deleteIdentifierChange(tx, subject)
  await forgetBeginning(tx, subject)
}
