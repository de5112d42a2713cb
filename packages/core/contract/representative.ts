import Type from 'typebox'
import {
  type AgeBand,
  REPRESENTATIVE_ACTS,
  REPRESENTATIVE_KINDS,
  type RepresentativeAct,
  type RepresentativeKind,
} from '../base/index.ts'
import { type OnPerson, onPerson, type Permitted, permitted, type SubjectParams } from './decided.ts'
import { type NamedActor, namedActor } from './disclosure.ts'
import { recorded } from './facts.ts'
import { json, type None, type Operation } from './operation.ts'
import { actOnPerson } from './person-act.ts'
import { ageBand, CLOSED, integerOrNull, schemaOf, text, textOrNull, uuid } from './schema.ts'

/** By what somebody acts for another. What was shown is written down; no copy of it is kept. */
export interface AuthorityDocument {
  readonly title: string
  readonly number: string
  /** The day of its issue, `2026-11-23`. */
  readonly issued: string
  readonly issuer: string
}

/** Somebody's authority to act for a person, as staff verified it. */
export interface Authority {
  /** Who acts: the id of a person of their own, who signs in as themselves. */
  readonly person: string
  readonly kind: RepresentativeKind
  readonly document: AuthorityDocument
  /** The last day, in the operator's zone; needed of an attorney. */
  readonly until?: string
  /** What it covers; left out, everything that the person may do. */
  readonly scope?: readonly RepresentativeAct[]
}

