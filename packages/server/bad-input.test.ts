import { type Client, contract } from '@doverie/sdk'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { confirm, destroyNow, register, someValues, type TestPerson } from './testing/people.ts'
import { expectProblem, type RawRequest, send } from './testing/raw.ts'
import { stateOf } from './testing/state.ts'
import { asOfficer, startTestServer, type TestServer } from './testing/test-server.ts'

const NOBODY = '00000000-0000-4000-8000-000000000000'
/** Rides in bad values; no answer may repeat it. */
const CANARY = 'Canary7f3a'

let server: TestServer
let officer: Client
let person: TestPerson
let destroyed: string
let snapshot: string
const tokens: Record<string, string> = {}

beforeAll(async () => {
  server = await startTestServer(inject('adminUrl'))
  officer = await asOfficer(server)
  person = await register(server)
  await confirm(officer, person.subject)
  const gone = await register(server)
  await destroyNow(officer, gone.subject)
  destroyed = gone.subject
  snapshot = (await server.client().form('registration')).snapshot
  await issue('billing', ['identification', 'payment'])
  await issue('delivery', ['delivery'])
})
afterAll(() => server.stop())

async function issue(actor: string, purposes: readonly string[]): Promise<void> {
  const { token } = await officer.call(contract.issueCredential, {
    body: { actor, entities: ['start'], purposes, peoplePerHour: 1000, expiresInDays: 1 },
  })
  tokens[actor] = token
}

interface Case {
  readonly title: string
  readonly request: () => RawRequest
  readonly problem: Readonly<Record<string, unknown>>
  /** Entries that the ledger gains: one where a decision was made. */
  readonly entries?: number
}

function opening(
  title: string,
  change: () => Readonly<Record<string, unknown>>,
  problem: Case['problem'],
  entries = 0,
): Case {
  const request = (): RawRequest => ({
    path: '/v1/open',
    headers: { authorization: `Bearer ${tokens['billing'] ?? ''}` },
    body: {
      subject: person.subject,
      purpose: 'identification',
      entity: 'start',
      fields: ['surname'],
      ...change(),
    },
  })
  return { title, request, problem, entries }
}

function submission(
  title: string,
  change: Readonly<Record<string, unknown>>,
  problem: Case['problem'],
  whole: Readonly<Record<string, unknown>> = {},
): Case {
  const request = (): RawRequest => ({
    path: '/v1/forms/registration',
    body: { snapshot, entity: 'start', values: { ...someValues(), ...change }, consents: [], age: 'adult', ...whole },
  })
  return { title, request, problem }
}

function raw(title: string, request: () => RawRequest, problem: Case['problem']): Case {
  return { title, request, problem }
}

const auth = (): Readonly<Record<string, string>> => ({ authorization: `Bearer ${tokens['billing'] ?? ''}` })

