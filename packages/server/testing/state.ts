import { queryOnce } from './query.ts'

/** What only an act on data or access changes; the ledger is counted on its own. */
const TABLES = ['subject', 'record', 'event', 'conflict', 'credential', 'staff', 'session', 'outbox', 'idempotency']

/** A fingerprint of everything that is held, and how many entries the ledger has. */
export async function stateOf(dataUrl: string): Promise<{ readonly content: string; readonly entries: number }> {
  const parts = TABLES.map(
    (name) => `(SELECT coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM ${name} t)`,
  )
  const [row] = await queryOnce(
    dataUrl,
    `SELECT concat_ws('/', ${parts.join(', ')}) AS content, (SELECT coalesce(sum(entries), 0)::int FROM ledger_batch) AS entries`,
  )
  return { content: String(row?.['content']), entries: Number(row?.['entries']) }
}
