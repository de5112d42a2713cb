import { DoverieError } from '@doverie/core/base'
import type { Caller } from '../guard/caller.ts'
import { change } from '../guard/change.ts'
import type { Vault } from '../guard/vault.ts'
import { about, checkPerson, type OnPerson, RIGHTS } from './on-person.ts'
import { type Decided, decidedOf } from './open-fields.ts'

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
    throw new DoverieError('unknown-field', undefined, { field: 'field', clause: '5.2' })
  }
  const unknown = closedTo.find((purpose) => purpose !== '*' && policy?.purposes.has(purpose) === false)
  if (unknown !== undefined) throw new DoverieError('unknown-purpose', undefined, { field: 'closedTo', clause: '5.2' })
  const outcome = await change(
    vault,
    {
      caller,
      subject,
      act: 'set-confidentiality',
      operation: 'clarify:change',
      purpose: RIGHTS,
      fields: [field],
      detail: { closedTo: [...closedTo] },
      ...about(request),
    },
    (changing) => {
      changing.apply({ kind: 'field-closed', field, purposes: closedTo, at: changing.at })
      return Promise.resolve()
    },
  )
  return decidedOf(outcome)
}
