import { DoverieError, type Instant, isUuid, type Uuid } from '@doverie/core/base'
import type { Policy } from '@doverie/core/policy'
import type { Caller, StaffCaller } from '../../guard/caller.ts'
import { answeringKey, isOfLostKey } from '../../guard/letter-keys.ts'
import { queueLetter } from '../../guard/letters.ts'
import { recordAct } from '../../guard/record-act.ts'
import type { Vault } from '../../guard/vault.ts'
import { addSessionStep, findStaff, holdStaff } from '../../store/access.ts'
import { type Queryable, transaction } from '../../store/database.ts'
import {
  confirmDeputyRow,
  type DeputyRow,
  endDeputyRow,
  findActing,
  insertDeputy,
  listDeputyRows,
  listOpenDeputies,
  lockDeputies,
} from '../../store/deputies.ts'
import { accessClauses, assertSecond, linkOf } from '../duties.ts'
import { sessionHash } from '../prove-code.ts'
import { policyOf } from '../requests/law.ts'
import { OFF, ON } from './acting.ts'

const DAY = 86_400_000
/** No absence is longer; a longer one needs another officer. */
const LONGEST = 92 * DAY
const MOST = 1_000
const PART = 'deputy'

export interface DeputyRequest {
  readonly staff: string
  /** Now where it is not said. */
  readonly from?: Instant
  readonly until: Instant
  /** Where escalations go meanwhile, beside the operator's address. */
  readonly email?: string
}

/**
 * Appoints a member of staff to stand in for the officer for a time. At the officer's own word at once; at another's once a second one has
 * confirmed it, neither of them whom it is about. Throws `forbidden`, `conflict` where somebody stands in at that time already, `invalid-request`
 * for a time that is over, too long or the officer's own, and for somebody who does not see to requests.
 */
export async function appointDeputy(vault: Vault, caller: Caller, given: DeputyRequest): Promise<DeputyRow> {
  const policy = policyOf(vault)
  const by = whoMayAppoint(policy, caller)
  const at = vault.now()
  const { from = at, until, email } = given
  if (until <= at || until <= from) throw wrong('until', 'That time is over before it begins.')
  if (until - from > LONGEST) throw wrong('until', 'Nobody stands in for longer than 92 days.')
  const member = isUuid(given.staff) ? await findStaff(vault.data, given.staff) : null
  if (member === null) throw new DoverieError('not-found', undefined, { field: 'staff' })
  const role = policy.system.officer
  if (member.role === role) throw wrong('staff', 'They are the officer.')
  if (policy.actors.get(member.role)?.duties.includes('requests') !== true) {
    throw wrong('staff', "Only a role with the duty 'requests' stands in for the officer.")
  }
  assertOfAnother(by, member.staff_id, member.pseudonym)
  const id = vault.newId()
  const sealed = email === undefined ? null : (await answeringKey(vault, id, at)).seal(PART, Buffer.from(email))
  const alone = by.name === role
  const row: DeputyRow = {
    ...{ id, staff: member.staff_id, pseudonym: member.pseudonym, role, from: Math.max(from, at), until },
    ...{ askedAt: at, askedBy: by.pseudonym, endedAt: null, endedBy: null, sealed },
    ...{ confirmedAt: alone ? at : null, confirmedBy: alone ? by.pseudonym : null },
  }
  await transaction(vault.data, async (tx) => {
    await lockDeputies(tx)
    if (!(await holdStaff(tx, by.staff))) throw new DoverieError('unauthenticated')
    const open = await listOpenDeputies(tx)
    if (open.some((one) => one.until > row.from && one.from < row.until)) {
      throw new DoverieError('conflict', 'Somebody stands in at that time already.', { field: 'from' })
    }
    await insertDeputy(tx, row)
    await enter(vault, tx, alone ? 'appoint-deputy' : 'propose-deputy', by, row)
    await tell(vault, tx, policy, row, alone ? 'appointed' : 'proposed')
  })
  return row
}

