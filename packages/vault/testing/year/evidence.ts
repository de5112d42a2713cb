import { createHash } from 'node:crypto'
import { isEnd, requestOf } from '@doverie/core/request'
import type { StoredEvent, RequestRow } from '../../store/requests.ts'
import { loadFacts } from '../../store/subjects.ts'
import { describeRequest, type DescribedRequest } from '../../use/requests/queue.ts'
import { readReply } from '../../use/requests/send-reply.ts'
import { verifyLedger } from '../../use/read-ledger.ts'
import { ledgerBodies, type LedgerBody } from '../ledger-bodies.ts'
import { LAW } from './laws.ts'
import { DAY, type World } from './world.ts'

/** What a year came to. */
export interface YearReport {
  readonly letters: number
  readonly requests: readonly RequestRow[]
  readonly late: number
  readonly escalations: number
  readonly entries: number
  /** What does not hold, in words; empty where all does. */
  readonly broken: readonly string[]
}

interface Ledger {
  readonly entries: ReadonlyMap<string, LedgerBody>
  readonly documents: ReadonlySet<string>
}

/** Looks at everything that a year left behind, from the register down to the bytes of each document. */
export async function evidenceOf(world: World): Promise<YearReport> {
  const broken: string[] = []
  const bodies = await ledgerBodies(world.vault)
  const ledger: Ledger = {
    entries: new Map(bodies.map((body) => [body.id, body])),
    documents: new Set(
      bodies.flatMap(({ act, detail }) => (act === 'document' ? [(detail as { readonly sha256: string }).sha256] : [])),
    ),
  }
  const { rows } = await world.vault.data.query<{ request_id: string }>(
    'SELECT request_id FROM request ORDER BY number',
  )
  const lost = await listLost(world)
  const requests: RequestRow[] = []
  let escalations = 0
  for (const { request_id: id } of rows) {
    const found = await describeRequest(world.vault, caller(world), id)
    requests.push(found.request)
    escalations += found.events.filter(({ event }) => event.kind === 'escalated').length
    for (const what of [
      ...historyBreaches(found, ledger),
      ...clockBreaches(found),
      ...(await answerBreaches(world, found, ledger, lost)),
    ]) {
      broken.push(`${found.request.number} (${found.request.kind}, ${found.request.state}): ${what}`)
    }
  }
  broken.push(...(await registerBreaches(world)), ...(await destructionBreaches(world)))
  const { ok } = await verifyLedger(world.vault)
  if (!ok) broken.push('the ledger does not verify')
  return {
    letters: world.letters.size,
    requests,
    late: requests.filter(({ late }) => late).length,
    escalations,
    entries: bodies.length,
    broken,
  }
}

function caller({ staff }: World) {
  const [officer] = staff
  if (officer === undefined) throw new Error('there is nobody')
  return officer.caller
}

/** It is the fold of its events, and each event has its entry: of that moment, of an act that such an event comes from. */
function historyBreaches({ request, events }: DescribedRequest, { entries }: Ledger): readonly string[] {
  const broken: string[] = []
  if (!isEnd(request.state)) broken.push('has not ended')
  const fold = requestOf(
    LAW,
    events.map(({ event }) => event),
  )
  if (JSON.stringify(sorted(fold)) !== JSON.stringify(sorted(request.fold)))
    broken.push('is not the fold of its events')
  for (const { event, entry } of events) {
    const body = entries.get(entry)
    if (body === undefined) broken.push(`${event.kind} has no entry`)
    else if (body.effect !== 'permit') broken.push(`${event.kind} rests on a refusal`)
    else if (event.kind !== 'received' && Math.abs(body.at - event.at) > 60_000)
      broken.push(`${event.kind} is of another moment`)
    else if (event.kind === 'escalated' && body.act !== 'escalate-request')
      broken.push('an escalation is of another act')
  }
  return broken
}

/** The same value whatever the order in which its parts were written. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => [key, sorted(one)]),
  )
}

/** No clock ends in silence: what passed its planned end was told of to the officer, and what came too late says so. */
function clockBreaches({ request, events }: DescribedRequest): readonly string[] {
  const broken: string[] = []
  for (const { rule, start, planned, outer, end } of request.fold.tracks) {
    if (end === null) {
      broken.push(`${rule} runs on after the end`)
      continue
    }
    const late = outer === start ? end.at > outer : end.at >= outer
    if (late !== end.late) broken.push(`${rule} says ${end.late ? 'late' : 'in time'}, and was not`)
    // The software looks twice a day: what ended between two looks was not over when it looked.
    const passed = end.at - Math.max(planned, request.registeredAt) > DAY
    const told = escalationsOf(events, rule)
    if (passed && !told.includes(100)) broken.push(`${rule} passed its planned end, and nobody was told`)
    if (passed && outer < end.at && !request.late && late)
      broken.push(`${rule} was late, and the request does not say so`)
  }
  return broken
}

function escalationsOf(events: readonly StoredEvent[], rule: string): readonly number[] {
  return events.flatMap(({ event }) => (event.kind === 'escalated' && event.rule === rule ? [event.share] : []))
}

