import { hash, hkdfSync } from 'node:crypto'
import { DoverieError, type Uuid } from '@doverie/core/base'
import { entriesOf } from '../guard/entry.ts'
import type { Vault } from '../guard/vault.ts'
import { findOutcome } from '../store/erasure-outcomes.ts'
import { loadBatchesAt } from '../store/ledger.ts'
import type { EntryReceipt } from './destroy-data.ts'

const CLAIM = /^[0-9a-f]{64}$/

/**
 * What a person is given when they ask for a destruction that waits: by it they fetch the receipts when there is nobody left to
 * sign in as. 64 hex digits, of the request's id under the ledger's secret, so nothing of it is kept before it is used.
 */
export function claimOf(vault: Vault, erasure: Uuid): string {
  const label = `doverie/erasure-claim/v1\n${erasure}`
  return Buffer.from(hkdfSync('sha256', vault.secrets.ledgerSeed, new Uint8Array(0), label, 32)).toString('hex')
}

/** What a claim is looked for by: who reads the table learns no claim. */
export function claimHash(claim: string): Buffer {
  return hash('sha256', claim, 'buffer')
}

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
