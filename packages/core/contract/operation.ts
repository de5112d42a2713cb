import type { SchemaOf } from './schema.ts'

/** Who may call: calling software by its credential, staff or the person by a session, or anybody. */
export type Access = 'service' | 'staff' | 'subject' | 'none'

/**
 * One operation of the HTTP interface, as data. The server builds its routes from it, the sdk its calls, OpenAPI its text.
 * Every answer that is no success is an RFC 9457 problem.
 */
export interface Operation<Params, Query, Body, Answer> {
  /** Names it in OpenAPI and in the server's table of handlers. */
  readonly id: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Parameters are written `:name`. */
  readonly path: string
  readonly summary: string
  readonly tags: readonly string[]
  readonly auth: readonly Access[]
  readonly params: SchemaOf<Params> | null
  readonly query: SchemaOf<Query> | null
  readonly body: SchemaOf<Body> | null
  /** True where an `Idempotency-Key` header is honoured. */
  readonly idempotent?: boolean
  /** True for what is public: pages of any origin may read the answer (CORS). */
  readonly open?: boolean
  /** True where the number of calls per address is limited. */
  readonly limited?: boolean
  /** Largest body in bytes; `BODY_LIMIT` unless told. */
  readonly bodyLimit?: number
  readonly success: Success<Answer>
}

export interface Success<Answer> {
  readonly status: 200 | 201 | 202 | 204
  /** Null for an answer without a body. */
  readonly type:
    | 'application/json'
    | 'text/plain; charset=utf-8'
    | 'text/calendar; charset=utf-8'
    | 'application/octet-stream'
    | 'application/pdf'
    | 'application/zip'
    | null
  readonly schema: SchemaOf<Answer> | null
}

/** Any operation, where its types do not matter. */
export type AnyOperation = Operation<unknown, unknown, unknown, unknown>

/** A part of a request that an operation does not have. */
export type None = null

export const BODY_LIMIT = 262_144
export const BATCH_BODY_LIMIT = 1_048_576
/** Calls in one batch. */
export const BATCH_CALLS = 100

/** A JSON answer of status 200. */
export function json<Answer>(schema: SchemaOf<Answer>): Success<Answer> {
  return { status: 200, type: 'application/json', schema }
}

/** A done thing without an answer. */
export const NOTHING: Success<null> = { status: 204, type: null, schema: null }
