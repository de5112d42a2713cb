import { DoverieError } from '@doverie/core/base'
import type { Caller } from '../guard/caller.ts'
import { change } from '../guard/change.ts'
import type { Vault } from '../guard/vault.ts'
import { type Kept, keptOf, unkeptOf } from './kept.ts'
import { about, checkPerson, type OnPerson, RIGHTS } from './on-person.ts'
import { type Decided, decidedOf } from './open-fields.ts'

export interface Withdrawn extends Decided {
  /** What a legal ground keeps all the same, with article and last day. */
  readonly kept?: readonly Kept[]
  /** Compartments that no legal ground keeps any more. */
  readonly unkept?: readonly string[]
}

/**
 * Withdraws a consent (clause 5.2.1; 152-FZ art. 9 part 2), for one legal entity or, addressed to the brand, for all. When
 * this returns, nothing that rested on it alone is read any more. The answer says what other grounds remain.
 */
export async function withdrawConsent(
  vault: Vault,
  caller: Caller,
  request: OnPerson & { readonly purpose: string; readonly allEntities: boolean },
): Promise<Withdrawn> {
  const subject = checkPerson(vault, request)
  const { purpose, allEntities, entity } = request
  if (vault.policy()?.purposes.has(purpose) === false) {
    throw new DoverieError('unknown-purpose', undefined, { field: 'purpose', clause: '5.2.1' })
  }
  const outcome = await change(
    vault,
    {
      caller,
      subject,
      act: 'withdraw',
      operation: 'clarify:change',
      purpose: RIGHTS,
      fields: [],
      detail: { consent: purpose, entities: allEntities ? 'all' : entity },
      ...about(request),
    },
    (changing) => {
      const { at, policy } = changing
      changing.apply({ kind: 'consent-withdrawn', purpose, entity: allEntities ? null : entity, at })
      const facts = changing.facts()
      return Promise.resolve({ kept: keptOf(policy, facts, at), unkept: unkeptOf(policy, facts, at) })
    },
  )
  return outcome.effect === 'permit' ? { ...decidedOf(outcome), ...outcome.value } : decidedOf(outcome)
}
