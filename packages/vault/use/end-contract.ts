import { DoverieError } from '@doverie/core/base'
import type { Caller } from '../guard/caller.ts'
import { change } from '../guard/change.ts'
import type { Vault } from '../guard/vault.ts'
import { keptOf, unkeptOf } from './kept.ts'
import { about, checkPerson, type OnPerson, rightsPurpose } from './on-person.ts'
import { decidedOf } from './open-fields.ts'
import type { Withdrawn } from './withdraw-consent.ts'

/**
 * Records that a contract has ended: purposes that rested on it close at once, and the terms of the grounds that keep its data
 * begin. Throws `not-found` where the person has no such contract in force.
 */
export async function endContract(
  vault: Vault,
  caller: Caller,
  request: OnPerson & { readonly contract: string },
): Promise<Withdrawn> {
  const subject = checkPerson(vault, request)
  const id = request.contract
  const outcome = await change(
    vault,
    {
      caller,
      subject,
      act: 'end-contract',
      operation: 'clarify:update',
      purpose: rightsPurpose(vault),
      fields: [],
      detail: { contract: id },
      ...about(request),
    },
    (changing) => {
      const { at, policy } = changing
      if (!changing.facts().contracts.some((one) => one.id === id && one.endedAt === null)) {
        throw new DoverieError('not-found', 'There is no such contract in force.', { field: 'contract' })
      }
      changing.apply({ kind: 'contract-ended', id, at })
      const facts = changing.facts()
      return Promise.resolve({ kept: keptOf(policy, facts, at), unkept: unkeptOf(policy, facts, at) })
    },
  )
  return outcome.effect === 'permit' ? { ...decidedOf(outcome), ...outcome.value } : decidedOf(outcome)
}
