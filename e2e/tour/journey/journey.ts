import * as contract from '@doverie/core/contract'
import { HttpClient } from '../client/http-client.ts'
import { type Person, type Values } from '../people/people.ts'
import { type Random, randomOf } from '../people/random.ts'
import { block, close, confirm, consent, correct, destroy, endContract, withdraw } from './changes.ts'
import { fillForm, type FormName, fillWrongly, takeCollected } from './forms.ts'
import { countUntold, newState, type PersonState } from './person-state.ts'
import { compareValues, readRound, searchFor } from './reads.ts'
import { done } from './set-stage.ts'
import type { Stage } from './stage.ts'

/** A person whose journey is over, with the session they ended it in, and the ids that were theirs for a while. */
export interface Traveller {
  readonly state: PersonState
  readonly client: HttpClient
  /** Ids of submissions that were carried over to the person and destroyed. */
  readonly former: readonly string[]
}

/** One person from the first form to the end of what they came for; all choices are of the seed. */
export async function travel(stage: Stage, person: Person): Promise<Traveller> {
  const random = randomOf(stage.seed, `journey ${person.number}`)
  const state = newState(person)
  const local = process.platform === 'linux' ? { localAddress: person.address } : {}
  const language = person.language === 'ru' ? 'ru-RU,ru;q=0.9' : 'en-GB,en;q=0.9'
  const client = new HttpClient(stage.base, { ...local, agent: person.agent, language })
  await register(stage, state, client, random)
  await lookAtMine(stage, state, client)
  if (random.chance(8)) await fillWrongly(stage, state, client, random.int(6))
  const customer = random.chance(65)
  if (customer) await order(stage, state, client, random)
  await readRound(stage, state, random)
  if (random.chance(85)) await confirm(stage, state)
  await findThem(stage, state, random)
  await decideOnConsents(stage, state, client, random)
  await readRound(stage, state, random)
  const former = random.chance(10) ? [await comeBack(stage, state, client, random)] : []
  if (random.chance(30)) await correctThings(stage, state, client, random)
  if (random.chance(25)) await settle(stage, state, client, random)
  if (random.chance(20)) await stop(stage, state, random)
  if (random.chance(40)) await part(stage, state, client, random)
  await readRound(stage, state, random)
  if (!state.destroyed) await lookAtMine(stage, state, client)
  return { state, client, former }
}

const CONSENTS = ['marketing', 'personalisation', 'improvement'] as const

async function register(stage: Stage, state: PersonState, client: HttpClient, random: Random): Promise<void> {
  const { person } = state
  const consents = CONSENTS.filter(() => random.chance(30))
  const key = random.chance(20) ? `registration-${stage.seed}-${person.number}` : undefined
  const sent = { values: person.registration, consents, entity: person.entity, ...(key === undefined ? {} : { key }) }
  const collected = await fillForm(stage, state, client, 'registration', sent)
  state.subject = collected.subject
  takeCollected(stage, state, 'registration', sent, collected)
  await proveMailbox(stage, state, client, collected.signIn?.id ?? '', random)
  countUntold(state, 'prove-identifier')
  state.findable.add('email')
}

/** Signs in with the code that came; one in ten mistypes it first. Gives whom the session is for. */
async function proveMailbox(
  stage: Stage,
  state: PersonState,
  client: HttpClient,
  id: string,
  random: Random,
): Promise<string> {
  const code = await stage.mailbox.codeFor(state.person.registration['email']?.kept ?? '', state.codes)
  state.codes.add(code)
  if (random.chance(10)) {
    const { problem } = await client.call(contract.proveCode, {
      params: { id },
      body: { code: code === '000000' ? '000001' : '000000' },
    })
    stage.tally.problem(problem?.code ?? 'none')
    stage.tally.compare('a wrong code', 'code-invalid', problem?.code ?? 'none')
  }
  const { subject } = done(await client.call(contract.proveCode, { params: { id }, body: { code } }))
  stage.tally.compare('the session', 'of the person', subject === state.subject ? 'of the person' : 'of somebody else')
  stage.mint.watch(client.session ?? '', 'session token', state.person.number)
  return subject
}

/** The person sees all that is held of them. */
async function lookAtMine(stage: Stage, state: PersonState, client: HttpClient): Promise<void> {
  const { answer, problem, took } = await client.call(contract.showMe, { query: { entity: state.person.entity } })
  stage.tally.took('my data', took)
  if (answer === null) throw new Error(`my data: ${problem?.code ?? ''} ${problem?.clauses?.join(' ') ?? ''}`)
  countUntold(state, 'describe')
  if (Object.keys(answer.values).length > 0) countUntold(state, 'open')
  stage.tally.decided({ actor: 'person', purpose: 'rights', act: 'my data' }, 'permit', answer.clauses)
  const held = [...answer.facts.held].sort().join(' ')
  stage.tally.compare('what is held', [...state.held].sort().join(' '), held)
  compareValues(stage, state, Object.keys(answer.values), answer.values)
}

