import type { Instant } from '@doverie/core/base'
import type pg from 'pg'
import { type Queryable, rows, transaction } from './database.ts'

/** A period by its first moment and the first one after it. */
export interface ArchivePeriod {
  readonly begin: Instant
  readonly end: Instant
}

/** A line of a register, by the names that an archive shows: moments are `Date`, hashes bytes. */
export type ArchivedRow = Readonly<Record<string, unknown>>

/** Lines fetched at a time. */
const FETCHED = 500

/** One moment of the data, read as long as it takes: nothing that is committed meanwhile is seen, nothing is written, nobody waits. */
export function inSnapshot<T>(pool: pg.Pool, work: (tx: Queryable) => Promise<T>): Promise<T> {
  return transaction(pool, async (tx) => {
    await rows(tx, 'snapshot-begin', 'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY', [])
    return work(tx)
  })
}

/** What was open at any time of the period: begun before its end, and not ended before it began. */
const LASTS = (begun: string, ended: string): string => `${begun} < $2 AND (${ended} IS NULL OR ${ended} >= $1)`
const REQUESTS = LASTS('r.received_at', 'r.ended_at')

export type StoredRegister =
  | 'requests'
  | 'demands'
  | 'handings'
  | 'incidents'
  | 'duties'
  | 'documents'
  | 'recipient-letters'
  | 'deputies'
  | 'staff'
  | 'credentials'
  | 'consents'
  | 'withdrawals'
  | 'holds'

/*
 * INVARIANT: no column that names a person or has words that somebody wrote is among these: no subject, no sealed content, no ticket, no
 * reference of a letter but the numbers of documents. A register that gets such a column does not show it here by itself.
 */
