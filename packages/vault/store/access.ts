import type { Instant, Uuid } from '@doverie/core/base'
import { type Queryable, rows } from './database.ts'
import type { AccessKind } from './journal.ts'

export interface CredentialRow extends Record<string, unknown> {
  readonly credential_id: Uuid
  readonly actor: string
  readonly entities: readonly string[]
  readonly purposes: readonly string[]
  readonly people_per_hour: number
  readonly created_at: Date
  readonly expires_at: Date
  readonly revoked_at: Date | null
}

const CREDENTIAL = 'credential_id, actor, entities, purposes, people_per_hour, created_at, expires_at, revoked_at'

export async function insertCredential(tx: Queryable, row: CredentialRow, secretHash: Uint8Array): Promise<void> {
  await rows(tx, 'credential-insert', 'INSERT INTO credential VALUES ($1, $2, $3, $4, $5, $6, $7, $8)', [
    row.credential_id,
    row.actor,
    row.entities,
    row.purposes,
    secretHash,
    row.people_per_hour,
    row.created_at,
    row.expires_at,
  ])
}

/** The credential of a secret, revoked and expired ones too: the guard judges. */
export async function findCredential(db: Queryable, secretHash: Uint8Array): Promise<CredentialRow | null> {
  const [row] = await rows<CredentialRow>(
    db,
    'credential-find',
    `SELECT ${CREDENTIAL} FROM credential WHERE secret_hash = $1`,
    [secretHash],
  )
  return row ?? null
}

export function listCredentials(db: Queryable): Promise<readonly CredentialRow[]> {
  return rows<CredentialRow>(db, 'credentials', `SELECT ${CREDENTIAL} FROM credential ORDER BY created_at`, [])
}

/** True where it was live until now. */
export async function revokeCredential(tx: Queryable, id: Uuid, at: Instant): Promise<boolean> {
  const done = await rows(
    tx,
    'credential-revoke',
    'UPDATE credential SET revoked_at = $2 WHERE credential_id = $1 AND revoked_at IS NULL RETURNING 1',
    [id, new Date(at)],
  )
  return done.length === 1
}

/** Whose access was taken and when, the newest first: revoked credentials, staff switched off. */
export async function listTaken(
  db: Queryable,
  limit: number | null = null,
): Promise<readonly { readonly kind: AccessKind; readonly holder: Uuid; readonly at: Instant }[]> {
  const found = await rows<{ kind: AccessKind; holder: string; at: Date }>(
    db,
    'access-taken',
    `SELECT 'credential-revoked' AS kind, credential_id AS holder, revoked_at AS at FROM credential WHERE revoked_at IS NOT NULL
     UNION ALL SELECT 'staff-switched-off', staff_id, disabled_at FROM staff WHERE disabled_at IS NOT NULL
     ORDER BY at DESC LIMIT $1`,
    [limit],
  )
  return found.map(({ kind, holder, at }) => ({ kind, holder, at: at.getTime() }))
}

/** True where a credential is live; then it cannot be revoked before the transaction ends. */
export async function holdCredential(tx: Queryable, id: Uuid): Promise<boolean> {
  const live = await rows(
    tx,
    'credential-hold',
    'SELECT FROM credential WHERE credential_id = $1 AND revoked_at IS NULL FOR SHARE',
    [id],
  )
  return live.length > 0
}

/** True where the data say that the access of this credential, or member of staff, was taken. */
export async function isTaken(db: Queryable, id: Uuid): Promise<boolean> {
  const found = await rows(
    db,
    'access-is-taken',
    `SELECT FROM credential WHERE credential_id = $1 AND revoked_at IS NOT NULL
     UNION ALL SELECT FROM staff WHERE staff_id = $1 AND disabled_at IS NOT NULL`,
    [id],
  )
  return found.length > 0
}

export interface StaffRow extends Record<string, unknown> {
  readonly staff_id: Uuid
  readonly pseudonym: string
  readonly role: string
}

/** Throws `conflict` where the pseudonym is taken. */
export async function insertStaff(tx: Queryable, staff: StaffRow, at: Instant): Promise<void> {
  await rows(tx, 'staff-insert', 'INSERT INTO staff VALUES ($1, $2, $3, $4)', [
    staff.staff_id,
    staff.pseudonym,
    staff.role,
    new Date(at),
  ])
}

/** Everybody who is not switched off, locked until the transaction ends, in one order: so two who change it never wait crosswise. */
export function lockStaff(tx: Queryable): Promise<readonly StaffRow[]> {
  return rows<StaffRow>(
    tx,
    'staff-lock',
    'SELECT staff_id, pseudonym, role FROM staff WHERE disabled_at IS NULL ORDER BY staff_id FOR UPDATE',
    [],
  )
}

