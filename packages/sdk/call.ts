import { isProblem, type Operation } from '@doverie/core/contract'
import { DoverieProblem, foreignProblem } from './problem.ts'

/** The parts of a request; those that the operation does not have are left out. */
export type Input<Params, Query, Body> = Part<'params', Params> &
  Part<'query', Query> &
  Part<'body', Body> & { readonly idempotencyKey?: string; readonly signal?: AbortSignal }

type Part<Name extends string, Value> = [Value] extends [null] ? unknown : { readonly [Key in Name]: Value }

export interface ClientOptions {
  /** Where the server is: `https://privacy.example`. */
  readonly url: string
  /** A service's credential. */
  readonly token?: string
  readonly fetch?: typeof globalThis.fetch
  /** A session to go on with (`__Host-doverie=…`); only outside a browser, which keeps its own. */
  readonly cookie?: string
  /** For whom a person signed in as themselves acts, as a representative, in every call. */
  readonly onBehalfOf?: string
}

/** Calls any operation of the contract. Throws `DoverieProblem` for every answer that is no success. */
export type Caller = <Params, Query, Body, Answer>(
  operation: Operation<Params, Query, Body, Answer>,
  input: Input<NoInfer<Params>, NoInfer<Query>, NoInfer<Body>>,
) => Promise<Answer>

/** A caller, and the session cookie it holds: outside a browser it keeps what sign-in set. */
export interface Connection {
  readonly call: Caller
  readonly cookie: () => string | null
}

interface Parts {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string | undefined>>
  readonly body?: unknown
  readonly idempotencyKey?: string
  readonly signal?: AbortSignal
}

export function connect(options: ClientOptions): Connection {
  const { token, onBehalfOf, fetch = globalThis.fetch } = options
  const base = new URL(options.url)
  let cookie = options.cookie ?? null
  const call = async (operation: Operation<unknown, unknown, unknown, unknown>, input: unknown): Promise<unknown> => {
    const parts = input as Parts
    const response = await fetch(addressOf(base, operation.path, parts), {
      method: operation.method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(cookie === null ? {} : { cookie, origin: base.origin }),
        ...(onBehalfOf === undefined ? {} : { 'on-behalf-of': onBehalfOf }),
        ...(parts.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(parts.idempotencyKey === undefined ? {} : { 'idempotency-key': parts.idempotencyKey }),
      },
      credentials: 'same-origin',
      redirect: 'error',
      ...(parts.body === undefined ? {} : { body: JSON.stringify(parts.body) }),
      ...(parts.signal === undefined ? {} : { signal: parts.signal }),
    })
    cookie = newCookie(response, cookie)
    if (!response.ok) throw new DoverieProblem(await problemIn(response))
    return answerIn(response, operation.success.type)
  }
  return { call: call as Caller, cookie: () => cookie }
}

function addressOf(base: URL, path: string, { params, query }: Parts): URL {
  const filled = path
    .replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params?.[name] ?? ''))
    .replace('*', params?.['*'] ?? '*')
  const url = new URL(filled, base)
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, value)
  }
  return url
}

/** The session after an answer; a browser shows no `Set-Cookie` and keeps it itself. */
function newCookie(response: Response, before: string | null): string | null {
  for (const line of response.headers.getSetCookie()) {
    const pair = line.split(';', 1)[0] ?? ''
    if (!pair.startsWith('__Host-doverie=')) continue
    return pair === '__Host-doverie=' ? null : pair
  }
  return before
}

async function problemIn(response: Response): Promise<ReturnType<typeof foreignProblem>> {
  const body: unknown = await response.json().catch(() => null)
  return isProblem(body) ? body : foreignProblem(response.status)
}

const BYTES = ['application/octet-stream', 'application/pdf', 'application/zip']

async function answerIn(response: Response, type: string | null): Promise<unknown> {
  if (type === 'application/json') return response.json()
  if (type !== null && BYTES.includes(type)) return new Uint8Array(await response.arrayBuffer())
  return type === null ? null : response.text()
}
