import { DoverieError } from '@doverie/core/base'

/** What the check needs of a connection; a client or a pool of `pg` fits. */
export interface Queryable {
  query(text: string): Promise<{ readonly rows: readonly Readonly<Record<string, unknown>>[] }>
}

/**
 * Refuses a database server that may lose what it acknowledged: `unsafe-storage` with the setting's name. An entry of
 * the ledger that a power cut takes back would be a read without a trace.
 */
export async function assertSafeStorage(client: Queryable): Promise<void> {
  for (const setting of ['fsync', 'full_page_writes']) {
    const { rows } = await client.query(`SHOW ${setting}`)
    if (rows[0]?.[setting] !== 'on') {
      throw new DoverieError(
        'unsafe-storage',
        `the database runs with ${setting}=off and may lose what it acknowledged`,
        {
          setting,
        },
      )
    }
  }
}
