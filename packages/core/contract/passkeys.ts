import Type, { type TString, type TUnsafe } from 'typebox'
import { json, type None, NOTHING, type Operation } from './operation.ts'
import { CLOSED, integerOrNull, type SchemaOf, schemaOf, uuid } from './schema.ts'
import { type SignedIn, signedIn } from './sign-in.ts'
import { type Proved, proved } from './identity.ts'
import type { OfferedProvider } from './oidc.ts'

const tags = ['my data']
const auth = ['subject'] as const
/** An answer of a browser is a few kilobytes. */
const ANSWER_LIMIT = 32_768

/** What a browser is asked to do with a passkey, and the id under which its answer is sent. */
export interface PasskeyCeremony {
  readonly id: string
  /** Options of W3C WebAuthn, as JSON. */
  readonly options: Readonly<Record<string, unknown>>
}

const webauthn: TUnsafe<Readonly<Record<string, unknown>>> = Type.Unsafe<Readonly<Record<string, unknown>>>({
  type: 'object',
  additionalProperties: true,
  description: 'As W3C WebAuthn has it in JSON.',
})

const ceremony: SchemaOf<PasskeyCeremony> = schemaOf<PasskeyCeremony>()(
  Type.Object({ id: Type.String(), options: webauthn }),
)

/** What the browser answered. */
export interface PasskeyAnswer {
  readonly id: string
  readonly response: Readonly<Record<string, unknown>>
}

const bytes = (maxLength: number): TString => Type.String({ maxLength, pattern: '^[A-Za-z0-9_-]*$' })

/** What WebAuthn has in JSON for an answer, no member beside those that are looked at. */
function answerOf(members: Readonly<Record<string, TString>>): TUnsafe<Readonly<Record<string, unknown>>> {
  return Type.Unsafe<Readonly<Record<string, unknown>>>(
    Type.Object(
      {
        id: bytes(1400),
        rawId: bytes(1400),
        type: Type.Unsafe<'public-key'>({ type: 'string', enum: ['public-key'] }),
        clientExtensionResults: Type.Object({}, CLOSED),
        response: Type.Object(
          {
            clientDataJSON: bytes(4000),
            ...members,
            transports: Type.Optional(Type.Array(Type.String({ maxLength: 20 }), { maxItems: 8 })),
          },
          CLOSED,
        ),
      },
      CLOSED,
    ),
  )
}

const signature = answerOf({ authenticatorData: bytes(4000), signature: bytes(4000) })
const answer: SchemaOf<PasskeyAnswer> = schemaOf<PasskeyAnswer>()(
  Type.Object({ id: uuid, response: signature }, CLOSED),
)

const name: TString = Type.String({ minLength: 1, maxLength: 60 })

export interface Passkey {
  readonly id: string
  readonly name: string
  readonly addedAt: number
  /** From then on it proves more than the session that added it. */
  readonly countsFrom: number
  readonly usedAt: number | null
}

const passkeyMembers = {
  id: Type.String(),
  name: Type.String(),
  addedAt: Type.Integer(),
  countsFrom: Type.Integer(),
  usedAt: integerOrNull(),
}
const passkey: SchemaOf<Passkey> = schemaOf<Passkey>()(Type.Object(passkeyMembers))

/** How I sign in and am reached, and what was proved in this session. */
export interface MySecurity {
  readonly passkeys: readonly Passkey[]
  /** Methods that count in this session, each until when. */
  readonly proofs: readonly { readonly method: string; readonly until: number }[]
  /** Identity providers by which I may prove that it is me. */
  readonly providers: readonly OfferedProvider[]
}

export const showSecurity: Operation<None, None, None, MySecurity> = {
  id: 'mySecurity',
  method: 'GET',
  path: '/v1/me/security',
  summary: 'My passkeys, and what I have proved in this session.',
  tags,
  auth,
  params: null,
  query: null,
  body: null,
  success: json(
    schemaOf<MySecurity>()(
      Type.Object({
        passkeys: Type.Array(Type.Object(passkeyMembers)),
        proofs: Type.Array(Type.Object({ method: Type.String(), until: Type.Integer() })),
        providers: Type.Array(
          Type.Object({ id: Type.String(), label: Type.Object({ ru: Type.String(), en: Type.String() }) }),
        ),
      }),
    ),
  ),
}

