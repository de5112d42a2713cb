import { type DoverieError, ERROR_CODES, type ErrorCode, isDoverieError } from '@doverie/core/base'
import { PROBLEM_TYPE, type Problem, type ProblemDetails, problemOf } from '@doverie/core/contract'
import type { FastifyReply } from 'fastify'

/** Faults that Fastify finds before any handler runs. */
const FASTIFY_CODES: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: 'malformed-json',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'malformed-json',
  FST_ERR_CTP_BODY_TOO_LARGE: 'body-too-large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported-media-type',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'invalid-request',
  FST_ERR_BAD_URL: 'not-found',
  FST_ERR_NOT_FOUND: 'not-found',
  FST_ERR_MAX_PARAM_LENGTH: 'not-found',
}

interface Found {
  readonly code?: unknown
  readonly statusCode?: unknown
  readonly validation?: readonly SchemaFault[]
}

/** What the validator says of one fault: paths and numbers of the schema, never the value. */
interface SchemaFault {
  readonly keyword: string
  readonly instancePath: string
  readonly params: Readonly<Record<string, unknown>>
  readonly message?: string
}

/** The problem of anything thrown. What is not of the closed list becomes `internal`, and says nothing of its cause. */
export function problemFrom(error: unknown): Problem {
  if (isDoverieError(error)) return problemOf(error.code, detailsOf(error))
  const { code, statusCode, validation } = (typeof error === 'object' && error !== null ? error : {}) as Found
  if (validation?.[0] !== undefined) return fromSchema(validation[0])
  if (typeof code === 'string' && Object.hasOwn(FASTIFY_CODES, code))
    return problemOf(FASTIFY_CODES[code] ?? 'internal')
  // A member named `__proto__` or `constructor` is refused while parsing.
  if (error instanceof SyntaxError && statusCode === 400) return problemOf('malformed-json')
  return problemOf('internal')
}

function detailsOf(error: DoverieError): ProblemDetails {
  const { field, clause, fields } = error.details
  return {
    ...(error.message === ERROR_CODES[error.code] ? {} : { detail: error.message }),
    ...(field === undefined ? {} : { field }),
    ...(clause === undefined ? {} : { clause }),
    ...(fields === undefined ? {} : { fields }),
  }
}

function fromSchema({ keyword, instancePath, params, message }: SchemaFault): Problem {
  const member = params['missingProperty'] ?? params['additionalProperty']
  const inside = instancePath
    .slice(1)
    .replace(/\/(\d+)(?=\/|$)/g, '[$1]')
    .replaceAll('/', '.')
  // The name of a further member is the sender's text: it is repeated only where it can be no value.
  const named = typeof member === 'string' && (keyword === 'required' || /^[a-z][A-Za-z-]{0,31}$/.test(member))
  const field = named ? (inside === '' ? member : `${inside}.${member}`) : inside
  return problemOf('invalid-request', {
    ...(message === undefined ? {} : { detail: message }),
    ...(field === '' ? {} : { field }),
  })
}

/** Sends a problem. */
export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  reply.problem = problem.code
  if (problem.status === 401) void reply.header('www-authenticate', 'Bearer')
  return reply
    .code(problem.status)
    .header('content-type', PROBLEM_TYPE)
    .header('cache-control', 'no-store')
    .send(Buffer.from(JSON.stringify(problem)))
}

/** What may be logged of a fault: its code, and of a foreign one its kind and place. Its message may quote a value. */
export function loggable(error: unknown): Readonly<Record<string, string>> {
  if (isDoverieError(error)) {
    const { sqlstate } = error.details
    return { code: error.code, ...(typeof sqlstate === 'string' ? { sqlstate } : {}) }
  }
  if (!(error instanceof Error)) return { code: 'internal' }
  const { code } = error as { readonly code?: unknown }
  const place = /\n\s+at .*?([\w.-]+\/[\w.-]+:\d+):\d+\)?/.exec(error.stack ?? '')?.[1]
  return {
    code: 'internal',
    kind: typeof code === 'string' ? `${error.name} ${code}` : error.name,
    ...(place === undefined ? {} : { place }),
  }
}
