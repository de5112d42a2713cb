import { PUBLIC_BANS, type Localised, type PublicBan } from '../base/index.ts'
import Type from 'typebox'
import { onPerson, type Permitted, permitted } from './decided.ts'
import { json, type None, type Operation } from './operation.ts'
import type { RegisteredRequest } from './request-shapes.ts'
import { registeredRequest } from './request-shapes.ts'
import { CLOSED, integerOrNull, name, type SchemaOf, schemaOf, text, textOrNull, uuid } from './schema.ts'

const tags = ['publications']
const localised = Type.Unsafe<Localised>({ type: 'object', additionalProperties: { type: 'string' } })
const ban = Type.Unsafe<PublicBan>({ type: 'string', enum: [...PUBLIC_BANS] })

/** Each field that is to be public, with what everybody is forbidden to do with it. */
export type PublicFields = Readonly<Record<string, readonly PublicBan[]>>

const publicFields = Type.Unsafe<PublicFields>({
  type: 'object',
  maxProperties: 50,
  propertyNames: { maxLength: 64 },
  additionalProperties: {
    type: 'array',
    maxItems: PUBLIC_BANS.length,
    uniqueItems: true,
    items: { type: 'string', enum: [...PUBLIC_BANS] },
  },
  description:
    'Field to its bans: `transfer` (it is not passed on), `processing` (nothing is done with it but looking), `promotion` (it serves no advertising or trade), `indexing` (search engines leave it out). Empty: nothing is public any more.',
})

/** What is public for one purpose and entity, or could be. */
export interface MyPublication {
  readonly purpose: string
  readonly label: Localised
  readonly entity: string
  /** Under which it is served, `/public/{handle}`; null where nothing is public. */
  readonly handle: string | null
  readonly since: number | null
  /** Whether there is a consent to it; without one nothing can be made public. */
  readonly consented: boolean
  /** Forms whose document of that consent can be agreed to. */
  readonly forms: readonly string[]
  readonly fields: readonly {
    readonly field: string
    readonly label: Localised
    readonly public: boolean
    readonly bans: readonly PublicBan[]
  }[]
}

export interface MyPublications extends Permitted {
  readonly publications: readonly MyPublication[]
}

interface Entity {
  readonly entity: string
}

const entityQuery: SchemaOf<Entity> = schemaOf<Entity>()(Type.Object({ entity: onPerson.entity }, CLOSED))

export const showMyPublications: Operation<None, Entity, None, MyPublications> = {
  id: 'myPublications',
  method: 'GET',
  path: '/v1/me/publications',
  summary: 'What I have made public under which bans, and what I could.',
  tags,
  auth: ['subject'],
  params: null,
  query: entityQuery,
  body: null,
  success: json(
    schemaOf<MyPublications>()(
      Type.Object({
        ...permitted,
        publications: Type.Array(
          Type.Object({
            purpose: Type.String(),
            label: localised,
            entity: Type.String(),
            handle: textOrNull(64),
            since: integerOrNull(),
            consented: Type.Boolean(),
            forms: Type.Array(Type.String()),
            fields: Type.Array(
              Type.Object({ field: Type.String(), label: localised, public: Type.Boolean(), bans: Type.Array(ban) }),
            ),
          }),
        ),
      }),
    ),
  ),
}

/** What is to be public from now on, in place of what was. */
export interface NewPublication extends Entity {
  readonly fields: PublicFields
}

export interface MadePublic extends Permitted {
  readonly handle: string | null
}

export const makePublic: Operation<{ readonly purpose: string }, None, NewPublication, MadePublic> = {
  id: 'makePublic',
  method: 'PUT',
  path: '/v1/me/publications/:purpose',
  summary: 'Says what of mine is public and under which bans; with no field nothing is, from that moment on.',
  tags,
  auth: ['subject'],
  params: schemaOf<{ readonly purpose: string }>()(Type.Object({ purpose: name }, CLOSED)),
  query: null,
  body: schemaOf<NewPublication>()(Type.Object({ entity: onPerson.entity, fields: publicFields }, CLOSED)),
  success: json(schemaOf<MadePublic>()(Type.Object({ ...permitted, handle: textOrNull(64) }))),
}

export const showRequestPublications: Operation<{ readonly request: string }, None, None, MyPublications> = {
  id: 'requestPublications',
  method: 'GET',
  path: '/v1/requests/:request/publication',
  summary: 'What the person who asks to publish has public under which bans, and could have. The look is entered.',
  tags: ['requests'],
  auth: ['staff'],
  params: schemaOf<{ readonly request: string }>()(Type.Object({ request: uuid }, CLOSED)),
  query: null,
  body: null,
  success: showMyPublications.success,
}

/** What a request to make data public is done by. */
export interface RequestPublication {
  readonly purpose: string
  readonly fields: PublicFields
}

export const publishForRequest: Operation<{ readonly request: string }, None, RequestPublication, RegisteredRequest> = {
  id: 'publishForRequest',
  method: 'POST',
  path: '/v1/requests/:request/publication',
  summary: 'Makes public what the person asked for, as accepted, under the consent that they gave by its own document.',
  tags: ['requests'],
  auth: ['staff'],
  params: schemaOf<{ readonly request: string }>()(Type.Object({ request: uuid }, CLOSED)),
  query: null,
  body: schemaOf<RequestPublication>()(Type.Object({ purpose: name, fields: publicFields }, CLOSED)),
  success: json(registeredRequest),
}

/** What a person forbids or allows everybody, in the terms of the W3C's Open Digital Rights Language. */
export interface PublicPolicy {
  readonly '@context': string
  readonly '@type': string
  readonly uid: string
  readonly prohibition: readonly { readonly target: string; readonly action: string }[]
}

/** Data that a person made public, for everybody. */
export interface PublicPage {
  readonly handle: string
  readonly operator: string
  readonly entity: Localised
  readonly purpose: Localised
  /** By which it is served: the person's own consent to that. */
  readonly basis: Localised
  readonly since: number
  readonly fields: readonly {
    readonly field: string
    readonly label: Localised
    readonly value: string | readonly string[]
    readonly bans: readonly { readonly ban: PublicBan; readonly text: Localised }[]
  }[]
  readonly policy: PublicPolicy
}

export const showPublic: Operation<{ readonly handle: string }, None, None, PublicPage> = {
  id: 'public',
  method: 'GET',
  path: '/v1/public/:handle',
  summary:
    'What a person made public, with what they forbid to do with it, in words and as ODRL. All else is not found.',
  tags,
  auth: ['none'],
  limited: true,
  params: schemaOf<{ readonly handle: string }>()(Type.Object({ handle: text(64) }, CLOSED)),
  query: null,
  body: null,
  success: json(
    schemaOf<PublicPage>()(
      Type.Object({
        handle: Type.String(),
        operator: Type.String(),
        entity: localised,
        purpose: localised,
        basis: localised,
        since: Type.Integer(),
        fields: Type.Array(
          Type.Object({
            field: Type.String(),
            label: localised,
            value: Type.Unsafe<string | readonly string[]>({ type: ['string', 'array'], items: { type: 'string' } }),
            bans: Type.Array(Type.Object({ ban, text: localised })),
          }),
        ),
        policy: Type.Unsafe<PublicPolicy>({ type: 'object', additionalProperties: true }),
      }),
    ),
  ),
}
