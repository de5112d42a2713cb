import type { Instant, Uuid } from '@doverie/core/base'
import type { PersonEvent } from '@doverie/core/consent'
import { type Queryable, rows } from './database.ts'

/** What is taken from those who have access, of whom there are no events. */
const ACCESS_KINDS = ['credential-revoked', 'staff-switched-off'] as const
export type AccessKind = (typeof ACCESS_KINDS)[number]

/** What the journal tells of: narrowing events of people, the end of a destruction, and what was taken from who has access. */
export type JournalKind = PersonEvent['kind'] | AccessKind

export function isOfAccess<T extends { readonly kind: string }>(entry: T): entry is T & { readonly kind: AccessKind } {
  return ACCESS_KINDS.some((kind) => kind === entry.kind)
}

/** Who has no access any more: a credential, or a member of staff. */
export function accessTaken(id: Uuid, kind: AccessKind, holder: Uuid, at: Instant): JournalEntry {
  return { id, at, kind, holder, detail: {}, version: null, place: 0 }
}

/** A narrowing event as the key store remembers it: ids, compartments and purposes, never a value. */
export interface JournalEntry {
  /** Of a person's event, the id under which the data know it. */
  readonly id: Uuid
  readonly at: Instant
  readonly kind: JournalKind
  readonly holder: Uuid
  readonly detail: object
  /** The version of the person's facts that the event led to: a clock does not tell the order of changes, this does. */
  readonly version: number | null
  /** Among the events of the same change. */
  readonly place: number
}

/** Says what has happened. */
export async function appendJournal(db: Queryable, entry: JournalEntry): Promise<void> {
  await insertJournal(db, [entry], false)
}

/** Says all of it at once. */
export async function appendAllJournal(db: Queryable, entries: readonly JournalEntry[]): Promise<void> {
  if (entries.length > 0) await insertJournal(db, entries, false)
}

/** Of these, what the journal does not say yet, under this id or another. */
export async function findUntold(db: Queryable, entries: readonly JournalEntry[]): Promise<readonly JournalEntry[]> {
  if (entries.length === 0) return []
  const found = await rows<{ i: string }>(
    db,
    'journal-untold',
    `SELECT e.i FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::jsonb[]) WITH ORDINALITY AS e (id, kind, holder, detail, i)
     WHERE NOT EXISTS (
       SELECT FROM journal j
       WHERE j.holder_id = e.holder AND j.kind = e.kind AND (j.entry_id = e.id OR j.detail = e.detail)
     )`,
    [
      entries.map(({ id }) => id),
      entries.map(({ kind }) => kind),
      entries.map(({ holder }) => holder),
      entries.map(({ detail }) => JSON.stringify(detail)),
    ],
  )
  return found.flatMap(({ i }) => entries[Number(i) - 1] ?? [])
}

/**
 * Announces what is about to be committed in the data. From here on a replay knows of it whatever crashes; who is not sure that
 * the commit came about leaves the announcement to the sweep.
 */
export async function announceJournal(db: Queryable, entries: readonly JournalEntry[]): Promise<void> {
  await insertJournal(db, entries, true)
}

async function insertJournal(db: Queryable, entries: readonly JournalEntry[], pending: boolean): Promise<void> {
  await rows(
    db,
    'journal-insert',
    `INSERT INTO journal (entry_id, at, kind, holder_id, detail, version, place, pending)
     SELECT *, $8 FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::uuid[], $5::jsonb[], $6::bigint[], $7::int[])
     ON CONFLICT DO NOTHING`,
    [
      entries.map(({ id }) => id),
      entries.map(({ at }) => new Date(at)),
      entries.map(({ kind }) => kind),
      entries.map(({ holder }) => holder),
      entries.map(({ detail }) => JSON.stringify(detail)),
      entries.map(({ version }) => version),
      entries.map(({ place }) => place),
      pending,
    ],
  )
}

/** What was announced has been committed. */
export async function confirmJournal(db: Queryable, ids: readonly Uuid[]): Promise<void> {
  await rows(db, 'journal-confirm', 'UPDATE journal SET pending = false WHERE entry_id = ANY($1) AND pending', [ids])
}

/** Takes back what was announced and never committed. */
export async function retractJournal(db: Queryable, id: Uuid): Promise<void> {
  await rows(db, 'journal-retract', 'DELETE FROM journal WHERE entry_id = $1 AND pending', [id])
}

/** What was announced before `cutoff` and is not known to be committed. */
export async function listAnnounced(
  db: Queryable,
  cutoff: Instant,
  limit: number,
): Promise<readonly { readonly id: Uuid; readonly kind: JournalKind; readonly holder: Uuid }[]> {
  const found = await rows<{ entry_id: string; kind: JournalKind; holder_id: string }>(
    db,
    'journal-announced',
    'SELECT entry_id, kind, holder_id FROM journal WHERE pending AND at < $1 ORDER BY at, entry_id LIMIT $2',
    [new Date(cutoff), limit],
  )
  return found.map((row) => ({ id: row.entry_id, kind: row.kind, holder: row.holder_id }))
}