export const endMySessions: Operation<None, None, None, { readonly ended: number }> = {
  id: 'endMySessions',
  method: 'POST',
  path: '/v1/me/sessions/end',
  summary: 'Ends all my sessions but this one, wherever they are.',
  tags,
  auth,
  params: null,
  query: null,
  body: null,
  success: json(schemaOf<{ readonly ended: number }>()(Type.Object({ ended: Type.Integer() }))),
}

export const PASSKEY_ACTS = ['add', 'step'] as const

export interface PasskeyBeginning {
  readonly act: (typeof PASSKEY_ACTS)[number]
}

export const beginPasskey: Operation<None, None, PasskeyBeginning, PasskeyCeremony> = {
  id: 'beginPasskey',
  method: 'POST',
  path: '/v1/me/passkeys/challenge',
  summary:
    'Begins to add a passkey (`add`), or to prove by one that it is me (`step`). Good once, in this session, for five minutes.',
  tags,
  auth,
  params: null,
  query: null,
  body: schemaOf<PasskeyBeginning>()(
    Type.Object({ act: Type.Unsafe<PasskeyBeginning['act']>({ type: 'string', enum: [...PASSKEY_ACTS] }) }, CLOSED),
  ),
  limited: true,
  success: json(ceremony),
}

export interface NewPasskey extends PasskeyAnswer {
  readonly name: string
}

export const addPasskey: Operation<None, None, NewPasskey, Passkey> = {
  id: 'addPasskey',
  method: 'POST',
  path: '/v1/me/passkeys',
  summary: 'Adds the passkey that my device made. My mailbox and phone are told.',
  tags,
  auth,
  params: null,
  query: null,
  body: schemaOf<NewPasskey>()(
    Type.Object({ id: uuid, name, response: answerOf({ attestationObject: bytes(20_000) }) }, CLOSED),
  ),
  bodyLimit: ANSWER_LIMIT,
  success: { ...json(passkey), status: 201 },
}

export interface PasskeyParams {
  readonly passkey: string
}

const onPasskey = schemaOf<PasskeyParams>()(Type.Object({ passkey: uuid }, CLOSED))

export const renamePasskey: Operation<PasskeyParams, None, { readonly name: string }, null> = {
  id: 'renamePasskey',
  method: 'POST',
  path: '/v1/me/passkeys/:passkey/name',
  summary: 'Names a passkey of mine.',
  tags,
  auth,
  params: onPasskey,
  query: null,
  body: schemaOf<{ readonly name: string }>()(Type.Object({ name }, CLOSED)),
  success: NOTHING,
}

export const removePasskey: Operation<PasskeyParams, None, None, null> = {
  id: 'removePasskey',
  method: 'DELETE',
  path: '/v1/me/passkeys/:passkey',
  summary: 'Removes a passkey of mine, and ends all my sessions but this one. My mailbox and phone are told.',
  tags,
  auth,
  params: onPasskey,
  query: null,
  body: null,
  success: NOTHING,
}

export const proveByPasskey: Operation<None, None, PasskeyAnswer, Proved> = {
  id: 'proveByPasskey',
  method: 'POST',
  path: '/v1/me/proofs/passkey',
  summary:
    'Proves by a passkey that it is me. For a quarter of an hour it counts for what needs more than being signed in.',
  tags,
  auth,
  params: null,
  query: null,
  body: answer,
  bodyLimit: ANSWER_LIMIT,
  limited: true,
  success: json(proved),
}

export const beginPasskeySignIn: Operation<None, None, None, PasskeyCeremony> = {
  id: 'beginPasskeySignIn',
  method: 'POST',
  path: '/v1/sign-in/passkey',
  summary: 'Begins a sign-in by a passkey; names nobody.',
  tags: ['sign-in'],
  auth: ['none'],
  params: null,
  query: null,
  body: null,
  limited: true,
  success: json(ceremony),
}

export const signInByPasskey: Operation<None, None, PasskeyAnswer, SignedIn> = {
  id: 'signInByPasskey',
  method: 'POST',
  path: '/v1/sign-in/passkey/answer',
  summary: 'Ends a sign-in by a passkey; sets the session cookie.',
  tags: ['sign-in'],
  auth: ['none'],
  params: null,
  query: null,
  body: answer,
  bodyLimit: ANSWER_LIMIT,
  limited: true,
  success: json(signedIn),
}
