import type { Canonical } from '@doverie/core/base'
import type { Decision } from '@doverie/core/policy'
import type { Queryable } from '../store/database.ts'
import { appendBatch } from '../store/ledger.ts'
import type { Caller } from './caller.ts'
import { batchOf, makeEntry } from './entry.ts'
import type { Vault } from './vault.ts'
import { RefKey } from './ref-key.ts'

/** Enters an act on nobody's data (a credential issued, a policy loaded) in the transaction that makes it true. */
export async function recordAct(
  vault: Vault,
  tx: Queryable,
  act: string,
  caller: Caller | null,
  clauses: readonly string[],
  detail: { readonly [key: string]: Canonical },
): Promise<void> {
  const at = vault.now()
  const policy = vault.policy()?.id ?? 'none'
  const decision: Decision = { effect: 'permit', clauses, causes: [], policy, until: null }
  const content = { act, operation: null, caller, decision, detail }
  const entry = makeEntry(content, vault.newId(), new RefKey(vault.random(32)), vault.random(32), at)
  await appendBatch(tx, batchOf(vault.newId(), [entry]), at)
}