const day = Type.String({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$', maxLength: 10 })
const kind = Type.Unsafe<RepresentativeKind>({ type: 'string', enum: [...REPRESENTATIVE_KINDS] })
const scopeOrNull = Type.Unsafe<readonly RepresentativeAct[] | null>({
  type: ['array', 'null'],
  items: { type: 'string', enum: [...REPRESENTATIVE_ACTS] },
})
const scope = Type.Array(Type.Unsafe<RepresentativeAct>({ type: 'string', enum: [...REPRESENTATIVE_ACTS] }), {
  minItems: 1,
  maxItems: REPRESENTATIVE_ACTS.length,
})
const document = Type.Object({ title: text(300), number: text(300), issued: day, issuer: text(300) }, CLOSED)
const authority = Type.Object(
  { person: uuid, kind, document, until: Type.Optional(day), scope: Type.Optional(scope) },
  CLOSED,
)

export interface AuthorityVerified extends OnPerson {
  readonly authority: Authority
}

/** A representative written down: entries of their acts name the id. */
export interface RegisteredRepresentative extends Permitted {
  readonly representative: string
}

export const registerRepresentative: Operation<SubjectParams, None, AuthorityVerified, RegisteredRepresentative> = {
  ...actOnPerson(
    'registerRepresentative',
    'representatives',
    'Writes down by what document somebody acts for the person, for what and until when. It waits for a second member of staff.',
    schemaOf<AuthorityVerified>()(Type.Object({ ...onPerson, authority }, CLOSED)),
    schemaOf<RegisteredRepresentative>()(Type.Object({ ...permitted, representative: Type.String() })),
  ),
  auth: ['staff'],
}

/** Somebody who cannot act for themselves, and who acts for them. */
export interface RepresentedPerson extends AuthorityVerified {
  readonly age: AgeBand
}

export interface RegisteredPerson extends RegisteredRepresentative {
  readonly subject: string
}

export const registerRepresented: Operation<None, None, RepresentedPerson, RegisteredPerson> = {
  id: 'registerRepresented',
  method: 'POST',
  path: '/v1/people',
  summary: 'Begins a person who cannot act for themselves, together with who acts for them.',
  tags: ['people'],
  auth: ['staff'],
  params: null,
  query: null,
  body: schemaOf<RepresentedPerson>()(Type.Object({ ...onPerson, age: ageBand, authority }, CLOSED)),
  success: {
    ...json(
      schemaOf<RegisteredPerson>()(
        Type.Object({ ...permitted, representative: Type.String(), subject: Type.String() }),
      ),
    ),
    status: 201,
  },
}

export interface RepresentativeParams extends SubjectParams {
  readonly representative: string
}

export const confirmRepresentative: Operation<RepresentativeParams, None, None, Permitted> = {
  id: 'confirmRepresentative',
  method: 'POST',
  path: '/v1/people/:subject/representatives/:representative/approval',
  summary:
    'Another member of staff than the one who was shown the document says the second word: from the answer on they act.',
  tags: ['people'],
  auth: ['staff'],
  params: schemaOf<RepresentativeParams>()(Type.Object({ subject: uuid, representative: uuid }, CLOSED)),
  query: null,
  body: null,
  success: json(recorded),
}

/** A representative who waits for a second word. Instants are milliseconds; the document lies sealed with the person. */
export interface WaitingRepresentative {
  readonly subject: string
  readonly representative: string
  /** Who is to act. */
  readonly person: string
  readonly kind: RepresentativeKind
  readonly until: number | null
  readonly scope: readonly RepresentativeAct[] | null
  readonly ticket: string | null
  readonly askedAt: number
  readonly askedBy: NamedActor
}

export interface WaitingRepresentatives {
  readonly representatives: readonly WaitingRepresentative[]
}

export const listWaitingRepresentatives: Operation<None, None, None, WaitingRepresentatives> = {
  id: 'waitingRepresentatives',
  method: 'GET',
  path: '/v1/representatives',
  summary: 'Representatives who wait for a second member of staff, the oldest first.',
  tags: ['staff'],
  auth: ['staff'],
  params: null,
  query: null,
  body: null,
  success: json(
    schemaOf<WaitingRepresentatives>()(
      Type.Object({
        representatives: Type.Array(
          Type.Object({
            subject: Type.String(),
            representative: Type.String(),
            person: Type.String(),
            kind,
            until: integerOrNull(),
            scope: scopeOrNull,
            ticket: textOrNull(21),
            askedAt: Type.Integer(),
            askedBy: Type.Unsafe<NamedActor>(namedActor),
          }),
        ),
      }),
    ),
  ),
}

export interface EndingAuthority extends OnPerson {
  readonly representative: string
}

export const endRepresentative: Operation<SubjectParams, None, EndingAuthority, Permitted> = {
  ...actOnPerson(
    'endRepresentative',
    'end-representative',
    "Ends a representative's authority, or declines one that waits; effective when answered.",
    schemaOf<EndingAuthority>()(Type.Object({ ...onPerson, representative: uuid }, CLOSED)),
    recorded,
  ),
  auth: ['staff'],
}

/** Somebody for whom the person who asks may act, and how far. */
export interface RepresentedByMe {
  readonly subject: string
  readonly representative: string
  readonly kind: RepresentativeKind
  readonly since: number
  readonly until: number | null
  /** Null where it covers everything that the person may do. */
  readonly scope: readonly RepresentativeAct[] | null
}

export interface RepresentedList {
  readonly people: readonly RepresentedByMe[]
}

export const showRepresented: Operation<None, None, None, RepresentedList> = {
  id: 'representing',
  method: 'GET',
  path: '/v1/me/representing',
  summary: 'For whom I may act; with `On-Behalf-Of: <subject>` every operation of mine is about them.',
  tags: ['my data'],
  auth: ['subject'],
  params: null,
  query: null,
  body: null,
  success: json(
    schemaOf<RepresentedList>()(
      Type.Object({
        people: Type.Array(
          Type.Object({
            subject: Type.String(),
            representative: Type.String(),
            kind,
            since: Type.Integer(),
            until: integerOrNull(),
            scope: scopeOrNull,
          }),
        ),
      }),
    ),
  ),
}

/** Somebody who acts for the person who asks, or waits to. */
export interface MyRepresentative {
  readonly representative: string
  readonly kind: RepresentativeKind
  /** `waiting` until a second member of staff has confirmed it; until then nobody acts by it. */
  readonly state: 'waiting' | 'acts'
  /** When it was written down, or confirmed. */
  readonly since: number
  readonly until: number | null
  readonly scope: readonly RepresentativeAct[] | null
}

export interface MyRepresentatives {
  readonly representatives: readonly MyRepresentative[]
}

export const showMyRepresentatives: Operation<None, None, None, MyRepresentatives> = {
  id: 'myRepresentatives',
  method: 'GET',
  path: '/v1/me/representatives',
  summary: 'Who may act for me, or waits for a second member of staff to confirm it.',
  tags: ['my data'],
  auth: ['subject'],
  params: null,
  query: null,
  body: null,
  success: json(
    schemaOf<MyRepresentatives>()(
      Type.Object({
        representatives: Type.Array(
          Type.Object({
            representative: Type.String(),
            kind,
            state: Type.Unsafe<MyRepresentative['state']>({ type: 'string', enum: ['waiting', 'acts'] }),
            since: Type.Integer(),
            until: integerOrNull(),
            scope: scopeOrNull,
          }),
        ),
      }),
    ),
  ),
}

interface Dismissal {
  readonly entity: string
  readonly representative: string
}

export const dismissMine: Operation<None, None, Dismissal, Permitted> = {
  id: 'dismissMine',
  method: 'POST',
  path: '/v1/me/end-representative',
  summary:
    'Refuses a representative of mine who waits for confirmation, or ends the power of an attorney; effective when answered.',
  tags: ['my data'],
  auth: ['subject'],
  params: null,
  query: null,
  body: schemaOf<Dismissal>()(Type.Object({ entity: onPerson.entity, representative: uuid }, CLOSED)),
  success: json(recorded),
}
