import { type Policy, type ProcessingChange, processingChanges } from '@doverie/core/policy'
import { isOwed } from '@doverie/core/request'
import type { Caller } from '../../guard/caller.ts'
import type { Vault } from '../../guard/vault.ts'
import type { Queryable } from '../../store/database.ts'
import { lawFor } from '../requests/law.ts'
import { enterDuty } from './on-duty.ts'

/**
 * In the transaction that adopts a version: enters the notice of what changes in what the authority was told (152-FZ art. 22(7)), its clock
 * running from the first day of the version. Nothing where nothing of that changes, or the law knows no such notice. `before` is the
 * version that it follows; null where that cannot be read any more: then all of it may have changed, and a person must look.
 */
export async function enterChangeNotice(
  vault: Vault,
  tx: Queryable,
  caller: Caller | null,
  { before, version, after, from }: { before: Policy | null; version: string; after: Policy; from: number },
): Promise<void> {
  const law = lawFor(vault, after)
  if (!isOwed(law, 'notice-change')) return
  const changes: readonly ProcessingChange[] = before === null ? [] : processingChanges(before, after, law.profile)
  if (before !== null && changes.length === 0) return
  const facts = { version: after.id, before: version, changes, start: from }
  await enterDuty(
    vault,
    tx,
    caller,
    { policy: after, law },
    { kind: 'notice-change', about: after.id, start: from, facts },
  )
}