/** The second word for a deputy whom no officer appointed: another's than the first one's, and not whom it is about. Throws `forbidden`, `conflict`. */
export async function confirmDeputy(vault: Vault, caller: Caller, id: string): Promise<DeputyRow> {
  const policy = policyOf(vault)
  const by = whoMayAppoint(policy, caller)
  return transaction(vault.data, async (tx) => {
    const row = await openDeputy(tx, id)
    const at = vault.now()
    if (row.confirmedAt !== null) return row
    if (row.until <= at) throw new DoverieError('conflict', 'That time is over.')
    assertSecond(by, row.askedBy)
    assertOfAnother(by, row.staff, row.pseudonym)
    if (!(await holdStaff(tx, by.staff))) throw new DoverieError('unauthenticated')
    await confirmDeputyRow(tx, row.id, by.pseudonym, at)
    const confirmed = { ...row, confirmedAt: at, confirmedBy: by.pseudonym }
    await enter(vault, tx, 'appoint-deputy', by, confirmed)
    await tell(vault, tx, policy, confirmed, 'appointed')
    return confirmed
  })
}

/** Ends it before its time, or turns down what was proposed: the officer, whoever proposed or confirmed it, or the deputy. Throws `forbidden`, `not-found`. */
export async function endDeputy(vault: Vault, caller: Caller, id: string): Promise<DeputyRow> {
  const policy = policyOf(vault)
  return transaction(vault.data, async (tx) => {
    const row = await openDeputy(tx, id)
    const own = caller.kind === 'staff' && [row.pseudonym, row.askedBy, row.confirmedBy].includes(caller.pseudonym)
    // A deputy ends no appointment but their own: whom the officer names to follow them stays named.
    const officer = caller.kind === 'staff' && caller.deputyOf === undefined && caller.name === policy.system.officer
    if (caller.kind !== 'staff' || !(own || officer)) throw new DoverieError('forbidden')
    const at = vault.now()
    await endDeputyRow(tx, row.id, caller.pseudonym, at)
    const ended = { ...row, endedAt: at, endedBy: caller.pseudonym }
    await enter(vault, tx, 'end-deputy', caller, ended)
    await tell(vault, tx, policy, ended, 'ended')
    return ended
  })
}

/** All who ever stood in, for whoever could appoint one or is one. Where escalations go is shown to nobody. */
export function listDeputies(vault: Vault, caller: Caller): Promise<readonly DeputyRow[]> {
  whoMayAppoint(policyOf(vault), caller)
  return listDeputyRows(vault.data, MOST)
}

/**
 * Begins or ends acting as the officer's deputy in the session with this token: from then on each act in it is the officer's, and says whose
 * deputy did it. Throws `forbidden` for who does not stand in now.
 */
export async function actAsDeputy(vault: Vault, caller: Caller, token: string, acting: boolean): Promise<void> {
  if (caller.kind !== 'staff') throw new DoverieError('forbidden')
  const role = policyOf(vault).system.officer
  await transaction(vault.data, async (tx) => {
    if (acting && (await findActing(tx, role, vault.now(), caller.staff)) === null) {
      throw new DoverieError('forbidden', 'They do not stand in for the officer now.')
    }
    const noted = await addSessionStep(tx, sessionHash(vault, token), acting ? ON : OFF, vault.now())
    if (!noted) throw new DoverieError('unauthenticated')
    await recordAct(vault, tx, acting ? 'act-as-deputy' : 'act-as-oneself', caller, accessClauses(vault), { of: role })
  })
}

/** Enters the end of every time that is over. Safe in several processes. */
export async function endDeputies(vault: Vault): Promise<number> {
  const policy = vault.policy()
  const over = (row: DeputyRow): boolean => row.until <= vault.now()
  if (policy === null || !(await listOpenDeputies(vault.data)).some(over)) return 0
  return transaction(vault.data, async (tx) => {
    await lockDeputies(tx)
    const rows = (await listOpenDeputies(tx)).filter(over)
    for (const row of rows) {
      await endDeputyRow(tx, row.id, null, row.until)
      await enter(vault, tx, 'end-deputy', null, row)
      if (row.confirmedAt !== null) await tell(vault, tx, policy, row, 'ended')
    }
    return rows.length
  })
}

