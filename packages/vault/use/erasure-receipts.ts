import { DoverieError } from '@doverie/core/base'
import { entriesOf } from '../guard/entry.ts'
import type { Vault } from '../guard/vault.ts'
import { findOutcome } from '../store/erasure-outcomes.ts'
import { loadBatchesAt } from '../store/ledger.ts'
import type { EntryReceipt } from './destroy-data.ts'
import { claimHash } from './erasure-claim.ts'

const CLAIM = /^[0-9a-f]{64}$/

/**
 * The receipts of a destruction that was asked for, by whoever holds its claim: of the act and, once keys are gone, of its end.
 * Nothing personal is in them. Throws `not-found` for a claim that is none or of what has not begun: which, is not told.
 */
export async function erasureReceipts(vault: Vault, claim: string): Promise<readonly EntryReceipt[]> {
  const marks = CLAIM.test(claim) ? await findOutcome(vault.data, claimHash(claim)) : []
  const receipts: EntryReceipt[] = []
  for (const { entry, at } of marks) {
    for (const { first, batch } of await loadBatchesAt(vault.data, at)) {
      const place = entriesOf(batch).findIndex(({ body }) => body.includes(`"id":"${entry}","operation"`))
      const found = entriesOf(batch)[place]
      if (found === undefined) continue
      receipts.push({ after: (first ?? 0) + place, salt: found.salt.toString('hex'), body: found.body })
    }
  }
  if (receipts.length === 0) throw new DoverieError('not-found')
  return receipts
}