export async function switchOff(tx: Queryable, id: Uuid, at: Instant): Promise<void> {
  await rows(tx, 'staff-off', 'UPDATE staff SET disabled_at = $2 WHERE staff_id = $1', [id, new Date(at)])
}

/** Members of staff, the oldest first, once for each session of theirs and once where they have none. */
export function listStaff(
  db: Queryable,
  now: Instant,
): Promise<
  readonly (StaffRow & {
    readonly created_at: Date
    readonly disabled_at: Date | null
    readonly session_created_at: Date | null
    readonly session_expires_at: Date | null
  })[]
> {
  return rows(
    db,
    'staff-list',
    `SELECT m.staff_id, m.pseudonym, m.role, m.created_at, m.disabled_at,
       s.created_at AS session_created_at, s.expires_at AS session_expires_at
     FROM staff m LEFT JOIN session s ON s.holder_id = m.staff_id AND s.kind = 'staff' AND s.expires_at > $1
     ORDER BY m.created_at, m.staff_id, s.created_at`,
    [new Date(now)],
  )
}

export async function findStaff(db: Queryable, id: Uuid): Promise<StaffRow | null> {
  const [row] = await rows<StaffRow>(
    db,
    'staff-find',
    'SELECT staff_id, pseudonym, role FROM staff WHERE staff_id = $1 AND disabled_at IS NULL',
    [id],
  )
  return row ?? null
}

/** True where a member of staff is not switched off; then they cannot be before the transaction ends. */
export async function holdStaff(tx: Queryable, id: Uuid): Promise<boolean> {
  const live = await rows(tx, 'staff-hold', 'SELECT FROM staff WHERE staff_id = $1 AND disabled_at IS NULL FOR SHARE', [
    id,
  ])
  return live.length > 0
}

/** Whose a one-time link is, held likewise. The row of staff comes before the link's: so does whoever ends both. */
export async function holdLinked(tx: Queryable, codeHash: Uint8Array): Promise<StaffRow | null> {
  const [row] = await rows<StaffRow>(
    tx,
    'staff-hold-linked',
    `SELECT m.staff_id, m.pseudonym, m.role FROM staff m JOIN sign_in s ON s.holder_id = m.staff_id
     WHERE s.code_hash = $1 AND s.kind = 'staff' AND m.disabled_at IS NULL FOR SHARE OF m`,
    [codeHash],
  )
  return row ?? null
}

/** The member of staff with this role who has been here longest: to whom a server offers its link. */
export async function firstStaff(db: Queryable, role: string): Promise<StaffRow | null> {
  const [row] = await rows<StaffRow>(
    db,
    'staff-first',
    'SELECT staff_id, pseudonym, role FROM staff WHERE role = $1 AND disabled_at IS NULL ORDER BY created_at LIMIT 1',
    [role],
  )
  return row ?? null
}

/** The role of the very first member of staff, switched off or not; null before there is any. */
export async function foundingRole(db: Queryable): Promise<string | null> {
  const [row] = await rows<{ role: string }>(
    db,
    'staff-founder',
    'SELECT role FROM staff ORDER BY created_at, staff_id LIMIT 1',
    [],
  )
  return row?.role ?? null
}

/** The roles that members of staff have, of those who are not switched off. */
export async function staffRoles(db: Queryable): Promise<readonly string[]> {
  const found = await rows<{ role: string }>(
    db,
    'staff-roles',
    'SELECT DISTINCT role FROM staff WHERE disabled_at IS NULL',
    [],
  )
  return found.map(({ role }) => role)
}

/** How many members of staff there ever were with this role. */
export async function countStaff(db: Queryable, role: string): Promise<number> {
  const [row] = await rows<{ n: string }>(db, 'staff-count', 'SELECT count(*) AS n FROM staff WHERE role = $1', [role])
  return Number(row?.n ?? 0)
}

export interface SessionRow extends Record<string, unknown> {
  readonly kind: 'staff' | 'subject'
  readonly holder_id: Uuid
  readonly proved: readonly string[]
  readonly expires_at: Date
  /** By what it was proved again who is signed in, and when. */
  readonly steps: readonly { readonly method: string; readonly at: Instant }[]
  /** Who had the link made by which staff signed in; null for whoever holds the machine, and for people. */
  readonly issued_by: string | null
}

export async function insertSession(
  tx: Queryable,
  tokenHash: Uint8Array,
  session: SessionRow,
  at: Instant,
): Promise<void> {
  await rows(tx, 'session-insert', 'INSERT INTO session VALUES ($1, $2, $3, $4, $5, $6, $7, $8)', [
    tokenHash,
    session.kind,
    session.holder_id,
    session.proved,
    new Date(at),
    session.expires_at,
    session.issued_by,
    JSON.stringify(session.steps),
  ])
}

