import { DoverieError } from '@doverie/core/base'
import type pg from 'pg'
import type { DatabaseKind } from './backup-tables.ts'
import { connected, storageFault } from './database.ts'
import { sql as data001 } from './migrations/data-001-foundation.ts'
import { sql as data002 } from './migrations/data-002-identifier-changes.ts'
import { sql as data003 } from './migrations/data-003-policy-adoption.ts'
import { sql as data004 } from './migrations/data-004-clause-counts.ts'
import { sql as data005 } from './migrations/data-005-destructions.ts'
import { sql as data006 } from './migrations/data-006-passing.ts'
import { sql as data007 } from './migrations/data-007-restored.ts'
import { sql as data008 } from './migrations/data-008-final-checkpoint.ts'
import { sql as data009 } from './migrations/data-009-representation.ts'
import { sql as data010 } from './migrations/data-010-disclosures.ts'
import { sql as data011 } from './migrations/data-011-erasures.ts'
import { sql as data012 } from './migrations/data-012-tally.ts'
import { sql as data013 } from './migrations/data-013-issued-by.ts'
import { sql as data014 } from './migrations/data-014-ledger-line.ts'
import { sql as data015 } from './migrations/data-015-entries-by-time.ts'
import { sql as data016 } from './migrations/data-016-plans.ts'
import { sql as data017 } from './migrations/data-017-narrowing-events.ts'
import { sql as data018 } from './migrations/data-018-act-numbers.ts'
import { sql as data019 } from './migrations/data-019-requests.ts'
import { sql as data020 } from './migrations/data-020-ledger-packs.ts'
import { sql as data021 } from './migrations/data-021-plan-because.ts'
import { sql as data022 } from './migrations/data-022-proposed-representatives.ts'
import { sql as data023 } from './migrations/data-023-kept-letters.ts'
import { sql as data024 } from './migrations/data-024-erasure-outcomes.ts'
import { sql as data025 } from './migrations/data-025-relayed-letters.ts'
import { sql as data026 } from './migrations/data-026-session-steps.ts'
import { sql as data027 } from './migrations/data-027-queue-by-kind-and-owner.ts'
import { sql as data028 } from './migrations/data-028-incidents.ts'
import { sql as data029 } from './migrations/data-029-calendar-feeds.ts'
import { sql as data030 } from './migrations/data-030-passkeys.ts'
import { sql as data031 } from './migrations/data-031-mailbox-changes.ts'
import { sql as data032 } from './migrations/data-032-mail.ts'
import { sql as data033 } from './migrations/data-033-demands.ts'
import { sql as data034 } from './migrations/data-034-former-answers.ts'
import { sql as data035 } from './migrations/data-035-pause.ts'
import { sql as data036 } from './migrations/data-036-publications.ts'
import { sql as data037 } from './migrations/data-037-duties.ts'
import { sql as data038 } from './migrations/data-038-narrowing-fields.ts'
import { sql as data039 } from './migrations/data-039-deputies.ts'
import { sql as data040 } from './migrations/data-040-recipient-letters-of-requests.ts'
import { sql as data041 } from './migrations/data-041-affected-fields.ts'
import { sql as data042 } from './migrations/data-042-narrowing-publications.ts'
import { sql as data043 } from './migrations/data-043-kept-checkpoints.ts'
import { sql as data044 } from './migrations/data-044-register-by-receipt.ts'
import { sql as keys001 } from './migrations/keys-001-foundation.ts'
import { sql as keys002 } from './migrations/keys-002-pending-tags.ts'
import { sql as keys003 } from './migrations/keys-003-blurred-destructions.ts'
import { sql as keys004 } from './migrations/keys-004-announced-narrowings.ts'
import { sql as keys005 } from './migrations/keys-005-epochs.ts'
import { sql as keys006 } from './migrations/keys-006-destructions.ts'
import { sql as keys007 } from './migrations/keys-007-restored.ts'
import { sql as keys008 } from './migrations/keys-008-destruction-numbers.ts'
import { sql as keys009 } from './migrations/keys-009-register-numbers.ts'
import { sql as keys010 } from './migrations/keys-010-destruction-claims.ts'