interface Row {
  entry_id: string
  at: Date
  kind: JournalKind
  holder_id: string
  detail: object
  version: string | null
  place: number
  pending: boolean
}

const COLUMNS = 'entry_id, at, kind, holder_id, detail, version, place, pending'

/** An entry with whether its commit is known. */
export interface KeptEntry extends JournalEntry {
  readonly pending: boolean
}

function keptEntry(row: Row): KeptEntry {
  const { entry_id: id, kind, holder_id: holder, detail, place, pending } = row
  const version = row.version === null ? null : Number(row.version)
  return { id, at: row.at.getTime(), kind, holder, detail, version, place, pending }
}

/** Of whom the journal speaks, in the order of their ids. */
export async function listJournalHolders(db: Queryable, after: Uuid, limit: number): Promise<readonly Uuid[]> {
  const found = await rows<{ holder_id: string }>(
    db,
    'journal-holders',
    'SELECT DISTINCT holder_id FROM journal WHERE holder_id > $1 ORDER BY holder_id LIMIT $2',
    [after, limit],
  )
  return found.map((row) => row.holder_id)
}

/** All that the journal says of these, of each in the order in which it happened. */
export async function loadJournalOf(db: Queryable, holders: readonly Uuid[]): Promise<readonly KeptEntry[]> {
  const found = await rows<Row>(
    db,
    'journal-of',
    `SELECT ${COLUMNS} FROM journal WHERE holder_id = ANY($1)
     ORDER BY holder_id, version NULLS FIRST, at, place, entry_id`,
    [holders],
  )
  return found.map(keptEntry)
}

/**
 * The newest confirmed entries, destructions of people apart, whose moment is blurred: what data that lag behind lack is among
 * them.
 */
export async function loadNewestJournal(db: Queryable, limit: number): Promise<readonly KeptEntry[]> {
  const found = await rows<Row>(
    db,
    'journal-newest',
    `(SELECT ${COLUMNS} FROM journal WHERE NOT pending AND kind <> 'destruction-done' ORDER BY at DESC LIMIT $1)
     UNION ALL
     (SELECT ${COLUMNS} FROM journal WHERE NOT pending AND kind = 'destruction-done' ORDER BY at DESC LIMIT $1)`,
    [limit],
  )
  return found.map(keptEntry)
}

/** Forgets what is said of somebody who is being destroyed: their destruction says more than every earlier narrowing. */
export async function deleteJournal(tx: Queryable, holder: Uuid): Promise<void> {
  await rows(tx, 'journal-delete', 'DELETE FROM journal WHERE holder_id = $1', [holder])
}

/** Likewise what came to be said late, by whoever was between a commit and this journal when somebody else ended the destruction. */
export async function deleteJournalOfDestroyed(db: Queryable): Promise<void> {
  await rows(
    db,
    'journal-delete-late',
    `DELETE FROM journal late USING journal done
     WHERE done.kind = 'destruction-done' AND done.detail->'person' = 'true'
       AND late.holder_id = done.holder_id AND late.entry_id <> done.entry_id`,
    [],
  )
}

/** Remembers the newest checkpoint; an older one never replaces it. */
export async function saveHead(db: Queryable, origin: string, size: number, checkpoint: string): Promise<void> {
  await rows(
    db,
    'head-save',
    `INSERT INTO head VALUES ($1, $2, $3)
     ON CONFLICT (origin) DO UPDATE SET size = $2, checkpoint = $3 WHERE head.size <= $2`,
    [origin, size, checkpoint],
  )
}

export async function loadHead(db: Queryable, origin: string): Promise<{ size: number; checkpoint: string } | null> {
  const [row] = await rows<{ size: string; checkpoint: string }>(
    db,
    'head',
    'SELECT size, checkpoint FROM head WHERE origin = $1',
    [origin],
  )
  return row ? { size: Number(row.size), checkpoint: row.checkpoint } : null
}

/** The newest checkpoint of every ledger that this key store has seen: one, unless databases were mixed up. */
export async function loadHeads(
  db: Queryable,
): Promise<readonly { readonly origin: string; readonly size: number; readonly checkpoint: string }[]> {
  const found = await rows<{ origin: string; size: string; checkpoint: string }>(
    db,
    'heads',
    'SELECT origin, size, checkpoint FROM head',
    [],
  )
  return found.map((row) => ({ origin: row.origin, size: Number(row.size), checkpoint: row.checkpoint }))
}
