import { setTimeout as sleep } from 'node:timers/promises'
import type { Vault } from '../guard/vault.ts'

/**
 * Breaks the connections on which every server over these databases hears of changes elsewhere. They forget everything at that
 * moment; what they cache afterwards nobody evicts any more.
 */
export async function deafen(vault: Vault): Promise<void> {
  const listening = `FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'`
  await vault.data.query(`SELECT pg_terminate_backend(pid) ${listening}`)
  while (((await vault.data.query(`SELECT ${listening}`)).rowCount ?? 0) > 0) await sleep(10)
  await sleep(100)
}
