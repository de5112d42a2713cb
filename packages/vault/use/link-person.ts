import { DoverieError, type Facts, type Uuid } from '@doverie/core/base'
import { indexForm, type Policy } from '@doverie/core/policy'
import type { SubjectCaller } from '../guard/caller.ts'
import { change, type ChangeRequest, type Changing } from '../guard/change.ts'
import { lengthened } from '../guard/evidence.ts'
import { proveIdentifier } from '../guard/index-identifiers.ts'
import { asList, currentValues, type Values, writeValues } from '../guard/values.ts'
import type { Vault } from '../guard/vault.ts'
import { placeOf } from '../guard/vocabulary.ts'
import { deleteAccess, lockMailbox, takeSignIn } from '../store/access.ts'
import { insertBegun } from '../store/destructions.ts'
import { moveDisclosures } from '../store/disclosures.ts'
import { moveLetters } from '../store/letters.ts'
import { emptyAnswers } from '../store/replies.ts'
import { moveAffected } from '../store/incident-people.ts'
import { insertConflict } from '../store/documents.ts'
import { deleteMailOf } from '../store/outbox.ts'
import { emptyRecords } from '../store/records.ts'
import { moveRepresentations } from '../store/representation.ts'
import { listConsentActs, lockFacts } from '../store/subjects.ts'
import { endDestructions, endOfDay } from './end-destructions.ts'
import { closedTo, closeField } from './close-field.ts'
import { type ConsentAct, inheritedConsents } from './inherited-consents.ts'
import { proveIssued } from './prove-issued.ts'
import { reconcile } from './reconcile.ts'
import { holderOf } from './request-code.ts'
import { reopenMoved } from './requests/reopen-destructions.ts'
import { setAside } from './set-aside.ts'
import { isTargetOf } from './sign-in-code.ts'

/** A sign-in whose code came back from the mailbox it went to. */
export interface Proof {
  readonly signIn: Uuid
  /** For whom it was begun. */
  readonly subject: Uuid
  readonly target: Buffer
}

/**
 * Takes a proved mailbox into account for the person whose sign-in it ends, and gives whom the session is for. The address
 * must still be theirs. Where somebody else has proved the same address before, this submission is theirs too: it is carried
 * over to them (never over confirmed values) and the submission's own person is destroyed; what conflicts is set aside for staff.
 * Whose data were confirmed themselves is nobody's submission: they stay whole, and staff look who is who.
 *
 * All of it is one transaction, the use of the code included: a crash leaves either the code to be tried again or everything
 * done but the destruction of the keys, which the sweep ends. One mailbox is proved by one at a time, so that of several who
 * prove it at once one becomes its holder and the others are linked to them.
 */
export async function linkProved(vault: Vault, { signIn, subject, target }: Proof): Promise<Uuid> {
  const caller: SubjectCaller = { kind: 'subject', subject, proved: ['email'] }
  const outcome = await change(vault, own(vault, caller, 'prove-identifier'), async (changing) => {
    if (!(await takeSignIn(changing.tx, signIn))) throw new DoverieError('code-invalid', undefined, { field: 'code' })
    const mailbox = await mailboxOf(changing)
    if (mailbox === null || !isTargetOf(vault, target, mailbox)) return null
    const known = changing.facts().proved.includes('email')
    const holder = known ? null : await linkToHolder(vault, changing, mailbox, target)
    if (holder !== null) return holder
    // Before the commit: it is true already, and whoever proved it must be found by it whatever happens next.
    await proveIdentifier(vault, subject, 'email', mailbox)
    if (!known) changing.apply({ kind: 'identifier-proved', identifier: 'email', at: changing.at })
    return subject
  })
  if (outcome.effect === 'refuse' || outcome.value === null) {
    throw new DoverieError('code-invalid', undefined, { field: 'code' })
  }
  return outcome.value
}

