import { DoverieError } from '@doverie/core/base'
import { excess } from '@doverie/core/policy'
import type { Caller } from '../guard/caller.ts'
import { change } from '../guard/change.ts'
import { removeField } from '../guard/values.ts'
import type { Vault } from '../guard/vault.ts'
import { emptyAnswers } from '../store/replies.ts'
import { assertOfficer } from './duties.ts'
import { tellRecipients } from './notices/notices.ts'
import { about, checkPerson, type OnPerson, rightsPurpose } from './on-person.ts'
import { type Decided, decidedOf } from './open-fields.ts'

/**
 * Destroys one field of a person's compartment that nothing declares any more (152-FZ art. 5(5), 21(3)), for the data-protection officer.
 * The rest of the compartment is sealed anew under its next key; the former key goes 35 days later, as after any re-sealing, and with
 * the end of that epoch old copies of the field. What was answered of the person's data goes at once. The key store's journal knows,
 * so that a restore does not bring it back. Throws `conflict` where something declares the field, or a hold keeps it; `not-found`
 * where the person holds no such field.
 */
export async function destroyField(
  vault: Vault,
  caller: Caller,
  request: OnPerson & { readonly compartment: string; readonly field: string },
): Promise<Decided> {
  const officer = assertOfficer(vault, caller)
  const subject = checkPerson(vault, request)
  const { compartment, field } = request
  const outcome = await change(
    vault,
    {
      caller: officer,
      subject,
      act: 'destroy-field',
      operation: 'clarify:change',
      purpose: rightsPurpose(vault),
      // Of a field that the policy knows no more no rule speaks: it is decided as a change of the person's data.
      fields: [],
      compartments: [compartment],
      detail: { field },
      ...about(request),
    },
    async (changing) => {
      const { at, policy } = changing
      const facts = changing.facts()
      if (facts.fields?.[compartment]?.includes(field) !== true) {
        throw new DoverieError('not-found', 'The person is not known to hold such a field.', { field: 'field' })
      }
      const found = excess(policy, facts, at).filter((one) => one.compartment === compartment)
      if (!found.some((one) => one.field === null || one.field === field)) {
        throw new DoverieError('conflict', 'A form, a rule, a ground or a hold still declares the field.', {
          field: 'field',
        })
      }
      await removeField(vault, changing, compartment, field)
      await emptyAnswers(changing.tx, subject)
      await tellRecipients(vault, changing, 'destroyed', [field])
    },
  )
  return decidedOf(outcome)
}
