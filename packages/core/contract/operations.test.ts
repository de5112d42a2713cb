import { describe, expect, it } from 'vitest'
import { CONTRACT, openApi } from './index.ts'

type Schema = Readonly<Record<string, unknown>>

/** Every schema inside a schema, itself included, with its path. */
function* within(schema: Schema, path: string): Generator<readonly [string, Schema]> {
  yield [path, schema]
  for (const [name, member] of Object.entries((schema['properties'] ?? {}) as Record<string, Schema>)) {
    yield* within(member, `${path}.${name}`)
  }
  if (typeof schema['items'] === 'object') yield* within(schema['items'] as Schema, `${path}[]`)
}

/** Members that the policy judges, each by its own clause, or the reader of bundles: which they may be, no schema says. */
const JUDGED_BY_POLICY = [
  'searchBySurname.beside',
  'submit.values',
  'correct.values',
  'correctMine.values',
  'proposePolicy.files',
  'correctForRequest.values',
  'makePublic.fields',
  'publishForRequest.fields',
]

describe('the contract', () => {
  it('names each operation once, and no two by the same method and path', () => {
    expect(new Set(CONTRACT.map(({ id }) => id)).size).toBe(CONTRACT.length)
    expect(new Set(CONTRACT.map(({ method, path }) => `${method} ${path}`)).size).toBe(CONTRACT.length)
  })

  it('lets nothing in that it does not name, and no text or list without a bound', () => {
    const open: string[] = []
    for (const { id, body, query } of CONTRACT) {
      for (const part of [body, query]) {
        if (part === null) continue
        for (const [path, schema] of within(part as Schema, id)) {
          const types = [schema['type']].flat()
          if (
            types.includes('object') &&
            schema['additionalProperties'] !== false &&
            !JUDGED_BY_POLICY.includes(path)
          ) {
            open.push(`${path}: further members`)
          }
          if (types.includes('object') && JUDGED_BY_POLICY.includes(path) && schema['maxProperties'] === undefined) {
            open.push(`${path}: members without number`)
          }
          if (types.includes('string') && schema['maxLength'] === undefined && schema['enum'] === undefined) {
            open.push(`${path}: text without end`)
          }
          if (types.includes('array') && schema['maxItems'] === undefined) open.push(`${path}: list without end`)
        }
      }
    }
    expect(open).toEqual([])
  })

  it('says of every parameter in a path what it is', () => {
    for (const { path, params, id } of CONTRACT) {
      const named = [...path.matchAll(/:(\w+)|\*/g)].map((found) => found[1] ?? '*')
      const declared = Object.keys((params as { properties?: object } | null)?.properties ?? {})
      expect(declared, id).toEqual(named)
    }
  })

  it('opens to nobody at all only what shows no person', () => {
    const open = CONTRACT.filter(({ auth }) => auth.includes('none')).map(({ id }) => id)
    expect(open.sort()).toEqual([
      'beginPasskeySignIn',
      'calendarFeed',
      'checkpoint',
      'enter',
      'erasureReceipts',
      'form',
      'forms',
      'healthz',
      'ledgerKey',
      'ledgerMinimum',
      'ledgerPolicy',
      'openapi',
      'policy',
      'policyVersion',
      'policyVersions',
      'proveCode',
      // Nothing but what the person themselves opened to everybody.
      'public',
      'receiptKeys',
      'requestCode',
      'signInByPasskey',
      'submit',
      'tile',
    ])
  })

  it('becomes OpenAPI with every operation in it', () => {
    const { paths } = openApi('1.2.3') as { paths: Record<string, Record<string, { operationId: string }>> }
    const ids = Object.values(paths).flatMap((methods) => Object.values(methods).map(({ operationId }) => operationId))
    expect(ids.sort()).toEqual(CONTRACT.map(({ id }) => id).sort())
    expect(Object.keys(paths)).toContain('/v1/people/{subject}/withdraw')
  })
})
