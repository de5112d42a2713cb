import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'

/** The key of the test's own lock, at which held reads wait. */
const GATE = 7_700_077

/**
 * Stops reads in the middle: after they took their snapshot and before they commit. Whoever changes a person writes to the
 * ledger, too, and passes: only sessions that hold the shared lock of reads wait.
 */
export interface HeldReads {
  /** From now on reads stop. */
  readonly hold: () => Promise<void>
  /** Resolves once a read stands still in the middle. */
  readonly standing: () => Promise<void>
  readonly release: () => Promise<void>
  readonly close: () => Promise<void>
}

export async function holdReads(dataUrl: string): Promise<HeldReads> {
  const client = new Client({ connectionString: dataUrl })
  await client.connect()
  await client.query(`
    CREATE FUNCTION hold_read() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF EXISTS (SELECT FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory' AND mode = 'ShareLock') THEN
        PERFORM pg_advisory_xact_lock_shared(${GATE});
      END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER hold_read BEFORE INSERT ON ledger_batch FOR EACH ROW EXECUTE FUNCTION hold_read();`)
  return {
    hold: async () => {
      await client.query('SELECT pg_advisory_lock($1)', [GATE])
    },
    standing: async () => {
      for (;;) {
        const waiting = await client.query('SELECT FROM pg_locks WHERE objid = $1 AND NOT granted', [GATE])
        if (waiting.rowCount !== null && waiting.rowCount > 0) return
        await sleep(10)
      }
    },
    release: async () => {
      await client.query('SELECT pg_advisory_unlock($1)', [GATE])
    },
    close: async () => {
      await client.query('DROP TRIGGER hold_read ON ledger_batch; DROP FUNCTION hold_read')
      await client.end()
    },
  }
}
