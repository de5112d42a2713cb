import * as contract from '@doverie/core/contract'
import type { HttpClient } from '../client/http-client.ts'
import type { Values } from '../people/people.ts'
import { giveEvidence } from './forms.ts'
import { COMPARTMENTS } from './grants.ts'
import { countUntold, keepValues, loseCompartments, type PersonState } from './person-state.ts'
import { done } from './set-stage.ts'
import { clientOf, type Stage } from './stage.ts'
import { actorNamed, tell, type Telling } from './tell.ts'

const TICKET = 'T-2002'

function telling(
  state: PersonState,
  actor: string,
  act: string,
  purpose: string,
  fields: readonly string[] = [],
): Telling {
  return { act, actor: actorNamed(actor), purpose, entity: state.person.entity, fields }
}

/** The officer has the data confirmed in a form other than the site's (1.2). */
export async function confirm(stage: Stage, state: PersonState): Promise<void> {
  const body = { entity: state.person.entity, ticket: TICKET, form: 'paper' as const }
  const reply = await clientOf(stage, 'dpo').call(contract.confirmData, { params: { subject: state.subject }, body })
  const expected = { effect: 'permit', clause: '5.2' } as const
  if (tell(stage, state, telling(state, 'dpo', 'confirm', 'rights'), reply, expected) === null) return
  state.confirmed = true
  for (const field of ['email', 'phone', 'contract-numbers']) if (state.values.has(field)) state.findable.add(field)
}

/** The person gives a consent by the document that they were shown. */
export async function consent(stage: Stage, state: PersonState, client: HttpClient, purpose: string): Promise<void> {
  const { entity } = state.person
  const form = 'registration'
  const { snapshot } = done(await client.call(contract.showForm, { params: { form } }))
  const reply = await client.call(contract.giveConsent, { body: { entity, purpose, form, snapshot } })
  const expected = { effect: 'permit', clause: '5.2' } as const
  if (tell(stage, state, telling(state, '', 'give-consent', 'rights'), reply, expected) === null) return
  giveEvidence(state, purpose, entity)
}

/** The person withdraws a consent: for one company, or for the brand. */
export async function withdraw(
  stage: Stage,
  state: PersonState,
  client: HttpClient,
  purpose: string,
  all: boolean,
): Promise<void> {
  const { entity } = state.person
  const query = { entity, allEntities: all ? ('true' as const) : ('false' as const) }
  const reply = await client.call(contract.withdrawMine, { params: { purpose }, query })
  const expected = { effect: 'permit', clause: '5.2' } as const
  if (tell(stage, state, telling(state, '', 'withdraw', 'rights'), reply, expected) === null) return
  for (const one of all ? ['start', 'solutions'] : [entity]) state.consents.delete(`${purpose} ${one}`)
}

/** The person corrects their data. A changed identifier is not proved any more. */
export async function correct(stage: Stage, state: PersonState, client: HttpClient, values: Values): Promise<void> {
  const fields = Object.keys(values)
  const typed = Object.fromEntries(Object.entries(values).map(([field, value]) => [field, value.typed]))
  const reply = await client.call(contract.correctMine, { body: { entity: state.person.entity, values: typed } })
  const expected = { effect: 'permit', clause: '5.2' } as const
  if (tell(stage, state, telling(state, '', 'correct', 'rights', fields), reply, expected) === null) return
  keepValues(state, Object.fromEntries(Object.entries(values).map(([field, { kept }]) => [field, kept])))
  for (const field of fields) state.findable.delete(field)
}

/** The person closes a field to purposes; none opens it again. */
export async function close(
  stage: Stage,
  state: PersonState,
  client: HttpClient,
  field: string,
  closedTo: readonly string[],
): Promise<void> {
  const body = { entity: state.person.entity, closedTo }
  const reply = await client.call(contract.closeMine, { params: { field }, body })
  const expected = { effect: 'permit', clause: '5.2' } as const
  if (tell(stage, state, telling(state, '', 'set-confidentiality', 'rights', [field]), reply, expected) === null) return
  state.closed.set(field, new Set(closedTo))
}

