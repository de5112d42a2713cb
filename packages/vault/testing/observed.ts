import type pg from 'pg'
import type { Vault } from '../guard/vault.ts'

/** What the database held, table by table, to see whether an act changed anything. */
export async function contents(pool: pg.Pool): Promise<Readonly<Record<string, readonly string[]>>> {
  const { rows } = await pool.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1`,
  )
  const found: Record<string, readonly string[]> = {}
  for (const { name } of rows) {
    const all = await pool.query<{ row: string }>(`SELECT t::text AS row FROM "${name}" t ORDER BY 1`)
    found[name] = all.rows.map(({ row }) => row)
  }
  return found
}

/** Both databases' contents. */
export async function everything(vault: Vault): Promise<Readonly<Record<string, readonly string[]>>> {
  const [data, keys] = await Promise.all([contents(vault.data), contents(vault.keys)])
  return { ...data, ...Object.fromEntries(Object.entries(keys).map(([name, rows]) => [`keys.${name}`, rows])) }
}

/** The names of the statements that a vault's pools run while `work` runs, in order. */
export async function statementsOf(vault: Vault, work: () => Promise<unknown>): Promise<readonly string[]> {
  const names: string[] = []
  const restore = [vault.data, vault.keys].map((pool) => watch(pool, names))
  try {
    await work()
  } finally {
    for (const undo of restore) undo()
  }
  return names
}

type Statement = string | { readonly name?: string; readonly text: string }

function watch(pool: pg.Pool, names: string[]): () => void {
  const query = pool.query.bind(pool) as (...args: unknown[]) => unknown
  const connect = pool.connect.bind(pool)
  const told = (statement: Statement): void => {
    names.push(typeof statement === 'string' ? statement : (statement.name ?? statement.text))
  }
  Object.assign(pool, {
    // A pool's own query connects by a callback, which passes by here.
    query: (...args: unknown[]) => {
      told(args[0] as Statement)
      return query(...args)
    },
    connect: async (...args: unknown[]) => {
      if (args.length > 0) return (connect as (...rest: unknown[]) => unknown)(...args)
      const client = await connect()
      const run = client.query.bind(client) as (...rest: unknown[]) => unknown
      Object.assign(client, {
        query: (...rest: unknown[]) => {
          told(rest[0] as Statement)
          return run(...rest)
        },
      })
      const release = client.release.bind(client)
      client.release = (...rest) => {
        Reflect.deleteProperty(client, 'query')
        release(...rest)
      }
      return client
    },
  })
  return () => {
    Reflect.deleteProperty(pool, 'query')
    Reflect.deleteProperty(pool, 'connect')
  }
}