const REGISTERS: Readonly<Record<StoredRegister, string>> = {
  requests: `SELECT r.number, l.number AS letter, r.kind, r.entity, r.policy, r.profile AS law, r.routed_by AS "routedBy", l.channel,
      r.received_at AS "receivedAt", r.registered_at AS "registeredAt", l.registered_by AS "registeredBy", l.identity AS "whoWrote", l.proof, r.state,
      r.due_at AS "plannedAt", r.outer_at AS "outerAt", r.ended_at AS "endedAt", r.late, r.fold,
      (SELECT json_agg(json_build_object('by', e.by, 'entry', e.entry_id, 'body', e.body) ORDER BY e.place)
       FROM request_event e WHERE e.request_id = r.request_id) AS events
    FROM request r JOIN letter l ON l.letter_id = r.letter_id WHERE ${REQUESTS} ORDER BY r.received_at, r.number`,
  demands: `SELECT number, recipient, norm, reference, dated::text AS dated, entity, policy, received_at AS "receivedAt",
      registered_at AS "registeredAt", registered_by AS "registeredBy", state, due_at AS "plannedAt", outer_at AS "outerAt",
      secret_norm AS "secretNorm", secret_until AS "secretUntil", refusal->>'reason' AS refusal, ended_at AS "endedAt", late,
      (SELECT count(*)::int FROM disclosure d WHERE d.demand_id = demand.demand_id) AS handings
    FROM demand WHERE ${LASTS('received_at', 'ended_at')} ORDER BY received_at, number`,
  handings: `SELECT d.disclosure_id AS line, d.recipient, d.kind, d.basis->>'by' AS basis, d.basis->'text'->>'ru' AS norm, d.entity, d.purpose,
      d.fields, d.policy, d.state, m.number AS demand, d.asked_at AS "askedAt", d.asked_by AS "askedBy", d.settled_at AS "settledAt",
      d.settled_by AS "settledBy", d.asked_entry AS asked, d.entry_id AS entry
    FROM disclosure d LEFT JOIN demand m ON m.demand_id = d.demand_id
    WHERE ${LASTS('d.asked_at', "CASE WHEN d.state = 'waiting' THEN NULL ELSE coalesce(d.settled_at, d.asked_at) END")}
    ORDER BY d.asked_at, d.disclosure_id`,
  incidents: `SELECT number, policy, profile AS law, detected_at AS "detectedAt", opened_at AS "openedAt", opened_by AS "openedBy", state,
      due_at AS "plannedAt", ended_at AS "endedAt", late, fold, affected, telling_at AS "tellingSince",
      (SELECT json_agg(json_build_object('by', e.by, 'entry', e.entry_id, 'body', e.body) ORDER BY e.place)
       FROM incident_event e WHERE e.incident_id = incident.incident_id) AS events
    FROM incident WHERE ${LASTS('detected_at', 'ended_at')} ORDER BY detected_at, number`,
  duties: `SELECT number, kind, about, policy, profile AS law, opened_at AS "openedAt", opened_by AS "openedBy", state, due_at AS "plannedAt",
      ended_at AS "endedAt", late, fold, facts,
      (SELECT json_agg(json_build_object('by', e.by, 'entry', e.entry_id, 'body', e.body) ORDER BY e.place)
       FROM duty_event e WHERE e.duty_id = duty.duty_id) AS events
    FROM duty WHERE ${LASTS('opened_at', 'ended_at')} ORDER BY opened_at, number`,
  documents: `SELECT number, register, about, kind, channel, "madeAt", "madeBy", "sentAt", sha256, bytes FROM (
      SELECT p.number, 'requests' AS register, r.number AS about, p.kind, p.channel, p.made_at AS "madeAt", p.made_by AS "madeBy",
        p.sent_at AS "sentAt", p.hash AS sha256, p.bytes
      FROM reply p JOIN request r ON r.request_id = p.request_id WHERE ${REQUESTS}
      UNION ALL SELECT d.number, 'incidents', i.number, d.kind, NULL, d.made_at, d.made_by, NULL, d.hash, d.bytes
      FROM incident_document d JOIN incident i ON i.incident_id = d.incident_id WHERE ${LASTS('i.detected_at', 'i.ended_at')}
      UNION ALL SELECT d.number, 'duties', o.number, d.kind, NULL, d.made_at, d.made_by, NULL, d.hash, d.bytes
      FROM duty_document d JOIN duty o ON o.duty_id = d.duty_id WHERE ${LASTS('o.opened_at', 'o.ended_at')}
      UNION ALL SELECT l.number, CASE WHEN l.demand_id IS NULL THEN 'handings' ELSE 'demands' END, m.number, l.kind, l.channel, l.made_at, NULL,
        l.sent_at, l.hash, length(l.pdf)
      FROM recipient_letter l LEFT JOIN demand m ON m.demand_id = l.demand_id
      WHERE l.number IS NOT NULL AND ${LASTS('l.asked_at', 'l.confirmed_at')}
    ) AS made ORDER BY "madeAt", register, number`,
  'recipient-letters': `SELECT l.number, l.kind, l.recipient, m.number AS demand, l.about->>'entity' AS entity, l.state, l.channel,
      l.asked_at AS "askedAt", l.made_at AS "madeAt", l.sent_at AS "sentAt", l.confirmed_at AS "confirmedAt", l.due_at AS "plannedAt",
      l.hash AS sha256
    FROM recipient_letter l LEFT JOIN demand m ON m.demand_id = l.demand_id
    WHERE ${LASTS('l.asked_at', 'l.confirmed_at')} ORDER BY l.asked_at, l.letter_id`,
  deputies: `SELECT pseudonym, role, from_at AS "from", until_at AS "until", asked_at AS "askedAt", asked_by AS "askedBy",
      confirmed_at AS "confirmedAt", confirmed_by AS "confirmedBy", ended_at AS "endedAt", ended_by AS "endedBy"
    FROM deputy WHERE ${LASTS('asked_at', 'ended_at')} ORDER BY asked_at, deputy_id`,
  staff: `SELECT pseudonym, role, created_at AS "addedAt", disabled_at AS "switchedOffAt"
    FROM staff WHERE ${LASTS('created_at', 'disabled_at')} ORDER BY created_at, staff_id`,
  credentials: `SELECT credential_id AS credential, actor, entities, purposes, people_per_hour AS "peoplePerHour", created_at AS "issuedAt",
      expires_at AS "expiresAt", revoked_at AS "revokedAt"
    FROM credential WHERE ${LASTS('created_at', 'least(revoked_at, expires_at)')} ORDER BY created_at, credential_id`,
  consents: `SELECT purpose, entity, version, count(*)::int AS standing, count(*) FILTER (WHERE since >= $1)::int AS "givenInPeriod"
    FROM (
      SELECT c->>'purpose' AS purpose, c->>'entity' AS entity, to_timestamp((c->>'since')::bigint / 1000.0) AS since
      FROM subject, jsonb_array_elements(facts->'consents') AS c WHERE facts->>'state' = 'live'
    ) AS given LEFT JOIN LATERAL (
      SELECT version FROM policy_version WHERE effective_from <= since ORDER BY effective_from DESC, adopted_at DESC, version DESC LIMIT 1
    ) AS under ON true
    WHERE since < $2 GROUP BY purpose, entity, version ORDER BY purpose, entity, version`,
  withdrawals: `SELECT body->>'purpose' AS purpose, body->>'entity' AS entity, count(*)::int AS "withdrawnInPeriod"
    FROM event WHERE body->>'kind' = 'consent-withdrawn' AND at >= $1 AND at < $2 GROUP BY 1, 2 ORDER BY 1, 2`,
  holds: `SELECT h->>'ground' AS ground, h->>'reason' AS reason, count(*)::int AS standing,
      count(*) FILTER (WHERE to_timestamp((h->>'since')::bigint / 1000.0) >= $1)::int AS "setInPeriod"
    FROM subject, jsonb_array_elements(facts->'holds') AS h
    WHERE facts->>'hold' IS NOT NULL AND to_timestamp((h->>'since')::bigint / 1000.0) < $2 GROUP BY 1, 2 ORDER BY 1, 2`,
}