/** Numbered from 1 by their place; never edited once landed, only followed by another. */
const MIGRATIONS: Readonly<Record<DatabaseKind, readonly string[]>> = {
  data: [
    data001,
    data002,
    data003,
    data004,
    data005,
    data006,
    data007,
    data008,
    data009,
    data010,
    data011,
    data012,
    data013,
    data014,
    data015,
    data016,
    data017,
    data018,
    data019,
    data020,
    data021,
    data022,
    data023,
    data024,
    data025,
    data026,
    data027,
    data028,
    data029,
    data030,
    data031,
    data032,
    data033,
    data034,
    data035,
    data036,
    data037,
    data038,
    data039,
    data040,
    data041,
    data042,
    data043,
    data044,
  ],
  keys: [keys001, keys002, keys003, keys004, keys005, keys006, keys007, keys008, keys009, keys010],
}

/** How many steps this program knows. */
export const MIGRATION_LEVELS: Readonly<Record<DatabaseKind, number>> = {
  data: MIGRATIONS.data.length,
  keys: MIGRATIONS.keys.length,
}

/** The lock under which one process at a time migrates a database. */
const MIGRATION_LOCK = 0x646f7600

/** Throws `data-newer` where the database knows steps this program does not, or is the other one of the two. Writes nothing. */
export async function assertKnownSchema(pool: pg.Pool, kind: DatabaseKind): Promise<void> {
  await onClient(pool, (client) => stepsTaken(client, kind))
}

/**
 * Brings a database to this version's schema, each step in a transaction with its number: a crash leaves a whole number of
 * steps. Throws `data-newer`, changing nothing, as above. `steps` stops earlier, for tests of what a former version wrote.
 */
export async function migrate(
  pool: pg.Pool,
  kind: DatabaseKind,
  steps: number = MIGRATIONS[kind].length,
): Promise<void> {
  await onClient(pool, async (client) => {
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK])
    try {
      const taken = await stepsTaken(client, kind)
      for (const [at, step] of MIGRATIONS[kind].slice(0, steps).entries()) {
        if (at >= taken) await applyStep(client, kind, at + 1, step)
      }
    } finally {
      await client.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => undefined)
    }
  })
}

async function onClient(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<unknown>): Promise<void> {
  let client: pg.PoolClient | null = null
  try {
    client = await connected(pool)
    await work(client)
  } catch (error) {
    throw storageFault(error)
  } finally {
    client?.release()
  }
}

async function stepsTaken(client: pg.PoolClient, kind: DatabaseKind): Promise<number> {
  const found = await client.query<{ exists: boolean }>(`SELECT to_regclass('migration') IS NOT NULL AS exists`)
  const rows = found.rows[0]?.exists
    ? (await client.query<{ step: number; kind: string }>('SELECT step, kind FROM migration')).rows
    : []
  if (rows.some((row) => row.kind !== kind)) {
    throw new DoverieError('data-newer', `This database belongs to another part of Doverie than "${kind}".`)
  }
  if (rows.length > MIGRATIONS[kind].length) throw new DoverieError('data-newer')
  return rows.length
}

async function applyStep(client: pg.ClientBase, kind: DatabaseKind, number: number, step: string): Promise<void> {
  await client.query('BEGIN')
  try {
    await takeStep(client, kind, number, step)
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK')
    throw error
  }
}

/** Takes the steps after `from` up to `to` in the caller's transaction. */
export async function takeSteps(client: pg.ClientBase, kind: DatabaseKind, from: number, to: number): Promise<void> {
  for (const [at, step] of MIGRATIONS[kind].entries()) {
    if (at >= from && at < to) await takeStep(client, kind, at + 1, step)
  }
}

async function takeStep(client: pg.ClientBase, kind: DatabaseKind, number: number, step: string): Promise<void> {
  await client.query(
    'CREATE TABLE IF NOT EXISTS migration (step int PRIMARY KEY, kind text NOT NULL, at timestamptz NOT NULL)',
  )
  await client.query(step)
  await client.query('INSERT INTO migration VALUES ($1, $2, now())', [number, kind])
}
