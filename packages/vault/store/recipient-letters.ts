import type { Instant, Uuid } from '@doverie/core/base'
import { type Queryable, rows } from './database.ts'

/** What goes to a recipient: that data it has were corrected or destroyed; an answer to a demand, or its refusal. */
type RecipientLetterKind = 'corrected' | 'destroyed' | 'answer' | 'refusal'

/**
 * `asked`: to be made; `made`: to be posted; `sent`; `confirmed`: the recipient said that it did so, or has it; `unreachable`: no letter
 * reaches it, for a reason that staff named.
 */
type RecipientLetterState = 'asked' | 'made' | 'sent' | 'confirmed' | 'unreachable'
/** Why no letter reaches a recipient. */
type Unreachable = 'no-address' | 'came-back' | 'dissolved'

/** Data that were handed over, by the register's line. */
interface HandedOver {
  readonly disclosure: Uuid
  readonly ticket: string | null
  readonly at: Instant
  readonly fields: readonly string[]
}

export interface RecipientLetterRow {
  readonly id: Uuid
  readonly kind: RecipientLetterKind
  readonly recipient: string
  readonly demand: Uuid | null
  readonly about: { readonly entity: string; readonly handed: readonly HandedOver[] }
  readonly language: 'ru' | 'en'
  readonly state: RecipientLetterState
  readonly channel: 'mail' | 'print' | null
  readonly number: string | null
  readonly pdf: Uint8Array | null
  readonly hash: Uint8Array | null
  readonly askedAt: Instant
  readonly madeAt: Instant | null
  readonly sentAt: Instant | null
  readonly confirmedAt: Instant | null
  readonly dueAt: Instant
  readonly told: number
  /** Requests that do not end before it went. */
  readonly requests: readonly Uuid[]
  /** When it is looked at next of itself; null where it waits for nothing that is ours. */
  readonly wakeAt: Instant | null
  readonly unreachable: Unreachable | null
}

interface Row extends Record<string, unknown> {
  readonly letter_id: Uuid
  readonly kind: RecipientLetterKind
  readonly recipient: string
  readonly demand_id: Uuid | null
  readonly about: RecipientLetterRow['about']
  readonly language: 'ru' | 'en'
  readonly state: RecipientLetterState
  readonly channel: RecipientLetterRow['channel']
  readonly number: string | null
  readonly pdf: Buffer | null
  readonly hash: Buffer | null
  readonly asked_at: Date
  readonly made_at: Date | null
  readonly sent_at: Date | null
  readonly confirmed_at: Date | null
  readonly due_at: Date
  readonly told: number
  readonly requests: readonly Uuid[]
  readonly wake_at: Date | null
  readonly unreachable: Unreachable | null
}

export async function insertRecipientLetter(tx: Queryable, one: RecipientLetterRow): Promise<void> {
  await rows(
    tx,
    'recipient-letter-insert',
    `INSERT INTO recipient_letter (letter_id, kind, recipient, demand_id, about, language, state, channel, number, pdf, hash, asked_at,
       made_at, sent_at, confirmed_at, due_at, told, requests, wake_at, unreachable)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)`,
    [
      ...[one.id, one.kind, one.recipient, one.demand, one.about, one.language, one.state, one.channel, one.number],
      ...[one.pdf, one.hash, new Date(one.askedAt), dateOf(one.madeAt), dateOf(one.sentAt), dateOf(one.confirmedAt)],
      ...[new Date(one.dueAt), one.told, one.requests, dateOf(one.wakeAt), one.unreachable],
    ],
  )
}

