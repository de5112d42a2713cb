import { type Client, contract, createClient, DoverieProblem } from '@doverie/sdk'
import { expect } from 'vitest'
import { latestCode, latestLetter, type TestServer } from './test-server.ts'

/** A registered person, signed in. */
export interface TestPerson {
  readonly subject: string
  readonly email: string
  readonly values: Readonly<Record<string, string>>
  readonly client: Client
}

let count = 0

/** Values of a person nobody else has. */
export function someValues(): Readonly<Record<'surname' | 'given-name' | 'email' | 'phone', string>> {
  count += 1
  return {
    surname: 'Заболоцкая-Ёлкина',
    'given-name': 'Аграфена',
    email: `agrafena.${count}@canary.example`,
    phone: `+7916555${String(1000 + count)}`,
  }
}

/** Registers a person at the site and signs them in with the code that came. */
export async function register(
  server: TestServer,
  consents: readonly string[] = [],
  own: Readonly<Record<string, string>> = {},
): Promise<TestPerson> {
  const client = server.client()
  const values = { ...someValues(), ...own }
  const { snapshot, contract } = await client.form('registration')
  const age = contract['age'] === null ? {} : { age: 'adult' as const }
  const { signIn } = await client.submit('registration', { snapshot, entity: 'start', values, consents, ...age })
  const { subject } = await client.proveCode(signIn?.id ?? '', await latestCode(server.url, values.email))
  return { subject, email: values.email, values, client }
}

/** Proves once more that it is the person who is signed in: by the code to the phone in their data. */
export async function proveByPhone(server: TestServer, client: Client, phone: string): Promise<void> {
  const { id } = await client.call(contract.sendPhoneCode, {})
  const { text } = await latestLetter(server.url, phone)
  const code = /Code: (\d{6})/.exec(text)?.[1] ?? ''
  const { counts } = await client.call(contract.provePhone, { params: { id }, body: { code } })
  expect(counts).toBe(true)
}

/** The values of an order of a dedicated server. */
export function orderOf(person: TestPerson): Readonly<Record<string, string>> {
  return {
    ...person.values,
    'payment-token': 'tok_canary_8f14e45fceea167a',
    'payment-last4': '4242',
    'technical-contact-name': 'Серафим Кукушкин',
    'technical-contact-phone': '+79165550001',
    'tax-id': '7707083893',
  }
}

/** Orders a dedicated server; gives the contract's id. */
export async function order(person: TestPerson): Promise<string> {
  const { client } = person
  const { snapshot } = await client.form('order-dedicated-server')
  const submission = { snapshot, entity: 'start', values: orderOf(person), consents: [] }
  const collected = await client.submit('order-dedicated-server', submission)
  return collected.contract?.id ?? ''
}

/** A client with a fresh credential of a service. */
export async function asService(
  server: TestServer,
  officer: Client,
  actor: string,
  purposes: readonly string[],
  more: Partial<contract.NewCredential> = {},
): Promise<Client> {
  const { token } = await officer.call(contract.issueCredential, {
    body: { actor, entities: ['start', 'solutions'], purposes, peoplePerHour: 1000, expiresInDays: 1, ...more },
  })
  return createClient({ url: server.url, token })
}

/** Confirms a person's data, as staff does with a paper in hand (clause 1.2). */
export async function confirm(officer: Client, subject: string): Promise<void> {
  await officer.call(contract.confirmData, {
    params: { subject },
    body: { entity: 'start', ticket: 'REQ-1', form: 'paper' },
  })
}

/** Has staff destroy a person at once, or compartments of theirs: what people ask for themselves waits. */
export function destroyNow(
  officer: Client,
  subject: string,
  compartments: readonly string[] | null = null,
): Promise<contract.DestroyedData> {
  const body = { entity: 'start', ticket: 'REQ-9', compartments }
  return officer.call(contract.destroyData, { params: { subject }, body })
}

/** A member of staff of a role, signed in by the link that the officer was given for them. */
export async function asStaff(
  server: TestServer,
  officer: Client,
  role: string,
  pseudonym = `${role}-1`,
): Promise<Client> {
  const { path } = await officer.call(contract.addStaff, { body: { pseudonym, role } })
  const client = server.client()
  await client.enter(path.replace('/enter#', ''))
  return client
}

/** The refusal that a call must be answered with. */
export async function refusal(call: Promise<unknown>): Promise<contract.Problem> {
  const error: unknown = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof DoverieProblem)) return expect.fail('the call was no problem')
  expect(error.problem.code).toBe('refused')
  expect(error.status).toBe(403)
  return error.problem
}
