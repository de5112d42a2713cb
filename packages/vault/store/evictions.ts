import pg from 'pg'
import { connectionConfig } from './database.ts'

/** Word from other processes that a person has changed. Losing it loses memory hygiene, not safety: versions are checked. */
export interface Evictions {
  /** Calls `forget` with the id of each changed person, and `forgetAll` when the connection ends. */
  readonly listen: (forget: (subject: string) => void, forgetAll: () => void) => Promise<void>
  readonly close: () => Promise<void>
}

export function openEvictions(url: string): Evictions {
  const client = new pg.Client(connectionConfig(url))
  client.on('error', () => undefined)
  return {
    listen: async (forget, forgetAll) => {
      client.on('notification', ({ payload }) => {
        if (payload !== undefined) forget(payload)
      })
      client.on('end', forgetAll)
      await client.connect()
      await client.query('LISTEN doverie_evict')
    },
    close: () => client.end(),
  }
}
