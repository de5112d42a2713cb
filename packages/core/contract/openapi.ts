import type { AnyOperation } from './operation.ts'
import { CONTRACT } from './operations.ts'
import { PROBLEM_TYPE, problemSchema } from './problem.ts'
import { uuid } from './schema.ts'

const SECURITY = { service: { credential: [] }, staff: { session: [] }, subject: { session: [] }, none: {} } as const

/** The interface as an OpenAPI 3.1 document. */
export function openApi(version: string): Readonly<Record<string, unknown>> {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const operation of CONTRACT) {
    const path = operation.path.replace(/:(\w+)/g, '{$1}').replace('*', '{path}')
    ;(paths[path] ??= {})[operation.method.toLowerCase()] = describe(operation)
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Doverie', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: { Problem: problemSchema },
      securitySchemes: {
        credential: { type: 'http', scheme: 'bearer', description: "A service's credential." },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: '__Host-doverie',
          description: 'A session of staff or a person.',
        },
      },
    },
  }
}

function describe(operation: AnyOperation): Readonly<Record<string, unknown>> {
  const { id, summary, tags, auth, body, success, idempotent } = operation
  const { status, type, schema } = success
  return {
    operationId: id,
    summary,
    tags,
    security: [...new Set(auth.map((kind) => SECURITY[kind]))],
    parameters: [
      ...parameters(operation.params, 'path'),
      ...parameters(operation.query, 'query'),
      ...(idempotent === true ? [IDEMPOTENCY_KEY] : []),
      ...(auth.includes('subject') ? [ON_BEHALF_OF] : []),
    ],
    ...(body === null ? {} : { requestBody: { required: true, content: { 'application/json': { schema: body } } } }),
    responses: {
      [status]: {
        description: summary,
        ...(type === null ? {} : { content: { [type]: schema === null ? {} : { schema } } }),
      },
      default: {
        description: 'A problem (RFC 9457); docs/errors.md lists the codes.',
        content: { [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  }
}

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  schema: { type: 'string', minLength: 1, maxLength: 200 },
}

const ON_BEHALF_OF = {
  name: 'On-Behalf-Of',
  in: 'header',
  required: false,
  description: 'The person for whom a representative, signed in as themselves, acts.',
  schema: uuid,
}

function parameters(schema: object | null, place: 'path' | 'query'): readonly Readonly<Record<string, unknown>>[] {
  if (schema === null) return []
  const { properties, required } = schema as {
    readonly properties: Readonly<Record<string, object>>
    readonly required?: readonly string[]
  }
  return Object.entries(properties).map(([name, shape]) => ({
    name: name === '*' ? 'path' : name,
    in: place,
    required: place === 'path' || required?.includes(name) === true,
    schema: shape,
  }))
}