/** The officer blocks the data, or lets processing go on. */
export async function block(stage: Stage, state: PersonState, blocked: boolean): Promise<void> {
  const params = { subject: state.subject }
  const on = { entity: state.person.entity, ticket: TICKET }
  const dpo = clientOf(stage, 'dpo')
  const reply = blocked
    ? await dpo.call(contract.blockPerson, { params, body: { ...on, reason: 'inaccuracy' } })
    : await dpo.call(contract.unblockPerson, { params, body: on })
  const what = telling(state, 'dpo', blocked ? 'block' : 'unblock', 'legal')
  if (tell(stage, state, what, reply, { effect: 'permit', clause: '1.2' }) !== null) state.blocked = blocked
}

/** The officer ends a contract; while the data are blocked only clarifying is left, which this is. */
export async function endContract(stage: Stage, state: PersonState, service: string): Promise<void> {
  const ending = state.contracts.find((one) => one.service === service && one.active)
  if (ending === undefined) return
  const body = { entity: state.person.entity, ticket: TICKET, contract: ending.id }
  const reply = await clientOf(stage, 'dpo').call(contract.endContract, { params: { subject: state.subject }, body })
  const expected = { effect: 'permit', clause: '5.2' } as const
  if (tell(stage, state, telling(state, 'dpo', 'end-contract', 'rights'), reply, expected) !== null)
    ending.active = false
}

/** What an ended or living contract for a paid service keeps, by the articles of the policy's retention. */
const KEPT_IN_FORCE = [
  'identity',
  'contact',
  'delivery',
  'payment',
  'contract',
  'server-contact',
  'server-access',
  'server-tax',
]
const KEPT_AFTER = ['identity', 'payment', 'contract', 'server-tax']

/** Which of the held compartments must be kept now. */
export function keptNow(state: PersonState): ReadonlySet<string> {
  const paid = state.contracts.filter(({ service }) => service === 'dedicated-server')
  const kept = paid.length === 0 ? [] : paid.some(({ active }) => active) ? KEPT_IN_FORCE : KEPT_AFTER
  const evidence = state.evidence > 0 ? ['consent'] : []
  return new Set([...kept, ...evidence].filter((compartment) => state.held.has(compartment)))
}

/**
 * Destroys the person as far as nothing must be kept (null), or compartments by name, by the officer. What the person asks for
 * themselves (`client`) takes more proof than being signed in: so it is asked for in vain, and then the officer does it.
 */
export async function destroy(
  stage: Stage,
  state: PersonState,
  client: HttpClient | null,
  compartments: readonly string[] | null,
): Promise<void> {
  const { entity } = state.person
  const kept = keptNow(state)
  const whole = compartments === null && kept.size === 0
  const goes = compartments ?? [...state.held].filter((compartment) => !kept.has(compartment))
  // Nothing can go, or something named must stay.
  const refused = compartments === null ? goes.length === 0 && !whole : compartments.some((name) => kept.has(name))
  const fields = goes.flatMap((compartment) => COMPARTMENTS[compartment] ?? [])
  const expected = {
    effect: refused ? 'refuse' : 'permit',
    clause: !refused ? '5.1' : compartments === null ? '2.2.5' : '2.2.1',
  } as const
  if (client !== null) {
    const asked = await client.call(contract.destroyMine, { body: { entity, compartments } })
    const word = asked.problem?.code ?? 'permit'
    stage.tally.compare('what being signed in may destroy', refused ? 'refused' : 'proof-needed', word)
    if (word === 'refused') {
      tell(stage, state, telling(state, '', 'ask-destruction', 'rights', fields), asked, expected)
      return
    }
  }
  const reply = await clientOf(stage, 'dpo').call(contract.destroyData, {
    params: { subject: state.subject },
    body: { entity, compartments, ticket: TICKET },
  })
  const what = telling(state, 'dpo', whole ? 'destroy-person' : 'destroy', 'legal', fields)
  const told = tell(stage, state, what, reply, expected)
  if (told === null) return
  stage.tally.compare('destroyed compartments', sorted(goes), sorted(told.destroyed))
  stage.tally.compare('destroyed as a person', String(whole), String(told.person))
  loseCompartments(state, told.destroyed)
  if (told.person) state.destroyed = true
  else countUntold(state, 'destroyed')
}

function sorted(names: readonly string[]): string {
  return [...names].sort().join(' ')
}
