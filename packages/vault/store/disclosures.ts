import type { Instant, Localised, Uuid } from '@doverie/core/base'
import { type Queryable, rows } from './database.ts'

/** What entitles a recipient, as the policy had it at the time. */
export interface Basis {
  readonly by: 'norm' | 'contract' | 'consent'
  readonly text: Localised
}

/** Who did something, as the ledger names them. */
export interface NamedActor {
  readonly kind: string
  readonly name: string
  readonly id?: string
}

export type DisclosureState = 'waiting' | 'made' | 'declined'

/** A line of the register of disclosures. */
export interface Disclosure {
  readonly id: Uuid
  readonly subject: Uuid
  readonly recipient: string
  readonly kind: string
  readonly basis: Basis
  readonly entity: string
  readonly purpose: string
  readonly fields: readonly string[]
  readonly ticket: string | null
  readonly policy: string
  readonly state: DisclosureState
  readonly askedAt: Instant
  readonly askedBy: NamedActor
  readonly settledAt: Instant | null
  readonly settledBy: NamedActor | null
  /** The ledger entry of what last happened to it. */
  readonly entry: Uuid
  /** The demand that it answers; null where it answers none. */
  readonly demand: Uuid | null
  /** Until when it is not shown to whom it is about, by a norm; null where it is shown. */
  readonly hiddenUntil: Instant | null
}

export async function insertDisclosure(tx: Queryable, one: Disclosure): Promise<void> {
  await rows(
    tx,
    'disclosure-insert',
    'INSERT INTO disclosure VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $16, $18)',
    [
      one.subject,
      one.id,
      one.recipient,
      one.kind,
      one.basis,
      one.entity,
      one.purpose,
      one.fields,
      one.ticket,
      one.policy,
      one.state,
      new Date(one.askedAt),
      one.askedBy,
      one.settledAt === null ? null : new Date(one.settledAt),
      one.settledBy,
      one.entry,
      one.demand,
      one.hiddenUntil === null ? null : new Date(one.hiddenUntil),
    ],
  )
}

/** Settles what waits; false where it does not wait (any more): of two who settle it one does. */
export async function settleDisclosure(
  tx: Queryable,
  {
    subject,
    id,
    state,
    settledAt,
    settledBy,
    entry,
  }: Pick<Disclosure, 'subject' | 'id' | 'state' | 'entry'> & {
    readonly settledAt: Instant
    readonly settledBy: NamedActor
  },
): Promise<boolean> {
  const done = await rows(
    tx,
    'disclosure-settle',
    `UPDATE disclosure SET state = $3, settled_at = $4, settled_by = $5, entry_id = $6
     WHERE subject_id = $1 AND disclosure_id = $2 AND state = 'waiting' RETURNING 1`,
    [subject, id, state, new Date(settledAt), settledBy, entry],
  )
  return done.length === 1
}

interface Row extends Record<string, unknown> {
  readonly subject_id: Uuid
  readonly disclosure_id: Uuid
  readonly recipient: string
  readonly kind: string
  readonly basis: Basis
  readonly entity: string
  readonly purpose: string
  readonly fields: readonly string[]
  readonly ticket: string | null
  readonly policy: string
  readonly state: DisclosureState
  readonly asked_at: Date
  readonly asked_by: NamedActor
  readonly settled_at: Date | null
  readonly settled_by: NamedActor | null
  readonly entry_id: Uuid
  readonly demand_id: Uuid | null
  readonly hidden_until: Date | null
}

export async function findDisclosure(db: Queryable, subject: Uuid, id: Uuid): Promise<Disclosure | null> {
  const [row] = await rows<Row>(
    db,
    'disclosure-find',
    'SELECT * FROM disclosure WHERE subject_id = $1 AND disclosure_id = $2',
    [subject, id],
  )
  return row === undefined ? null : lineOf(row)
}