/** Ends every time in data that came out of a copy: who was ended since the copy does not know, so the officer appoints anew. */
export async function endRestoredDeputies(vault: Vault, tx: Queryable): Promise<void> {
  const at = vault.now()
  for (const row of await listOpenDeputies(tx)) {
    await endDeputyRow(tx, row.id, null, at)
    await enter(vault, tx, 'end-deputy', null, row)
  }
}

function wrong(field: string, message: string): DoverieError {
  return new DoverieError('invalid-request', message, { field })
}

/** Throws `forbidden` where somebody's word would be that of whom it is about: theirs, or by a link that they had made. */
function assertOfAnother({ staff, issuedBy }: StaffCaller, about: Uuid, pseudonym: string): void {
  if (staff === about || issuedBy === pseudonym) throw new DoverieError('forbidden', 'Nobody appoints themselves.')
}

/** Staff whose role has any duty. Throws `forbidden` for anybody else, and for a deputy: nobody hands on what they hold for a time. */
function whoMayAppoint(policy: Policy, caller: Caller): StaffCaller {
  if (caller.kind === 'staff' && caller.deputyOf === undefined) {
    const duties = policy.actors.get(caller.name)?.duties ?? []
    if (duties.length > 0) return caller
  }
  throw new DoverieError('forbidden', 'Only staff with a duty of their own see to who stands in for the officer.')
}

async function openDeputy(tx: Queryable, id: string): Promise<DeputyRow> {
  await lockDeputies(tx)
  const row = isUuid(id) ? (await listOpenDeputies(tx)).find((one) => one.id === id) : undefined
  if (row === undefined) throw new DoverieError('not-found', undefined, { field: 'deputy' })
  return row
}

async function enter(vault: Vault, tx: Queryable, act: string, by: StaffCaller | null, row: DeputyRow): Promise<Uuid> {
  const { pseudonym, role, from, until, askedBy, confirmedBy } = row
  const detail = { pseudonym, of: role, from, until, askedBy, confirmedBy: confirmedBy ?? '' }
  return recordAct(vault, tx, act, by, accessClauses(vault), { ...detail, ...linkOf(by) })
}

const TOLD = {
  proposed: ['предложен заместителем ответственного, ждёт второго слова', 'is proposed to stand in for the officer'],
  appointed: ['замещает ответственного', 'stands in for the officer'],
  ended: ['больше не замещает ответственного', 'no longer stands in for the officer'],
} as const

/** The operator's address hears of it: an officer who is away, and did not appoint anybody, must be able to see it. */
async function tell(
  vault: Vault,
  tx: Queryable,
  policy: Policy,
  { pseudonym, from, until }: DeputyRow,
  what: keyof typeof TOLD,
): Promise<void> {
  const [ru, en] = TOLD[what]
  const day = (at: Instant): string =>
    new Intl.DateTimeFormat('ru-RU', { timeZone: policy.zone, dateStyle: 'short', timeStyle: 'short' }).format(at)
  await queueLetter(vault, tx, vault.newId(), {
    to: policy.operator.email,
    subject: `${pseudonym} ${ru} / ${en}`,
    text: `${pseudonym} ${ru}: ${day(from)} – ${day(until)}.\n\n${pseudonym} ${en}: ${day(from)} – ${day(until)}.`,
  })
}

/** Where the deputy who acts now is written to; null where nobody acts, named no address, or its key is lost. */
export async function addressOf(vault: Vault, { id, sealed }: DeputyRow): Promise<string | null> {
  if (sealed === null) return null
  try {
    return (await answeringKey(vault, id, vault.now())).open(PART, sealed).toString('utf8')
  } catch (error) {
    if (!isOfLostKey(error)) throw error
    return null
  }
}
