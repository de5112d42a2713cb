import { hash, randomBytes } from 'node:crypto'
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
  const password = randomBytes(16).toString('hex')
  return asAdmin(adminUrl, async (client) => createPair(adminUrl, client, namesOf(id), password))
}

/**
 * Like `createDatabases`, but with what `fill` once put into a pair for the whole run: copying is a third of the work of
 * filling. All copies have the roles of the first pair.
 */
export async function copyDatabases(
  adminUrl: string,
  fill: (first: TestDatabases) => Promise<void>,
): Promise<TestDatabases> {
  const first = namesOf('first')
  const copies = namesOf(randomBytes(6).toString('hex'))
  const password = hash('sha256', `the first pair of ${adminUrl}`)
  await asAdmin(adminUrl, async (client) => {
    // Whoever holds the lock fills; a pair that was not filled to its end is made anew.
    await client.query('SELECT pg_advisory_lock($1)', [FIRST])
    const filled = await client.query(`SELECT FROM pg_database WHERE datname = '${first[0]}' AND datconnlimit = $1`, [
      MARK,
    ])
    if (filled.rowCount === 0) {
      await dropPair(client, first)
      await fill(await createPair(adminUrl, client, first, password))
      await client.query(`ALTER DATABASE ${first[0]} CONNECTION LIMIT ${MARK}`)
    }
    await client.query('SELECT pg_advisory_unlock($1)', [FIRST])
    for (const [i, copy] of copies.entries())
      await client.query(`CREATE DATABASE ${copy} OWNER ${first[i]} TEMPLATE ${first[i]}`)
  })
  return pairOf(adminUrl, copies, first, password)
}

type Names = readonly [data: string, keys: string]

const FIRST = 5_117_203
/** The limit of connections that says that the first pair is filled. */
const MARK = 177

const namesOf = (id: string): Names => [`t_${id}`, `t_${id}_keys`]

async function createPair(adminUrl: string, client: Client, names: Names, password: string): Promise<TestDatabases> {
  for (const name of names) {
    await client.query(`CREATE ROLE ${name} LOGIN PASSWORD '${password}'`)
    await client.query(`CREATE DATABASE ${name} OWNER ${name} TEMPLATE template0`)
    await client.query(`REVOKE ALL ON DATABASE ${name} FROM PUBLIC`)
  }
  return pairOf(adminUrl, names, names, password)
}

function pairOf(adminUrl: string, names: Names, roles: Names, password: string): TestDatabases {
  const urlOf = (name: string, role: string): string => {
    const url = new URL(adminUrl)
    url.username = role
    url.password = password
    url.pathname = `/${name}`
    return url.href
  }
  const drop = (): Promise<void> => asAdmin(adminUrl, (client) => dropPair(client, names))
  return { dataUrl: urlOf(names[0], roles[0]), keystoreUrl: urlOf(names[1], roles[1]), drop }
}

async function dropPair(client: Client, names: Names): Promise<void> {
  for (const name of names) {
    await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
    await client.query(`DROP ROLE IF EXISTS ${name}`)
  }
}

async function asAdmin<T>(adminUrl: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: adminUrl, application_name: 'doverie tests' })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
