import { DoverieError } from '@doverie/core/base'
import type { PersonCaller } from '../guard/caller.ts'
import type { Vault } from '../guard/vault.ts'

/** What is told of a person's past, their own, people see as theirs; that a representative looks is decided, and entered in it. */
export async function admitPersonSide(
  vault: Vault,
  caller: PersonCaller,
  act: 'read-history' | 'read-disclosures',
): Promise<void> {
  if (caller.kind !== 'subject') await decideOnOwn(vault, caller, act)
}

/** Has it decided, and entered, that somebody looks at what is kept beside a person's data. Throws `forbidden` on a refusal. */
export async function decideOnOwn(
  vault: Vault,
  caller: PersonCaller,
  act: 'read-history' | 'read-disclosures' | 'show-ledger-secret',
): Promise<void> {
  const policy = vault.policy()
  if (policy === null) throw new DoverieError('policy-absent')
  const { decision } = await vault.reads.ask({
    caller,
    subject: caller.subject,
    act,
    operation: 'use',
    purpose: policy.system.rights,
    entity: [...policy.entities.keys()][0] ?? '',
    fields: [],
    ticket: undefined,
    opens: false,
  })
  if (decision.effect === 'refuse') throw new DoverieError('forbidden', 'The authority does not cover the history.')
}
