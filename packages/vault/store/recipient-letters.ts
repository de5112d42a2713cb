import type { Instant, Uuid } from '@doverie/core/base'
import { type Queryable, rows } from './database.ts'

/** What goes to a recipient: that data it has were corrected or destroyed; an answer to a demand, or its refusal. */
type RecipientLetterKind = 'corrected' | 'destroyed' | 'answer' | 'refusal'

/** `asked`: to be made; `made`: to be posted; `sent`; `confirmed`: the recipient said that it did so, or has it. */
type RecipientLetterState = 'asked' | 'made' | 'sent' | 'confirmed'

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
}

export async function insertRecipientLetter(tx: Queryable, one: RecipientLetterRow): Promise<void> {
  await rows(
    tx,
    'recipient-letter-insert',
    `INSERT INTO recipient_letter VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
    [
      ...[one.id, one.kind, one.recipient, one.demand, one.about, one.language, one.state, one.channel, one.number],
      ...[one.pdf, one.hash, new Date(one.askedAt), dateOf(one.madeAt), dateOf(one.sentAt), dateOf(one.confirmedAt)],
      ...[new Date(one.dueAt), one.told],
    ],
  )
}

/** Stores what a letter has become. Its row must be locked by this transaction. */
export async function saveRecipientLetter(tx: Queryable, one: RecipientLetterRow): Promise<void> {
  await rows(
    tx,
    'recipient-letter-save',
    `UPDATE recipient_letter SET state = $2, channel = $3, number = $4, pdf = $5, hash = $6, made_at = $7, sent_at = $8,
       confirmed_at = $9, told = $10 WHERE letter_id = $1`,
    [
      ...[one.id, one.state, one.channel, one.number, one.pdf, one.hash],
      ...[dateOf(one.madeAt), dateOf(one.sentAt), dateOf(one.confirmedAt), one.told],
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

/** Letters to recipients: those not confirmed yet by what is due first, then the rest, the latest first. */
export async function listRecipientLetters(
  db: Queryable,
  which: { readonly demand: Uuid | null; readonly limit: number },
): Promise<readonly RecipientLetterRow[]> {
  const found = await rows<Row>(
    db,
    'recipient-letters',
    `SELECT * FROM recipient_letter WHERE $1::uuid IS NULL OR demand_id = $1
     ORDER BY confirmed_at IS NOT NULL, CASE WHEN confirmed_at IS NULL THEN due_at END, confirmed_at DESC, letter_id LIMIT $2`,
    [which.demand, which.limit],
  )
  return found.map(letterOf)
}

/** Letters that are to be made, and those not sent whose term has run out untold. */
export async function listRecipientWork(db: Queryable, now: Instant, limit: number): Promise<readonly Uuid[]> {
  const found = await rows<{ letter_id: Uuid }>(
    db,
    'recipient-letters-work',
    `SELECT letter_id FROM recipient_letter WHERE confirmed_at IS NULL
       AND (state = 'asked' OR (state = 'made' AND due_at <= $1 AND told < 100)) ORDER BY due_at LIMIT $2`,
    [new Date(now), limit],
  )
  return found.map((row) => row.letter_id)
}

function dateOf(instant: Instant | null): Date | null {
  return instant === null ? null : new Date(instant)
}

function letterOf(row: Row): RecipientLetterRow {
  const { kind, recipient, about, language, state, channel, number, pdf, hash, told } = row
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
    told,
  }
}
