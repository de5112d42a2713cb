import * as contract from '@doverie/core/contract'
import { inParallel } from '../journey/in-parallel.ts'
import { ALL_FIELDS, COMPARTMENTS, GRANTS, PURPOSES, SERVICES, STAFF } from '../journey/grants.ts'
import type { Traveller } from '../journey/journey.ts'
import { countUntold } from '../journey/person-state.ts'
import { done } from '../journey/set-stage.ts'
import { clientOf, type Stage } from '../journey/stage.ts'
import { type Opening, openMany } from './batch.ts'
import { grouped, type Proof, proof } from './proof.ts'

/** Something that is gone: a person, a former id, or compartments of somebody who stays. */
interface Gone {
  readonly traveller: Traveller
  readonly subject: string
  readonly whole: boolean
  readonly fields: readonly string[]
}

/** Every service and staff role asks for everything that was destroyed, for every purpose; nobody is given anything. */
export async function proveDestroyed(
  stage: Stage,
  travellers: readonly Traveller[],
  most: number,
): Promise<readonly Proof[]> {
  const all = travellers.flatMap(goneOf)
  const step = Math.max(1, Math.ceil(all.length / most))
  const gone = all.filter((_, i) => i % step === 0)
  let asked = 0
  let given = 0
  let strange = 0
  for (const actor of [...SERVICES, ...STAFF]) {
    const openings = gone.flatMap((one, i) => openingsOf(actor, one, i))
    const answers = await openMany(stage, actor, openings)
    asked += answers.length
    given += answers.filter((answer) => !contract.isProblem(answer)).length
    strange += answers.filter((answer) => contract.isProblem(answer) && answer.code !== 'refused').length
  }
  const people = gone.filter(({ whole }) => whole)
  const found = (await inParallel(gone, 8, (one) => search(stage, one))).reduce((sum, one) => sum + one, 0)
  const sessions = await inParallel(
    travellers.filter(({ state }) => state.destroyed),
    8,
    async ({ state, client }) =>
      (await client.call(contract.showMe, { query: { entity: state.person.entity } })).problem?.code ===
      'unauthenticated',
  )
  const open = sessions.filter((dead) => !dead).length
  return [
    proof(
      'nothing destroyed can be opened',
      gone.length === 0 ? null : given === 0 && strange === 0 && asked > 0,
      `${grouped(asked)} askings by ${SERVICES.length} services and ${STAFF.length} roles for ${PURPOSES.length} purposes, about ${people.length} people and parts of ${gone.length - people.length}: ${given} given, ${strange} faults`,
    ),
    proof(
      'nor found, nor signed in as',
      found + open === 0,
      `${found} found by e-mail or phone, ${open} of ${sessions.length} sessions alive`,
    ),
  ]
}

function goneOf(traveller: Traveller): readonly Gone[] {
  const { state, former } = traveller
  const ids = state.destroyed ? [state.subject, ...former] : former
  const people = ids.map((subject) => ({ traveller, subject, whole: true, fields: ALL_FIELDS }))
  const fields = [...state.lost].flatMap((compartment) => COMPARTMENTS[compartment] ?? [])
  if (state.destroyed || fields.length === 0) return people
  return [...people, { traveller, subject: state.subject, whole: false, fields }]
}

/** All that the actor might be allowed of what is gone, and one field more for every purpose. */
function openingsOf(actor: string, { traveller, subject, whole, fields }: Gone, turn: number): readonly Opening[] {
  const { state } = traveller
  const { entity } = state.person
  const allowed = GRANTS.filter((grant) => grant.actor === actor).flatMap(({ purpose, fields: own }) =>
    own.filter((field) => fields.includes(field)).map((field) => ({ purpose, field })),
  )
  const others = PURPOSES.map((purpose, i) => ({ purpose, field: fields[(turn + i) % fields.length] ?? '' }))
  return [...allowed, ...others].map(({ purpose, field }) => {
    // Of somebody destroyed whole no history is left to compare with.
    return { state: whole ? null : state, subject, purpose, entity, fields: [field] }
  })
}

async function search(stage: Stage, { traveller, subject, fields }: Gone): Promise<number> {
  const { entity, registration } = traveller.state.person
  let found = 0
  for (const kind of ['email', 'phone'] as const) {
    const value = registration[kind]?.kept
    if (value === undefined || !fields.includes(kind)) continue
    const body = { kind, value, purpose: 'identification', entity }
    const { subjects } = done(await clientOf(stage, 'site').call(contract.search, { body }))
    if (subjects.includes(subject)) found += 1
    // Who came back under the same address is asked about, and that stands in their history, found or not.
    const { state } = traveller
    if (!state.destroyed && state.held.has('contact') && state.findable.has(kind)) countUntold(state, 'found')
  }
  return found
}
