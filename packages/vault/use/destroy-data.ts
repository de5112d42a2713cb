import { DoverieError, type Facts, type Instant, type Uuid } from '@doverie/core/base'
import { fieldsOf, groundless, type Policy, retained } from '@doverie/core/policy'
import { type Caller, isPersonSide } from '../guard/caller.ts'
import { change, type ChangeRequest, type Changing } from '../guard/change.ts'
import { type Entry, unframe } from '../guard/entry.ts'
import type { Vault } from '../guard/vault.ts'
import { placeOf } from '../guard/vocabulary.ts'
import { deleteAccess } from '../store/access.ts'
import { insertBegun } from '../store/destructions.ts'
import { insertOutcome } from '../store/erasure-outcomes.ts'
import { loadState } from '../store/ledger.ts'
import { unlinkLetters } from '../store/letters.ts'
import { deleteMailboxChangesOf } from '../store/mailbox-changes.ts'
import { emptyAnswers } from '../store/replies.ts'
import { deleteMailOf } from '../store/outbox.ts'
import { emptyRecords } from '../store/records.ts'
import { endDestructions } from './end-destructions.ts'
import { claimHash, claimOf } from './erasure-claim.ts'
import { type Kept, keptOf } from './kept.ts'
import { about, checkPerson, type OnPerson } from './on-person.ts'
import { tellRecipients } from './notices/notices.ts'
import { type Decided, decidedOf } from './open-fields.ts'
import { destroySetAside } from './set-aside.ts'

export interface Destroyed extends Decided {
  /** Compartments whose keys are gone. */
  readonly destroyed?: readonly string[]
  /** True where nothing was kept and the person is destroyed. */
  readonly person?: boolean
  /** What a legal ground keeps, with the article and the last day. */
  readonly kept?: readonly Kept[]
  /** What opens the entries of the act and of its end: for the person to hold, who has no history to find them in any more. */
  readonly receipts?: readonly EntryReceipt[]
}

/** Opens an entry that had no place yet: not before `after`. */
export interface EntryReceipt {
  readonly after: number
  /** Hex. */
  readonly salt: string
  readonly body: string
}

/** Destroys as `destroyAll` does, one person. */
export async function destroyData(vault: Vault, caller: Caller, request: DestroyRequest): Promise<Destroyed> {
  const [destroyed] = await destroyAll(vault, caller, [request])
  if (destroyed === undefined) throw new DoverieError('internal')
  return destroyed
}

/** What is to be destroyed of a person: named compartments, or null for all that no ground keeps. */
export interface DestroyRequest extends OnPerson {
  readonly compartments: readonly string[] | null
  /** True where only what no ground keeps may go, whatever is named: `conflict` where one does by then. */
  readonly groundless?: boolean
  /** The person's request that is carried out by it; `conflict` where it does not wait any more. */
  readonly erasure?: Uuid
}

/**
 * Destroys compartments, or (`compartments` null) the person as far as no legal ground keeps data: then what is kept stays
 * for its ground alone, and is told with its articles. A compartment asked for by name that is kept is a refusal.
 *
 * Forward-only across the two databases: (a) one transaction empties the records and makes every read refuse; (b) keys and
 * tags go from the key store, and the keys that wrapped them; (c) the end is recorded. A crash leaves it begun, and the sweep
 * ends it: never half undone. Of many people those of one cell share its re-wrap. A request that is wrong throws before
 * anything is begun.
 */
export async function destroyAll(
  vault: Vault,
  caller: Caller,
  requests: readonly DestroyRequest[],
): Promise<readonly Destroyed[]> {
  const policy = vault.policy()
  if (policy === null) throw new DoverieError('policy-absent')
  const checked = requests.map((request) => ({ request, subject: checkRequest(vault, policy, request) }))
  const after = (await loadState(vault.data, vault.origin))?.size ?? 0
  const outcomes: Begun[] = []
  const begun: Uuid[] = []
  let ended: Awaited<ReturnType<typeof endDestructions>> = new Map()
  try {
    for (const { request, subject } of checked) {
      const outcome = await beginDestruction(vault, policy, caller, { ...request, subject })
      outcomes.push(outcome)
      if (outcome.destroyed !== undefined) begun.push(subject)
    }
  } finally {
    // What was begun is ended, whatever became of the others.
    ended = await endDestructions(vault, begun)
  }
  return outcomes.map(({ entry, ...outcome }, i) => {
    const end = ended.get(checked[i]?.subject ?? '')
    if (outcome.destroyed === undefined) return outcome
    return { ...outcome, receipts: [entry, ...(end === undefined ? [] : [end])].map((one) => receiptOf(one, after)) }
  })
}

interface Begun extends Destroyed {
  readonly entry: Entry
}

function receiptOf({ framed }: Entry, after: number): EntryReceipt {
  const [opened] = unframe(framed, 1)
  if (opened === undefined) throw new DoverieError('internal')
  return { after, salt: opened.salt.toString('hex'), body: opened.body }
}

export function checkRequest(vault: Vault, policy: Policy, request: DestroyRequest): Uuid {
  const subject = checkPerson(vault, request)
  if (request.compartments?.length === 0) {
    throw new DoverieError('invalid-request', 'No compartment is named.', { field: 'compartments' })
  }
  for (const name of request.compartments ?? []) {
    if (!policy.compartments.has(name)) {
      throw new DoverieError('invalid-request', 'The policy knows no such compartment.', { field: 'compartments' })
    }
  }
  return subject
}

