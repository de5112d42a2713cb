import type { Caller } from '../guard/caller.ts'
import { change } from '../guard/change.ts'
import type { Vault } from '../guard/vault.ts'
import { unknownName } from '../guard/vocabulary.ts'
import { closeField } from './close-field.ts'
import { about, checkPerson, type OnPerson, rightsPurpose } from './on-person.ts'
import { type Decided, decidedOf } from './open-fields.ts'
import { assertMayShow } from './publications/changes-public.ts'

/** Closes a field to purposes, `*` to all but law; an empty list opens it again (clauses 3.1, 5.2). */
export async function setConfidentiality(
  vault: Vault,
  caller: Caller,
  request: OnPerson & { readonly field: string; readonly closedTo: readonly string[] },
): Promise<Decided> {
  const subject = checkPerson(vault, request)
  const { field, closedTo } = request
  const policy = vault.policy()
  if (policy !== null && !policy.fields.has(field)) {
    throw unknownName(policy, 'field', 'field')
  }
  if (policy !== null && closedTo.some((purpose) => purpose !== '*' && !policy.purposes.has(purpose))) {
    throw unknownName(policy, 'purpose', 'closedTo')
  }
  const outcome = await change(
    vault,
    {
      caller,
      subject,
      act: 'set-confidentiality',
      operation: 'clarify:change',
      purpose: rightsPurpose(vault),
      fields: [field],
      detail: { closedTo: [...closedTo] },
      ...about(request),
    },
    (changing) => {
      const opens =
        !closedTo.includes('*') && (changing.facts().closed[field] ?? []).some((purpose) => !closedTo.includes(purpose))
      if (opens) assertMayShow(changing, caller, [field])
      closeField(changing, field, closedTo)
      return Promise.resolve()
    },
  )
  return decidedOf(outcome)
}