/** Links a person under change to who has proved the same mailbox before, and gives these; null where there is nobody. */
async function linkToHolder(vault: Vault, changing: Changing, email: string, target: Buffer): Promise<Uuid | null> {
  const { tx, at } = changing
  const { subject } = changing.permit
  // A holder never comes here, so nobody who waits for this lock is waited for under it.
  await lockMailbox(tx, 'proof', target)
  const holder = await holderOf(vault, email, subject, tx)
  if (holder === undefined) return null
  const known = (await lockFacts(tx, holder))?.facts
  if (known?.state !== 'live' || !known.proved.includes('email')) return null
  if (!isOfTheirOwn(changing.facts(), known)) return (await carryOver(vault, changing, holder, email)) ? holder : null
  await insertConflict(tx, {
    id: vault.newId(),
    subject: holder,
    other: subject,
    fields: [changing.policy.system.signIn],
    at,
  })
  return holder
}

/**
 * True of who stays a person of their own, whoever's mailbox was given for them: whose data were confirmed, who is or was
 * represented, who is of another age than the holder (a minor's data need a representative, whoever's mailbox it is), and who waits
 * to be destroyed: what they asked for is carried out on them, and on nobody else.
 */
function isOfTheirOwn({ confirmedAt, representatives, age, erasure }: Facts, holder: Facts): boolean {
  const agesDiffer = !!age && !!holder.age && age !== holder.age
  return confirmedAt !== null || representatives !== undefined || agesDiffer || !!erasure
}

function own(vault: Vault, caller: SubjectCaller, act: string): ChangeRequest {
  const policy = vault.policy()
  const entity = policy === null ? undefined : [...policy.entities.keys()][0]
  if (policy === null || entity === undefined) throw new DoverieError('policy-absent')
  return {
    caller,
    subject: caller.subject,
    act,
    operation: 'clarify:update',
    purpose: policy.system.rights,
    entity,
    fields: [],
    compartments: [...policy.compartments.keys()],
  }
}

/**
 * Carries a person under change over to the holder of their mailbox, and begins the destruction of what is left: one person, one
 * set of data. False, and nothing carried, where the holder has another address or none by now.
 */
async function carryOver(vault: Vault, from: Changing, to: Uuid, email: string): Promise<boolean> {
  const { subject } = from.permit
  const values = await currentValues(from)
  const facts = from.facts()
  const request = own(vault, { kind: 'subject', subject: to, proved: ['email'] }, 'link')
  const linked = await from.also(request, async (into) => {
    const held = await mailboxOf(into)
    const same = held !== null && indexForm('email', held) === indexForm('email', email)
    if (!same || !into.facts().proved.includes('email')) return false
    await takeValues(vault, into, values, request)
    const acts = [await listConsentActs(into.tx, to), await listConsentActs(from.tx, subject)] as const
    takeGrounds(into, facts, inheritedConsents(...acts))
    await moveRepresentations(into.tx, subject, to)
    await moveDisclosures(into.tx, subject, to)
    // Former answers lie under keys that go; their letters and what is asked in them go on, and destroy nothing by a former proof.
    await emptyAnswers(from.tx, subject)
    await reopenMoved(into.tx, await moveLetters(into.tx, subject, to), into.permit.decision, into.at)
    await moveAffected(into.tx, subject, to)
    return true
  })
  if (linked.effect === 'refuse' || !linked.value) return false
  from.note({ linked: true })
  from.apply({ kind: 'destruction-begun', compartments: facts.held, person: true, at: from.at })
  await emptyRecords(from.tx, subject, facts.held)
  await deleteAccess(from.tx, subject)
  await deleteMailOf(from.tx, subject)
  const begun = { id: vault.newId(), subject, person: true, compartments: facts.held, purpose: null, entry: null }
  await insertBegun(from.tx, { ...begun, at: endOfDay(from.at) })
  from.afterCommit(() => endDestructions(vault, [subject]))
  return true
}