/** The first half. From its commit on, which this waits for every read to have seen, nothing of it is read. */
async function beginDestruction(vault: Vault, policy: Policy, caller: Caller, request: DestroyRequest): Promise<Begun> {
  const { subject } = request
  const scope = await scopeOf(vault, policy, subject, request.compartments)
  const asked = destroying(policy, caller, subject, request, scope)
  const outcome = await change(vault, asked, async (changing) => {
    const { tx, at } = changing
    // Decided before the lock was had: something may have been collected since, which a ground keeps.
    if (request.compartments === null && !sameScope(scope, wholeScope(policy, changing.facts(), at))) {
      throw new DoverieError('conflict')
    }
    if (request.groundless === true) {
      const free = groundless(policy, changing.facts(), at)
      if (!scope.compartments.every((name) => free.includes(name))) throw new DoverieError('conflict')
    }
    // What the person asked for is done by it, whoever does it.
    const waiting = request.erasure ?? (request.compartments === null ? changing.facts().erasure?.id : undefined)
    if (waiting !== undefined) endErasure(changing, waiting)
    changing.apply({ kind: 'destruction-begun', compartments: scope.compartments, person: scope.person, at })
    // Before the register forgets who is destroyed.
    const fields = scope.compartments.flatMap((name) => fieldsOf(changing.policy, name))
    await tellRecipients(vault, changing, 'destroyed', fields)
    await emptyRecords(tx, subject, scope.compartments)
    await emptyAnswers(tx, subject)
    await destroySetAside(vault, changing, request.compartments)
    if (scope.person) {
      await deleteAccess(tx, subject)
      await unlinkLetters(tx, subject)
    }
    // A letter names the address it goes to.
    const { signIn } = changing.policy.system
    const mailbox = scope.compartments.includes(placeOf(changing.policy, signIn).compartment)
    if (scope.person || mailbox) await deleteMailOf(tx, subject)
    // Carried out later, it would write an address where all was destroyed.
    if (mailbox) await deleteMailboxChangesOf(tx, subject)
    const { purpose } = asked
    if (waiting !== undefined) {
      await insertOutcome(tx, claimHash(claimOf(vault, waiting)), { entry: changing.permit.decision, at })
    }
    await insertBegun(tx, { id: vault.newId(), subject, ...scope, purpose, entry: changing.permit.decision, at })
    return keptOf(changing.policy, changing.facts(), at)
  })
  const { entry } = outcome
  if (outcome.effect === 'refuse') {
    return { ...decidedOf(outcome), entry, ...(await keepers(vault, policy, subject, outcome)) }
  }
  return { ...decidedOf(outcome), entry, destroyed: scope.compartments, person: scope.person, kept: outcome.value }
}

/** Ends a request that waited: what it stopped goes on. Throws `conflict` where it does not wait (any more). */
export function endErasure(changing: Changing, id: Uuid): void {
  const { at } = changing
  const { erasure } = changing.facts()
  if (erasure?.id !== id) throw new DoverieError('conflict')
  for (const [field, purposes] of Object.entries(erasure.closed ?? {})) {
    changing.apply({ kind: 'field-closed', field, purposes, at })
  }
  changing.apply({ kind: 'erasure-ended', id, at })
  changing.apply({ kind: 'unblocked', by: id, at })
}

/** What a refusal rests on where nothing but the keeping of the data forbade their destruction. */
const KEEPING: ReadonlySet<string> = new Set(['retained', 'contract-in-force', 'legal-hold'])

/** What keeps the data, for whoever could otherwise have them destroyed: with its article and until when. */
export async function keepers(
  vault: Vault,
  policy: Policy,
  subject: Uuid,
  { decision }: Pick<Decided, 'decision'>,
): Promise<{ readonly kept?: readonly Kept[] }> {
  if (!decision.causes.every(({ reason }) => KEEPING.has(reason))) return {}
  const at = vault.now()
  const { facts } = await vault.people.reload(subject, at)
  return facts === null ? {} : { kept: keptOf(policy, facts, at) }
}

export interface Scope {
  readonly compartments: readonly string[]
  readonly person: boolean
}

/** What is to go: the named compartments, or all that no ground keeps, and the person with them where that is everything. */
export async function scopeOf(
  vault: Vault,
  policy: Policy,
  subject: Uuid,
  named: readonly string[] | null,
): Promise<Scope> {
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

export function destroying(
  policy: Policy,
  caller: Caller,
  subject: Uuid,
  request: DestroyRequest,
  scope: Scope,
): ChangeRequest {
  return {
    caller,
    subject,
    act: scope.person ? 'destroy-person' : 'destroy',
    operation: 'destroy',
    purpose: isPersonSide(caller) ? policy.system.rights : policy.system.law,
    fields: scope.compartments.flatMap((compartment) => fieldsOf(policy, compartment)),
    compartments: scope.compartments,
    // What the register of destructions says of a person must not lead to the rest of what they did.
    unlinked: scope.person,
    ...(request.erasure === undefined || scope.person ? {} : { detail: { request: request.erasure } }),
    ...about(request),
  }
}
