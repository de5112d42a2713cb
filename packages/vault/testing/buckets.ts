import type { Vault } from '../guard/vault.ts'

const DAY = 86_400_000

/** The ledger's buckets of a person over the last days, hex: to be taken while their secret still exists. */
export async function bucketsOf(vault: Vault, subject: string, days = 3): Promise<ReadonlySet<string>> {
  const now = vault.now()
  const { kRef } = await vault.people.reload(subject, now)
  return new Set(Array.from({ length: days }, (_, i) => kRef.bucket(now - i * DAY).toString('hex')))
}
