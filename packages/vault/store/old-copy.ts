import { openPool, type Queryable, rows } from './database.ts'
import type { Uuid } from '@doverie/core/base'
import type { CellKeyRow } from './cells.ts'
import type { KeyRow } from './key-store.ts'
import { type OutboxRow, outboxRow, OUTBOX_COLUMNS, type OutboxRowOf } from './outbox.ts'
import type { SignInHashes } from './passing.ts'

/** Everything sealed, wrapped or keyed that a copy of the two databases holds, as whoever found the copy reads it. */
export interface OldCopy {
  readonly keys: readonly KeyRow[]
  readonly cellKeys: readonly CellKeyRow[]
  readonly secrets: readonly { readonly name: string; readonly epoch: number; readonly wrapped: Buffer }[]
  readonly tags: readonly { readonly subject_id: Uuid; readonly kind: string; readonly tag: Buffer }[]
  readonly records: readonly OldRecord[]
  readonly letters: readonly OutboxRow[]
  readonly signIns: readonly (SignInHashes & { readonly holder_id: Uuid })[]
  /** The register of what people write: letters with what hangs on them, and what was answered. */
  readonly written: readonly OldLetter[]
  readonly replies: readonly OldReply[]
  /** What the ledger's lists tell of buckets: the first half of each, hex. */
  readonly buckets: ReadonlySet<string>
}

export interface OldRecord extends Record<string, unknown> {
  readonly subject_id: Uuid
  readonly compartment: string
  readonly generation: number
  readonly version: number
  readonly sealed: Buffer
}

/** What a letter says (part null), or what hung on it. */
export interface OldLetter extends Record<string, unknown> {
  readonly letter_id: Uuid
  readonly subject_id: Uuid | null
  readonly part_id: Uuid | null
  readonly sealed: Buffer
}

/** An answer as it went out (`export` false), or its twin for machines. */
export interface OldReply extends Record<string, unknown> {
  readonly reply_id: Uuid
  readonly letter_id: Uuid
  readonly subject_id: Uuid | null
  readonly of_person: boolean
  readonly twin: boolean
  readonly sealed: Buffer
}

/** Reads a copy that a PostgreSQL was started on. For proofs over invented people: nothing of it needs a permit, all of it is still sealed. */
export async function readOldCopy(urls: { readonly dataUrl: string; readonly keystoreUrl: string }): Promise<OldCopy> {
  const [data, keys] = [openPool(urls.dataUrl, 1), openPool(urls.keystoreUrl, 1)]
  try {
    return await readCopy(data, keys)
  } finally {
    await Promise.allSettled([data.end(), keys.end()])
  }
}

/** The same of two databases that are open. */
export async function readCopy(data: Queryable, keys: Queryable): Promise<OldCopy> {
  return { ...(await keyStoreOf(keys)), ...(await dataOf(data)) }
}

async function keyStoreOf(db: Queryable): Promise<Pick<OldCopy, 'keys' | 'cellKeys' | 'secrets' | 'tags'>> {
  return {
    keys: await rows<KeyRow>(
      db,
      'old-keys',
      'SELECT k.*, c.version AS cell_version FROM key k JOIN cell c ON c.cell_id = k.cell_id',
      [],
    ),
    cellKeys: await rows<CellKeyRow>(db, 'old-cell-keys', 'SELECT cell_id, version, epoch, wrapped FROM cell_key', []),
    secrets: await rows(db, 'old-secrets', 'SELECT name, epoch, wrapped FROM secret', []),
    tags: await rows(db, 'old-tags', 'SELECT subject_id, kind, tag FROM tag', []),
  }
}

async function dataOf(db: Queryable): Promise<Omit<OldCopy, 'keys' | 'cellKeys' | 'secrets' | 'tags'>> {
  const letters = await rows<OutboxRowOf>(db, 'old-letters', `SELECT ${OUTBOX_COLUMNS} FROM outbox`, [])
  const buckets = await rows<{ bucket: Buffer }>(
    db,
    'old-buckets',
    `SELECT DISTINCT substr(bucket, 1, 8) AS bucket FROM ledger_history UNION
     SELECT substr(marks, i + 1, 8) FROM ledger_history_page, generate_series(0, length(marks) - 1, 10) AS i`,
    [],
  )
  return {
    records: await rows<OldRecord>(
      db,
      'old-records',
      'SELECT subject_id, compartment, generation, version, sealed FROM record WHERE sealed IS NOT NULL',
      [],
    ),
    letters: letters.map(outboxRow),
    written: await rows<OldLetter>(
      db,
      'old-written',
      `SELECT letter_id, subject_id, NULL::uuid AS part_id, sealed FROM letter WHERE sealed IS NOT NULL UNION ALL
       SELECT l.letter_id, l.subject_id, p.part_id, p.sealed FROM letter_part p JOIN letter l ON l.letter_id = p.letter_id`,
      [],
    ),
    replies: await rows<OldReply>(
      db,
      'old-replies',
      `SELECT r.reply_id, r.letter_id, l.subject_id, r.of_person, t.twin, t.sealed
       FROM reply r JOIN letter l ON l.letter_id = r.letter_id
       CROSS JOIN LATERAL (VALUES (false, r.sealed), (true, r.export)) AS t (twin, sealed) WHERE t.sealed IS NOT NULL`,
      [],
    ),
    signIns: await rows(
      db,
      'old-sign-ins',
      'SELECT sign_in_id, holder_id, epoch, target_hash, code_hash FROM sign_in WHERE epoch IS NOT NULL',
      [],
    ),
    buckets: new Set(buckets.map(({ bucket }) => bucket.toString('hex'))),
  }
}
