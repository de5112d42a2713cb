import Type from 'typebox'
import {
  type AgeBand,
  BLOCK_REASONS,
  type BlockReason,
  REPRESENTATIVE_ACTS,
  REPRESENTATIVE_KINDS,
  type RepresentativeAct,
  type RepresentativeKind,
} from '../base/index.ts'
import { type OnPerson, onPerson, type Permitted, permitted, type SubjectParams } from './decided.ts'
import {
  type CorrectedValues,
  correctedValues,
  type DescribedPerson,
  describedPerson,
  type DestroyedData,
  destroyedData,
  type EndedGround,
  endedGround,
  recorded,
} from './facts.ts'
import { type Correction, correction, type Destruction, destruction } from './me.ts'
import { json, type None, type Operation } from './operation.ts'
import { actOnPerson, onePerson as params } from './person-act.ts'
import { ageBand, CLOSED, name, type SchemaOf, schemaOf, text, uuid } from './schema.ts'

const plain: SchemaOf<OnPerson> = schemaOf<OnPerson>()(Type.Object(onPerson, CLOSED))

export const describePerson: Operation<SubjectParams, OnPerson, None, DescribedPerson> = {
  id: 'describe',
  method: 'GET',
  path: '/v1/people/:subject',
  summary: 'What is held of a person and why, without any value.',
  tags: ['people'],
  auth: ['staff', 'service'],
  params,
  query: plain,
  body: null,
  success: json(describedPerson),
}

export const correctPerson: Operation<SubjectParams, None, Correction, CorrectedValues> = actOnPerson(
  'correct',
  'correct',
  'Corrects or supplements values.',
  correction,
  correctedValues,
)

export interface AgeCorrection extends OnPerson {
  readonly age: AgeBand
}

export const correctAge: Operation<SubjectParams, None, AgeCorrection, Permitted> = actOnPerson(
  'correctAge',
  'age',
  'Corrects whether the person is of age, by a document that was shown.',
  schemaOf<AgeCorrection>()(Type.Object({ ...onPerson, age: ageBand }, CLOSED)),
  recorded,
)

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

/** A representative registered: entries of their acts name the id. */
export interface RegisteredRepresentative extends Permitted {
  readonly representative: string
}

export const registerRepresentative: Operation<SubjectParams, None, AuthorityVerified, RegisteredRepresentative> = {
  ...actOnPerson(
    'registerRepresentative',
    'representatives',
    "Records that somebody's authority to act for the person was verified, by what document, for what and until when.",
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

export interface EndingAuthority extends OnPerson {
  readonly representative: string
}

export const endRepresentative: Operation<SubjectParams, None, EndingAuthority, Permitted> = {
  ...actOnPerson(
    'endRepresentative',
    'end-representative',
    "Ends a representative's authority; effective when answered.",
    schemaOf<EndingAuthority>()(Type.Object({ ...onPerson, representative: uuid }, CLOSED)),
    recorded,
  ),
  auth: ['staff'],
}

export interface ClosedField extends OnPerson {
  readonly field: string
  readonly closedTo: readonly string[]
}

export const closeField: Operation<SubjectParams, None, ClosedField, Permitted> = actOnPerson(
  'confidentiality',
  'confidentiality',
  'Closes a field to purposes, as the person asked.',
  schemaOf<ClosedField>()(
    Type.Object({ ...onPerson, field: name, closedTo: Type.Array(name, { maxItems: 50 }) }, CLOSED),
  ),
  recorded,
)

export interface Withdrawal extends OnPerson {
  readonly purpose: string
  readonly allEntities: boolean
}

export const withdrawConsent: Operation<SubjectParams, None, Withdrawal, EndedGround> = actOnPerson(
  'withdraw',
  'withdraw',
  'Registers the withdrawal of a consent.',
  schemaOf<Withdrawal>()(Type.Object({ ...onPerson, purpose: name, allEntities: Type.Boolean() }, CLOSED)),
  endedGround,
)

export interface Blocking extends OnPerson {
  readonly reason: BlockReason
}

export const blockPerson: Operation<SubjectParams, None, Blocking, Permitted> = actOnPerson(
  'block',
  'block',
  'Stops processing for a time (152-FZ art. 21).',
  schemaOf<Blocking>()(
    Type.Object(
      { ...onPerson, reason: Type.Unsafe<BlockReason>({ type: 'string', enum: [...BLOCK_REASONS] }) },
      CLOSED,
    ),
  ),
  recorded,
)

export const unblockPerson: Operation<SubjectParams, None, OnPerson, Permitted> = actOnPerson(
  'unblock',
  'unblock',
  'Lets processing go on.',
  plain,
  recorded,
)

/** The ways in which data are confirmed besides the site's form (clause 1.2). */
export const CONFIRMATIONS = ['in-person', 'paper', 'qualified-signature', 'phone-call'] as const
export type Confirmation = (typeof CONFIRMATIONS)[number]

export interface Confirming extends OnPerson {
  readonly form: Confirmation
}

export const confirmData: Operation<SubjectParams, None, Confirming, Permitted> = actOnPerson(
  'confirm',
  'confirm',
  'Records that the data were confirmed in a form other than the site.',
  schemaOf<Confirming>()(
    Type.Object({ ...onPerson, form: Type.Unsafe<Confirmation>({ type: 'string', enum: [...CONFIRMATIONS] }) }, CLOSED),
  ),
  recorded,
)

export interface EndingContract extends OnPerson {
  readonly contract: string
}

export const endContract: Operation<SubjectParams, None, EndingContract, EndedGround> = actOnPerson(
  'endContract',
  'end-contract',
  'Records that a contract has ended; purposes that rested on it close at once.',
  schemaOf<EndingContract>()(Type.Object({ ...onPerson, contract: uuid }, CLOSED)),
  endedGround,
)

export const destroyData: Operation<SubjectParams, None, Destruction, DestroyedData> = actOnPerson(
  'destroy',
  'destroy',
  'Destroys compartments, or the person as far as no ground keeps data.',
  destruction,
  destroyedData,
)

export const cancelTheirDestruction: Operation<SubjectParams, None, OnPerson, Permitted> = {
  ...actOnPerson(
    'cancelTheirDestruction',
    'cancel-destruction',
    'Cancels, as the person asked, the destruction that waits.',
    plain,
    recorded,
  ),
  auth: ['staff'],
}
