import { DoverieError, type Instant, type Uuid } from '@doverie/core/base'
import type { Caller, StaffCaller, SubjectCaller } from '../guard/caller.ts'
import { mac } from '../guard/mac.ts'
import { recordAct } from '../guard/record-act.ts'
import type { Vault } from '../guard/vault.ts'
import {
  countStaff,
  deleteSession,
  findSession,
  findStaff,
  firstStaff,
  foundingRole,
  holdLinked,
  holdStaff,
  insertSignIn,
  insertStaff,
  type StaffRow,
  takeLink,
} from '../store/access.ts'
import { type Queryable, transaction } from '../store/database.ts'
import { findActing } from '../store/deputies.ts'
import { saidDeputy } from './deputies/acting.ts'
import { accessClauses, assertDuty, assertNoDeputy } from './duties.ts'
import { beginSession, type Session, sessionHash } from './prove-code.ts'

const LINK_TERM = 24 * 3_600_000
const SESSION_TERM = 8 * 3_600_000

/**
 * A one-time link for the first officer (the role that the policy names), who is made here if the database knows none. Whoever
 * starts the server holds the machine, so they are given it at every start; each link serves once and for a day. Null where
 * there is no officer and no policy that would say what one is.
 */
export async function firstStaffLink(vault: Vault): Promise<{ readonly path: string } | null> {
  const role = vault.policy()?.system.officer ?? (await foundingRole(vault.data))
  if (role === null) return null
  return transaction(vault.data, async (tx) => {
    const officer = (await firstStaff(tx, role)) ?? (await firstOfficer(vault, tx, role))
    return { path: await newLink(vault, tx, officer, null) }
  })
}

async function firstOfficer(vault: Vault, tx: Queryable, role: string): Promise<StaffRow> {
  const officer = { staff_id: vault.newId(), pseudonym: `${role}-${(await countStaff(tx, role)) + 1}`, role }
  await insertStaff(tx, officer, vault.now())
  await recordAct(vault, tx, 'add-staff', null, accessClauses(vault), { pseudonym: officer.pseudonym, role })
  return officer
}

/** Adds a member of staff under a pseudonym (their name is nobody's business here). The link is shown once. */
export async function addStaff(
  vault: Vault,
  caller: Caller,
  request: { readonly pseudonym: string; readonly role: string },
): Promise<{ readonly staff: Uuid; readonly path: string }> {
  const { staff: adder, pseudonym: issuer } = await assertDuty(vault, caller, 'access')
  const { pseudonym, role } = request
  if (vault.policy()?.actors.get(role)?.kind !== 'staff') {
    throw new DoverieError('invalid-request', 'The policy knows no such role.', { field: 'role' })
  }
  if (!/^[a-z][a-z0-9-]{1,31}$/.test(pseudonym)) {
    throw new DoverieError('invalid-request', 'A pseudonym is lower-case letters, digits and hyphens.', {
      field: 'pseudonym',
    })
  }
  assertNoDeputy(caller)
  const staff = { staff_id: vault.newId(), pseudonym, role }
  return transaction(vault.data, async (tx) => {
    if (!(await holdStaff(tx, adder))) throw new DoverieError('unauthenticated')
    await insertStaff(tx, staff, vault.now())
    await recordAct(vault, tx, 'add-staff', caller, accessClauses(vault), { pseudonym, role })
    return { staff: staff.staff_id, path: await newLink(vault, tx, staff, issuer) }
  })
}

/** The token rides in the fragment, which no server log and no Referer sees. */
export async function newLink(vault: Vault, tx: Queryable, staff: StaffRow, issuedBy: string | null): Promise<string> {
  const token = vault.random(32).toString('base64url')
  await insertSignIn(tx, {
    sign_in_id: vault.newId(),
    kind: 'staff',
    holder_id: staff.staff_id,
    target_hash: null,
    epoch: null,
    code_hash: mac(vault, 'staff-link', token),
    attempts: 0,
    bound_to: null,
    issued_by: issuedBy,
    expires_at: new Date(vault.now() + LINK_TERM),
  })
  return `/enter#${token}`
}

/** Signs staff in by a one-time link. Throws `code-invalid` for a wrong, used or expired one. */
export async function enterStaff(
  vault: Vault,
  request: { readonly token: string },
): Promise<Session & { readonly role: string; readonly pseudonym: string }> {
  const code = mac(vault, 'staff-link', request.token)
  return transaction(vault.data, async (tx) => {
    const staff = await holdLinked(tx, code)
    const link = staff === null ? null : await takeLink(tx, code, vault.now())
    if (staff === null || link === null) throw new DoverieError('code-invalid', undefined, { field: 'token' })
    await recordAct(vault, tx, 'sign-in', staffCaller(staff), accessClauses(vault), {})
    const session = await beginSession(vault, tx, 'staff', staff.staff_id, [], SESSION_TERM, link.issued_by)
    return { ...session, role: staff.role, pseudonym: staff.pseudonym }
  })
}

/** Who is signed in with this session token, or null. Looked up anew each time, so ending a session is effective at once. */
export async function authenticateSession(vault: Vault, token: string): Promise<StaffCaller | SubjectCaller | null> {
  const hash = sessionHash(vault, token)
  const session = await findSession(vault.data, hash, vault.now())
  if (session === null) return null
  if (session.kind === 'subject') {
    const { holder_id: subject, proved, steps } = session
    return { kind: 'subject', subject, proved, session: hash.toString('hex'), steps }
  }
  const staff = await findStaff(vault.data, session.holder_id)
  if (staff === null) return null
  const caller = { ...staffCaller(staff), issuedBy: session.issued_by ?? undefined }
  const saidAt = saidDeputy(session.steps)
  return saidAt === null ? caller : actingFor(vault, caller, saidAt)
}

/**
 * INVARIANT: who acts as the officer's deputy does so while their time runs, asked anew each time, and each act says so. What they said under
 * one appointment says nothing under the next.
 */
async function actingFor(vault: Vault, caller: StaffCaller, saidAt: Instant): Promise<StaffCaller> {
  const role = vault.policy()?.system.officer
  const acting = role === undefined ? null : await findActing(vault.data, role, vault.now(), caller.staff)
  if (role === undefined || acting === null || saidAt < Math.max(acting.from, acting.confirmedAt ?? 0)) return caller
  return { ...caller, name: role, deputyOf: role }
}

/** Ends a session. Ending one that is not there changes nothing. */
export async function leave(vault: Vault, token: string): Promise<void> {
  await deleteSession(vault.data, sessionHash(vault, token))
}

function staffCaller(staff: StaffRow): StaffCaller {
  return { kind: 'staff', name: staff.role, staff: staff.staff_id, pseudonym: staff.pseudonym }
}
