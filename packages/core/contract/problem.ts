import Type from 'typebox'
import { ERROR_CODES, type ErrorCode } from '../base/index.ts'
import { CLOSED, type SchemaOf, schemaOf, text } from './schema.ts'

/** An RFC 9457 problem answer. `code` is of the closed list; no member ever repeats a value that was sent. */
export interface Problem {
  /** `urn:doverie:problem:<code>`. */
  readonly type: string
  /** What the code means, the same for every occurrence. */
  readonly title: string
  readonly status: number
  readonly code: ErrorCode
  readonly detail?: string
  /** Path of the offending field. */
  readonly field?: string
  /** The clause of the policy that speaks of it. */
  readonly clause?: string
  /** All offending fields. */
  readonly fields?: readonly ProblemField[]
  /** Of a refusal: the decision's id, its place in the ledger, and why. */
  readonly decision?: string
  readonly leaf?: string
  readonly policy?: string
  readonly clauses?: readonly string[]
  readonly causes?: readonly DecisionCause[]
  /** Of a refusal to destroy or to end: what the law or a contract keeps. */
  readonly kept?: readonly Readonly<Record<string, unknown>>[]
}

export interface ProblemField {
  readonly field: string
  readonly code: string
  readonly message: string
  readonly clause?: string
}

/** One cause of a decision; `reason` is of the policy's closed list. */
export interface DecisionCause {
  readonly reason: string
  readonly field?: string
  readonly rule?: string
  readonly clauses: readonly string[]
}

export const decisionCause: SchemaOf<DecisionCause> = schemaOf<DecisionCause>()(
  Type.Object({
    reason: Type.String(),
    field: Type.Optional(Type.String()),
    rule: Type.Optional(Type.String()),
    clauses: Type.Array(Type.String()),
  }),
)

const problemField = schemaOf<ProblemField>()(
  Type.Object({
    field: Type.String(),
    code: Type.String(),
    message: Type.String(),
    clause: Type.Optional(Type.String()),
  }),
)

export const problemSchema: SchemaOf<Problem> = schemaOf<Problem>()(
  Type.Object(
    {
      type: Type.String({ description: 'urn:doverie:problem:<code>' }),
      title: Type.String(),
      status: Type.Integer({ minimum: 400, maximum: 599 }),
      code: Type.Unsafe<ErrorCode>({ type: 'string', enum: Object.keys(ERROR_CODES) }),
      detail: Type.Optional(text(1000, 'What is wrong here. Never repeats a value that was sent.')),
      field: Type.Optional(Type.String({ description: 'Path of the offending field.' })),
      clause: Type.Optional(Type.String({ description: 'The clause of the policy that speaks of it.' })),
      fields: Type.Optional(Type.Array(Type.Unsafe<ProblemField>(problemField))),
      decision: Type.Optional(Type.String({ description: "The decision's id." })),
      leaf: Type.Optional(Type.String({ description: "The ledger entry's commitment, hex." })),
      policy: Type.Optional(Type.String()),
      clauses: Type.Optional(Type.Array(Type.String())),
      causes: Type.Optional(Type.Array(Type.Unsafe<DecisionCause>(decisionCause))),
      kept: Type.Optional(
        Type.Array(Type.Unsafe<Readonly<Record<string, unknown>>>({ type: 'object', additionalProperties: true })),
      ),
    },
    CLOSED,
  ),
)

export const PROBLEM_TYPE = 'application/problem+json'

/** The HTTP status of each code. `docs/errors.md` lists the same, and a test compares the three. */
export const PROBLEM_STATUS: Readonly<Record<ErrorCode, number>> = {
  'malformed-json': 400,
  'body-too-large': 413,
  'unsupported-media-type': 415,
  'invalid-request': 400,
  'invalid-value': 422,
  'undeclared-field': 422,
  'missing-field': 422,
  'card-number': 422,
  'unknown-purpose': 422,
  'unknown-field': 422,
  'unknown-entity': 422,
  'unknown-form': 404,
  'snapshot-invalid': 422,
  'snapshot-outdated': 409,
  'unknown-rule': 422,
  'campaign-ended': 410,
  'idempotency-conflict': 409,
  'not-found': 404,
  'not-in-policy': 422,
  conflict: 409,
  unauthenticated: 401,
  forbidden: 403,
  'code-invalid': 401,
  'proof-needed': 403,
  'rate-limited': 429,
  'reach-exceeded': 429,
  refused: 403,
  'policy-invalid': 422,
  'policy-absent': 503,
  'calendar-unknown': 503,
  'sealed-value-damaged': 500,
  'key-missing': 500,
  'wrong-root-key': 500,
  'kms-unavailable': 503,
  'kms-refused': 500,
  'restore-pending': 503,
  'storage-unavailable': 503,
  'unsafe-storage': 503,
  'channel-absent': 503,
  'ledger-backlog': 503,
  'ledger-inconsistent': 503,
  'data-newer': 500,
  'data-in-use': 500,
  'data-unwritable': 500,
  'backup-damaged': 500,
  'wrong-identity': 500,
  'not-empty': 500,
  'port-in-use': 500,
  'permit-invalid': 500,
  internal: 500,
}

/** What a problem may say beyond its code. */
export type ProblemDetails = Omit<Problem, 'type' | 'title' | 'status' | 'code'>

/** The problem answer of a code. */
export function problemOf(code: ErrorCode, details: ProblemDetails = {}): Problem {
  return {
    type: `urn:doverie:problem:${code}`,
    title: ERROR_CODES[code],
    status: PROBLEM_STATUS[code],
    code,
    ...details,
  }
}

/** True for a JSON value that is a problem of this interface. */
export function isProblem(value: unknown): value is Problem {
  return (
    typeof value === 'object' &&
    value !== null &&
    'code' in value &&
    typeof value.code === 'string' &&
    Object.hasOwn(ERROR_CODES, value.code) &&
    'type' in value &&
    value.type === `urn:doverie:problem:${value.code}`
  )
}
