import Type from 'typebox'
import type { AgeBand } from '../base/index.ts'
import { type CodeSent, codeSent, type Permitted, permitted } from './decided.ts'
import { json, type None, type Operation } from './operation.ts'
import { ageBand, anyObject, CLOSED, name, orNull, type SchemaOf, schemaOf, text, textOrNull } from './schema.ts'

export interface FormList {
  /** The forms of the policy in force: names, channels and last days. */
  readonly forms: readonly Readonly<Record<string, unknown>>[]
}

interface Language {
  readonly lang?: string
}

const language: SchemaOf<Language> = schemaOf<Language>()(
  Type.Object({ lang: Type.Optional(Type.String({ pattern: '^[a-z]{2,3}$', maxLength: 3 })) }, CLOSED),
)

export const showPolicy: Operation<None, Language, None, Readonly<Record<string, unknown>>> = {
  id: 'policy',
  method: 'GET',
  path: '/v1/policy',
  summary: 'The policy in force, in one language: clauses, purposes, fields, services, forms.',
  tags: ['policy'],
  auth: ['none'],
  params: null,
  query: language,
  body: null,
  success: json(
    schemaOf<Readonly<Record<string, unknown>>>()(anyObject('A policy as it is shown to people (docs/policy.md).')),
  ),
}

export const listForms: Operation<None, Language, None, FormList> = {
  id: 'forms',
  method: 'GET',
  path: '/v1/forms',
  summary: 'The forms by which data are collected.',
  tags: ['policy'],
  auth: ['none'],
  params: null,
  query: language,
  body: null,
  success: json(
    schemaOf<FormList>()(
      Type.Object({ forms: Type.Array(anyObject('A form: id, label, clauses, channel, last day.')) }),
    ),
  ),
}

interface FormParams {
  readonly form: string
}

const formParams: SchemaOf<FormParams> = schemaOf<FormParams>()(Type.Object({ form: name }, CLOSED))

/** A form as it is shown: its contract in all languages, and the signed snapshot that comes back with the answer. */
export interface ShownForm {
  readonly contract: Readonly<Record<string, unknown>>
  readonly snapshot: string
}

export const showForm: Operation<FormParams, None, None, ShownForm> = {
  id: 'form',
  method: 'GET',
  path: '/v1/forms/:form',
  summary: 'What a form asks, why, under which clauses, and which consents go with it.',
  tags: ['policy'],
  auth: ['none'],
  params: formParams,
  query: null,
  body: null,
  success: json(
    schemaOf<ShownForm>()(
      Type.Object({
        contract: anyObject('The collection contract: notice, fields with reasons, choices, consents, JSON Schema.'),
        snapshot: Type.String({ description: 'Signed; send it back with the values.' }),
      }),
    ),
  ),
}

/** A filled form. */
export interface Submission {
  readonly snapshot: string
  /** The legal entity the person chose. */
  readonly entity: string
  /** Field to value, as typed. What the form does not declare is refused with the clause. */
  readonly values: Readonly<Record<string, unknown>>
  /** The purposes consented to, each by its own document. */
  readonly consents: readonly string[]
  /** The answer to the form's question of age, where it asks one and it is not known yet. */
  readonly age?: AgeBand
}

export interface CollectedForm extends Permitted {
  /** The person's opaque id. */
  readonly subject: string
  readonly contract: MadeContract | null
  /** A code went to the e-mail just given; null where the sender was signed in. */
  readonly signIn: CodeSent | null
  /** Fields that differ from confirmed values: left as they are, and staff will look. */
  readonly conflicts: readonly string[]
}

export interface MadeContract {
  readonly id: string
  readonly service: string
  readonly number: string | null
}

const madeContract = schemaOf<MadeContract>()(
  Type.Object({ id: Type.String(), service: Type.String(), number: textOrNull(64) }),
)

export const submitForm: Operation<FormParams, None, Submission, CollectedForm> = {
  id: 'submit',
  method: 'POST',
  path: '/v1/forms/:form',
  summary: 'Collects the values of a form. With an Idempotency-Key a repeat gives the first answer.',
  tags: ['policy'],
  auth: ['subject', 'none'],
  params: formParams,
  query: null,
  body: schemaOf<Submission>()(
    Type.Object(
      {
        snapshot: text(200),
        entity: name,
        values: Type.Unsafe<Readonly<Record<string, unknown>>>({
          type: 'object',
          maxProperties: 100,
          additionalProperties: true,
        }),
        consents: Type.Array(name, { maxItems: 20 }),
        age: Type.Optional(ageBand),
      },
      CLOSED,
    ),
  ),
  idempotent: true,
  limited: true,
  success: {
    ...json(
      schemaOf<CollectedForm>()(
        Type.Object({
          ...permitted,
          subject: Type.String(),
          contract: orNull<MadeContract>(madeContract),
          signIn: orNull<CodeSent>(codeSent),
          conflicts: Type.Array(Type.String()),
        }),
      ),
    ),
    status: 201,
  },
}
