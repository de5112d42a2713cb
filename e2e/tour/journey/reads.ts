import * as contract from '@doverie/core/contract'
import type { Random } from '../people/random.ts'
import { GRANTS, PURPOSES, SERVICES, STAFF } from './grants.ts'
import { type Asked, foretell } from './foretell.ts'
import { countUntold, type PersonState } from './person-state.ts'
import { clientOf, type Stage } from './stage.ts'
import { actorNamed, plan, takeTold, tell } from './tell.ts'

const TICKET = 'T-1001'

/** Every service and staff role reads what its purpose allows, and something that it does not. */
export async function readRound(stage: Stage, state: PersonState, random: Random): Promise<void> {
  const calls: Asked[] = []
  for (const grant of GRANTS) {
    // Half of them each time: a person is read in several rounds.
    if (random.chance(50)) continue
    const fields = some(grant.fields, random)
    const ticket = grant.ticket && !random.chance(10)
    calls.push({ ...grant, entity: entityOf(state, random), fields, ticket, showing: true })
  }
  for (const actor of [...SERVICES, ...STAFF]) {
    if (random.chance(60)) continue
    const fields = [random.pick(['surname', 'email', 'phone', 'postal-address', 'bank-account', 'consent-records'])]
    calls.push({
      actor,
      purpose: random.pick(PURPOSES),
      entity: state.person.entity,
      fields,
      ticket: true,
      showing: true,
    })
  }
  for (const call of calls) {
    const way = random.int(4)
    if (way === 0) await openByQuery(stage, state, call)
    else if (way === 1) await decideOn(stage, state, call)
    else await openAs(stage, state, call)
  }
  await openBatch(stage, state, random)
  await compareOne(stage, state, random, random.pick(['support', 'product', 'site']))
  if (random.chance(30)) await narrowCredential(stage, state)
}

function bodyOf(state: PersonState, { purpose, entity, fields, ticket }: Asked): contract.AccessCall {
  return { subject: state.subject, purpose, entity, fields, ...(ticket ? { ticket: TICKET } : {}) }
}

/** Opens fields as a service or a staff role, and compares decision and values with what was foretold. */
export async function openAs(stage: Stage, state: PersonState, asked: Asked): Promise<void> {
  const { telling, foretold } = plan(state, asked, 'open')
  const reply = await clientOf(stage, asked.actor).call(contract.open, { body: bodyOf(state, asked) })
  const opened = tell(stage, state, telling, reply, foretold)
  if (opened !== null) compareValues(stage, state, asked.fields, opened.values)
}

async function openByQuery(stage: Stage, state: PersonState, asked: Asked): Promise<void> {
  const { telling, foretold } = plan(state, asked, 'open')
  const query = { ...bodyOf(state, asked), fields: asked.fields.join(',') }
  const reply = await clientOf(stage, asked.actor).call(contract.openByQuery, { query })
  const opened = tell(stage, state, telling, reply, foretold)
  if (opened !== null) compareValues(stage, state, asked.fields, opened.values)
}

async function decideOn(stage: Stage, state: PersonState, asked: Asked): Promise<void> {
  const { telling, foretold } = plan(state, asked, 'decide')
  const reply = await clientOf(stage, asked.actor).call(contract.decideAccess, { body: bodyOf(state, asked) })
  stage.tally.took('decide', reply.took)
  if (reply.answer === null) throw new Error(`decide: ${reply.problem?.code ?? ''}`)
  const { decision, id, leaf, clauses } = reply.answer
  takeTold(stage, state, { ...telling, id, leaf, clauses, effect: decision }, foretold)
}

async function openBatch(stage: Stage, state: PersonState, random: Random): Promise<void> {
  const actor = random.pick(['billing', 'provisioning', 'support'])
  const calls = GRANTS.filter((grant) => grant.actor === actor).map((grant): Asked => {
    return { ...grant, entity: state.person.entity, fields: some(grant.fields, random), ticket: true, showing: true }
  })
  const body = { calls: calls.map((asked) => bodyOf(state, asked)) }
  const { answer, problem, took } = await clientOf(stage, actor).call(contract.openBatch, { body })
  stage.tally.took('open (batch)', took)
  if (answer === null) throw new Error(`batch: ${problem?.code ?? ''}`)
  for (const [i, asked] of calls.entries()) {
    const one = answer.answers[i]
    if (one === undefined) throw new Error('batch: an answer is missing')
    const { telling, foretold } = plan(state, asked, 'open')
    const reply = contract.isProblem(one)
      ? { status: one.status, answer: null, problem: one, took }
      : { status: 200, answer: one, problem: null, took }
    const opened = tell(stage, state, telling, reply, foretold)
    if (opened !== null) compareValues(stage, state, asked.fields, opened.values)
  }
}

