import type { AgeBand } from '@doverie/core/base'
import type { Caller } from '../guard/caller.ts'
import { change } from '../guard/change.ts'
import type { Vault } from '../guard/vault.ts'
import { about, checkPerson, type OnPerson, rightsPurpose } from './on-person.ts'
import { type Decided, decidedOf } from './open-fields.ts'

/**
 * Corrects what is known of a person's age: a form asks it once and believes the answer, staff see a document (of which no copy
 * is kept). From the answer on a minor's data need a representative, and no parent acts for who is of age.
 */
export async function correctAge(
  vault: Vault,
  caller: Caller,
  request: OnPerson & { readonly age: AgeBand },
): Promise<Decided> {
  const subject = checkPerson(vault, request)
  const { age } = request
  const outcome = await change(
    vault,
    {
      caller,
      subject,
      act: 'correct-age',
      operation: 'clarify:change',
      purpose: rightsPurpose(vault),
      fields: [],
      detail: { age },
      ...about(request),
    },
    (changing) => {
      changing.apply({ kind: 'age-declared', age, corrects: true, at: changing.at })
      return Promise.resolve()
    },
  )
  return decidedOf(outcome)
}
