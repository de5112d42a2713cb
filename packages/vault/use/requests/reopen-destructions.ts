import type { Instant, Uuid } from '@doverie/core/base'
import { DESTROYING, isDestroying, lawOf } from '@doverie/core/request'
import type { Queryable } from '../../store/database.ts'
import { lockRequestsIn, saveRequest } from '../../store/requests.ts'
import { moveRequest } from './move-request.ts'

/**
 * Gives requests that destroy something by themselves back to staff, in data that came out of a backup: what the person took back since,
 * or gave anew, no journal tells, and a destruction cannot be taken back. Who asked and the officer are told of it by the next
 * round over requests. Gives how many there were.
 */
export async function reopenDestructions(tx: Queryable, entry: Uuid, at: Instant): Promise<number> {
  const found = (await lockRequestsIn(tx, DESTROYING)).filter(isDestroying)
  for (const row of found) {
    // Nothing is counted here, so that no zone matters.
    const moved = await moveRequest(tx, lawOf(row.profile, 'UTC'), row, [{ kind: 'reopened', at }], null, entry)
    // Seen to at the first round: then a policy says whose mailbox it is, and the person and the officer are told.
    await saveRequest(tx, { ...moved, wakeAt: at, hindered: { by: 'restored', at, told: false } })
  }
  return found.length
}

/**
 * Gives what destroys something by itself back to staff where its letters turn out to be somebody else's: they decide once it is proved of
 * these who asked.
 */
export async function reopenMoved(tx: Queryable, letters: readonly Uuid[], entry: Uuid, at: Instant): Promise<void> {
  for (const row of (await lockRequestsIn(tx, DESTROYING, letters)).filter(isDestroying)) {
    await moveRequest(tx, lawOf(row.profile, 'UTC'), row, [{ kind: 'reopened', at }], null, entry)
  }
}