/** Whether a caller's word is the person's own; every second time it is not. */
async function compareOne(stage: Stage, state: PersonState, random: Random, actor: string): Promise<void> {
  const { entity } = state.person
  const purpose = actor === 'support' ? 'rights' : actor === 'product' ? 'improvement' : 'identification'
  const field = actor === 'product' ? 'email' : random.pick(['email', 'phone', 'surname'])
  const own = state.values.get(field)
  const right = typeof own === 'string' && random.chance(50)
  const wrong = field === 'phone' ? '+7 495 000-00-00' : field === 'email' ? 'nobody@example.com' : 'Никто'
  const asked = { actor, purpose, entity, fields: [field], ticket: true, showing: false }
  const { telling, foretold } = plan(state, asked, 'compare')
  const body = { subject: state.subject, purpose, entity, field, value: right ? own : wrong, ticket: TICKET }
  const reply = await clientOf(stage, actor).call(contract.compare, { body })
  const compared = tell(stage, state, telling, reply, foretold)
  if (compared !== null) stage.tally.compare(`compare ${field}`, `matches ${right}`, `matches ${compared.matches}`)
}

/** Finds the person by an identifier that was proved, or confirmed with all the data. */
export async function searchFor(
  stage: Stage,
  state: PersonState,
  actor: string,
  kind: contract.SearchKind,
  value: string,
): Promise<void> {
  const { entity } = state.person
  const fields = [kind === 'contract-number' ? 'contract-numbers' : kind]
  const asked = { actor, purpose: 'identification', entity, fields, ticket: true, showing: false }
  const body = { kind, value, purpose: asked.purpose, entity, ticket: TICKET }
  const { answer, problem, took } = await clientOf(stage, actor).call(contract.search, { body })
  stage.tally.took('search', took)
  if (answer === null) throw new Error(`search: ${problem?.code ?? ''} ${problem?.clauses?.join(' ') ?? ''}`)
  stage.tally.decided({ actor, purpose: asked.purpose, act: 'search' }, 'permit', answer.clauses)
  const expected = foretell(state, asked).effect === 'permit' ? 'found' : 'not found'
  stage.tally.compare(`search by ${kind}`, expected, answer.subjects.includes(state.subject) ? 'found' : 'not found')
  countUntold(state, 'found')
}

/** A credential reaches no further than it was issued for, whatever the policy allows its service. */
async function narrowCredential(stage: Stage, state: PersonState): Promise<void> {
  const { entity } = state.person
  const telling = { act: 'open', actor: actorNamed('newsletter'), purpose: 'identification', entity, fields: ['email'] }
  const body = { subject: state.subject, purpose: 'identification', entity, fields: ['email'] }
  const reply = await stage.narrow.call(contract.open, { body })
  tell(stage, state, telling, reply, { effect: 'refuse', clause: '2.2.1' })
}

/** Compares what was opened with what was collected. */
export function compareValues(
  stage: Stage,
  state: PersonState,
  fields: readonly string[],
  opened: Readonly<Record<string, string | readonly string[] | null>>,
): void {
  for (const field of fields) {
    const same = field === 'consent-records' ? isEvidence(state, opened[field] ?? null) : isKept(state, field, opened)
    stage.tally.compare(`value of ${field}`, 'what was collected', same ? 'what was collected' : 'another')
  }
}

function isKept(state: PersonState, field: string, opened: Readonly<Record<string, unknown>>): boolean {
  return JSON.stringify(opened[field] ?? null) === JSON.stringify(state.values.get(field) ?? null)
}

/** One record per consent, each with where it came from. */
export function isEvidence(state: PersonState, records: string | readonly string[] | null): boolean {
  const list = records === null ? [] : typeof records === 'string' ? [records] : records
  const { agent } = state.person
  return list.length === state.evidence && list.every((text) => (JSON.parse(text) as { agent: string }).agent === agent)
}

/** One to three of the fields. */
function some(fields: readonly string[], random: Random): readonly string[] {
  const start = random.int(fields.length)
  return [...fields, ...fields].slice(start, start + 1 + random.int(Math.min(3, fields.length)))
}

function entityOf(state: PersonState, random: Random): string {
  const { entity } = state.person
  return random.chance(90) ? entity : entity === 'start' ? 'solutions' : 'start'
}
