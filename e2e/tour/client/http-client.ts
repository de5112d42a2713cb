import { Agent, request } from 'node:http'
import type { Operation, Problem } from '@doverie/core/contract'

/** Who calls, and from where. */
export interface Identity {
  readonly bearer?: string
  /** The address of this machine to call from; 127.x.y.z only where the system answers at all of 127/8. */
  readonly localAddress?: string
  readonly agent?: string
  readonly language?: string
}

/** An answer: what the operation gives, or its problem. */
export interface Reply<Answer> {
  readonly status: number
  readonly answer: Answer | null
  readonly problem: Problem | null
  /** Milliseconds from sending to the last byte. */
  readonly took: number
}

interface Parts<Params, Query, Body> {
  readonly params?: Params
  readonly query?: Query
  readonly body?: Body
  readonly headers?: Readonly<Record<string, string>>
}

/** Calls operations of the contract over HTTP as one caller, keeping the session's cookie as a browser would. */
export class HttpClient {
  readonly #base: () => string
  readonly #identity: Identity
  readonly #agent: Agent
  #cookie: string | null = null

  /** `base` is asked at every call: a restarted server listens elsewhere. */
  constructor(base: () => string, identity: Identity = {}) {
    this.#base = base
    this.#identity = identity
    this.#agent = new Agent({ keepAlive: true, maxSockets: 8 })
  }

  /** The session's token, or null while nobody is signed in. */
  get session(): string | null {
    return this.#cookie?.split('=')[1] ?? null
  }

  close(): void {
    this.#agent.destroy()
  }

  async call<Params, Query, Body, Answer>(
    operation: Operation<Params, Query, Body, Answer>,
    parts: Parts<Params, Query, Body> = {},
  ): Promise<Reply<Answer>> {
    const path = pathOf(operation.path, parts.params ?? {})
    const query = new URLSearchParams(
      Object.entries((parts.query ?? {}) as Readonly<Record<string, string | undefined>>).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, value]],
      ),
    ).toString()
    const url = new URL(query === '' ? path : `${path}?${query}`, this.#base())
    const body = parts.body === undefined ? undefined : Buffer.from(JSON.stringify(parts.body))
    const started = performance.now()
    const { status, type, bytes } = await this.#send(url, operation.method, body, parts.headers ?? {})
    const took = performance.now() - started
    if (type.startsWith('application/problem+json')) {
      return { status, answer: null, problem: JSON.parse(bytes.toString()) as Problem, took }
    }
    return { status, answer: contentOf(type, bytes) as Answer, problem: null, took }
  }

  /** A page or file outside the contract. */
  async get(path: string): Promise<{ readonly status: number; readonly bytes: Buffer }> {
    return this.#send(new URL(path, this.#base()), 'GET', undefined, {})
  }

  #send(
    url: URL,
    method: string,
    body: Buffer | undefined,
    more: Readonly<Record<string, string>>,
  ): Promise<{ readonly status: number; readonly type: string; readonly bytes: Buffer }> {
    const { bearer, localAddress, agent, language } = this.#identity
    const headers: Record<string, string | number> = {
      ...(agent === undefined ? {} : { 'user-agent': agent }),
      ...(language === undefined ? {} : { 'accept-language': language }),
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
      ...(this.#cookie === null ? {} : { cookie: this.#cookie, origin: url.origin }),
      ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': body.length }),
      ...more,
    }
    const options = { method, headers, agent: this.#agent, ...(localAddress === undefined ? {} : { localAddress }) }
    return new Promise((resolve, reject) => {
      const outgoing = request(url, options, (incoming) => {
        const chunks: Buffer[] = []
        for (const cookie of incoming.headers['set-cookie'] ?? []) this.#keep(cookie)
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
        incoming.on('error', reject)
        incoming.on('end', () => {
          const type = incoming.headers['content-type'] ?? ''
          resolve({ status: incoming.statusCode ?? 0, type, bytes: Buffer.concat(chunks) })
        })
      })
      outgoing.setTimeout(60_000, () => outgoing.destroy(new Error('the server did not answer within a minute')))
      outgoing.on('error', reject)
      outgoing.end(body)
    })
  }

  #keep(cookie: string): void {
    const pair = cookie.split(';')[0] ?? ''
    this.#cookie = pair.endsWith('=') ? null : pair
  }
}

function pathOf(pattern: string, params: Readonly<Record<string, string>>): string {
  return pattern
    .replace(/:([a-z]+)/gi, (_, name: string) => encodeURIComponent(params[name] ?? ''))
    .replace('*', params['*'] ?? '')
}

function contentOf(type: string, bytes: Buffer): unknown {
  if (type.startsWith('application/json')) return JSON.parse(bytes.toString())
  if (type.startsWith('text/')) return bytes.toString()
  return bytes.length === 0 ? null : bytes
}
