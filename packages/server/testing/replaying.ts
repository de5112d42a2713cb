import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import {
  askDestruction,
  correctValues,
  decideRequest,
  destroyData,
  integrateLedger,
  listPlannedDestructions,
  recordCheck,
  type ShownDestruction,
  type Vault,
} from '@doverie/vault'
import { Client } from 'pg'
import { expect } from 'vitest'
import { asProved, asStaff, asSubject, SUPPORT_TICKET } from '../../vault/testing/callers.ts'
import { TEST_ORIGIN } from '../../vault/testing/netrack-bundle.ts'
import type { Someone } from '../../vault/testing/people.ts'
import { paper } from '../../vault/testing/requests.ts'
import type { TestPlace } from './backups.ts'
import { queryOnce } from './query.ts'

const PROCESS = fileURLToPath(new URL('replay-process.ts', import.meta.url))
const dpo = asStaff('dpo')

/** A request about somebody, as staff and the person themselves make it. */
export const on = (subject: string): { subject: string; entity: string; ticket: string } => ({
  subject,
  entity: 'start',
  ticket: SUPPORT_TICKET,
})

export const planOf = async (vault: Vault, { subject }: Someone): Promise<ShownDestruction | undefined> =>
  (await listPlannedDestructions(vault, dpo)).find((one) => one.subject === subject)

export async function waitingErasure(vault: Vault, subject: string): Promise<string> {
  const { letter, requests } = await paper(vault, { text: '', kinds: ['erasure'], subject })
  await recordCheck(vault, dpo, { letter: letter.id, method: 'document-in-person', passed: true })
  // Whoever checked who wrote says not the word that destroys: another does.
  const other = { ...dpo, staff: vault.newId(), pseudonym: 'dpo-2' }
  const { id, state } = await decideRequest(vault, other, { request: requests[0]?.id ?? '', step: 'accepted' })
  expect(state).toBe('waiting')
  return id
}

export async function settle(vault: Vault): Promise<void> {
  while ((await integrateLedger(vault)).more);
}

/** Contact data destroyed, and collected again. */
export async function destroyAndCollect(vault: Vault, { subject, email }: Someone): Promise<void> {
  await destroyData(vault, dpo, { ...on(subject), compartments: ['contact'] })
  const { decision } = await correctValues(vault, asSubject(subject), {
    ...on(subject),
    values: { email: `re.${email}` },
  })
  expect(decision.effect).toBe('permit')
}

/** Asks, as the person, to be destroyed: what opens the receipts of it. */
export async function claimOf(vault: Vault, { subject }: Someone): Promise<string> {
  const { waits } = await askDestruction(vault, asProved(subject), { ...on(subject), compartments: null })
  return waits?.claim ?? ''
}

/** A destruction whose keys could not go yet: the key store was full. */
export async function destroyUnended(
  vault: Vault,
  { subject }: Someone,
  compartments: readonly string[] | null,
): Promise<void> {
  await vault.keys.query(
    `CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION USING ERRCODE = '53100'; END $$;
     CREATE TRIGGER full_disk BEFORE DELETE ON key FOR EACH ROW EXECUTE FUNCTION full_disk()`,
  )
  await expect(destroyData(vault, dpo, { ...on(subject), compartments })).rejects.toMatchObject({
    code: 'storage-unavailable',
  })
  await vault.keys.query('DROP TRIGGER full_disk ON key; DROP FUNCTION full_disk')
}

async function waitsForLock(url: string): Promise<void> {
  const sql = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
  while ((await queryOnce(url, sql)).length === 0) await sleep(20)
}

/** Begins a replay in a process of its own and kills it where it wants to write into a table. */
export async function killAt(place: TestPlace, keysDir: string, url: string, table: string): Promise<void> {
  const holder = new Client({ connectionString: url })
  await holder.connect()
  await holder.query(`BEGIN; LOCK TABLE ${table} IN SHARE MODE`)
  const { dataUrl, keystoreUrl } = place
  const child: ChildProcess = spawn(process.execPath, [PROCESS, dataUrl, keystoreUrl, keysDir, TEST_ORIGIN], {
    stdio: 'inherit',
  })
  const ended = once(child, 'exit')
  await Promise.race([waitsForLock(url), ended])
  child.kill('SIGKILL')
  expect(await ended).toEqual([null, 'SIGKILL'])
  await holder.end()
}