const CASES: readonly Case[] = [
  raw('malformed JSON', () => ({ path: '/v1/open', headers: auth(), body: `{"subject": "${CANARY}` }), {
    code: 'malformed-json',
    status: 400,
  }),
  raw('an empty body', () => ({ path: '/v1/open', headers: auth(), body: '' }), { code: 'malformed-json' }),
  raw('a prototype in the body', () => ({ path: '/v1/open', headers: auth(), body: '{"__proto__": {}}' }), {
    code: 'malformed-json',
  }),
  raw('a body of 10 MB', () => ({ path: '/v1/open', headers: auth(), body: { subject: 'x'.repeat(10_000_000) } }), {
    code: 'body-too-large',
    status: 413,
  }),
  raw(
    'a batch of 2 MB',
    () => ({ path: '/v1/open/batch', headers: auth(), body: { calls: ['x'.repeat(2_000_000)] } }),
    {
      code: 'body-too-large',
    },
  ),
  raw(
    'another media type',
    () => ({ path: '/v1/open', headers: { ...auth(), 'content-type': 'text/plain' }, body: '{}' }),
    { code: 'unsupported-media-type', status: 415 },
  ),
  raw('no such path', () => ({ path: `/v1/${CANARY}` }), { code: 'not-found', status: 404 }),
  raw('another method', () => ({ method: 'PUT', path: '/v1/open', headers: auth(), body: {} }), { code: 'not-found' }),
  raw('a broken escape in the address', () => ({ method: 'GET', path: '/v1/forms/%zz' }), { code: 'not-found' }),
  raw('no such form', () => ({ method: 'GET', path: '/v1/forms/none' }), { code: 'unknown-form', field: 'form' }),
  raw('a parameter in the address that there is not', () => ({ method: 'GET', path: `/v1/forms?name=${CANARY}` }), {
    code: 'invalid-request',
    field: 'name',
  }),
  opening('a number for a text', () => ({ purpose: 7 }), { code: 'invalid-request', field: 'purpose', status: 400 }),
  opening('a text for a list', () => ({ fields: 'surname' }), { code: 'invalid-request', field: 'fields' }),
  opening('a list of lists', () => ({ fields: [['surname']] }), { code: 'invalid-request', field: 'fields[0]' }),
  opening('an empty list', () => ({ fields: [] }), { code: 'invalid-request', field: 'fields' }),
  opening('null for a text', () => ({ entity: null }), { code: 'invalid-request', field: 'entity' }),
  opening('a further member', () => ({ extra: CANARY }), { code: 'invalid-request', field: 'extra' }),
  opening('a further member whose name is a value', () => ({ [`${CANARY}@x`]: 1 }), { code: 'invalid-request' }),
  opening('a name of 10,000 characters', () => ({ purpose: CANARY.repeat(1000) }), {
    code: 'invalid-request',
    field: 'purpose',
  }),
  opening('words for a ticket', () => ({ ticket: `call of ${CANARY}` }), { code: 'invalid-request', field: 'ticket' }),
  opening('a subject id that is none', () => ({ subject: `' OR 1=1 --` }), {
    code: 'invalid-request',
    field: 'subject',
  }),
  opening('an unknown purpose', () => ({ purpose: 'curiosity' }), {
    code: 'unknown-purpose',
    field: 'purpose',
    clause: '2.2',
    status: 422,
  }),
  opening('an unknown field', () => ({ fields: ['surname', `<b>${CANARY}</b>`] }), {
    code: 'unknown-field',
    field: 'fields[1]',
    clause: '1.1',
  }),
  opening('an unknown legal entity', () => ({ entity: 'acme' }), {
    code: 'unknown-entity',
    field: 'entity',
    clause: '2',
  }),
  opening(
    'a purpose that the credential is not for',
    () => ({ purpose: 'delivery' }),
    { code: 'refused', status: 403, clauses: ['1.1.1', '2.2.1'], causes: [{ reason: 'credential-scope' }] },
    1,
  ),
  opening(
    'an entity that the credential is not for',
    () => ({ entity: 'solutions' }),
    { code: 'refused', causes: [{ reason: 'credential-scope' }] },
    1,
  ),
  opening(
    'a person that there is not',
    () => ({ subject: NOBODY }),
    { code: 'refused', clause: '1.1', causes: [{ reason: 'no-live-data' }] },
    1,
  ),
  opening(
    'a person who was destroyed',
    () => ({ subject: destroyed }),
    { code: 'refused', clause: '1.1', causes: [{ reason: 'no-live-data' }] },
    1,
  ),
  raw('no token', () => ({ path: '/v1/open', body: {} }), { code: 'unauthenticated', status: 401 }),
  raw(
    'a token of nobody',
    () => ({ path: '/v1/open', headers: { authorization: `Bearer dvr_${'A'.repeat(43)}` }, body: {} }),
    {
      code: 'unauthenticated',
    },
  ),
  raw('another scheme', () => ({ path: '/v1/open', headers: { authorization: `Basic ${CANARY}` }, body: {} }), {
    code: 'unauthenticated',
  }),
  raw("a service at the person's own door", () => ({ method: 'GET', path: '/v1/me?entity=start', headers: auth() }), {
    code: 'forbidden',
    status: 403,
  }),
  raw('a service that issues credentials', () => ({ method: 'GET', path: '/v1/credentials', headers: auth() }), {
    code: 'forbidden',
  }),
  submission(
    'an undeclared field',
    { 'tax-id': '7707083893' },
    { code: 'undeclared-field', field: 'tax-id', clause: '1.1.2' },
  ),
  submission('a field that no policy knows', { favourite: CANARY }, { code: 'undeclared-field', clause: '2.1' }),
  submission('a missing field', { surname: '' }, { code: 'missing-field', field: 'surname', clause: '1.1.1' }),
  submission('a number for a name', { surname: 12 }, { field: 'surname', clause: '1.1.1', status: 422 }),
  submission(
    'SQL in a name',
    { surname: `${CANARY}'); DROP TABLE subject; --` },
    { code: 'invalid-value', field: 'surname' },
  ),
  submission('HTML in a name', { surname: `<script>${CANARY}</script>` }, { code: 'invalid-value', field: 'surname' }),
  submission('a control character', { surname: `${CANARY}\u0000` }, { code: 'invalid-value', field: 'surname' }),
  submission('a direction override', { surname: `${CANARY}\u202e` }, { code: 'invalid-value', field: 'surname' }),
  submission('emoji in a name', { surname: `${CANARY}😀` }, { code: 'invalid-value', field: 'surname' }),
  submission('a lone surrogate', { surname: `${CANARY}\ud800` }, { code: 'invalid-value', field: 'surname' }),
  submission(
    'a name of 10,000 characters',
    { surname: 'Щ'.repeat(10_000) },
    {
      code: 'invalid-value',
      field: 'surname',
      clause: '1.1.1',
    },
  ),
  submission('no e-mail address', { email: `${CANARY}@` }, { code: 'invalid-value', field: 'email', clause: '1.1.1' }),
  submission(
    'a card number',
    { 'postal-address': '4111 1111 1111 1111' },
    { code: 'card-number', field: 'postal-address' },
  ),
  submission('a snapshot of nobody', {}, { code: 'snapshot-invalid', field: 'snapshot' }, { snapshot: CANARY }),
  submission(
    'a consent that the form does not ask',
    {},
    { code: 'unknown-purpose', clause: '2.1' },
    { consents: ['research'] },
  ),
  submission('a list for values', {}, { code: 'invalid-request', field: 'values' }, { values: [] }),
  raw('an address that is none, at sign-in', () => ({ path: '/v1/sign-in', body: { email: `${CANARY} at home` } }), {
    code: 'invalid-value',
    field: 'email',
  }),
  raw('a code for nothing', () => ({ path: `/v1/sign-in/${NOBODY}`, body: { code: '123456' } }), {
    code: 'code-invalid',
    field: 'code',
    status: 401,
  }),
  raw('a link of nobody', () => ({ path: '/v1/enter', body: { token: CANARY } }), {
    code: 'code-invalid',
    field: 'token',
  }),
]