/** Stores what a letter has become. Its row must be locked by this transaction. */
export async function saveRecipientLetter(tx: Queryable, one: RecipientLetterRow): Promise<void> {
  await rows(
    tx,
    'recipient-letter-save',
    `UPDATE recipient_letter SET state = $2, channel = $3, number = $4, pdf = $5, hash = $6, made_at = $7, sent_at = $8,
       confirmed_at = $9, told = $10, wake_at = $11, unreachable = $12 WHERE letter_id = $1`,
    [
      ...[one.id, one.state, one.channel, one.number, one.pdf, one.hash],
      ...[
        dateOf(one.madeAt),
        dateOf(one.sentAt),
        dateOf(one.confirmedAt),
        one.told,
        dateOf(one.wakeAt),
        one.unreachable,
      ],
    ],
  )
}

export async function lockRecipientLetter(tx: Queryable, id: Uuid): Promise<RecipientLetterRow | null> {
  const [row] = await rows<Row>(
    tx,
    'recipient-letter-lock',
    'SELECT * FROM recipient_letter WHERE letter_id = $1 FOR UPDATE',
    [id],
  )
  return row === undefined ? null : letterOf(row)
}

/** Letters to recipients, of one demand or request where that is named: the open ones by what is due first, then the rest, the latest first. */
export async function listRecipientLetters(
  db: Queryable,
  which: { readonly demand?: Uuid | null; readonly request?: Uuid; readonly limit: number },
): Promise<readonly RecipientLetterRow[]> {
  const { demand = null, request = null, limit } = which
  const found = await rows<Row>(
    db,
    request === null ? 'recipient-letters' : 'recipient-letters-of-request',
    `SELECT * FROM recipient_letter
     WHERE ($1::uuid IS NULL OR demand_id = $1) ${request === null ? 'AND $3::uuid[] IS NULL' : 'AND requests @> $3::uuid[]'}
     ORDER BY state IN ('confirmed', 'unreachable'), CASE WHEN confirmed_at IS NULL THEN due_at END, confirmed_at DESC, letter_id LIMIT $2`,
    [demand, limit, request === null ? null : [request]],
  )
  return found.map(letterOf)
}

/** Letters that have not gone yet, what is due first. */
export async function listUnsentLetters(db: Queryable, limit: number): Promise<readonly RecipientLetterRow[]> {
  const found = await rows<Row>(
    db,
    'recipient-letters-unsent',
    `SELECT * FROM recipient_letter WHERE confirmed_at IS NULL AND state IN ('asked', 'made') ORDER BY due_at, letter_id LIMIT $1`,
    [limit],
  )
  return found.map(letterOf)
}

/**
 * Letters that are to be made, or of which a part of the term has passed, each put off by a minute in the same statement: who crashes over
 * one leaves it to be seen to again.
 */
export async function takeWakingLetters(db: Queryable, now: Instant, limit: number): Promise<readonly Uuid[]> {
  const found = await rows<{ letter_id: Uuid }>(
    db,
    'recipient-letters-waking',
    `UPDATE recipient_letter SET wake_at = $1::timestamptz + interval '1 minute' WHERE letter_id IN (
       SELECT letter_id FROM recipient_letter WHERE wake_at <= $1 ORDER BY wake_at LIMIT $2 FOR UPDATE SKIP LOCKED
     ) RETURNING letter_id`,
    [new Date(now), limit],
  )
  return found.map((row) => row.letter_id)
}

function dateOf(instant: Instant | null): Date | null {
  return instant === null ? null : new Date(instant)
}

function letterOf(row: Row): RecipientLetterRow {
  const { kind, recipient, about, language, state, channel, number, pdf, hash, told, requests, unreachable } = row
  return {
    ...{
      id: row.letter_id,
      kind,
      recipient,
      demand: row.demand_id,
      about,
      language,
      state,
      channel,
      number,
      pdf,
      hash,
    },
    askedAt: row.asked_at.getTime(),
    madeAt: row.made_at?.getTime() ?? null,
    sentAt: row.sent_at?.getTime() ?? null,
    confirmedAt: row.confirmed_at?.getTime() ?? null,
    dueAt: row.due_at.getTime(),
    ...{ told, requests, wakeAt: row.wake_at?.getTime() ?? null, unreachable },
  }
}
