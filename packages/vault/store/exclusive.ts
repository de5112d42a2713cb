import type pg from 'pg'
import { connected } from './database.ts'

/** What one process does at a time, by the key store's locks. */
const LOCKS = {
  epoch: 0x646f7610,
  rotation: 0x646f7611,
  retention: 0x646f7612,
  mail: 0x646f7613,
  review: 0x646f7614,
} as const

/**
 * Does something under a lock that one process has at a time, and gives it back whatever happens: with the connection it goes
 * when the process is killed. Null, and nothing done, where another process is at it.
 */
export async function exclusively<T>(
  pool: pg.Pool,
  what: keyof typeof LOCKS,
  work: () => Promise<T>,
): Promise<T | null> {
  const client = await connected(pool)
  let broken = false
  try {
    const { rows } = await client.query<{ taken: boolean }>('SELECT pg_try_advisory_lock($1) AS taken', [LOCKS[what]])
    if (rows[0]?.taken !== true) return null
    try {
      return await work()
    } finally {
      await client.query('SELECT pg_advisory_unlock($1)', [LOCKS[what]]).catch(() => {
        broken = true
      })
    }
  } finally {
    client.release(broken)
  }
}
