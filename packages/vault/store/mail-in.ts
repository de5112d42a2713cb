import type { Instant, Uuid } from '@doverie/core/base'
import { type Queryable, rows } from './database.ts'

/** How far a folder of the mailbox was read. */
export interface MailFolder {
  readonly junk: boolean
  /** While this stays, a UID is the same message. */
  readonly uidValidity: bigint
  /** All messages below were taken. */
  readonly nextUid: number
  /** From here on all messages are taken; below, those that were received after `since`. */
  readonly firstUid: number
  /** From when on messages are taken that the folder had before the first look, or has again under a new validity. */
  readonly since: Instant
  /** How many lay there before, and are not taken. */
  readonly before: number
  readonly fetchedAt: Instant | null
}

interface FolderRow {
  junk: boolean
  uid_validity: string
  next_uid: string
  first_uid: string
  since: Date
  before: number
  fetched_at: Date | null
}

const FOLDER = 'junk, uid_validity, next_uid, first_uid, since, before, fetched_at'

export async function findFolder(db: Queryable, folder: Uint8Array): Promise<MailFolder | null> {
  const [row] = await rows<FolderRow & Record<string, unknown>>(
    db,
    'mail-folder',
    `SELECT ${FOLDER} FROM mail_folder WHERE folder = $1`,
    [folder],
  )
  return row === undefined ? null : folderOf(row)
}

export async function listFolders(db: Queryable): Promise<readonly MailFolder[]> {
  const found = await rows<FolderRow & Record<string, unknown>>(
    db,
    'mail-folders',
    `SELECT ${FOLDER} FROM mail_folder ORDER BY junk`,
    [],
  )
  return found.map(folderOf)
}

export async function saveFolder(db: Queryable, folder: Uint8Array, at: MailFolder): Promise<void> {
  await rows(
    db,
    'mail-folder-save',
    `INSERT INTO mail_folder (folder, ${FOLDER}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (folder) DO UPDATE SET uid_validity = excluded.uid_validity, next_uid = excluded.next_uid, first_uid = excluded.first_uid,
       before = excluded.before, fetched_at = excluded.fetched_at`,
    [
      folder,
      at.junk,
      String(at.uidValidity),
      at.nextUid,
      at.firstUid,
      new Date(at.since),
      at.before,
      at.fetchedAt === null ? null : new Date(at.fetchedAt),
    ],
  )
}

function folderOf(row: FolderRow): MailFolder {
  return {
    junk: row.junk,
    uidValidity: BigInt(row.uid_validity),
    nextUid: Number(row.next_uid),
    firstUid: Number(row.first_uid),
    since: row.since.getTime(),
    before: row.before,
    fetchedAt: row.fetched_at?.getTime() ?? null,
  }
}

/** Whether the mailbox answers. */
export interface MailState {
  readonly reachedAt: Instant | null
  readonly failingSince: Instant | null
  readonly fault: string | null
}

export async function saveReached(db: Queryable, mailbox: Uint8Array, at: Instant): Promise<void> {
  await rows(
    db,
    'mail-reached',
    `INSERT INTO mail_state VALUES ($1, $2, NULL, NULL)
     ON CONFLICT (mailbox) DO UPDATE SET reached_at = $2, failing_since = NULL, fault = NULL`,
    [mailbox, new Date(at)],
  )
}

/** Notes that the mailbox does not answer, and since when: the first time counts. */
export async function saveFailing(db: Queryable, mailbox: Uint8Array, at: Instant, fault: string): Promise<Instant> {
  const [row] = await rows<{ failing_since: Date }>(
    db,
    'mail-failing',
    `INSERT INTO mail_state VALUES ($1, NULL, $2, $3)
     ON CONFLICT (mailbox) DO UPDATE SET failing_since = coalesce(mail_state.failing_since, $2), fault = $3
     RETURNING failing_since`,
    [mailbox, new Date(at), fault],
  )
  return row?.failing_since.getTime() ?? at
}

