import { entriesOf } from '../guard/entry.ts'
import type { Vault } from '../guard/vault.ts'

/** A ledger entry's private body as it lies in the database. */
export interface LedgerBody {
  readonly id: string
  readonly act: string
  readonly effect: string
  readonly at: number
  readonly ref: string
  readonly bucket: string
  readonly text: string
  readonly [key: string]: unknown
}

/** Every entry of the ledger, integrated or waiting. */
export async function ledgerBodies(vault: Vault): Promise<readonly LedgerBody[]> {
  const { rows } = await vault.data.query<{ bodies: Buffer; entries: number; packed: boolean }>(
    'SELECT bodies, entries, packed FROM ledger_batch ORDER BY at, batch_id',
  )
  return rows.flatMap((batch) =>
    entriesOf({ ...batch, id: '', leaves: batch.bodies }).map(({ body, bucket }) => ({
      ...(JSON.parse(body) as Omit<LedgerBody, 'text' | 'bucket'> as LedgerBody),
      bucket: bucket.toString('hex'),
      text: body,
    })),
  )
}
