import { hash, hkdfSync } from 'node:crypto'
import type { Uuid } from '@doverie/core/base'
import type { Vault } from '../guard/vault.ts'

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
