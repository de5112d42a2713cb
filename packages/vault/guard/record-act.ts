import type { Canonical, Operation, Uuid } from '@doverie/core/base'
import type { Decision } from '@doverie/core/policy'
import type { Queryable } from '../store/database.ts'
import { appendBatch } from '../store/ledger.ts'
import type { Caller } from './caller.ts'
import { batchOf, makeEntry } from './entry.ts'
import type { Vault } from './vault.ts'
import { RefKey } from './ref-key.ts'

/** What ties an act to a person, and names it as one on their data. */
export interface Tie {
  /** The person's secret; a random one ties the entry to nobody. */
  readonly kRef: RefKey
  readonly operation: Operation
}

/**
 * Enters an act on nobody's data (a credential issued, a policy loaded), or, with a tie, on what somebody wrote, in the transaction that
 * makes it true. Gives the entry's id.
 */
export async function recordAct(
  vault: Vault,
  tx: Queryable,
  act: string,
  caller: Caller | null,
  clauses: readonly string[],
  detail: { readonly [key: string]: Canonical },
  tie: Tie | null = null,
): Promise<Uuid> {
  const at = vault.now()
  const policy = vault.policy()?.id ?? 'none'
  const decision: Decision = { effect: 'permit', clauses, causes: [], policy, until: null }
  const content = { act, operation: tie?.operation ?? null, caller, decision, detail }
  const kRef = tie?.kRef ?? new RefKey(vault.random(32))
  const entry = makeEntry(content, vault.newId(), kRef, vault.random(32), at)
  await appendBatch(tx, batchOf(vault.newId(), [entry]), at)
  return entry.id
}
