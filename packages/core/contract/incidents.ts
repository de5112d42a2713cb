import Type from 'typebox'
import {
  type IncidentRisk,
  type IncidentState,
  NO_BREACH_REASONS,
  type NoBreachReason,
  UNTOLD_REASONS,
  type UntoldReason,
} from '../base/index.ts'
import { anIncident, registeredIncident, type RegisteredIncident, riskOf, stateOf } from './incident-shapes.ts'
import { json, type None, type Operation } from './operation.ts'
import { anyObject, CLOSED, name, type SchemaOf, schemaOf, text, textOrNull, uuid } from './schema.ts'

const tags = ['duties']
const auth = ['staff'] as const
const WORDS = 20_000

/** What staff say of an incident. It lies sealed; a draft takes it as it is. */
export interface IncidentText {
  readonly what?: string
  readonly cause?: string
  readonly systems?: string
  readonly harm?: string
  readonly measures?: string
  readonly contact?: string
  readonly result?: string
  readonly culprits?: string
  readonly reason?: string
}

const words = {
  what: Type.Optional(text(WORDS)),
  cause: Type.Optional(text(WORDS)),
  systems: Type.Optional(text(WORDS)),
  harm: Type.Optional(text(WORDS)),
  measures: Type.Optional(text(WORDS)),
  contact: Type.Optional(text(WORDS)),
  result: Type.Optional(text(WORDS)),
  culprits: Type.Optional(text(WORDS)),
  reason: Type.Optional(text(WORDS)),
}

/** Which entries of the ledger an incident is about: a period [from, to), and of whom and of what, where that is known. */
export interface IncidentScopeBody {
  readonly from: number
  readonly to: number
  readonly credentials?: readonly string[]
  /** Calling services and roles of staff. */
  readonly actors?: readonly string[]
  /** Pseudonyms. */
  readonly staff?: readonly string[]
  readonly purposes?: readonly string[]
  readonly fields?: readonly string[]
}

export interface IncidentParams {
  readonly incident: string
}
const onIncident: SchemaOf<IncidentParams> = schemaOf<IncidentParams>()(Type.Object({ incident: uuid }, CLOSED))

export interface NewIncidentBody extends IncidentText {
  /** When it was found, by whomever. The law's hours run from here. */
  readonly detectedAt: number
  readonly what: string
}

export const openIncident: Operation<None, None, NewIncidentBody, RegisteredIncident> = {
  id: 'openIncident',
  method: 'POST',
  path: '/v1/incidents',
  summary: 'Enters an incident in the register; its clocks of the law run from the moment it was found.',
  tags,
  auth,
  params: null,
  query: null,
  body: schemaOf<NewIncidentBody>()(Type.Object({ ...words, detectedAt: Type.Integer(), what: text(WORDS) }, CLOSED)),
  success: { status: 201, type: 'application/json', schema: registeredIncident },
}

export interface IncidentList {
  readonly incidents: readonly RegisteredIncident[]
}

export const listIncidents: Operation<None, None, None, IncidentList> = {
  id: 'incidents',
  method: 'GET',
  path: '/v1/incidents',
  summary: 'The register of incidents, the open ones first.',
  tags,
  auth,
  params: null,
  query: null,
  body: null,
  success: json(schemaOf<IncidentList>()(Type.Object({ incidents: Type.Array(anIncident) }))),
}

