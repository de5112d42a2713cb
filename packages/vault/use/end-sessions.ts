import { DoverieError } from '@doverie/core/base'
import type { SubjectCaller } from '../guard/caller.ts'
import { change, type Changing } from '../guard/change.ts'
import type { Vault } from '../guard/vault.ts'
import { deleteOtherSessions, holdSession } from '../store/access.ts'
import { requestOf, sessionOf } from './prove-phone.ts'

/** Ends every session of who is signed in but the one that asks; how many there were. Throws `unauthenticated` where that one has ended. */
export async function endOtherSessions(vault: Vault, caller: SubjectCaller): Promise<number> {
  const outcome = await change(vault, requestOf(vault, caller, 'end-own-sessions'), async (changing) => {
    const ended = await endOthers(changing, caller)
    changing.note({ ended })
    return ended
  })
  if (outcome.effect === 'refuse') throw new DoverieError('forbidden')
  return outcome.value
}

/** The same as a part of a change. The session that asks must live still: one that was ended meanwhile ends no other. */
export async function endOthers(changing: Changing, caller: SubjectCaller): Promise<number> {
  await holdOwn(changing, caller)
  return deleteOtherSessions(changing.tx, caller.subject, hashOf(caller))
}

/**
 * Holds the session in which somebody asks until the change ends. Throws `unauthenticated` where it has ended since it was looked up: what
 * ended it must not be undone by what it had begun.
 */
export async function holdOwn({ tx, at }: Changing, caller: SubjectCaller): Promise<void> {
  if (!(await holdSession(tx, hashOf(caller), at))) throw new DoverieError('unauthenticated')
}

function hashOf(caller: SubjectCaller): Buffer {
  return Buffer.from(sessionOf(caller), 'hex')
}
