import { randomBytes } from 'node:crypto'
import { query } from '../installation/tables.ts'
import type { Canary } from '../people/canaries.ts'

/**
 * Puts plants into the database itself: a plain row, which must show in its files, and a row long enough to be compressed,
 * which must show in what the database gives. Noise goes around the latter so that it is stored apart.
 */
export async function plantRows(data: string, plants: readonly Canary[]): Promise<void> {
  await query(data, 'doverie', 'CREATE TABLE planted (id int PRIMARY KEY, body text)')
  const text = plants.map((canary) => canary.text).join(' ')
  await query(data, 'doverie', 'INSERT INTO planted VALUES (1, $1)', [`${randomBytes(8).toString('hex')} ${text}`])
  await query(data, 'doverie', 'INSERT INTO planted VALUES (2, $1)', [`${' lorem ipsum'.repeat(5_000)} ${text}`])
  await query(data, 'doverie', 'CHECKPOINT')
}
