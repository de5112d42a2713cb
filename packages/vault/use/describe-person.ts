import type { Facts } from '@doverie/core/base'
import type { Caller } from '../guard/caller.ts'
import type { Vault } from '../guard/vault.ts'
import { type Kept, keptOf } from './kept.ts'
import { checkPerson, type OnPerson, rightsPurpose } from './on-person.ts'
import { type Decided, decidedOf } from './open-fields.ts'

export interface Described extends Decided {
  /** What is held, on which grounds, with which settings: no value is in it. */
  readonly facts?: Facts
  readonly kept?: readonly Kept[]
}

/**
 * Tells what is known about a person's data without opening any (operation `use`, clause 5.3). Without facts where the policy refuses it: of
 * data that it blocks (nobody confirmed them in its time, say) staff are told the refusal alone, the person all the same.
 */
export async function describePerson(vault: Vault, caller: Caller, request: OnPerson): Promise<Described> {
  const subject = checkPerson(vault, request)
  const { entity, ticket } = request
  const answer = await vault.reads.ask({
    caller,
    subject,
    act: 'describe',
    operation: 'use',
    purpose: rightsPurpose(vault),
    entity,
    fields: [],
    ticket,
    opens: false,
  })
  const policy = vault.policy()
  const { facts } = answer.person
  if (answer.decision.effect === 'refuse' || facts === null || policy === null) return decidedOf(answer)
  return { ...decidedOf(answer), facts, kept: keptOf(policy, facts, answer.at) }
}
