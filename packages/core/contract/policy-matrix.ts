import Type from 'typebox'
import { json, type None, type Operation } from './operation.ts'
import { orNull, type SchemaOf, schemaOf } from './schema.ts'

/** Something of the bundle that acts on a clause: `{ kind: 'rule', id: 'billing-identifies' }`. */
export interface ClauseBinding {
  readonly kind: string
  readonly id: string
}

/** One clause of the policy in force, with all that it has come to. Texts are language to words. */
export interface MatrixClause {
  readonly clause: string
  readonly title: Readonly<Record<string, string>>
  readonly rules: readonly ClauseBinding[]
  readonly declarations: readonly ClauseBinding[]
  /** What people do, where software cannot act. */
  readonly measures: readonly Readonly<Record<string, string>>[]
  /** Why nothing acts on it; null where something does. */
  readonly informational: Readonly<Record<string, string>> | null
  /** Decisions of this version that cite it; `acts` are entries on nobody's data, `otherVersions` entries of any other version. */
  readonly decisions: {
    readonly permitted: number
    readonly refused: number
    readonly acts: number
    readonly otherVersions: number
  }
  /** Tests of the bundle that expect it. */
  readonly tests: readonly string[]
}

export interface PolicyMatrix {
  readonly policy: string
  /** Entries of the ledger that are counted here, and how many have their place in it. */
  readonly counted: number
  readonly size: number
  readonly clauses: readonly MatrixClause[]
}

type Words = Readonly<Record<string, string>>
const words: SchemaOf<Words> = schemaOf<Words>()(
  Type.Unsafe<Words>({ type: 'object', additionalProperties: { type: 'string' } }),
)
const bindings = Type.Array(Type.Object({ kind: Type.String(), id: Type.String() }))

export const policyMatrix: Operation<None, None, None, PolicyMatrix> = {
  id: 'policyMatrix',
  method: 'GET',
  path: '/v1/policy/matrix',
  summary: 'Every clause of the policy in force: rules, citations counted live, tests, measures.',
  tags: ['policy'],
  auth: ['staff'],
  params: null,
  query: null,
  body: null,
  success: json(
    schemaOf<PolicyMatrix>()(
      Type.Object({
        policy: Type.String(),
        counted: Type.Integer(),
        size: Type.Integer(),
        clauses: Type.Array(
          Type.Object({
            clause: Type.String(),
            title: Type.Unsafe<Words>(words),
            rules: bindings,
            declarations: bindings,
            measures: Type.Array(Type.Unsafe<Words>(words)),
            informational: orNull<Words>(words),
            decisions: Type.Object({
              permitted: Type.Integer(),
              refused: Type.Integer(),
              acts: Type.Integer(),
              otherVersions: Type.Integer(),
            }),
            tests: Type.Array(Type.String()),
          }),
        ),
      }),
    ),
  ),
}