/** Notes in a session that lives that who is signed in was proved again. False where it has ended. */
export async function addSessionStep(
  tx: Queryable,
  tokenHash: Uint8Array,
  method: string,
  now: Instant,
): Promise<boolean> {
  const done = await rows(
    tx,
    'session-step',
    `UPDATE session SET steps = steps || jsonb_build_array(jsonb_build_object('method', $2::text, 'at', $3::bigint))
     WHERE token_hash = $1 AND expires_at > $4 RETURNING 1`,
    [tokenHash, method, now, new Date(now)],
  )
  return done.length === 1
}

export async function findSession(db: Queryable, tokenHash: Uint8Array, now: Instant): Promise<SessionRow | null> {
  const [row] = await rows<SessionRow>(
    db,
    'session-find',
    'SELECT kind, holder_id, proved, expires_at, steps, issued_by FROM session WHERE token_hash = $1 AND expires_at > $2',
    [tokenHash, new Date(now)],
  )
  return row ?? null
}

export async function deleteSession(db: Queryable, tokenHash: Uint8Array): Promise<void> {
  await rows(db, 'session-delete', 'DELETE FROM session WHERE token_hash = $1', [tokenHash])
}

/** True where a session lives; then it cannot be ended before the transaction ends. */
export async function holdSession(tx: Queryable, tokenHash: Uint8Array, now: Instant): Promise<boolean> {
  const live = await rows(
    tx,
    'session-hold',
    'SELECT FROM session WHERE token_hash = $1 AND expires_at > $2 FOR SHARE',
    [tokenHash, new Date(now)],
  )
  return live.length > 0
}

/** Ends a person's sessions but for one; how many there were. */
export async function deleteOtherSessions(tx: Queryable, subject: Uuid, kept: Uint8Array): Promise<number> {
  const gone = await rows(
    tx,
    'sessions-delete-other',
    `DELETE FROM session WHERE holder_id = $1 AND kind = 'subject' AND token_hash <> $2 RETURNING 1`,
    [subject, kept],
  )
  return gone.length
}

/** Ends everything by which somebody is signed in or could be. */
export async function deleteAccess(tx: Queryable, holder: Uuid): Promise<void> {
  await rows(
    tx,
    'access-delete',
    `WITH gone AS (DELETE FROM session WHERE holder_id = $1), keys AS (DELETE FROM passkey WHERE holder_id = $1),
       change AS (DELETE FROM mailbox_change WHERE subject_id = $1)
     DELETE FROM sign_in WHERE holder_id = $1`,
    [holder],
  )
}

export interface SignInRow extends Record<string, unknown> {
  readonly sign_in_id: Uuid
  /** Of staff by a link, of a person by a short code, or by a long one that several share; a code that only proves a channel. */
  readonly kind: 'staff' | 'subject' | 'subject-long' | 'proof'
  readonly holder_id: Uuid
  readonly target_hash: Buffer | null
  readonly code_hash: Buffer
  /** Under whose key both lie; null for one-time links. */
  readonly epoch: number | null
  readonly attempts: number
  readonly expires_at: Date
  /** For what a code of kind `proof` is good. */
  readonly bound_to: string | null
  /** Who had a link made; null for whoever holds the machine, and for codes. */
  readonly issued_by: string | null
}

export async function insertSignIn(tx: Queryable, row: SignInRow): Promise<void> {
  await rows(tx, 'sign-in-insert', 'INSERT INTO sign_in VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)', [
    row.sign_in_id,
    row.kind,
    row.holder_id,
    row.target_hash,
    row.code_hash,
    row.attempts,
    row.expires_at,
    row.epoch,
    row.issued_by,
    row.bound_to,
  ])
}

/** The locks under which codes for one mailbox are counted, and under which one mailbox is proved, each by one at a time. */
const MAILBOX_LOCKS = { code: 0x646f7602, proof: 0x646f7603 } as const

/** Has what concerns one mailbox happen one after the other, until the transaction ends. `target` is a keyed hash of it. */
export async function lockMailbox(tx: Queryable, what: keyof typeof MAILBOX_LOCKS, target: Buffer): Promise<void> {
  await rows(tx, 'mailbox-lock', 'SELECT pg_advisory_xact_lock($1, $2)', [MAILBOX_LOCKS[what], target.readInt32BE(0)])
}

/** How many sign-ins for a mailbox were begun with a short code and did not serve, whose code is live or ran out after `since`. */
export async function countSignIns(tx: Queryable, target: Uint8Array, since: Instant): Promise<number> {
  const [row] = await rows<{ n: string }>(
    tx,
    'sign-in-count',
    `SELECT count(*) AS n FROM sign_in WHERE target_hash = $1 AND expires_at > $2 AND kind = 'subject'`,
    [target, new Date(since)],
  )
  return Number(row?.n ?? 0)
}

