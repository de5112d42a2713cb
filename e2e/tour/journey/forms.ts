import * as contract from '@doverie/core/contract'
import type { HttpClient } from '../client/http-client.ts'
import type { Values } from '../people/people.ts'
import { keepValues, type PersonState } from './person-state.ts'
import { done } from './set-stage.ts'
import type { Stage } from './stage.ts'
import { actorNamed, tell } from './tell.ts'

const FORMS = {
  registration: { purpose: 'identification', service: 'account', clause: '0.4' },
  'order-dedicated-server': { purpose: 'performance', service: 'dedicated-server', clause: '0.4' },
  'campaign-new-year-2027': { purpose: 'marketing', service: null, clause: '0.4' },
} as const
export type FormName = keyof typeof FORMS

/** Fills a form as the site would: shows it, sends the answer with the snapshot, and sends it twice now and then. */
export async function fillForm(
  stage: Stage,
  state: PersonState,
  client: HttpClient,
  form: FormName,
  sent: {
    readonly values: Values
    readonly consents: readonly string[]
    readonly entity: string
    readonly key?: string
  },
): Promise<contract.CollectedForm> {
  const { snapshot } = done(await client.call(contract.showForm, { params: { form } }))
  const values = Object.fromEntries(Object.entries(sent.values).map(([field, { typed }]) => [field, typed]))
  const body = { snapshot, entity: sent.entity, values, consents: sent.consents, age: 'adult' as const }
  const headers = sent.key === undefined ? {} : { 'idempotency-key': sent.key }
  const reply = await client.call(contract.submitForm, { params: { form }, body, headers })
  const { purpose, clause } = FORMS[form]
  const telling = { act: 'collect', actor: actorNamed(''), purpose, entity: sent.entity, fields: Object.keys(values) }
  const collected = tell(stage, state, telling, reply, { effect: 'permit', clause })
  if (collected === null) throw new Error(`${form}: refused`)
  if (sent.key !== undefined) {
    const again = done(await client.call(contract.submitForm, { params: { form }, body, headers }))
    stage.tally.compare(
      'a submission repeated',
      'the first answer',
      again.id === collected.id ? 'the first answer' : 'another',
    )
  }
  return collected
}

/** Takes a submission into what is known of the person: its values, its contract, its consents. */
export function takeCollected(
  stage: Stage,
  state: PersonState,
  form: FormName,
  sent: { readonly values: Values; readonly consents: readonly string[]; readonly entity: string },
  collected: contract.CollectedForm,
): void {
  const disputed = new Set(collected.conflicts)
  const taken = Object.entries(sent.values).filter(([field]) => !disputed.has(field))
  keepValues(state, Object.fromEntries(taken.map(([field, { kept }]) => [field, kept])))
  for (const purpose of sent.consents) giveEvidence(state, purpose, sent.entity)
  takeContract(stage, state, form, sent.entity, collected.contract)
}

/** Evidence of consents is kept by the operator; how it is worded is not foretold, only that it is there. */
export function giveEvidence(state: PersonState, purpose: string, entity: string): void {
  state.consents.add(`${purpose} ${entity}`)
  state.evidence += 1
  state.held.add('consent')
  state.lost.delete('consent')
}

function takeContract(
  stage: Stage,
  state: PersonState,
  form: FormName,
  entity: string,
  made: contract.MadeContract | null,
): void {
  const { service } = FORMS[form]
  stage.tally.compare(`contract of ${form}`, service ?? 'none', made?.service ?? 'none')
  if (made === null) return
  if (!state.contracts.some(({ id }) => id === made.id)) {
    state.contracts.push({ id: made.id, service: made.service, entity, active: true })
  }
  if (made.number === null) return
  stage.mint.watch(made.number, 'contract-numbers', state.person.number)
  const numbers = [state.values.get('contract-numbers') ?? []].flat()
  keepValues(state, { 'contract-numbers': [...numbers, made.number] })
}

/** What goes wrong with a form, and what must come of it. */
const WRONG: readonly {
  readonly change: Readonly<Record<string, unknown>>
  readonly code: string
  readonly clause: string
}[] = [
  {
    change: { 'payment-token': 'yookassa:4111111111111111', 'payment-last4': '1111' },
    code: 'card-number',
    clause: '1.1.1',
  },
  { change: { 'passport-number': '45 08 123456' }, code: 'undeclared-field', clause: '2.1' },
  { change: { surname: '<script>alert(1)</script>' }, code: 'invalid-value', clause: '1.1.1' },
  { change: { 'given-name': "Роберт'); DROP TABLE subject;--" }, code: 'invalid-value', clause: '1.1.1' },
  { change: { email: 'a'.repeat(10_000) }, code: 'invalid-value', clause: '1.1.1' },
  { change: { surname: '' }, code: 'missing-field', clause: '1.1.1' },
]

/** Sends a form with one thing wrong: nothing is kept, and the answer names the field and the clause. */
export async function fillWrongly(stage: Stage, state: PersonState, client: HttpClient, which: number): Promise<void> {
  const form = 'order-dedicated-server'
  const wrong = WRONG[which % WRONG.length]
  if (wrong === undefined) return
  const { snapshot } = done(await client.call(contract.showForm, { params: { form } }))
  const { registration, order, entity } = state.person
  const right = Object.entries({ ...registration, ...order }).filter(([field]) => !/^(bank|payment)-/.test(field))
  const values = {
    ...Object.fromEntries(right.map(([field, { typed }]) => [field, typed])),
    'payment-token': 'yookassa:2c85d9f7000f50008000',
    'payment-last4': '4477',
    ...wrong.change,
  }
  const body = { snapshot, entity, values, consents: [], age: 'adult' as const }
  const { problem } = await client.call(contract.submitForm, { params: { form }, body })
  stage.tally.problem(problem?.code ?? 'none')
  stage.tally.compare(
    'a wrong form',
    `${wrong.code} under ${wrong.clause}`,
    `${problem?.code ?? ''} under ${problem?.clause ?? ''}`,
  )
}