describe('bad input', () => {
  it.each(CASES)('rejects $title and changes nothing', async ({ request, problem, entries = 0 }) => {
    const before = await stateOf(server.dataUrl)
    const answer = await send(server.url, request())
    expectProblem(answer, problem)
    expect(answer.text).not.toContain(CANARY)
    const after = await stateOf(server.dataUrl)
    expect(after.content).toBe(before.content)
    expect(after.entries - before.entries).toBe(entries)
    if (entries > 0) expect(answer.json).toHaveProperty('leaf', expect.stringMatching(/^[0-9a-f]{64}$/))
  })

  it('names every field of a form that is wrong', async () => {
    const values = { ...someValues(), surname: '<b>', email: CANARY, 'tax-id': '1' }
    const answer = await send(server.url, {
      path: '/v1/forms/registration',
      body: { snapshot, entity: 'start', values, consents: [], age: 'adult' },
    })
    const fields = (answer.json['fields'] as readonly { readonly field: string }[]).map(({ field }) => field)
    expect(fields.sort()).toEqual(['email', 'surname', 'tax-id'])
    expect(answer.text).not.toContain(CANARY)
  })

  it('answers what is no HTTP with a problem and ends the connection', async () => {
    const { connect } = await import('node:net')
    const { port } = new URL(server.url)
    const text = await new Promise<string>((resolve, reject) => {
      let got = ''
      const socket = connect(Number(port), '127.0.0.1', () => socket.write('NONSENSE\r\n\r\n'))
      socket.on('data', (chunk: Buffer) => (got += chunk.toString('utf8')))
      socket.on('end', () => {
        resolve(got)
      })
      socket.on('error', reject)
    })
    expect(text).toMatch(/^HTTP\/1\.1 400 /)
    expect(text).toContain('urn:doverie:problem:invalid-request')
  })

  it('lets a poisoned call of a batch fail alone', async () => {
    const good = { subject: person.subject, purpose: 'identification', entity: 'start', fields: ['surname'] }
    const answer = await send(server.url, {
      path: '/v1/open/batch',
      headers: auth(),
      body: { calls: [good, { ...good, purpose: 'curiosity' }, { ...good, subject: NOBODY }, good] },
    })
    expect(answer.status).toBe(200)
    const value = { values: { surname: person.values['surname'] } }
    expect(answer.json['answers']).toMatchObject([value, { code: 'unknown-purpose' }, { code: 'refused' }, value])
  })
})
