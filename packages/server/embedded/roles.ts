import type { Client } from 'pg'
import type { ClusterSecrets } from './secrets.ts'

const NAMES = ['doverie', 'doverie_keys'] as const

/**
 * The two databases, each with a role of its own that can reach nothing else: whoever has the data's password has no
 * keys, and the other way round. Safe to repeat after a crash in the middle.
 */
export async function ensureDatabases(client: Client, secrets: ClusterSecrets): Promise<void> {
  const roles = await namesIn(client, 'SELECT rolname AS name FROM pg_roles')
  const databases = await namesIn(client, 'SELECT datname AS name FROM pg_database')
  await client.query('REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC')
  for (const name of NAMES) {
    const password = client.escapeLiteral(secrets[name])
    const verb = roles.has(name) ? 'ALTER' : 'CREATE'
    await client.query(
      `${verb} ROLE ${name} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD ${password}`,
    )
    if (!databases.has(name)) await client.query(`CREATE DATABASE ${name} OWNER ${name} TEMPLATE template0`)
    await client.query(`REVOKE ALL ON DATABASE ${name} FROM PUBLIC`)
  }
}

async function namesIn(client: Client, query: string): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ name: string }>(query)
  return new Set(rows.map((row) => row.name))
}