/** It ended with a document that went out: its hash is in the ledger and is that of the bytes kept. Nothing was destroyed for somebody unproved. */
async function answerBreaches(
  world: World,
  { request, letter, events, replies }: DescribedRequest,
  { documents }: Ledger,
  lost: ReadonlySet<string>,
): Promise<readonly string[]> {
  const broken: string[] = []
  const steps = events.flatMap(({ event }) => (event.kind === 'step' ? [event.step] : []))
  const ended = { answered: 'answer', refused: 'refusal', recalled: 'confirmation' } as const
  if (request.state === 'replaced') {
    if (request.fold.replacedBy === null) broken.push('goes on as nothing')
  } else if (isEnd(request.state)) {
    const last = replies.filter(
      ({ kind, sentAt }) => kind === ended[request.state as keyof typeof ended] && sentAt !== null,
    )
    if (last.length === 0) broken.push('ended without a document that went out')
  }
  for (const { id, hash, sealed, export: data } of replies) {
    const sum = Buffer.from(hash).toString('hex')
    if (!documents.has(sum)) broken.push('a document is not in the ledger')
    // An answer that has the person's data in it goes with them, be it a part of them.
    const went = letter.subject === null || lost.has(letter.subject)
    const gone = went && (request.kind === 'information' || request.kind === 'copy')
    if (sealed === null && !gone) broken.push('a document is not kept')
    // What has data in it opens to whom the policy lets read them now, which is not asked here.
    if (sealed === null || letter.subject === null || data !== null) continue
    const { pdf } = await readReply(world.vault, caller(world), id)
    if (createHash('sha256').update(pdf).digest('hex') !== sum) broken.push('a document is another than was sent')
  }
  const proved = steps.includes('identity-proved') || steps.includes('identity-waived')
  if (steps.includes('destroyed') && !(proved && (letter.identity === 'proved' || request.kind === 'unlawful')))
    broken.push('destroyed for somebody unproved')
  if (steps.includes('accepted') && !proved && request.kind !== 'feedback') broken.push('accepted of somebody unproved')
  return broken
}

/** People of whom something was destroyed, if not all. */
async function listLost({ vault }: World): Promise<ReadonlySet<string>> {
  const { rows } = await vault.data.query<{ subject_id: string }>(
    `SELECT DISTINCT subject_id FROM event WHERE body->>'kind' = 'destruction-begun'`,
  )
  return new Set(rows.map((row) => row.subject_id))
}

/** Numbers have no gaps, and every letter that was sent is in the register, with all of its requests. */
async function registerBreaches({ vault, letters }: World): Promise<readonly string[]> {
  const broken: string[] = []
  for (const table of ['letter', 'request', 'reply']) {
    const { rows } = await vault.data.query<{ year: string; n: string; last: string }>(
      `SELECT left(number, 4) AS year, count(*) AS n, max(right(number, 6)::int) AS last FROM ${table} GROUP BY 1`,
    )
    for (const { year, n, last } of rows)
      if (Number(n) !== Number(last)) broken.push(`${table}s of ${year}: ${n} of ${last} numbers`)
  }
  const { rows } = await vault.data.query<{ letter_id: string; requests: string }>(
    'SELECT letter_id, count(*) AS requests FROM letter JOIN request USING (letter_id) GROUP BY 1',
  )
  if (rows.length !== letters.size) broken.push(`${letters.size} letters were sent, and ${rows.length} are registered`)
  for (const { letter_id: id, requests } of rows) {
    if (Number(requests) < (letters.get(id)?.requests.length ?? 1)) broken.push('a letter lost a request')
  }
  return broken
}

/** Of whom it is said that they are destroyed nothing is left in either database but their id; of the others nothing is missing. */
async function destructionBreaches({ vault, humans }: World): Promise<readonly string[]> {
  const broken: string[] = []
  const ids = humans.map(({ subject }) => subject)
  const known = await loadFacts(vault.data, ids)
  const records = await vault.data.query<{ subject_id: string; n: string }>(
    'SELECT subject_id, count(*) AS n FROM record WHERE sealed IS NOT NULL GROUP BY 1',
  )
  const keys = await vault.keys.query<{ subject_id: string }>('SELECT DISTINCT subject_id FROM key')
  const letters = await vault.data.query<{ subject_id: string }>(
    'SELECT subject_id FROM letter WHERE subject_id IS NOT NULL',
  )
  const [rows, held, named] = [records, keys, letters].map(
    ({ rows: found }) => new Set(found.map((row) => row.subject_id)),
  )
  for (const [subject, { facts }] of known) {
    if (facts.state === 'destroying') broken.push('a destruction was not ended')
    if (facts.state !== 'destroyed') continue
    if (rows?.has(subject) === true) broken.push('records of somebody destroyed are left')
    if (held?.has(subject) === true) broken.push('keys of somebody destroyed are left')
    if (named?.has(subject) === true) broken.push('a letter is still about somebody destroyed')
  }
  return broken
}