export interface DescribedIncident {
  readonly incident: RegisteredIncident
  /** What can follow. */
  readonly steps: readonly string[]
  /** What was said of it. */
  readonly words: Readonly<Record<string, unknown>>
  readonly events: readonly {
    readonly at: number
    readonly what: string
    readonly rule: string | null
    readonly by: string | null
    readonly entry: string
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
  /** How many of the people affected were told how: `mailbox`, `no-mailbox`, `refused`; empty: not yet. */
  readonly told: Readonly<Record<string, unknown>>
}

export const describeIncident: Operation<IncidentParams, None, None, DescribedIncident> = {
  id: 'incident',
  method: 'GET',
  path: '/v1/incidents/:incident',
  summary: 'All that the register has of an incident; the reading is entered.',
  tags,
  auth,
  params: onIncident,
  query: null,
  body: null,
  success: json(
    schemaOf<DescribedIncident>()(
      Type.Object({
        incident: anIncident,
        steps: Type.Array(Type.String()),
        words: anyObject('What was said of it'),
        events: Type.Array(
          Type.Object({
            at: Type.Integer(),
            what: Type.String(),
            rule: textOrNull(64),
            by: textOrNull(64),
            entry: Type.String(),
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
        told: anyObject('Numbers of people by how they were told'),
      }),
    ),
  ),
}

export interface IncidentStepBody extends IncidentText {
  readonly step: IncidentState
  /** With `assessed`. */
  readonly risk?: IncidentRisk
  /** With `not-a-breach`; `reason` says it in words. */
  readonly reasonKind?: NoBreachReason
  /** When it took place, where that was earlier: a report counts from its sending. */
  readonly at?: number
  /** The number that the authority gave a notice. */
  readonly reference?: string
}

export const stepIncident: Operation<IncidentParams, None, IncidentStepBody, RegisteredIncident> = {
  id: 'stepIncident',
  method: 'POST',
  path: '/v1/incidents/:incident/steps',
  summary: 'Takes an incident a step further: assessed, reported, investigated, result-reported, closed, not-a-breach.',
  tags,
  auth,
  params: onIncident,
  query: null,
  body: schemaOf<IncidentStepBody>()(
    Type.Object(
      {
        ...words,
        step: stateOf,
        risk: Type.Optional(riskOf),
        reasonKind: Type.Optional(Type.Unsafe<NoBreachReason>({ type: 'string', enum: [...NO_BREACH_REASONS] })),
        at: Type.Optional(Type.Integer()),
        reference: Type.Optional(text(200)),
      },
      CLOSED,
    ),
  ),
  success: json(registeredIncident),
}

export const describeFurther: Operation<IncidentParams, None, IncidentText, RegisteredIncident> = {
  id: 'describeIncident',
  method: 'PATCH',
  path: '/v1/incidents/:incident',
  summary: 'Says more of an incident, or says it otherwise.',
  tags,
  auth,
  params: onIncident,
  query: null,
  body: schemaOf<IncidentText>()(Type.Object(words, CLOSED)),
  success: json(registeredIncident),
}

const names = Type.Optional(Type.Array(name, { maxItems: 200 }))

export const scopeIncident: Operation<IncidentParams, None, IncidentScopeBody, RegisteredIncident> = {
  id: 'scopeIncident',
  method: 'POST',
  path: '/v1/incidents/:incident/scope',
  summary: 'Says which entries of the ledger it is about; whom they affect is then looked for by the server.',
  tags,
  auth,
  params: onIncident,
  query: null,
  body: schemaOf<IncidentScopeBody>()(
    Type.Object(
      {
        from: Type.Integer(),
        to: Type.Integer(),
        credentials: Type.Optional(Type.Array(uuid, { maxItems: 200 })),
        actors: names,
        staff: names,
        purposes: names,
        fields: names,
      },
      CLOSED,
    ),
  ),
  success: json(registeredIncident),
}

export interface AffectedList {
  readonly people: readonly {
    readonly subject: string
    readonly entries: number
    /** Places of the first and the last of them in the ledger. */
    readonly firstPlace: number
    readonly lastPlace: number
    readonly compartments: readonly string[]
    /** Of the fields that the acts asked for, those in which something of theirs lay. */
    readonly fields: readonly string[]
    readonly told: string | null
  }[]
  /** To be given as `after` for the next; null at the end. */
  readonly next: string | null
}

export interface AffectedQuery {
  readonly after?: string
}

export const showAffected: Operation<IncidentParams, AffectedQuery, None, AffectedList> = {
  id: 'affected',
  method: 'GET',
  path: '/v1/incidents/:incident/affected',
  summary: 'Whom it affected, by opaque id, a thousand at a time; each look is entered.',
  tags,
  auth,
  params: onIncident,
  query: schemaOf<AffectedQuery>()(Type.Object({ after: Type.Optional(uuid) }, CLOSED)),
  body: null,
  success: json(
    schemaOf<AffectedList>()(
      Type.Object({
        people: Type.Array(
          Type.Object({
            subject: Type.String(),
            entries: Type.Integer(),
            firstPlace: Type.Integer(),
            lastPlace: Type.Integer(),
            compartments: Type.Array(Type.String()),
            fields: Type.Array(Type.String()),
            told: textOrNull(16),
          }),
        ),
        next: textOrNull(36),
      }),
    ),
  ),
}

export interface DraftBody {
  readonly kind: 'incident-first' | 'incident-result' | 'people'
}

/** A draft: its number, and what it says item by item. */
export interface IncidentDraft {
  readonly document: string
  readonly number: string
  readonly sha256: string
  readonly statement: Readonly<Record<string, unknown>>
}

export const draftNotice: Operation<IncidentParams, None, DraftBody, IncidentDraft> = {
  id: 'draftIncidentNotice',
  method: 'POST',
  path: '/v1/incidents/:incident/documents',
  summary: 'Drafts a notice to the authority, or what the people affected are told, from the register.',
  tags,
  auth,
  params: onIncident,
  query: null,
  body: schemaOf<DraftBody>()(
    Type.Object(
      {
        kind: Type.Unsafe<DraftBody['kind']>({ type: 'string', enum: ['incident-first', 'incident-result', 'people'] }),
      },
      CLOSED,
    ),
  ),
  success: {
    status: 201,
    type: 'application/json',
    schema: schemaOf<IncidentDraft>()(
      Type.Object({
        document: Type.String(),
        number: Type.String(),
        sha256: Type.String(),
        statement: anyObject('What it says; docs/duties.md'),
      }),
    ),
  },
}

export interface NoticeParams {
  readonly incident: string
  readonly document: string
}

const onNotice: SchemaOf<NoticeParams> = schemaOf<NoticeParams>()(
  Type.Object({ incident: uuid, document: uuid }, CLOSED),
)

export const printNotice: Operation<NoticeParams, None, None, Uint8Array> = {
  id: 'incidentNoticePdf',
  method: 'GET',
  path: '/v1/incidents/:incident/documents/:document/document.pdf',
  summary: 'A draft as it was made, in Russian.',
  tags,
  auth,
  params: onNotice,
  query: null,
  body: null,
  success: { status: 200, type: 'application/pdf', schema: null },
}

export const readNotice: Operation<
  NoticeParams,
  None,
  None,
  { readonly statement: Readonly<Record<string, unknown>> }
> = {
  id: 'incidentNotice',
  method: 'GET',
  path: '/v1/incidents/:incident/documents/:document',
  summary: 'The same for a machine.',
  tags,
  auth,
  params: onNotice,
  query: null,
  body: null,
  success: json(
    schemaOf<{ readonly statement: Readonly<Record<string, unknown>> }>()(
      Type.Object({ statement: anyObject('What it says; docs/duties.md') }),
    ),
  ),
}

export interface TellingBody {
  readonly message: { readonly ru: string; readonly en: string }
}

export const tellAffected: Operation<IncidentParams, None, TellingBody, RegisteredIncident> = {
  id: 'tellAffected',
  method: 'POST',
  path: '/v1/incidents/:incident/telling',
  summary: 'Has the people affected told at their proved mailboxes, each with what of theirs was concerned.',
  tags,
  auth,
  params: onIncident,
  query: null,
  body: schemaOf<TellingBody>()(
    Type.Object({ message: Type.Object({ ru: text(WORDS), en: text(WORDS) }, CLOSED) }, CLOSED),
  ),
  success: json(registeredIncident),
}

export interface UntoldBody {
  readonly why: UntoldReason
  readonly reason: string
}

export const leaveUntold: Operation<IncidentParams, None, UntoldBody, RegisteredIncident> = {
  id: 'leaveUntold',
  method: 'POST',
  path: '/v1/incidents/:incident/untold',
  summary: 'Says why the people are not told one by one where the law asks for it (GDPR art. 34(3)).',
  tags,
  auth,
  params: onIncident,
  query: null,
  body: schemaOf<UntoldBody>()(
    Type.Object(
      { why: Type.Unsafe<UntoldReason>({ type: 'string', enum: [...UNTOLD_REASONS] }), reason: text(WORDS) },
      CLOSED,
    ),
  ),
  success: json(registeredIncident),
}