async function takeValues(
  vault: Vault,
  into: Changing,
  values: ReadonlyMap<string, Values>,
  { purpose, entity }: ChangeRequest,
): Promise<void> {
  const given = withoutLists(into.policy, values)
  const before = await currentValues(into)
  const { taken, conflicts } = await reconcile(into, given)
  await writeValues(vault, into, joinLists(into.policy, before, values, taken))
  await proveIssued(vault, into)
  if (conflicts.length > 0) await setAside(vault, into, { values: given, fields: conflicts, purpose, entity })
}

/**
 * What the person did and was bound by under the other name, at the times at which it was: consents as the latest act has them,
 * contracts, and whatever narrows (a field closed, a block), which stays narrowed.
 */
function takeGrounds(
  into: Changing,
  { contracts, closed, blocked, blocks, age, holds }: Facts,
  consents: readonly ConsentAct[],
): void {
  // What is known of their age already may be what staff saw in a document.
  if (age && !into.facts().age) into.apply({ kind: 'age-declared', age, corrects: true, at: into.at })
  for (const act of consents) into.apply(act)
  // What keeps one of the two from destruction keeps both.
  for (const { since, ...hold } of holds ?? []) into.apply({ kind: 'hold-set', hold, at: since })
  for (const { id, entity, service, since, endedAt } of contracts) {
    // As where a contract is made: of a service without numbers there is one in force, of others as many as were ordered.
    const numbered = into.policy.services.get(service)?.numbered === true
    const same = into
      .facts()
      .contracts.some((one) => one.service === service && one.entity === entity && one.endedAt === null)
    if (endedAt === null && same && !numbered) continue
    into.apply({ kind: 'contract-began', id, entity, service, at: since })
    // Ended contracts keep data for their terms.
    if (endedAt !== null) into.apply({ kind: 'contract-ended', id, at: endedAt })
  }
  for (const [field, purposes] of Object.entries(closed)) {
    closeField(into, field, [...closedTo(into.facts(), field), ...purposes])
  }
  // That data were not confirmed in time says nothing of the holder's.
  for (const { reason, since, by } of blocks ?? (blocked === null ? [] : [{ ...blocked, by: null }])) {
    if (reason === 'unconfirmed') continue
    // A request that holds a stop goes on with its letter, and lifts it; of whom it is about now it is claimed.
    const held = by === null ? { reason } : { reason: 'claimed' as const, by }
    into.apply({ kind: 'blocked', ...held, at: since })
  }
}

/** What the person said: the lists that the operator keeps are joined, not compared. */
function withoutLists(policy: Policy, values: ReadonlyMap<string, Values>): ReadonlyMap<string, Values> {
  const given = new Map<string, Values>()
  for (const [compartment, group] of values) {
    const said = Object.entries(group).filter(([field]) => policy.fields.get(field)?.list !== true)
    if (said.length > 0) given.set(compartment, Object.fromEntries(said))
  }
  return given
}

/** What is taken, with the operator's lists of both, one after the other. */
function joinLists(
  policy: Policy,
  before: ReadonlyMap<string, Values>,
  carried: ReadonlyMap<string, Values>,
  taken: ReadonlyMap<string, Values>,
): ReadonlyMap<string, Values> {
  const joined = new Map(taken)
  for (const { id: field, compartment, list } of policy.fields.values()) {
    const more = carried.get(compartment)?.[field]
    if (!list || more === undefined) continue
    const longer = lengthened(before, { compartment, field }, asList(more)).get(compartment)
    joined.set(compartment, { ...joined.get(compartment), ...longer })
  }
  return joined
}

/** The mailbox that signs the person in, as it is held now; null where there is none. */
async function mailboxOf(changing: Changing): Promise<string | null> {
  const { compartment, field } = placeOf(changing.policy, changing.policy.system.signIn)
  const held = (await currentValues(changing)).get(compartment)?.[field]
  return typeof held === 'string' ? held : null
}
