import Type, { type TUnsafe } from 'typebox'
import { DUTY_KINDS, DUTY_STATES, type DutyKind, type DutyState, VOID_REASONS, type VoidReason } from '../base/index.ts'
import { json, type None, type Operation } from './operation.ts'
import { anyObject, CLOSED, integerOrNull, name, type SchemaOf, schemaOf, text, textOrNull, uuid } from './schema.ts'

const tags = ['duties']
const auth = ['staff'] as const
const WORDS = 20_000

const kindOf: TUnsafe<DutyKind> = Type.Unsafe<DutyKind>({ type: 'string', enum: [...DUTY_KINDS] })
const stateOf: TUnsafe<DutyState> = Type.Unsafe<DutyState>({ type: 'string', enum: [...DUTY_STATES] })

/** What staff say of a duty. It lies sealed; a draft takes it as it is. */
export interface DutyText {
  /** Who is responsible for organising the processing, as the authority is told. */
  readonly contact?: string
  /** Where the databases are. */
  readonly place?: string
  /** Since when data are processed. */
  readonly begins?: string
  readonly security?: string
  /** Numbers by which the operator is registered. */
  readonly tax?: string
  /** Who assessed or signed: names and posts. */
  readonly signatory?: string
  /** Whom an agreement is with: name and address, as people are told. */
  readonly party?: string
  readonly note?: string
}

const words = {
  contact: Type.Optional(text(WORDS)),
  place: Type.Optional(text(WORDS)),
  begins: Type.Optional(text(WORDS)),
  security: Type.Optional(text(WORDS)),
  tax: Type.Optional(text(WORDS)),
  signatory: Type.Optional(text(WORDS)),
  party: Type.Optional(text(WORDS)),
  note: Type.Optional(text(WORDS)),
}

/** A number of a document: no words, so that the register has no name in it. */
const reference = Type.String({ pattern: '^(?=.*\\d)[\\p{L}\\d./№#_-]{1,40}$', maxLength: 40 })

/** A clock of a duty. Instants are milliseconds. */
export interface DutyClock {
  readonly rule: string
  readonly start: number
  readonly planned: number
  readonly outer: number
  readonly told: number
  readonly endedAt: number | null
  readonly late: boolean
}

export interface RegisteredDuty {
  readonly id: string
  readonly number: string
  readonly kind: DutyKind
  /** A recipient or a version as the policy names it; `policy` for what concerns the processing as a whole. */
  readonly about: string
  readonly state: DutyState
  readonly policy: string
  readonly openedAt: number
  /** Null where the software found it owed. */
  readonly openedBy: string | null
  readonly dueAt: number | null
  readonly endedAt: number | null
  readonly late: boolean
  readonly clocks: readonly DutyClock[]
  /** What the register says: numbers, days, names of the policy and of the law. */
  readonly facts: Readonly<Record<string, unknown>>
}

const registeredDuty: SchemaOf<RegisteredDuty> = schemaOf<RegisteredDuty>()(
  Type.Object({
    id: Type.String(),
    number: Type.String(),
    kind: kindOf,
    about: Type.String(),
    state: stateOf,
    policy: Type.String(),
    openedAt: Type.Integer(),
    openedBy: textOrNull(64),
    dueAt: integerOrNull(),
    endedAt: integerOrNull(),
    late: Type.Boolean(),
    clocks: Type.Array(
      Type.Object({
        rule: Type.String(),
        start: Type.Integer(),
        planned: Type.Integer(),
        outer: Type.Integer(),
        told: Type.Integer(),
        endedAt: integerOrNull(),
        late: Type.Boolean(),
      }),
    ),
    facts: anyObject('What the register says; docs/duties.md'),
  }),
)
const aDuty: TUnsafe<RegisteredDuty> = Type.Unsafe<RegisteredDuty>(registeredDuty)

export interface DutyParams {
  readonly duty: string
}
const onDuty: SchemaOf<DutyParams> = schemaOf<DutyParams>()(Type.Object({ duty: uuid }, CLOSED))