export async function findMailState(db: Queryable, mailbox: Uint8Array): Promise<MailState | null> {
  const [row] = await rows<{ reached_at: Date | null; failing_since: Date | null; fault: string | null }>(
    db,
    'mail-state',
    'SELECT reached_at, failing_since, fault FROM mail_state WHERE mailbox = $1',
    [mailbox],
  )
  if (row === undefined) return null
  const { reached_at, failing_since, fault } = row
  return { reachedAt: reached_at?.getTime() ?? null, failingSince: failing_since?.getTime() ?? null, fault }
}

/** Notes that a message was taken, in the transaction that takes it. Throws `conflict` where it was before. */
export async function insertTaken(tx: Queryable, source: Uint8Array, fate: string, at: Instant): Promise<void> {
  await rows(tx, 'mail-taken-insert', 'INSERT INTO mail_taken VALUES ($1, $2, $3)', [source, fate, new Date(at)])
}

export async function isMailTaken(db: Queryable, source: Uint8Array): Promise<boolean> {
  return (await rows(db, 'mail-taken', 'SELECT FROM mail_taken WHERE source = $1', [source])).length > 0
}

export async function deleteTakenBefore(db: Queryable, cutoff: Instant): Promise<void> {
  await rows(db, 'mail-taken-delete', 'DELETE FROM mail_taken WHERE at < $1', [new Date(cutoff)])
}

/** What somebody wrote in answer, joined to their letter. */
export interface AdditionRow {
  readonly letter: Uuid
  readonly id: Uuid
  readonly receivedAt: Instant
  readonly sealed: Uint8Array
  readonly seenAt: Instant | null
}

export async function insertAddition(tx: Queryable, row: AdditionRow): Promise<void> {
  await rows(tx, 'letter-addition-insert', 'INSERT INTO letter_addition VALUES ($1, $2, $3, $4, NULL)', [
    row.letter,
    row.id,
    new Date(row.receivedAt),
    row.sealed,
  ])
}

export async function listAdditions(db: Queryable, letter: Uuid): Promise<readonly AdditionRow[]> {
  const found = await rows<{ addition_id: string; received_at: Date; sealed: Buffer; seen_at: Date | null }>(
    db,
    'letter-additions',
    `SELECT addition_id, received_at, sealed, seen_at FROM letter_addition WHERE letter_id = $1
     ORDER BY received_at, addition_id LIMIT 200`,
    [letter],
  )
  return found.map((row) => ({
    letter,
    id: row.addition_id,
    receivedAt: row.received_at.getTime(),
    sealed: row.sealed,
    seenAt: row.seen_at?.getTime() ?? null,
  }))
}

export async function markAdditionsSeen(db: Queryable, letter: Uuid, ids: readonly Uuid[], at: Instant): Promise<void> {
  await rows(
    db,
    'letter-additions-seen',
    'UPDATE letter_addition SET seen_at = $3 WHERE letter_id = $1 AND addition_id = ANY($2) AND seen_at IS NULL',
    [letter, ids, new Date(at)],
  )
}

/** Of these letters, those that somebody added to what nobody has read yet. */
export async function lettersAddedTo(db: Queryable, letters: readonly Uuid[]): Promise<ReadonlySet<Uuid>> {
  const found = await rows<{ letter_id: string }>(
    db,
    'letters-added-to',
    'SELECT DISTINCT letter_id FROM letter_addition WHERE letter_id = ANY($1) AND seen_at IS NULL',
    [letters],
  )
  return new Set(found.map((row) => row.letter_id))
}

/** A message that was set aside. */
export interface AsideRow {
  readonly id: Uuid
  readonly reason: string
  readonly receivedAt: Instant
  readonly bytes: number
  readonly letter: Uuid | null
  /** Null where it was left in the mailbox. */
  readonly sealed: Uint8Array | null
  readonly dismissedAt: Instant | null
  readonly dismissedBy: string | null
}

interface AsideRowOf extends Record<string, unknown> {
  aside_id: string
  reason: string
  received_at: Date
  bytes: string
  letter_id: string | null
  sealed?: Buffer | null
  dismissed_at: Date | null
  dismissed_by: string | null
}