async function order(stage: Stage, state: PersonState, client: HttpClient, random: Random): Promise<void> {
  const { registration, order, entity } = state.person
  const { 'postal-address': _, patronymic: __, phone, ...names } = registration
  const values: Values = { ...names, ...order, ...(phone === undefined ? {} : { phone }) }
  const consents = random.chance(20) ? ['marketing'] : []
  const sent = { values, consents, entity, key: `order-${stage.seed}-${state.person.number}` }
  const collected = await fillForm(stage, state, client, 'order-dedicated-server', sent)
  takeCollected(stage, state, 'order-dedicated-server', sent, collected)
}

/** Support and the site find the person by what was proved or confirmed. */
async function findThem(stage: Stage, state: PersonState, random: Random): Promise<void> {
  const kinds = [
    ['email', 'email'],
    ['phone', 'phone'],
    ['contract-number', 'contract-numbers'],
  ] as const
  for (const [kind, field] of kinds) {
    const held = state.values.get(field)
    const value = typeof held === 'string' ? held : held?.[0]
    if (value === undefined || !state.findable.has(field)) continue
    await searchFor(stage, state, random.pick(['support', 'site', 'billing']), kind, value)
  }
}

async function decideOnConsents(stage: Stage, state: PersonState, client: HttpClient, random: Random): Promise<void> {
  for (const purpose of CONSENTS) {
    if (random.chance(30)) await consent(stage, state, client, purpose)
    if (random.chance(25)) await withdraw(stage, state, client, purpose, random.chance(50))
  }
}

/** Fills a form again without being signed in, and proves the same mailbox: they are the same person. */
async function comeBack(stage: Stage, state: PersonState, client: HttpClient, random: Random): Promise<string> {
  done(await client.call(contract.leave))
  const { registration, entity } = state.person
  const { email, 'given-name': given } = registration
  if (email === undefined || given === undefined) throw new Error('everybody has an address and a name')
  const campaign = entity === 'start' && random.chance(50)
  const form: FormName = campaign ? 'campaign-new-year-2027' : 'registration'
  const values: Values = campaign ? { email, 'given-name': given } : registration
  const sent = { values, consents: campaign ? ['marketing'] : [], entity }
  const other = newState(state.person)
  const collected = await fillForm(stage, other, client, form, sent)
  stage.tally.compare(
    'who comes back',
    'somebody new until proved',
    collected.subject === state.subject ? 'known' : 'somebody new until proved',
  )
  await proveMailbox(stage, state, client, collected.signIn?.id ?? '', random)
  countUntold(state, 'link')
  takeLinked(stage, state, form, sent, collected)
  return collected.subject
}

/** What the person had stays; what they had not before is theirs now. */
function takeLinked(
  stage: Stage,
  state: PersonState,
  form: FormName,
  sent: { readonly values: Values; readonly consents: readonly string[]; readonly entity: string },
  collected: contract.CollectedForm,
): void {
  const { contract: made } = collected
  const known = state.contracts.some(({ service, entity }) => service === made?.service && entity === sent.entity)
  takeCollected(stage, state, form, sent, collected)
  if (known && made !== null)
    state.contracts.splice(
      state.contracts.findIndex(({ id }) => id === made.id),
      1,
    )
}

async function correctThings(stage: Stage, state: PersonState, client: HttpClient, random: Random): Promise<void> {
  const { surname, phone, 'postal-address': postal } = state.person.correction
  const some: Values = {
    ...(random.chance(50) && surname !== undefined ? { surname } : {}),
    ...(random.chance(50) && phone !== undefined ? { phone } : {}),
    ...(postal === undefined ? {} : { 'postal-address': postal }),
  }
  await correct(stage, state, client, some)
}

async function settle(stage: Stage, state: PersonState, client: HttpClient, random: Random): Promise<void> {
  const field = random.pick(['phone', 'email', 'surname', 'given-name'])
  await close(stage, state, client, field, ['identification', 'delivery', 'marketing'])
  await readRound(stage, state, random)
  if (random.chance(50)) await close(stage, state, client, field, [])
}

async function stop(stage: Stage, state: PersonState, random: Random): Promise<void> {
  await block(stage, state, true)
  await readRound(stage, state, random)
  if (random.chance(60)) await block(stage, state, false)
}

/** Contracts end, and what nothing keeps any more is destroyed: of some the whole person. */
async function part(stage: Stage, state: PersonState, client: HttpClient, random: Random): Promise<void> {
  // While a contract is in force its data stay, whoever asks.
  if (state.contracts.some(({ service }) => service === 'dedicated-server')) {
    await destroy(stage, state, null, ['contact'])
  }
  await endContract(stage, state, 'dedicated-server')
  if (random.chance(60)) await endContract(stage, state, 'account')
  const by = random.chance(50) ? client : null
  const unneeded = ['delivery', 'server-access', 'server-contact'].filter((one) => state.held.has(one))
  if (random.chance(30) && unneeded.length > 0) await destroy(stage, state, by, unneeded)
  else await destroy(stage, state, by, null)
  if (!state.destroyed) return
  const gone = await client.call(contract.showMe, { query: { entity: state.person.entity } })
  stage.tally.compare('the session of somebody destroyed', 'unauthenticated', gone.problem?.code ?? 'open')
}
