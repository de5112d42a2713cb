import Type from 'typebox'
import { type CodeSent, codeSent } from './decided.ts'
import { json, type None, NOTHING, type Operation } from './operation.ts'
import { CLOSED, type SchemaOf, schemaOf, text, uuid } from './schema.ts'

export const requestCode: Operation<None, None, { readonly email: string }, CodeSent> = {
  id: 'requestCode',
  method: 'POST',
  path: '/v1/sign-in',
  summary: 'Sends a code to an e-mail address. Whether the address is known makes no difference to the answer.',
  tags: ['sign-in'],
  auth: ['none'],
  params: null,
  query: null,
  body: schemaOf<{ readonly email: string }>()(Type.Object({ email: text(320) }, CLOSED)),
  limited: true,
  success: { ...json(codeSent), status: 202 },
}

/** A session begun, in a cookie that scripts cannot read. */
export interface SignedIn {
  readonly subject: string
  readonly expiresAt: number
}

export const signedIn: SchemaOf<SignedIn> = schemaOf<SignedIn>()(
  Type.Object({ subject: Type.String(), expiresAt: Type.Integer() }),
)

export const proveCode: Operation<{ readonly id: string }, None, { readonly code: string }, SignedIn> = {
  id: 'proveCode',
  method: 'POST',
  path: '/v1/sign-in/:id',
  summary: 'Ends a sign-in with the code that came; sets the session cookie.',
  tags: ['sign-in'],
  auth: ['none'],
  params: schemaOf<{ readonly id: string }>()(Type.Object({ id: uuid }, CLOSED)),
  query: null,
  body: schemaOf<{ readonly code: string }>()(Type.Object({ code: text(12) }, CLOSED)),
  limited: true,
  success: json(signedIn),
}

export interface StaffSignedIn {
  readonly role: string
  readonly pseudonym: string
  readonly expiresAt: number
}

export const enter: Operation<None, None, { readonly token: string }, StaffSignedIn> = {
  id: 'enter',
  method: 'POST',
  path: '/v1/enter',
  summary: 'Signs a staff member in by a one-time link; sets the session cookie.',
  tags: ['sign-in'],
  auth: ['none'],
  params: null,
  query: null,
  body: schemaOf<{ readonly token: string }>()(Type.Object({ token: text(200) }, CLOSED)),
  limited: true,
  success: json(
    schemaOf<StaffSignedIn>()(
      Type.Object({ role: Type.String(), pseudonym: Type.String(), expiresAt: Type.Integer() }),
    ),
  ),
}

export const leave: Operation<None, None, None, null> = {
  id: 'leave',
  method: 'DELETE',
  path: '/v1/session',
  summary: 'Ends the session.',
  tags: ['sign-in'],
  auth: ['staff', 'subject'],
  params: null,
  query: null,
  body: null,
  success: NOTHING,
}
