import Type, { type TString, type TUnsafe } from 'typebox'
import { type CodeSent, codeSent } from './decided.ts'
import { json, type None, type Operation } from './operation.ts'
import {
  type LetterParams,
  onLetter,
  onRequest,
  registeredLetter,
  type RegisteredLetter,
  registeredRequest,
  type RegisteredRequest,
  type RequestParams,
} from './request-shapes.ts'
import { CLOSED, type SchemaOf, schemaOf, text, uuid } from './schema.ts'

const mine = ['my data'] as const
const code: TString = text(12)

export const sendPhoneCode: Operation<None, None, None, CodeSent> = {
  id: 'sendPhoneCode',
  method: 'POST',
  path: '/v1/me/proofs/phone',
  summary: 'Sends a code to the phone that stands in my data, to prove it, and in this session me.',
  tags: mine,
  auth: ['subject'],
  params: null,
  query: null,
  body: null,
  limited: true,
  success: { ...json(codeSent), status: 202 },
}

export interface Proved {
  /** False where what it relies on was added or changed lately: it proves itself, and not yet who is signed in. */
  readonly counts: boolean
}

export const proved: SchemaOf<Proved> = schemaOf<Proved>()(Type.Object({ counts: Type.Boolean() }))

export const provePhone: Operation<{ readonly id: string }, None, { readonly code: string }, Proved> = {
  id: 'provePhone',
  method: 'POST',
  path: '/v1/me/proofs/phone/:id',
  summary:
    'Proves my phone by the code that came to it. For a quarter of an hour it counts for what needs more than being signed in.',
  tags: mine,
  auth: ['subject'],
  params: schemaOf<{ readonly id: string }>()(Type.Object({ id: uuid }, CLOSED)),
  query: null,
  body: schemaOf<{ readonly code: string }>()(Type.Object({ code }, CLOSED)),
  limited: true,
  success: json(proved),
}

export const proveRequest: Operation<RequestParams, None, None, RegisteredRequest> = {
  id: 'proveRequest',
  method: 'POST',
  path: '/v1/me/requests/:request/proofs',
  summary: 'Adds what I have proved in this session to a request of mine; it goes on where that suffices.',
  tags: mine,
  auth: ['subject'],
  params: onRequest,
  query: null,
  body: null,
  success: json(registeredRequest),
}

export const PROOF_CHANNELS = ['email', 'phone'] as const
export type ProofChannel = (typeof PROOF_CHANNELS)[number]

const channel: TUnsafe<ProofChannel> = Type.Unsafe<ProofChannel>({ type: 'string', enum: [...PROOF_CHANNELS] })

export const sendLetterCode: Operation<LetterParams, None, { readonly channel: ProofChannel }, CodeSent> = {
  ...sendPhoneCode,
  id: 'sendLetterCode',
  path: '/v1/letters/:letter/codes',
  summary:
    'Sends a code to the proved phone or mailbox of whom a letter is about. The answer is the same where they have none.',
  tags: ['requests'],
  auth: ['staff'],
  params: onLetter,
  body: schemaOf<{ readonly channel: ProofChannel }>()(Type.Object({ channel }, CLOSED)),
}

export interface LetterCodeParams extends LetterParams {
  readonly id: string
}

export interface LetterCode {
  readonly channel: ProofChannel
  readonly code: string
}

export const proveLetterCode: Operation<LetterCodeParams, None, LetterCode, RegisteredLetter> = {
  id: 'proveLetterCode',
  method: 'POST',
  path: '/v1/letters/:letter/codes/:id',
  summary: 'Checks the code that the author of a letter tells: a proof of that phone or mailbox, made by the software.',
  tags: ['requests'],
  auth: ['staff'],
  params: schemaOf<LetterCodeParams>()(Type.Object({ letter: uuid, id: uuid }, CLOSED)),
  query: null,
  body: schemaOf<LetterCode>()(Type.Object({ channel, code }, CLOSED)),
  success: json(registeredLetter),
}
