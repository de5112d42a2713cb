import { DoverieError } from '@doverie/core/base'
import { type Caller, isPersonSide } from '../guard/caller.ts'
import { change } from '../guard/change.ts'
import type { Vault } from '../guard/vault.ts'
import { proveAllTags } from '../store/tags.ts'
import { about, checkPerson, type OnPerson, rightsPurpose } from './on-person.ts'
import { type Decided, decidedOf } from './open-fields.ts'

/** The ways in which data are confirmed besides the site's form (clause 1.2). */
export const CONFIRMATION_FORMS = ['in-person', 'paper', 'qualified-signature', 'phone-call'] as const
export type ConfirmationForm = (typeof CONFIRMATION_FORMS)[number]

/**
 * Records that the person, or their representative, consented in a form other than the site's (clause 1.2): from now on the
 * data count as reliable, and their identifiers can be searched by. Distinct from proving an identifier.
 */
export async function confirmData(
  vault: Vault,
  caller: Caller,
  request: OnPerson & { readonly form: ConfirmationForm },
): Promise<Decided> {
  if (isPersonSide(caller)) {
    const [clause] = vault.policy()?.defaults.acts.confirm ?? []
    const details = clause === undefined ? {} : { clause }
    throw new DoverieError('forbidden', 'Data are confirmed in a form other than the site’s.', details)
  }
  const subject = checkPerson(vault, request)
  const outcome = await change(
    vault,
    {
      caller,
      subject,
      act: 'confirm',
      operation: 'clarify:update',
      purpose: rightsPurpose(vault),
      fields: [],
      detail: { form: request.form },
      ...about(request),
    },
    (changing) => {
      changing.apply({ kind: 'confirmed', at: changing.at })
      if (changing.facts().blocked?.reason === 'unconfirmed') changing.apply({ kind: 'unblocked', at: changing.at })
      changing.afterCommit(() => proveAllTags(vault.keys, subject))
      return Promise.resolve()
    },
  )
  return decidedOf(outcome)
}