let cursors = 0

/** The lines of a register that a period touches, in their own order, some hundred held at a time. Inside one transaction. */
export async function* streamRegister(
  tx: Queryable,
  register: StoredRegister,
  { begin, end }: ArchivePeriod,
): AsyncGenerator<readonly ArchivedRow[]> {
  cursors += 1
  const cursor = `archive_${cursors % 1000}`
  const values = [new Date(begin), new Date(end)]
  await run(tx, `DECLARE ${cursor} NO SCROLL CURSOR FOR ${REGISTERS[register]}`, values)
  for (;;) {
    const found = await run(tx, `FETCH ${FETCHED} FROM ${cursor}`, [])
    if (found.length > 0) yield found
    if (found.length < FETCHED) break
  }
  await run(tx, `CLOSE ${cursor}`, [])
}

/** Not named: a prepared statement for each cursor would stay with the connection. */
function run(tx: Queryable, text: string, values: readonly unknown[]): Promise<readonly ArchivedRow[]> {
  return rows(tx, '', text, values)
}

/** Acts of destruction of a period, in the order in which they were done, page by page: the key store's register. No person is among what is read. */
export async function* streamDestructions(
  keys: Queryable,
  { begin, end }: ArchivePeriod,
): AsyncGenerator<readonly ArchivedRow[]> {
  let after: readonly [Date, string] = [new Date(begin), '00000000-0000-0000-0000-000000000000']
  for (;;) {
    const found = await rows<Record<string, unknown> & { readonly act: string; readonly doneAt: Date }>(
      keys,
      'archive-destructions',
      `SELECT d.act_id AS act, d.year, d.number AS n, d.person, d.compartments, d.purpose, d.begun_at AS "begunAt", d.done_at AS "doneAt",
         d.epoch, e.kms, e.destroyed_at AS "rootDestroyedAt", e.irrecoverable_from AS "irrecoverableFrom", d.entry_id AS entry
       FROM destruction d JOIN epoch e ON e.epoch = d.epoch
       WHERE d.done_at < $2 AND (d.done_at, d.act_id) > ($1, $3::uuid) ORDER BY d.done_at, d.act_id LIMIT ${FETCHED}`,
      [after[0], new Date(end), after[1]],
    )
    const last = found.at(-1)
    if (last === undefined) return
    yield found
    after = [last.doneAt, last.act]
  }
}
