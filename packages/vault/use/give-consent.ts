import { DoverieError } from '@doverie/core/base'
import type { FormContract } from '@doverie/core/policy'
import type { PersonCaller } from '../guard/caller.ts'
import { change } from '../guard/change.ts'
import { type Evidence, evidencePlace, evidenceRecord, lengthened } from '../guard/evidence.ts'
import { currentValues, writeValues } from '../guard/values.ts'
import type { Vault } from '../guard/vault.ts'
import { about, checkPerson, type OnPerson, rightsPurpose } from './on-person.ts'
import { type Decided, decidedOf } from './open-fields.ts'
import { openSnapshot } from './show-form.ts'

/**
 * Gives one consent outside an order: its document is that of a form shown under `snapshot`, so what is consented to is what
 * was shown (152-FZ art. 9; each consent is a document of its own). Effective at once.
 */
export async function giveConsent(
  vault: Vault,
  caller: PersonCaller,
  request: OnPerson & {
    readonly purpose: string
    readonly form: string
    readonly snapshot: string
    readonly evidence: Evidence
  },
): Promise<Decided> {
  const subject = checkPerson(vault, request)
  const { purpose, entity, form, evidence } = request
  const policy = vault.policy()
  if (policy === null) throw new DoverieError('policy-absent')
  const { contract, digest } = openSnapshot(vault, form, request.snapshot)
  const offered = contract.consents.some((consent) => consent.purpose === purpose)
  if (!offered)
    throw new DoverieError('unknown-purpose', 'The form offers no such consent.', {
      field: 'purpose',
      ...clauseOf(contract),
    })
  if (!contract.entities.some(({ id }) => id === entity)) {
    throw new DoverieError('unknown-entity', 'The form does not offer this entity.', {
      field: 'entity',
      ...clauseOf(contract),
    })
  }
  const outcome = await change(
    vault,
    {
      caller,
      subject,
      act: 'give-consent',
      operation: 'clarify:update',
      purpose: rightsPurpose(vault),
      fields: [],
      compartments: [evidencePlace(policy).compartment],
      detail: { consent: purpose, document: digest.toString('hex') },
      ...about(request),
    },
    async (changing) => {
      changing.apply({ kind: 'consent-given', purpose, entity, until: null, at: changing.at })
      const record = evidenceRecord(changing, {
        purpose,
        entity,
        channel: contract.channel,
        form,
        digest,
        evidence,
        by: caller,
      })
      const held = await currentValues(changing)
      await writeValues(vault, changing, lengthened(held, evidencePlace(changing.policy), [record]))
    },
  )
  return decidedOf(outcome)
}

function clauseOf({ clauses: [clause] }: FormContract): { readonly clause?: string } {
  return clause === undefined ? {} : { clause }
}