/** Lines of the register, the newest first; null leaves a question out. */
export async function listDisclosures(
  db: Queryable,
  which: {
    readonly subject: Uuid | null
    readonly recipient: string | null
    readonly state: DisclosureState | null
    /** Those asked for before this moment; with `beforeId`, those of that moment whose id comes after, too. */
    readonly before: Instant | null
    readonly beforeId: Uuid | null
    readonly limit: number
    /** Leaves out what whom it is about may not be told at this moment; null leaves out nothing. */
    readonly hiddenAt: Instant | null
  },
): Promise<readonly Disclosure[]> {
  const { subject, recipient, state, before, beforeId, limit, hiddenAt } = which
  const found = await rows<Row>(
    db,
    'disclosures',
    `SELECT * FROM disclosure
     WHERE ($1::uuid IS NULL OR subject_id = $1) AND ($2::text IS NULL OR recipient = $2)
       AND ($3::text IS NULL OR state = $3)
       AND ($4::timestamptz IS NULL OR asked_at < $4 OR (asked_at = $4 AND disclosure_id > $5::uuid))
       AND ($7::timestamptz IS NULL OR hidden_until IS NULL OR hidden_until <= $7)
     ORDER BY asked_at DESC, disclosure_id LIMIT $6`,
    [
      ...[subject, recipient, state, before === null ? null : new Date(before), beforeId, limit],
      hiddenAt === null ? null : new Date(hiddenAt),
    ],
  )
  return found.map(lineOf)
}

/** The lines of a demand, by whom they are about. */
export async function listDisclosuresOfDemand(db: Queryable, demand: Uuid): Promise<readonly Disclosure[]> {
  const found = await rows<Row>(
    db,
    'disclosures-demand',
    'SELECT * FROM disclosure WHERE demand_id = $1 ORDER BY asked_at, disclosure_id',
    [demand],
  )
  return found.map(lineOf)
}

/**
 * Declines what waits for a demand that is refused, by the entry of the refusal; and what is made of one whose approval was interrupted: as long
 * as the demand stands open there is no document, so nothing went.
 */
export async function declineDisclosuresOf(
  tx: Queryable,
  demand: Uuid,
  { at, by, entry }: { readonly at: Instant; readonly by: NamedActor; readonly entry: Uuid },
): Promise<void> {
  await rows(
    tx,
    'disclosures-decline',
    `UPDATE disclosure SET state = 'declined', settled_at = $2, settled_by = $3, entry_id = $4
     WHERE demand_id = $1 AND state IN ('waiting', 'made')`,
    [demand, new Date(at), by, entry],
  )
}

/** Ledger entries about a person that a norm forbids to tell them at this moment: of the asking, and of what became of it. */
export async function listHiddenEntries(db: Queryable, subject: Uuid, now: Instant): Promise<ReadonlySet<Uuid>> {
  const found = await rows<{ asked_entry: Uuid | null; entry_id: Uuid }>(
    db,
    'entries-hidden',
    'SELECT asked_entry, entry_id FROM disclosure WHERE subject_id = $1 AND hidden_until > $2',
    [subject, new Date(now)],
  )
  return new Set(
    found.flatMap(({ asked_entry: asked, entry_id: entry }) => (asked === null ? [entry] : [asked, entry])),
  )
}

/** Two turn out to be one person: what went to whom about the one is told the other. */
export async function moveDisclosures(tx: Queryable, from: Uuid, to: Uuid): Promise<void> {
  await rows(tx, 'disclosures-move', 'UPDATE disclosure SET subject_id = $2 WHERE subject_id = $1', [from, to])
}

/** The register forgets who is destroyed: its moments would lead to their entries in the ledger. */
export async function deleteDisclosures(tx: Queryable, subject: Uuid): Promise<void> {
  await rows(tx, 'disclosures-delete', 'DELETE FROM disclosure WHERE subject_id = $1', [subject])
}

function lineOf(row: Row): Disclosure {
  const { recipient, kind, basis, entity, purpose, fields, ticket, policy, state } = row
  return {
    ...{
      id: row.disclosure_id,
      subject: row.subject_id,
      recipient,
      kind,
      basis,
      entity,
      purpose,
      fields,
      ticket,
      policy,
    },
    state,
    askedAt: row.asked_at.getTime(),
    askedBy: row.asked_by,
    settledAt: row.settled_at?.getTime() ?? null,
    settledBy: row.settled_by,
    entry: row.entry_id,
    demand: row.demand_id,
    hiddenUntil: row.hidden_until?.getTime() ?? null,
  }
}
