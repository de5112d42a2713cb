import Type from 'typebox'
import { type OnPerson, onPerson, type Permitted, permitted, type SubjectParams, subjectParams } from './decided.ts'
import { json, type None, type Operation } from './operation.ts'
import { anyObject, CLOSED, integerOrNull, type SchemaOf, schemaOf, textOrNull, uuid } from './schema.ts'

/** A version of the policy and what became of it. Instants are milliseconds since 1970, hashes SHA-256 in hex. */
export interface PolicyVersion {
  readonly version: string
  /** Of the operator's official text. */
  readonly text: string
  /** Of the bundle's files. */
  readonly bundle: string
  readonly proposedBy: string
  readonly proposedAt: number
  /** Null while it waits for a second person. */
  readonly adoptedBy: string | null
  readonly adoptedAt: number | null
  readonly effectiveFrom: number | null
}

const versionFields = {
  version: Type.String(),
  text: Type.String(),
  bundle: Type.String(),
  proposedBy: Type.String(),
  proposedAt: Type.Integer(),
  adoptedBy: textOrNull(64),
  adoptedAt: integerOrNull(),
  effectiveFrom: integerOrNull(),
}

/** Texts of a policy are large; nothing else that comes in is. */
const BUNDLE_LIMIT = 4_194_304
const files = Type.Unsafe<Readonly<Record<string, string>>>({
  type: 'object',
  additionalProperties: { type: 'string', maxLength: BUNDLE_LIMIT },
  maxProperties: 200,
  description: 'The files of the bundle: path to text.',
})
const policyVersion: SchemaOf<PolicyVersion> = schemaOf<PolicyVersion>()(Type.Object(versionFields))

export interface PolicyVersionList {
  readonly versions: readonly PolicyVersion[]
}

const tags = ['policy']

export const listPolicyVersions: Operation<None, None, None, PolicyVersionList> = {
  id: 'policyVersions',
  method: 'GET',
  path: '/v1/policy/versions',
  summary: 'Every version of the policy that was adopted here, and by whom; to staff also those that wait.',
  tags,
  auth: ['none', 'staff'],
  params: null,
  query: null,
  body: null,
  success: json(schemaOf<PolicyVersionList>()(Type.Object({ versions: Type.Array(Type.Object(versionFields)) }))),
}

/** A version with the files it was proposed with. */
export interface KeptPolicy extends PolicyVersion {
  readonly files: Readonly<Record<string, string>>
}

const named = schemaOf<{ readonly version: string }>()(
  Type.Object({ version: Type.String({ minLength: 3, maxLength: 128 }) }, CLOSED),
)

export const readPolicyVersion: Operation<{ readonly version: string }, None, None, KeptPolicy> = {
  id: 'policyVersion',
  method: 'GET',
  path: '/v1/policy/versions/:version',
  summary: 'A version of the policy with its files: decisions name it for ever. One that waits is for staff only.',
  tags,
  auth: ['none', 'staff'],
  limited: true,
  params: named,
  query: null,
  body: null,
  success: json(schemaOf<KeptPolicy>()(Type.Object({ ...versionFields, files }))),
}

export interface ProposedPolicy {
  readonly files: Readonly<Record<string, string>>
}

export const proposePolicy: Operation<None, None, ProposedPolicy, PolicyVersion> = {
  id: 'proposePolicy',
  method: 'POST',
  path: '/v1/policy/versions',
  summary: 'Proposes a bundle as the next version; another person adopts it.',
  tags,
  auth: ['staff'],
  params: null,
  query: null,
  body: schemaOf<ProposedPolicy>()(Type.Object({ files }, CLOSED)),
  bodyLimit: BUNDLE_LIMIT,
  success: { ...json(policyVersion), status: 201 },
}

export const adoptPolicy: Operation<{ readonly version: string }, None, None, PolicyVersion> = {
  id: 'adoptPolicy',
  method: 'POST',
  path: '/v1/policy/versions/:version/adoption',
  summary: 'Adopts a version that somebody else proposed; in force from its first day, or at once.',
  tags,
  auth: ['staff'],
  params: named,
  query: null,
  body: null,
  success: json(policyVersion),
}

/** Why one recorded decision fell as it did. */
export interface ExplainedDecision extends Permitted {
  /** The entry as it stands in the ledger. */
  readonly recorded: Readonly<Record<string, unknown>>
  /** Null where no policy judged the act, or what is kept does not lead to the recorded answer. */
  readonly explanation: Readonly<Record<string, unknown>> | null
}

export const explainDecision: Operation<
  SubjectParams & { readonly decision: string },
  OnPerson,
  None,
  ExplainedDecision
> = {
  id: 'explain',
  method: 'GET',
  path: '/v1/people/:subject/decisions/:decision',
  summary: 'Why a recorded decision fell so, and what would make the other answer true; to the person, or to staff.',
  tags,
  auth: ['subject', 'staff'],
  params: schemaOf<SubjectParams & { readonly decision: string }>()(
    Type.Object({ ...subjectParams, decision: uuid }, CLOSED),
  ),
  query: schemaOf<OnPerson>()(Type.Object(onPerson, CLOSED)),
  body: null,
  success: json(
    schemaOf<ExplainedDecision>()(
      Type.Object({
        ...permitted,
        recorded: anyObject('The body of the entry.'),
        explanation: Type.Unsafe<Readonly<Record<string, unknown>> | null>({
          type: ['object', 'null'],
          additionalProperties: true,
          description: 'Decision, causes, facts, rules, clauses with their texts, and what would be otherwise.',
        }),
      }),
    ),
  ),
}
