import type { Policy } from '@doverie/core/policy'
import { queueLetter } from '../../guard/letters.ts'
import type { Vault } from '../../guard/vault.ts'
import type { Queryable } from '../../store/database.ts'
import { findActing } from '../../store/deputies.ts'
import { addressOf } from './deputy.ts'

/** A letter to the officer: at the operator's address, and to whoever stands in for them now, where they named one. */
export async function tellOfficer(
  vault: Vault,
  tx: Queryable,
  policy: Policy,
  letter: { readonly subject: string; readonly text: string },
): Promise<void> {
  await queueLetter(vault, tx, vault.newId(), { to: policy.operator.email, ...letter })
  const acting = await findActing(tx, policy.system.officer, vault.now(), null)
  const to = acting === null ? null : await addressOf(vault, acting)
  if (to !== null) await queueLetter(vault, tx, vault.newId(), { to, ...letter })
}
