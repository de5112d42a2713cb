import { randomBytes } from 'node:crypto'
import { Client } from 'pg'

/** A fresh, empty pair of databases, each with its own role, as an installation has them. */
export interface TestDatabases {
  readonly dataUrl: string
  readonly keystoreUrl: string
  /** Ends every session of theirs and removes databases and roles. */
  drop(): Promise<void>
}

/** Makes a pair of databases for one test file: `createDatabases(inject('adminUrl'))`. */
export async function createDatabases(adminUrl: string): Promise<TestDatabases> {
  const id = randomBytes(6).toString('hex')
  const names = [`t_${id}`, `t_${id}_keys`] as const
  const password = randomBytes(16).toString('hex')
  await asAdmin(adminUrl, async (client) => {
    for (const name of names) {
      await client.query(`CREATE ROLE ${name} LOGIN PASSWORD '${password}'`)
      await client.query(`CREATE DATABASE ${name} OWNER ${name} TEMPLATE template0`)
      await client.query(`REVOKE ALL ON DATABASE ${name} FROM PUBLIC`)
    }
  })
  const urlOf = (name: string): string => {
    const url = new URL(adminUrl)
    url.username = name
    url.password = password
    url.pathname = `/${name}`
    return url.href
  }
  const drop = async (): Promise<void> => {
    await asAdmin(adminUrl, async (client) => {
      for (const name of names) {
        await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
        await client.query(`DROP ROLE IF EXISTS ${name}`)
      }
    })
  }
  return { dataUrl: urlOf(names[0]), keystoreUrl: urlOf(names[1]), drop }
}

async function asAdmin(adminUrl: string, work: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({ connectionString: adminUrl, application_name: 'doverie tests' })
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}
