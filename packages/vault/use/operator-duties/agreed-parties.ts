import type { Vault } from '../../guard/vault.ts'
import { listDuties } from '../../store/duties.ts'
import { wordsOf } from './content.ts'

const MOST = 1_000

/** Name and address of whom data are entrusted to, by recipient, as the agreements in force say. */
export async function agreedParties(vault: Vault): Promise<ReadonlyMap<string, string>> {
  const all = await listDuties(vault.data, MOST)
  const agreements = all.filter(({ kind, state }) => kind === 'agreement' && state === 'in-force')
  const parties = await Promise.all(
    agreements.map(async (row) => [row.about, (await wordsOf(vault, row)).party.trim()] as const),
  )
  return new Map(parties.filter(([, party]) => party !== ''))
}
