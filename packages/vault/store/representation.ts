import type { Instant, RepresentativeAct, RepresentativeKind, Uuid } from '@doverie/core/base'
import { type Queryable, rows } from './database.ts'
import type { NamedActor } from './disclosures.ts'

/** Somebody may act for somebody: under which id their authority was verified. Whether it still holds, the facts of `subject` say. */
export interface Representation {
  readonly subject: Uuid
  readonly representative: Uuid
}

/** What staff wrote down of an authority that has no effect before another member of staff has said so. */
export interface Proposal {
  readonly kind: RepresentativeKind
  readonly until: Instant | null
  readonly scope: readonly RepresentativeAct[] | null
  readonly entity: string
  readonly ticket: string | null
  readonly askedAt: Instant
  readonly askedBy: NamedActor
}

export interface Proposed extends Representation {
  /** Who is to act. */
  readonly person: Uuid
  readonly proposal: Proposal
}

interface Row {
  subject_id: string
  representative_id: string
}

interface ProposedRow extends Row {
  person_id: string
  proposal: Proposal
}

export async function insertRepresentation(
  tx: Queryable,
  { subject, representative }: Representation,
  person: Uuid,
  proposal: Proposal | null,
): Promise<void> {
  await rows(tx, 'representation-insert', 'INSERT INTO representation VALUES ($1, $2, $3, $4)', [
    subject,
    representative,
    person,
    proposal,
  ])
}

/** What waits for its second word, the oldest first: all of it (1,000 at most), or one person's. */
export async function listProposals(db: Queryable, subject: Uuid | null): Promise<readonly Proposed[]> {
  const found = await rows<ProposedRow>(
    db,
    'representation-proposals',
    `SELECT * FROM representation WHERE proposal IS NOT NULL AND ($1::uuid IS NULL OR subject_id = $1)
     ORDER BY proposal->>'askedAt', representative_id LIMIT 1000`,
    [subject],
  )
  return found.map(({ subject_id, representative_id, person_id, proposal }) => ({
    subject: subject_id,
    representative: representative_id,
    person: person_id,
    proposal,
  }))
}

/** The second word was said; false where nothing waits for it (any more). */
export async function settleProposal(tx: Queryable, { subject, representative }: Representation): Promise<boolean> {
  const done = await rows(
    tx,
    'representation-settle',
    `UPDATE representation SET proposal = NULL
     WHERE subject_id = $1 AND representative_id = $2 AND proposal IS NOT NULL RETURNING 1`,
    [subject, representative],
  )
  return done.length === 1
}

/** For whom somebody was ever made a representative, or is to be, and has not been ended. */
export async function listRepresentations(db: Queryable, person: Uuid): Promise<readonly Representation[]> {
  const found = await rows<Row>(
    db,
    'representations',
    'SELECT subject_id, representative_id FROM representation WHERE person_id = $1 ORDER BY subject_id, representative_id',
    [person],
  )
  return found.map((row) => ({ subject: row.subject_id, representative: row.representative_id }))
}

/** True where there was one. */
export async function deleteRepresentation(
  tx: Queryable,
  { subject, representative }: Representation,
): Promise<boolean> {
  const gone = await rows(
    tx,
    'representation-delete',
    'DELETE FROM representation WHERE subject_id = $1 AND representative_id = $2 RETURNING 1',
    [subject, representative],
  )
  return gone.length === 1
}

/** Forgets whom somebody represents and who represents them: they are destroyed. */
export async function deleteRepresentationsOf(tx: Queryable, holder: Uuid): Promise<void> {
  await rows(tx, 'representations-delete', 'DELETE FROM representation WHERE subject_id = $1 OR person_id = $1', [
    holder,
  ])
}

/**
 * Two turn out to be one person: who represented the one, and whom the one represented, is the other's. Who was only to represent
 * the one is not: the document was shown for that one, whose age and mailbox are not the other's.
 */
export async function moveRepresentations(tx: Queryable, from: Uuid, to: Uuid): Promise<void> {
  await rows(tx, 'representations-drop', 'DELETE FROM representation WHERE subject_id = $1 AND proposal IS NOT NULL', [
    from,
  ])
  await rows(
    tx,
    'representations-move',
    `UPDATE representation SET subject_id = CASE subject_id WHEN $1::uuid THEN $2::uuid ELSE subject_id END,
       person_id = CASE person_id WHEN $1::uuid THEN $2::uuid ELSE person_id END
     WHERE subject_id = $1 OR person_id = $1`,
    [from, to],
  )
}
