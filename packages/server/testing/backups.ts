import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { openBackupSource, type VaultUrls } from '@doverie/vault'
import { type BackupReport, type BackupRequest, backUp } from '../backup/back-up.ts'
import { Client } from 'pg'
import { memoryKms } from '../../vault/testing/root-keys.ts'
import { createDatabases } from './databases.ts'

/** Databases with the key and the ledger's name of this test's installation. */
export interface TestPlace extends VaultUrls {
  readonly drop: () => Promise<void>
}

const KMS = memoryKms()

/** Two empty databases. */
export async function emptyPlace(adminUrl: string): Promise<TestPlace> {
  const databases = await createDatabases(adminUrl)
  return { ...placeAt(databases.dataUrl, databases.keystoreUrl), drop: () => databases.drop() }
}

/** The place of databases that are there. */
export function placeAt(dataUrl: string, keystoreUrl: string): VaultUrls {
  return { dataUrl, keystoreUrl, kms: KMS, origin: 'test.example/log' }
}

/** Makes both databases of a place empty again. */
export async function empty({ dataUrl, keystoreUrl }: TestPlace): Promise<void> {
  for (const url of [dataUrl, keystoreUrl]) {
    const client = new Client({ connectionString: url })
    await client.connect()
    await client.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public')
    await client.end()
  }
}

/** Backs up one of a place's databases, in very small parts. */
export async function backUpPlace(
  place: VaultUrls,
  kind: 'data' | 'keys',
  request: Pick<BackupRequest, 'to' | 'recipients'> & Partial<BackupRequest>,
): Promise<BackupReport> {
  const source = await openBackupSource(place, kind)
  try {
    return await backUp({ partBytes: 16 * 1024, now: () => Date.now(), ...request, source })
  } finally {
    await source.close()
  }
}

/** All rows of a database, table by table, as text in the order of the text; what no backup holds is left out. */
export async function rowsOf(
  url: string,
  leftOut: readonly string[],
): Promise<Readonly<Record<string, readonly string[]>>> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    const tables = await client.query<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1`,
    )
    const found: Record<string, readonly string[]> = {}
    for (const { name } of tables.rows.filter((table) => !leftOut.includes(table.name))) {
      const { rows } = await client.query<{ row: string }>(`SELECT t::text AS row FROM "${name}" t ORDER BY 1`)
      found[name] = rows.map(({ row }) => row)
    }
    return found
  } finally {
    await client.end()
  }
}

/** The names of everything under a folder. */
export async function namesUnder(dir: string): Promise<readonly string[]> {
  return (await readdir(dir, { recursive: true })).map((name) => join(dir, name)).sort()
}
