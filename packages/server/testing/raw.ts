import { isProblem } from '@doverie/core/contract'
import { expect } from 'vitest'

export interface RawRequest {
  readonly method?: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as it is where it is text, as JSON otherwise. */
  readonly body?: unknown
}

export interface RawAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly json: Readonly<Record<string, unknown>>
}

/** Sends what no client of ours would send. */
export async function send(url: string, { method = 'POST', path, headers, body }: RawRequest): Promise<RawAnswer> {
  const response = await fetch(new URL(path, url), {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    redirect: 'manual',
  })
  const text = await response.text()
  let json: Readonly<Record<string, unknown>> = {}
  try {
    json = JSON.parse(text) as Readonly<Record<string, unknown>>
  } catch {
    // Pages and ledger texts are no JSON.
  }
  return { status: response.status, headers: response.headers, text, json }
}

/** Expects a problem document with these members, whose status line agrees with it. */
export function expectProblem(answer: RawAnswer, members: Readonly<Record<string, unknown>>): void {
  expect(answer.json).toMatchObject(members)
  expect(isProblem(answer.json)).toBe(true)
  expect(answer.json['status']).toBe(answer.status)
  expect(answer.headers.get('content-type')).toBe('application/problem+json')
  expect(answer.headers.get('cache-control')).toBe('no-store')
}
