import type { Caller } from '../guard/caller.ts'
import { change } from '../guard/change.ts'
import type { Vault } from '../guard/vault.ts'
import { unknownName } from '../guard/vocabulary.ts'
import { type Kept, keptOf, unkeptOf } from './kept.ts'
import { about, checkPerson, type OnPerson, rightsPurpose } from './on-person.ts'
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
  const known = vault.policy()
  if (known?.purposes.has(purpose) === false) throw unknownName(known, 'purpose', 'purpose')
  const outcome = await change(
    vault,
    {
      caller,
      subject,
      act: 'withdraw',
      operation: 'clarify:change',
      purpose: rightsPurpose(vault),
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
