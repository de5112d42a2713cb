import { DoverieError, type HoldReason, type LegalHold, type Uuid } from '@doverie/core/base'
import type { Caller } from '../guard/caller.ts'
import { change, type ChangeRequest } from '../guard/change.ts'
import { recordAct } from '../guard/record-act.ts'
import type { Vault } from '../guard/vault.ts'
import { transaction } from '../store/database.ts'
import { listHeld } from '../store/subjects.ts'
import { accessClauses, assertOfficer } from './duties.ts'
import { about, checkPerson, lawPurpose, type OnPerson } from './on-person.ts'
import { type Decided, decidedOf } from './open-fields.ts'

export interface Held extends Decided {
  /** The hold's id, by which it is lifted. */
  readonly hold?: Uuid
}

/**
 * Keeps all that is held of a person from destruction (152-FZ art. 5(7)): for a reason, under a ground of the policy with its
 * article, and a ticket. It orders storage on, so it is decided as that. Of several each is lifted by itself, and while one stands
 * nothing is destroyed. Throws `not-in-policy` where the policy has no such ground.
 */
export async function setHold(
  vault: Vault,
  caller: Caller,
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
      changing.apply({ kind: 'hold-set', hold: { id, ground, reason }, at: changing.at })
      return Promise.resolve()
    },
  )
  return outcome.effect === 'permit' ? { ...decidedOf(outcome), hold: id } : decidedOf(outcome)
}

/** Lifts one hold. Throws `not-found` where the person has no such hold. */
export async function liftHold(
  vault: Vault,
  caller: Caller,
  request: OnPerson & { readonly hold: string },
): Promise<Decided> {
  const { hold } = request
  const outcome = await change(vault, holding(vault, caller, request, 'lift-hold', { hold }), (changing) => {
    if (!changing.facts().holds?.some(({ id }) => id === hold))
      throw new DoverieError('not-found', 'The person has no such legal hold.', { field: 'hold' })
    changing.apply({ kind: 'hold-lifted', id: hold, at: changing.at })
    return Promise.resolve()
  })
  return decidedOf(outcome)
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
