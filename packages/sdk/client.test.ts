import { describe, expect, it } from 'vitest'
import { contract, createClient, DoverieProblem } from './index.ts'

interface Sent {
  readonly url: string
  readonly method: string
  readonly headers: Headers
  readonly body: string | null
}

/** A server that gives these answers in turn, and remembers what it was sent. */
function standIn(...answers: readonly Response[]): { readonly fetch: typeof fetch; readonly sent: Sent[] } {
  const sent: Sent[] = []
  const left = [...answers]
  const stand = (input: URL | RequestInfo, init: RequestInit = {}): Promise<Response> => {
    const { method = 'GET', headers, body } = init
    sent.push({
      url: input instanceof Request ? input.url : String(input),
      method,
      headers: new Headers(headers),
      body: typeof body === 'string' ? body : null,
    })
    const answer = left.shift()
    return answer === undefined ? Promise.reject(new Error('asked once too often')) : Promise.resolve(answer)
  }
  return { fetch: stand, sent }
}

function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(value), { status, headers: { 'content-type': 'application/json', ...headers } })
}

const URL_OF = 'https://privacy.example'

describe('the client', () => {
  it('puts names into the path and the query so that they stay what they are', async () => {
    const { fetch, sent } = standIn(json(200, {}), json(200, {}))
    const client = createClient({ url: URL_OF, fetch })
    await client.form('a/../b?c')
    await client.me('start&entity=other')
    expect(sent[0]?.url).toBe(`${URL_OF}/v1/forms/a%2F..%2Fb%3Fc`)
    expect(new URL(sent[1]?.url ?? '').searchParams.getAll('entity')).toEqual(['start&entity=other'])
  })

  it('sends a credential as a bearer and no cookie', async () => {
    const { fetch, sent } = standIn(json(200, {}))
    const call = { subject: 'x', purpose: 'payment', entity: 'start', fields: ['email'] }
    await createClient({ url: URL_OF, token: 'dvr_1', fetch }).open(call)
    expect(sent[0]?.headers.get('authorization')).toBe('Bearer dvr_1')
    expect(sent[0]?.headers.has('cookie')).toBe(false)
    expect(JSON.parse(sent[0]?.body ?? '')).toEqual(call)
  })

  it('keeps the session that a sign-in sets, names its page with it, and drops it when it ends', async () => {
    const set = { 'set-cookie': '__Host-doverie=abc; Path=/; HttpOnly; Secure; SameSite=Strict' }
    const gone = new Response(null, { status: 204, headers: { 'set-cookie': '__Host-doverie=; Path=/; Max-Age=0' } })
    const { fetch, sent } = standIn(json(200, { subject: 's', expiresAt: 1 }, set), gone)
    const client = createClient({ url: URL_OF, fetch })
    await client.proveCode('id', '123456')
    expect(client.cookie()).toBe('__Host-doverie=abc')
    expect(await client.leave()).toBe(null)
    expect(sent[1]?.headers.get('cookie')).toBe('__Host-doverie=abc')
    expect(sent[1]?.headers.get('origin')).toBe(URL_OF)
    expect(client.cookie()).toBe(null)
  })

  it('throws a refusal with its code, clauses and leaf', async () => {
    const refused = {
      type: 'urn:doverie:problem:refused',
      title: 'The policy refuses this act.',
      status: 403,
      code: 'refused',
      clauses: ['3.1'],
      leaf: 'ab',
    }
    const { fetch } = standIn(json(403, refused, { 'content-type': 'application/problem+json' }))
    const call = { subject: 'x', purpose: 'payment', entity: 'start', fields: ['email'] }
    const error: unknown = await createClient({ url: URL_OF, fetch })
      .open(call)
      .catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(DoverieProblem)
    expect(error).toMatchObject({ code: 'refused', status: 403, problem: { clauses: ['3.1'], leaf: 'ab' } })
  })

  it("takes a proxy's page for no problem of ours", async () => {
    const { fetch } = standIn(new Response('<h1>Bad gateway</h1>', { status: 502 }))
    const error: unknown = await createClient({ url: URL_OF, fetch })
      .forms()
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'internal', status: 502 })
  })

  it('gives text and bytes as they are', async () => {
    const { fetch } = standIn(new Response('note\n'), new Response(new Uint8Array([1, 2, 3])))
    const client = createClient({ url: URL_OF, fetch })
    expect(await client.call(contract.readCheckpoint, {})).toBe('note\n')
    const tile = await client.call(contract.readTile, { params: { '*': '0/000.p/3' } })
    expect([...tile]).toEqual([1, 2, 3])
  })

  it('lets no call through that the contract does not know', () => {
    const client = createClient({ url: URL_OF, fetch: standIn().fetch })
    const never = (): unknown => [
      // @ts-expect-error a purpose is needed
      client.open({ subject: 'x', entity: 'start', fields: [] }),
      // @ts-expect-error there is no such kind of identifier
      client.search({ kind: 'passport', value: '', purpose: 'rights', entity: 'start' }),
      // @ts-expect-error this operation has no body
      client.call(contract.leave, { body: {} }),
      // @ts-expect-error this one needs its query
      client.call(contract.showMe, {}),
    ]
    expect(typeof never).toBe('function')
  })
})