const ASIDE = 'aside_id, reason, received_at, bytes, letter_id, dismissed_at, dismissed_by'

export async function insertAside(tx: Queryable, row: AsideRow): Promise<void> {
  await rows(tx, 'mail-aside-insert', 'INSERT INTO mail_aside VALUES ($1, $2, $3, $4, $5, $6, NULL, NULL)', [
    row.id,
    row.reason,
    new Date(row.receivedAt),
    row.bytes,
    row.letter,
    row.sealed,
  ])
}

/** One with its content, its row locked to the end of the transaction. */
export async function lockAside(tx: Queryable, id: Uuid): Promise<AsideRow | null> {
  const [row] = await rows<AsideRowOf>(
    tx,
    'mail-aside-lock',
    `SELECT ${ASIDE}, sealed FROM mail_aside WHERE aside_id = $1 FOR UPDATE`,
    [id],
  )
  return row === undefined ? null : asideOf(row)
}

/** What nobody has looked through yet, or all of it; the newest first, without content. */
export async function listAside(
  db: Queryable,
  which: { readonly reason?: string | undefined; readonly all: boolean; readonly before?: Place | undefined },
  limit: number,
): Promise<readonly AsideRow[]> {
  const found = await rows<AsideRowOf>(
    db,
    'mail-aside-list',
    `SELECT ${ASIDE} FROM mail_aside
     WHERE ($1::text IS NULL OR reason = $1) AND ($2 OR dismissed_at IS NULL)
       AND ($3::timestamptz IS NULL OR (received_at, aside_id) < ($3, $4::uuid))
     ORDER BY received_at DESC, aside_id DESC LIMIT $5`,
    [
      which.reason ?? null,
      which.all,
      which.before === undefined ? null : new Date(which.before.at),
      which.before?.id ?? null,
      limit,
    ],
  )
  return found.map(asideOf)
}

/** A place in a list that is ordered by time. */
export interface Place {
  readonly at: Instant
  readonly id: Uuid
}

/** How many there are of each reason that nobody has looked through. */
export async function countAside(db: Queryable): Promise<ReadonlyMap<string, number>> {
  const found = await rows<{ reason: string; n: number }>(
    db,
    'mail-aside-count',
    'SELECT reason, count(*)::int AS n FROM mail_aside WHERE dismissed_at IS NULL GROUP BY reason ORDER BY reason',
    [],
  )
  return new Map(found.map(({ reason, n }) => [reason, n]))
}

/** True where a bounce says that an answer to this letter did not arrive. */
export async function cameBack(db: Queryable, letter: Uuid): Promise<boolean> {
  return (await rows(db, 'mail-came-back', 'SELECT FROM mail_aside WHERE letter_id = $1 LIMIT 1', [letter])).length > 0
}

export async function dismissAside(tx: Queryable, id: Uuid, at: Instant, by: string): Promise<void> {
  await rows(
    tx,
    'mail-aside-dismiss',
    'UPDATE mail_aside SET dismissed_at = $2, dismissed_by = $3 WHERE aside_id = $1',
    [id, new Date(at), by],
  )
}

export async function deleteAside(tx: Queryable, id: Uuid): Promise<void> {
  await rows(tx, 'mail-aside-delete', 'DELETE FROM mail_aside WHERE aside_id = $1', [id])
}

export async function deleteAsideBefore(db: Queryable, cutoff: Instant): Promise<void> {
  await rows(db, 'mail-aside-delete-old', 'DELETE FROM mail_aside WHERE received_at < $1', [new Date(cutoff)])
}

function asideOf(row: AsideRowOf): AsideRow {
  return {
    id: row.aside_id,
    reason: row.reason,
    receivedAt: row.received_at.getTime(),
    bytes: Number(row.bytes),
    letter: row.letter_id,
    sealed: row.sealed ?? null,
    dismissedAt: row.dismissed_at?.getTime() ?? null,
    dismissedBy: row.dismissed_by,
  }
}
