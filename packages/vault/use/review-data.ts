import type { Caller } from '../guard/caller.ts'
import { change } from '../guard/change.ts'
import type { Vault } from '../guard/vault.ts'
import { about, checkPerson, type OnPerson, rightsPurpose } from './on-person.ts'
import { type Decided, decidedOf } from './open-fields.ts'

/** Records that the person has looked at their data and says that they are still right (152-FZ art. 5(6)). */
export async function reviewData(vault: Vault, caller: Caller, request: OnPerson): Promise<Decided> {
  const subject = checkPerson(vault, request)
  const outcome = await change(
    vault,
    {
      caller,
      subject,
      act: 'review',
      operation: 'clarify:update',
      purpose: rightsPurpose(vault),
      fields: [],
      ...about(request),
    },
    (changing) => {
      changing.apply({ kind: 'reviewed', at: changing.at })
      return Promise.resolve()
    },
  )
  return decidedOf(outcome)
}
