import { DoverieError } from '@doverie/core/base'
import type { StaffCaller } from '../guard/caller.ts'
import { change, type Changing } from '../guard/change.ts'
import { currentValues, type Values } from '../guard/values.ts'
import type { Vault } from '../guard/vault.ts'
import { type Conflict, deleteConflict, findConflict } from '../store/documents.ts'
import { writeCorrections } from './correct-values.ts'
import { about, checkPerson, type OnPerson, rightsPurpose } from './on-person.ts'
import { type Decided, decidedOf } from './open-fields.ts'
import { destroyAside, isSetAside } from './set-aside.ts'

export interface SettlementRequest extends OnPerson {
  readonly conflict: string
  readonly outcome: 'taken' | 'dropped'
  /** Which of the disputed fields are taken; all of them where left out. */
  readonly fields?: readonly string[] | undefined
}

export interface Settled extends Decided {
  /** The fields whose content is another now. */
  readonly changed?: readonly string[]
}

/**
 * Settles what a submission said otherwise than the confirmed values (152-FZ art. 20(3), 21(2)): what differs is taken over, as
 * a correction by staff, or dropped. What was kept apart is destroyed either way, in the same transaction as far as the data go.
 * Where the other is somebody confirmed on their own who proved the same mailbox, nothing can be taken: two people are not
 * made one; dropping the conflict leaves both as they are. Throws `not-found` for a conflict that is settled.
 */
export async function settleConflict(vault: Vault, caller: StaffCaller, request: SettlementRequest): Promise<Settled> {
  const subject = checkPerson(vault, request)
  const { outcome } = request
  const conflict = await findConflict(vault.data, subject, request.conflict)
  if (conflict === null) throw new DoverieError('not-found')
  const taken = outcome === 'taken' ? takenOf(conflict, request.fields) : []
  const done = await change(
    vault,
    {
      caller,
      subject,
      act: 'settle-conflict',
      operation: 'clarify:change',
      purpose: rightsPurpose(vault),
      fields: taken,
      detail: { conflict: conflict.id, outcome },
      ...about(request),
    },
    async (changing) => {
      // Of two who settle it one does.
      if (!(await deleteConflict(changing.tx, subject, conflict.id))) throw new DoverieError('not-found')
      const given = taken.length === 0 ? null : await valuesAside(vault, changing, caller, conflict, taken, request)
      const changed = given === null ? [] : (await writeCorrections(vault, changing, caller, given)).changed
      await destroyAside(vault, changing, conflict.other, null)
      return changed
    },
  )
  return done.effect === 'permit' ? { ...decidedOf(done), changed: done.value } : decidedOf(done)
}

function takenOf({ fields }: Conflict, named: readonly string[] | undefined): readonly string[] {
  if (named?.some((field) => !fields.includes(field)) === true) {
    throw new DoverieError('invalid-request', 'The conflict is about other fields.', { field: 'fields' })
  }
  return [...new Set(named ?? fields)]
}

/** The disputed values as they were kept apart, under a permit of their own. Throws `conflict` where they are somebody else's. */
async function valuesAside(
  vault: Vault,
  changing: Changing,
  caller: StaffCaller,
  { id, other }: Conflict,
  fields: readonly string[],
  request: OnPerson,
): Promise<ReadonlyMap<string, Values>> {
  const read = await changing.also(
    {
      caller,
      subject: other,
      act: 'settle-conflict',
      operation: 'clarify:change',
      purpose: rightsPurpose(vault),
      fields,
      detail: { conflict: id, outcome: 'taken' },
      ...about(request),
    },
    async (aside) => {
      if (!isSetAside(aside.facts())) throw new DoverieError('conflict', 'The other is somebody of their own.')
      return currentValues(aside)
    },
  )
  if (read.effect === 'refuse') throw new DoverieError('conflict')
  const given = new Map<string, Values>()
  for (const [compartment, values] of read.value) {
    const disputed = Object.entries(values).filter(([field]) => fields.includes(field))
    if (disputed.length > 0) given.set(compartment, Object.fromEntries(disputed))
  }
  return given
}