export interface NewDutyBody extends DutyText {
  readonly kind: DutyKind
  /** The recipient of an agreement or of a transfer abroad. */
  readonly about?: string
  /** When that takes place of which a notice is owed; now where it is not said. */
  readonly start?: number
}

export const openDuty: Operation<None, None, NewDutyBody, RegisteredDuty> = {
  id: 'openDuty',
  method: 'POST',
  path: '/v1/duties',
  summary: 'Enters a duty that the software cannot find of itself, with its clock.',
  tags,
  auth,
  params: null,
  query: null,
  body: schemaOf<NewDutyBody>()(
    Type.Object({ ...words, kind: kindOf, about: Type.Optional(name), start: Type.Optional(Type.Integer()) }, CLOSED),
  ),
  success: { status: 201, type: 'application/json', schema: registeredDuty },
}

export interface DutyList {
  readonly duties: readonly RegisteredDuty[]
}

export const listDuties: Operation<None, None, None, DutyList> = {
  id: 'duties',
  method: 'GET',
  path: '/v1/duties',
  summary: 'The registers of the operator’s own duties: notices, assessments, agreements, attestations.',
  tags,
  auth,
  params: null,
  query: null,
  body: null,
  success: json(schemaOf<DutyList>()(Type.Object({ duties: Type.Array(aDuty) }))),
}

export interface DescribedDuty {
  readonly duty: RegisteredDuty
  /** What can follow. */
  readonly steps: readonly string[]
  readonly words: Readonly<Record<string, unknown>>
  readonly events: readonly {
    readonly at: number
    readonly what: string
    readonly rule: string | null
    readonly by: string | null
    readonly entry: string
    /** What the register said from then on. */
    readonly facts: Readonly<Record<string, unknown>>
  }[]
  readonly documents: readonly {
    readonly id: string
    readonly number: string
    readonly kind: string
    readonly madeAt: number
    readonly madeBy: string
    readonly sha256: string
    readonly bytes: number
  }[]
  /** Of an assessment: what the policy tells of each circumstance; null where it cannot know. */
  readonly findings: readonly { readonly id: string; readonly level: string; readonly met: boolean | null }[]
}

export const describeDuty: Operation<DutyParams, None, None, DescribedDuty> = {
  id: 'duty',
  method: 'GET',
  path: '/v1/duties/:duty',
  summary: 'All that the register has of a duty; the reading is entered.',
  tags,
  auth,
  params: onDuty,
  query: null,
  body: null,
  success: json(
    schemaOf<DescribedDuty>()(
      Type.Object({
        duty: aDuty,
        steps: Type.Array(Type.String()),
        words: anyObject('What was said of it'),
        events: Type.Array(
          Type.Object({
            at: Type.Integer(),
            what: Type.String(),
            rule: textOrNull(64),
            by: textOrNull(64),
            entry: Type.String(),
            facts: anyObject('What the register said from then on'),
          }),
        ),
        documents: Type.Array(
          Type.Object({
            id: Type.String(),
            number: Type.String(),
            kind: Type.String(),
            madeAt: Type.Integer(),
            madeBy: Type.String(),
            sha256: Type.String(),
            bytes: Type.Integer(),
          }),
        ),
        findings: Type.Array(
          Type.Object({
            id: Type.String(),
            level: Type.String(),
            met: Type.Unsafe<boolean | null>({ type: ['boolean', 'null'] }),
          }),
        ),
      }),
    ),
  ),
}

export interface DutyStepBody extends DutyText {
  readonly step: DutyState
  /** When it took place, where that was earlier. */
  readonly at?: number
  /** Its last moment, of what is in force; an attestation has one. */
  readonly until?: number
  /** The number of the agreement, or what the authority gave a notice. */
  readonly reference?: string
  /** With `void`. */
  readonly reason?: VoidReason
  /** What of the law's list an agreement contains. */
  readonly covers?: readonly string[]
  /** Where databases are (ISO 3166-1 alpha-2). */
  readonly country?: string
  /** Whether the country of a transfer protects people adequately, and when the authority was told of it. */
  readonly adequate?: boolean
  readonly noticedAt?: number
  /** Of an assessment: whether each circumstance is there, for those that the policy cannot know. */
  readonly criteria?: readonly { readonly id: string; readonly met: boolean }[]
}

