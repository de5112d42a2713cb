import Type from 'typebox'
import { json, type None, NOTHING, type Operation } from './operation.ts'
import { CLOSED, integerOrNull, name, type SchemaOf, schemaOf, uuid } from './schema.ts'

/** A credential to be issued to calling software. */
export interface NewCredential {
  /** The service as the policy names it. */
  readonly actor: string
  readonly entities: readonly string[]
  readonly purposes: readonly string[]
  /** How many different people it may reach in an hour. */
  readonly peoplePerHour: number
  readonly expiresInDays: number
}

export interface IssuedCredential {
  readonly credential: string
  /** Shown this once; only its hash is kept. */
  readonly token: string
  readonly expiresAt: number
}

const newCredential: SchemaOf<NewCredential> = schemaOf<NewCredential>()(
  Type.Object(
    {
      actor: name,
      entities: Type.Array(name, { minItems: 1, maxItems: 20 }),
      purposes: Type.Array(name, { minItems: 1, maxItems: 50 }),
      peoplePerHour: Type.Integer({ minimum: 1, maximum: 10_000_000 }),
      expiresInDays: Type.Integer({ minimum: 1, maximum: 3650 }),
    },
    CLOSED,
  ),
)

export const issueCredential: Operation<None, None, NewCredential, IssuedCredential> = {
  id: 'issueCredential',
  method: 'POST',
  path: '/v1/credentials',
  summary: 'Issues a credential to a service; its token is shown once.',
  tags: ['staff'],
  auth: ['staff'],
  params: null,
  query: null,
  body: newCredential,
  success: {
    ...json(
      schemaOf<IssuedCredential>()(
        Type.Object({ credential: Type.String(), token: Type.String(), expiresAt: Type.Integer() }),
      ),
    ),
    status: 201,
  },
}

export interface Credential {
  readonly credential: string
  readonly actor: string
  readonly entities: readonly string[]
  readonly purposes: readonly string[]
  readonly peoplePerHour: number
  readonly expiresAt: number
  readonly revokedAt: number | null
}

export interface CredentialList {
  readonly credentials: readonly Credential[]
}

export const listCredentials: Operation<None, None, None, CredentialList> = {
  id: 'credentials',
  method: 'GET',
  path: '/v1/credentials',
  summary: 'All credentials, without their tokens.',
  tags: ['staff'],
  auth: ['staff'],
  params: null,
  query: null,
  body: null,
  success: json(
    schemaOf<CredentialList>()(
      Type.Object({
        credentials: Type.Array(
          Type.Object({
            credential: Type.String(),
            actor: Type.String(),
            entities: Type.Array(Type.String()),
            purposes: Type.Array(Type.String()),
            peoplePerHour: Type.Integer(),
            expiresAt: Type.Integer(),
            revokedAt: integerOrNull(),
          }),
        ),
      }),
    ),
  ),
}

export const revokeCredential: Operation<{ readonly id: string }, None, None, null> = {
  id: 'revokeCredential',
  method: 'DELETE',
  path: '/v1/credentials/:id',
  summary: 'Revokes a credential. Effective when answered.',
  tags: ['staff'],
  auth: ['staff'],
  params: schemaOf<{ readonly id: string }>()(Type.Object({ id: uuid }, CLOSED)),
  query: null,
  body: null,
  success: NOTHING,
}

export interface NewStaff {
  /** How the ledger names them: never a name. */
  readonly pseudonym: string
  readonly role: string
}

/** `path` is the one-time sign-in link's, to be given to the new member. */
export interface AddedStaff {
  readonly staff: string
  readonly path: string
}

export const addStaff: Operation<None, None, NewStaff, AddedStaff> = {
  id: 'addStaff',
  method: 'POST',
  path: '/v1/staff',
  summary: 'Adds a staff member and makes their one-time sign-in link.',
  tags: ['staff'],
  auth: ['staff'],
  params: null,
  query: null,
  body: schemaOf<NewStaff>()(
    Type.Object({ pseudonym: Type.String({ pattern: '^[a-z][a-z0-9-]{1,31}$', maxLength: 32 }), role: name }, CLOSED),
  ),
  success: {
    ...json(schemaOf<AddedStaff>()(Type.Object({ staff: Type.String(), path: Type.String() }))),
    status: 201,
  },
}

/** A proved submission that differs from confirmed values: staff decide. */
export interface Conflict {
  readonly id: string
  readonly subject: string
  /** Under which id the differing submission lies apart. */
  readonly other: string
  readonly fields: readonly string[]
  readonly at: number
}

export interface ConflictList {
  readonly conflicts: readonly Conflict[]
}

export const listConflicts: Operation<None, None, None, ConflictList> = {
  id: 'conflicts',
  method: 'GET',
  path: '/v1/conflicts',
  summary: 'Submissions that differ from confirmed values and wait for staff.',
  tags: ['staff'],
  auth: ['staff'],
  params: null,
  query: null,
  body: null,
  success: json(
    schemaOf<ConflictList>()(
      Type.Object({
        conflicts: Type.Array(
          Type.Object({
            id: Type.String(),
            subject: Type.String(),
            other: Type.String(),
            fields: Type.Array(Type.String()),
            at: Type.Integer(),
          }),
        ),
      }),
    ),
  ),
}