/** How many codes that prove a channel were made for a target, with a code that is live or ran out after `since`. */
export async function countProofCodes(tx: Queryable, target: Uint8Array, since: Instant): Promise<number> {
  const [row] = await rows<{ n: string }>(
    tx,
    'proof-code-count',
    `SELECT count(*) AS n FROM sign_in WHERE target_hash = $1 AND expires_at > $2 AND kind = 'proof'`,
    [target, new Date(since)],
  )
  return Number(row?.n ?? 0)
}

/** Ends a code that only proves a channel, without forgetting that it was sent. False where somebody took it before. */
export async function takeProofCode(tx: Queryable, id: Uuid, spent: number): Promise<boolean> {
  const taken = await rows(
    tx,
    'proof-code-take',
    `UPDATE sign_in SET attempts = $2 WHERE sign_in_id = $1 AND attempts < $2 AND kind = 'proof' RETURNING 1`,
    [id, spent],
  )
  return taken.length === 1
}

/** A mailbox's newest long code that is good beyond `until`. */
export async function findLongCode(
  tx: Queryable,
  target: Uint8Array,
  until: Instant,
): Promise<{ readonly codeHash: Buffer; readonly expiresAt: Instant } | null> {
  const [row] = await rows<{ code_hash: Buffer; expires_at: Date }>(
    tx,
    'sign-in-long',
    `SELECT code_hash, expires_at FROM sign_in WHERE target_hash = $1 AND expires_at > $2 AND kind = 'subject-long'
     ORDER BY expires_at DESC LIMIT 1`,
    [target, new Date(until)],
  )
  return row ? { codeHash: row.code_hash, expiresAt: row.expires_at.getTime() } : null
}

/** Counts an attempt against a code and gives it, or null where there is none live of that use: a code is guessed at most so often. */
export async function attemptSignIn(
  tx: Queryable,
  id: Uuid,
  now: Instant,
  maxAttempts: number,
  proves = false,
): Promise<SignInRow | null> {
  const [row] = await rows<SignInRow>(
    tx,
    'sign-in-try',
    `UPDATE sign_in SET attempts = attempts + 1 WHERE sign_in_id = $1 AND expires_at > $2 AND attempts < $3 AND (kind = 'proof') = $4
     RETURNING sign_in_id, kind, holder_id, target_hash, code_hash, attempts, expires_at, epoch, issued_by, bound_to`,
    [id, new Date(now), maxAttempts, proves],
  )
  return row ?? null
}

/**
 * Takes a sign-in, and with it every other that shares its code, so that a code serves once: of two who present it at the same
 * time one gets it.
 */
export async function takeSignIn(tx: Queryable, id: Uuid): Promise<boolean> {
  const taken = await rows<{ sign_in_id: Uuid }>(
    tx,
    'sign-in-take',
    `DELETE FROM sign_in WHERE code_hash = (SELECT code_hash FROM sign_in WHERE sign_in_id = $1) RETURNING sign_in_id`,
    [id],
  )
  return taken.some((row) => row.sign_in_id === id)
}

/** Takes a one-time link by its code's hash. */
export async function takeLink(tx: Queryable, codeHash: Uint8Array, now: Instant): Promise<SignInRow | null> {
  const [row] = await rows<SignInRow>(
    tx,
    'link-take',
    `DELETE FROM sign_in WHERE code_hash = $1 AND kind = 'staff' AND expires_at > $2
     RETURNING sign_in_id, kind, holder_id, target_hash, code_hash, attempts, expires_at, epoch, issued_by, bound_to`,
    [codeHash, new Date(now)],
  )
  return row ?? null
}

/**
 * Removes what has run out: sessions, links and long codes at once; short codes, which are counted by the day, and remembered
 * answers once they are older than `dayAgo`.
 */
export async function sweepExpired(db: Queryable, now: Instant, dayAgo: Instant): Promise<void> {
  await rows(
    db,
    'sweep-expired',
    `WITH a AS (DELETE FROM session WHERE expires_at < $1),
       b AS (DELETE FROM sign_in WHERE expires_at < CASE WHEN kind IN ('subject', 'proof') THEN $2::timestamptz ELSE $1 END)
     DELETE FROM idempotency WHERE at < $2`,
    [new Date(now), new Date(dayAgo)],
  )
}

/** The pseudonyms of everybody who ever was a member of staff. */
export async function listPseudonyms(db: Queryable): Promise<ReadonlySet<string>> {
  const found = await rows<{ pseudonym: string }>(db, 'pseudonyms', 'SELECT pseudonym FROM staff', [])
  return new Set(found.map(({ pseudonym }) => pseudonym))
}