export const stepDuty: Operation<DutyParams, None, DutyStepBody, RegisteredDuty> = {
  id: 'stepDuty',
  method: 'POST',
  path: '/v1/duties/:duty/steps',
  summary: 'Takes a duty a step further: sent, confirmed, in-force, ended, void.',
  tags,
  auth,
  params: onDuty,
  query: null,
  body: schemaOf<DutyStepBody>()(
    Type.Object(
      {
        ...words,
        step: stateOf,
        at: Type.Optional(Type.Integer()),
        until: Type.Optional(Type.Integer()),
        reference: Type.Optional(reference),
        reason: Type.Optional(Type.Unsafe<VoidReason>({ type: 'string', enum: [...VOID_REASONS] })),
        covers: Type.Optional(Type.Array(name, { maxItems: 50 })),
        country: Type.Optional(Type.String({ pattern: '^[A-Z]{2}$', maxLength: 2 })),
        adequate: Type.Optional(Type.Boolean()),
        noticedAt: Type.Optional(Type.Integer()),
        criteria: Type.Optional(Type.Array(Type.Object({ id: name, met: Type.Boolean() }, CLOSED), { maxItems: 50 })),
      },
      CLOSED,
    ),
  ),
  success: json(registeredDuty),
}

export const describeDutyFurther: Operation<DutyParams, None, DutyText, RegisteredDuty> = {
  id: 'describeDuty',
  method: 'PATCH',
  path: '/v1/duties/:duty',
  summary: 'Says more of a duty, or says it otherwise.',
  tags,
  auth,
  params: onDuty,
  query: null,
  body: schemaOf<DutyText>()(Type.Object(words, CLOSED)),
  success: json(registeredDuty),
}

/** A draft: its number, and what it says item by item. */
export interface DutyDraft {
  readonly document: string
  readonly number: string
  readonly sha256: string
  readonly statement: Readonly<Record<string, unknown>>
}

export const draftDuty: Operation<DutyParams, None, None, DutyDraft> = {
  id: 'draftDuty',
  method: 'POST',
  path: '/v1/duties/:duty/documents',
  summary: 'Drafts a notice to the authority from the policy in force.',
  tags,
  auth,
  params: onDuty,
  query: null,
  body: null,
  success: {
    status: 201,
    type: 'application/json',
    schema: schemaOf<DutyDraft>()(
      Type.Object({
        document: Type.String(),
        number: Type.String(),
        sha256: Type.String(),
        statement: anyObject('What it says; docs/duties.md'),
      }),
    ),
  },
}

export interface DutyDocumentParams {
  readonly duty: string
  readonly document: string
}
const onDocument: SchemaOf<DutyDocumentParams> = schemaOf<DutyDocumentParams>()(
  Type.Object({ duty: uuid, document: uuid }, CLOSED),
)

export const printDutyDocument: Operation<DutyDocumentParams, None, None, Uint8Array> = {
  id: 'dutyDocumentPdf',
  method: 'GET',
  path: '/v1/duties/:duty/documents/:document/document.pdf',
  summary: 'A notice or an act as it was made, in Russian.',
  tags,
  auth,
  params: onDocument,
  query: null,
  body: null,
  success: { status: 200, type: 'application/pdf', schema: null },
}

export const readDutyDocument: Operation<
  DutyDocumentParams,
  None,
  None,
  { readonly statement: Readonly<Record<string, unknown>> }
> = {
  id: 'dutyDocument',
  method: 'GET',
  path: '/v1/duties/:duty/documents/:document',
  summary: 'The same for a machine.',
  tags,
  auth,
  params: onDocument,
  query: null,
  body: null,
  success: json(
    schemaOf<{ readonly statement: Readonly<Record<string, unknown>> }>()(
      Type.Object({ statement: anyObject('What it says; docs/duties.md') }),
    ),
  ),
}
