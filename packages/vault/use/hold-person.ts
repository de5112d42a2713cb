import { DoverieError, type Facts, type Uuid } from '@doverie/core/base'
import type { Caller, StaffCaller } from '../guard/caller.ts'
import { change, type ChangeRequest, type Changing } from '../guard/change.ts'
import type { Vault } from '../guard/vault.ts'
import {
  confirmHold,
  deleteHold,
  type Hold,
  insertHold,
  listHolds as list,
  lockHold,
  wantLifted,
} from '../store/holds.ts'
import type { Queryable } from '../store/database.ts'
import { assertOfficer } from './duties.ts'
import { about, checkPerson, lawPurpose, type OnPerson } from './on-person.ts'
import { type Decided, decidedOf } from './open-fields.ts'

export type { Hold }

const NOBODY: Uuid = '00000000-0000-0000-0000-000000000000'

/** What became of a hold. */
export interface Held extends Decided {
  readonly state?: 'unconfirmed' | 'confirmed' | 'to-be-lifted' | 'lifted'
}

/**
 * Keeps a person's data from destruction (a dispute, an inspection, an authority's demand). One word suffices, since waiting could lose
 * them; the word of another member of staff confirms it. Said again by the same one it changes nothing; said while somebody
 * wants it lifted, it stays. A ticket says by what it is ordered.
 */
export async function holdPerson(vault: Vault, caller: Caller, request: OnPerson): Promise<Held> {
  const staff = staffOf(caller)
  const { ticket } = request
  if (ticket === undefined) throw new DoverieError('missing-field', undefined, { field: 'ticket' })
  return decide(vault, staff, request, 'hold', async ({ tx, at, apply }) => {
    const { subject } = request
    const before = await lockHold(tx, subject)
    if (before === null) {
      await insertHold(tx, { subject, ticket, setBy: staff.staff, setAt: at })
      apply({ kind: 'hold-set', at })
      return 'unconfirmed'
    }
    if (before.confirmedBy === null && before.setBy === staff.staff) return 'unconfirmed'
    await confirmHold(tx, subject, before.confirmedBy ?? staff.staff)
    return 'confirmed'
  })
}

/**
 * Lifts a hold by two: who asks first is noted, and another lifts it. One that nobody has confirmed goes at once. Throws
 * `not-found` where there is none. INVARIANT: of a confirmed hold no single member of staff lets data go.
 */
export async function liftHold(vault: Vault, caller: Caller, request: OnPerson): Promise<Held> {
  const staff = staffOf(caller)
  return decide(vault, staff, request, 'lift-hold', async ({ tx, at, apply, facts }) => {
    const { subject } = request
    const before = (await lockHold(tx, subject)) ?? (await ofJournal(tx, request, facts()))
    if (before === null) throw new DoverieError('not-found')
    const alone = before.confirmedBy !== null && (before.liftBy === null || before.liftBy === staff.staff)
    if (alone) {
      await wantLifted(tx, subject, staff.staff)
      return 'to-be-lifted'
    }
    await deleteHold(tx, subject)
    apply({ kind: 'hold-lifted', at })
    return 'lifted'
  })
}

/** A hold that a replay brought back: who set it was lost with the data, so it counts as confirmed. Null where none stands. */
async function ofJournal(tx: Queryable, { subject, ticket }: OnPerson, { hold }: Facts): Promise<Hold | null> {
  if (hold == null) return null
  await insertHold(tx, { subject, ticket: ticket ?? '', setBy: NOBODY, setAt: hold })
  await confirmHold(tx, subject, NOBODY)
  return lockHold(tx, subject)
}

/** All holds that stand, for the data-protection officer. */
export async function listHolds(vault: Vault, caller: Caller): Promise<readonly Hold[]> {
  assertOfficer(vault, caller)
  return list(vault.data)
}

function staffOf(caller: Caller): StaffCaller {
  if (caller.kind !== 'staff') throw new DoverieError('forbidden')
  return caller
}

async function decide(
  vault: Vault,
  caller: StaffCaller,
  request: OnPerson,
  act: string,
  work: (changing: Changing) => Promise<NonNullable<Held['state']>>,
): Promise<Held> {
  const subject = checkPerson(vault, request)
  // The law's list has no word for it but storage: it is ordered to go on.
  const asked: ChangeRequest = {
    caller,
    subject,
    act,
    operation: 'store',
    purpose: lawPurpose(vault),
    fields: [],
    ...about(request),
  }
  const outcome = await change(vault, asked, async (changing) => {
    const state = await work(changing)
    changing.note({ state })
    return state
  })
  return outcome.effect === 'refuse' ? decidedOf(outcome) : { ...decidedOf(outcome), state: outcome.value }
}
