import { DoverieError, type Facts, type Uuid } from '@doverie/core/base'
import { applyEvent } from '@doverie/core/consent'
import { type Changing, type ChangeRequest, narrowingOf } from '../guard/change.ts'
import { type Values, writeValues } from '../guard/values.ts'
import type { Vault } from '../guard/vault.ts'
import { insertBegun } from '../store/destructions.ts'
import { deleteConflicts, insertConflict, listSetAside } from '../store/documents.ts'
import { emptyRecords } from '../store/records.ts'
import { insertEvents, loadFacts, lockFacts, saveFacts } from '../store/subjects.ts'
import { endDestructions, endOfDay } from './end-destructions.ts'

/** Values that differ from a person's confirmed ones. Personal: never log. */
export interface Disputed {
  /** All that was submitted together, for staff to judge by. */
  readonly values: ReadonlyMap<string, Values>
  /** The fields that differ. */
  readonly fields: readonly string[]
  readonly purpose: string
  readonly entity: string
  readonly detail?: ChangeRequest['detail']
}

/**
 * Keeps a disputed submission apart, as a person of its own that nothing leads to but the conflict, and that has no ground for
 * anything. All in the transaction of the change to the person whose confirmed values it differs from: there is no moment at
 * which it is lost or there twice.
 */
export async function setAside(vault: Vault, changing: Changing, disputed: Disputed): Promise<void> {
  const { values, fields, purpose, entity, detail } = disputed
  const { subject } = changing.permit
  const other = vault.newId()
  const request: ChangeRequest = {
    caller: { kind: 'subject', subject: other, proved: [] },
    subject: other,
    act: 'set-aside',
    operation: 'collect',
    purpose,
    entity,
    fields,
    compartments: [...values.keys()],
    begins: true,
    ...(detail === undefined ? {} : { detail }),
  }
  const kept = await changing.also(request, (aside) => writeValues(vault, aside, values))
  // Where the policy does not let it be kept, nothing of the submission is taken: what differs must not be lost unseen.
  if (kept.effect === 'refuse') throw new DoverieError('conflict')
  await insertConflict(changing.tx, { id: vault.newId(), subject, other, fields, at: changing.at })
}

/**
 * Begins, in the first half of a person's destruction, that of what was set aside against them: it is theirs as much as what it
 * differs from, and nothing keeps it, having no ground. All of it where they asked for everything (`compartments` null), whatever
 * is kept of themselves; else these compartments of it. It is ended after the commit; where a crash comes between, the sweep
 * does. A conflict goes with either side of it. Whose data were confirmed meanwhile is a person of their own, and stays.
 */
export async function destroySetAside(
  vault: Vault,
  changing: Changing,
  compartments: readonly string[] | null,
): Promise<void> {
  const { tx } = changing
  const { subject } = changing.permit
  for (const other of await listSetAside(tx, subject)) await destroyAside(vault, changing, other, compartments)
  if (changing.facts().state === 'destroying') await deleteConflicts(tx, subject)
}

/**
 * True of somebody who is nothing but a submission kept apart: nobody confirmed it, it has no ground for anything, no mailbox was
 * ever proved theirs, and nobody was ever to act for them, also where that has ended: such are people of their own.
 */
export function isSetAside({ state, confirmedAt, contracts, consents, representatives, proved }: Facts): boolean {
  const own = contracts.length + consents.length + proved.length
  return state === 'live' && confirmedAt === null && own === 0 && representatives === undefined
}

/** Begins the destruction of one submission that was set aside, all of it or these compartments; of nobody else. */
export async function destroyAside(
  vault: Vault,
  changing: Changing,
  other: Uuid,
  compartments: readonly string[] | null,
): Promise<void> {
  const { tx, at } = changing
  const known = (await loadFacts(tx, [other])).get(other)
  // Who is somebody may hold their own lock and wait for this person's; whoever was set aside waits for nobody's.
  if (known === undefined || !isSetAside(known.facts)) return
  const locked = await lockFacts(tx, other)
  if (locked === null || !isSetAside(locked.facts)) return
  const { facts, version } = locked
  const going = facts.held.filter((name) => compartments?.includes(name) !== false)
  if (going.length === 0) return
  const person = going.length === facts.held.length
  const event = { kind: 'destruction-begun' as const, compartments: going, person, at }
  await saveFacts(tx, other, applyEvent(facts, event))
  const named = { id: vault.newId(), event }
  await insertEvents(tx, other, [named])
  const narrowing = narrowingOf(other, named, version + 1, 0)
  if (narrowing !== null) changing.narrowed(narrowing)
  await emptyRecords(tx, other, going)
  if (person) await deleteConflicts(tx, other)
  // Neither the moment nor the entry, which are those of the person it was set aside against.
  const begun = { id: vault.newId(), subject: other, person, compartments: going, purpose: null, entry: null }
  await insertBegun(tx, { ...begun, at: endOfDay(at) })
  changing.afterCommit(() => endDestructions(vault, [other]))
}
