import { DoverieError, type Instant, isUuid, type Uuid } from '@doverie/core/base'
import type { Caller } from '../guard/caller.ts'
import { recordAct } from '../guard/record-act.ts'
import type { Vault } from '../guard/vault.ts'
import { deleteAccess, listStaff as list, lockStaff, type StaffRow, switchOff } from '../store/access.ts'
import { type Queryable, transaction } from '../store/database.ts'
import { accessTaken, announceJournal, confirmJournal } from '../store/journal.ts'
import { awaitReads } from '../store/read-lane.ts'
import { accessClauses, assertDuty, assertMayTake, assertNoDeputy } from './duties.ts'
import { newLink } from './staff-access.ts'

export interface StaffMember {
  readonly staff: Uuid
  readonly pseudonym: string
  readonly role: string
  readonly addedAt: Instant
  readonly switchedOffAt: Instant | null
  readonly sessions: readonly { readonly begunAt: Instant; readonly expiresAt: Instant }[]
}

/** All members of staff there ever were, the oldest first, with where they are signed in; for who gives and takes access. */
export async function listStaff(vault: Vault, caller: Caller): Promise<readonly StaffMember[]> {
  await assertDuty(vault, caller, 'access')
  const members = new Map<Uuid, StaffMember>()
  for (const row of await list(vault.data, vault.now())) {
    const known = members.get(row.staff_id)
    const sessions = known?.sessions ?? []
    const begun = row.session_created_at
    const ends = row.session_expires_at
    const session = begun === null || ends === null ? [] : [{ begunAt: begun.getTime(), expiresAt: ends.getTime() }]
    members.set(row.staff_id, {
      staff: row.staff_id,
      pseudonym: row.pseudonym,
      role: row.role,
      addedAt: row.created_at.getTime(),
      switchedOffAt: row.disabled_at?.getTime() ?? null,
      sessions: [...sessions, ...session],
    })
  }
  return [...members.values()]
}

/**
 * A fresh one-time link for a member of staff, who signs in by it again. Another's ends where they are signed in, so that they
 * learn of it; one's own goes on from the link by which one is signed in. Throws `not-found` for who is switched off.
 */
export async function newStaffLink(vault: Vault, caller: Caller, staff: string): Promise<{ readonly path: string }> {
  const { staff: self, pseudonym, issuedBy } = await assertDuty(vault, caller, 'access')
  assertNoDeputy(caller)
  const link = await onMember(vault, caller, staff, 'new-link', async (tx, member) => {
    if (member.staff_id === self) return { path: await newLink(vault, tx, member, issuedBy ?? null) }
    await deleteAccess(tx, member.staff_id)
    return { path: await newLink(vault, tx, member, pseudonym) }
  })
  await awaitReads(vault.data)
  return link
}

/**
 * A fresh one-time link for a member of staff, by whoever holds the machine: no colleague made it, so what its session says counts as a
 * second word beside anybody's. It ends where they are signed in, and is in the ledger. Throws `not-found` for a pseudonym that is nobody's.
 */
export async function machineStaffLink(vault: Vault, pseudonym: string): Promise<{ readonly path: string }> {
  const link = await transaction(vault.data, async (tx) => {
    const member = (await lockStaff(tx)).find((one) => one.pseudonym === pseudonym)
    if (member === undefined)
      throw new DoverieError('not-found', 'There is no such member of staff.', { field: 'pseudonym' })
    await deleteAccess(tx, member.staff_id)
    await recordAct(vault, tx, 'new-link', null, accessClauses(vault), { pseudonym, role: member.role })
    return { path: await newLink(vault, tx, member, null) }
  })
  await awaitReads(vault.data)
  return link
}

/** Ends all sessions and unused links of a member of staff, in all processes. A request under way may still be answered. */
export async function endStaffSessions(vault: Vault, caller: Caller, staff: string): Promise<void> {
  await onMember(vault, caller, staff, 'end-sessions', (tx, member) => deleteAccess(tx, member.staff_id))
  await awaitReads(vault.data)
}

/**
 * Switches a member of staff off, for good; their pseudonym is never another's. Sessions and links end with it. Throws `conflict`
 * for the last whose role may give and take access, so that somebody always can.
 */
export async function switchOffStaff(vault: Vault, caller: Caller, staff: string): Promise<void> {
  const [id, at] = [vault.newId(), vault.now()]
  await onMember(vault, caller, staff, 'switch-off-staff', async (tx, member, others) => {
    const policy = vault.policy()
    if (!others.some(({ role }) => policy?.actors.get(role)?.duties.includes('access') === true)) {
      throw new DoverieError('conflict', 'Nobody would be left who may give and take access.')
    }
    await switchOff(tx, member.staff_id, at)
    await deleteAccess(tx, member.staff_id)
    // A crash from here to the commit leaves an announcement that the sweep takes back.
    await announceJournal(vault.keys, [accessTaken(id, 'staff-switched-off', member.staff_id, at)])
  })
  await awaitReads(vault.data)
  await confirmJournal(vault.keys, [id])
}

/** An act on one member of staff who is not switched off, with its entry; of several one after the other. */
async function onMember<T>(
  vault: Vault,
  caller: Caller,
  staff: string,
  act: string,
  work: (tx: Queryable, member: StaffRow, others: readonly StaffRow[]) => Promise<T>,
): Promise<T> {
  await assertDuty(vault, caller, 'access')
  if (!isUuid(staff)) throw new DoverieError('not-found')
  return transaction(vault.data, async (tx) => {
    const all = await lockStaff(tx)
    // Switched off since they were known.
    if (caller.kind !== 'staff' || !all.some(({ staff_id }) => staff_id === caller.staff)) {
      throw new DoverieError('unauthenticated')
    }
    const member = all.find(({ staff_id }) => staff_id === staff)
    if (member === undefined) throw new DoverieError('not-found')
    assertMayTake(vault, caller, member.role)
    const others = all.filter((one) => one !== member)
    const done = await work(tx, member, others)
    const { pseudonym, role } = member
    await recordAct(vault, tx, act, caller, accessClauses(vault), { pseudonym, role })
    return done
  })
}
