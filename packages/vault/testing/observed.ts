import type pg from 'pg'
import type { Vault } from '../guard/vault.ts'
import { watchPool } from './steps.ts'

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
  const restore = [vault.data, vault.keys].map((pool) => watchPool(pool, (name) => void names.push(name)))
  try {
    await work()
  } finally {
    for (const undo of restore) undo()
  }
  return names
}
