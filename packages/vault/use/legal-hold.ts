import { DoverieError, type HoldReason, type LegalHold, type Uuid } from '@doverie/core/base'
import type { Caller, StaffCaller } from '../guard/caller.ts'
import { change, type ChangeRequest, type Changing } from '../guard/change.ts'
import { recordAct } from '../guard/record-act.ts'
import type { Vault } from '../guard/vault.ts'
import { transaction } from '../store/database.ts'
import { listHeld } from '../store/subjects.ts'
import { accessClauses, assertOfficer, assertSecond, linkOf } from './duties.ts'
import { about, checkPerson, lawPurpose, type OnPerson } from './on-person.ts'
import { type Decided, decidedOf } from './open-fields.ts'

export interface Held extends Decided {
  /** The hold's id, by which it is confirmed and lifted. */
  readonly hold?: Uuid
}

export interface Lifted extends Decided {
  /** False where another's word is awaited; absent where it was refused. */
  readonly lifted?: boolean
}

/** A hold of a person, by its id. */
type OnHold = OnPerson & { readonly hold: string }

/**
 * Keeps all that is held of a person from destruction (152-FZ art. 5(7)): for a reason, under a ground of the policy with its
 * article, and a ticket. It orders storage on, so it is decided as that. One word suffices, since waiting could lose the data;
 * another's confirms it. Of several each is lifted by itself, and while one stands nothing is destroyed. Throws `not-in-policy`
 * where the policy has no such ground.
 */
export async function setHold(
  vault: Vault,
  caller: StaffCaller,
  request: OnPerson & { readonly ground: string; readonly reason: HoldReason },
): Promise<Held> {
  const { ground, reason } = request
  const policy = vault.policy()
  if (policy !== null && !policy.retention.some(({ id, kind }) => id === ground && kind === 'hold')) {
    throw new DoverieError('not-in-policy', 'The policy in force has no such ground of a legal hold.', {
      field: 'ground',
    })
  }
  const id = vault.newId()
  const outcome = await change(
    vault,
    holding(vault, caller, request, 'set-hold', { hold: id, ground, reason }),
    (changing) => {
      changing.apply({ kind: 'hold-set', hold: { id, ground, reason, setBy: caller.pseudonym }, at: changing.at })
      return Promise.resolve()
    },
  )
  return outcome.effect === 'permit' ? { ...decidedOf(outcome), hold: id } : decidedOf(outcome)
}

/**
 * The second word that a hold stands, of another than who set it; it also takes back that somebody wants it lifted. Throws
 * `not-found` where the person has no such hold, `forbidden` for who set it.
 */
export async function confirmHold(vault: Vault, caller: StaffCaller, request: OnHold): Promise<Decided> {
  const { hold } = request
  const outcome = await change(vault, holding(vault, caller, request, 'confirm-hold', { hold }), (changing) => {
    const { setBy, confirmedBy, liftAskedBy } = heldOf(changing, hold)
    if (confirmedBy === undefined && setBy !== undefined) assertSecond(caller, setBy)
    changing.note(linkOf(caller))
    if (confirmedBy === undefined || liftAskedBy !== undefined)
      changing.apply({ kind: 'hold-confirmed', id: hold, by: caller.pseudonym, at: changing.at })
    return Promise.resolve()
  })
  return decidedOf(outcome)
}

/**
 * Lifts one hold. INVARIANT: of a confirmed one no single member of staff lets data go: who asks first is noted, and another lifts
 * it. One that nobody confirmed yet goes at once. Throws `not-found` where the person has no such hold.
 */
export async function liftHold(vault: Vault, caller: StaffCaller, request: OnHold): Promise<Lifted> {
  const { hold } = request
  const outcome = await change(vault, holding(vault, caller, request, 'lift-hold', { hold }), (changing) => {
    const { setBy, confirmedBy, liftAskedBy } = heldOf(changing, hold)
    const { at } = changing
    // Of before it was noted who had set it, nobody knows that it was only one.
    const byTwo = confirmedBy !== undefined || setBy === undefined
    const lifted = !byTwo || (liftAskedBy !== undefined && liftAskedBy !== caller.pseudonym)
    if (lifted) {
      if (byTwo && liftAskedBy !== undefined) assertSecond(caller, liftAskedBy)
      changing.note(linkOf(caller))
      changing.apply({ kind: 'hold-lifted', id: hold, at })
    } else if (liftAskedBy === undefined) {
      changing.apply({ kind: 'hold-lift-asked', id: hold, by: caller.pseudonym, at })
    }
    changing.note({ lifted })
    return Promise.resolve(lifted)
  })
  return outcome.effect === 'permit' ? { ...decidedOf(outcome), lifted: outcome.value } : decidedOf(outcome)
}

function heldOf(changing: Changing, hold: string): LegalHold {
  const held = changing.facts().holds?.find(({ id }) => id === hold)
  if (held === undefined) throw new DoverieError('not-found', 'The person has no such legal hold.', { field: 'hold' })
  return held
}

/** A hold that stands, and over whom. */
export interface StandingHold extends LegalHold {
  readonly subject: Uuid
}

/** Every hold that stands, the oldest first; for the officer, and the listing is entered. */
export async function listHolds(vault: Vault, caller: Caller): Promise<readonly StandingHold[]> {
  assertOfficer(vault, caller)
  return transaction(vault.data, async (tx) => {
    const held = await listHeld(tx)
    const holds = held.flatMap(({ subject, holds: own }) => own.map((hold) => ({ subject, ...hold })))
    await recordAct(vault, tx, 'list-holds', caller, accessClauses(vault), { holds: holds.length })
    return holds.sort((a, b) => a.since - b.since)
  })
}

function holding(
  vault: Vault,
  caller: Caller,
  request: OnPerson,
  act: string,
  detail: { readonly [key: string]: string },
): ChangeRequest {
  const subject = checkPerson(vault, request)
  return { caller, subject, act, operation: 'store', purpose: lawPurpose(vault), fields: [], detail, ...about(request) }
}
