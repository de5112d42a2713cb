import { GROUND_KINDS, isZone, PROFILE_IDS } from '../base/index.ts'
import { type FieldKind, FIELD_KINDS } from './values/index.ts'
import {
  type ActorDeclaration,
  type AgeQuestion,
  type Doubts,
  type Erasure,
  type Category,
  type Compartment,
  type Declarations,
  type Defaults,
  DUTIES,
  type Field,
  type Form,
  type Informational,
  type Labelled,
  type Measure,
  type Operator,
  type Overlay,
  type Purpose,
  type Recipient,
  type Retention,
  type Rule,
  type Service,
} from './model.ts'
import {
  bool,
  complain,
  count,
  exactly,
  list,
  mapped,
  name,
  object,
  oneOf,
  optional,
  type Reader,
  reference,
  text,
  textLike,
} from './reader.ts'
import type { Invariant } from './prove/invariant.ts'
import { invariants, invariantsOfEntity } from './prove/invariant-shape.ts'
import { exactDuration, retentions, rules, rulesOfEntity } from './rule-shapes.ts'
import { system, type WrittenSystem } from './system.ts'
import { clauses, localised } from './text-shapes.ts'

type WrittenField = Omit<Field, 'maxLength'> & { readonly 'max-length': number }
type WrittenForm = Omit<Form, 'campaign'>
type WrittenOverlay = Omit<Overlay, 'effective'> & { readonly effective: string | null }
type WrittenService = Omit<Service, 'effective'> & { readonly effective: string | null }

type WrittenDefaults = Omit<Defaults, 'noRule' | 'noLiveData'> & {
  readonly 'no-rule': readonly string[]
  readonly 'no-live-data': readonly string[]
}
type Readers<T> = { readonly [K in keyof T]: Reader<T[K]> }

/** What every file that brings data of its own may declare. */
interface Additions {
  readonly purposes: readonly Purpose[]
  readonly recipients: readonly Recipient[]
  readonly categories: readonly Category[]
  readonly compartments: readonly Compartment[]
  readonly fields: readonly WrittenField[]
  readonly rules: readonly Rule[]
  readonly retention: readonly Retention[]
  readonly invariants: readonly Invariant[]
  readonly forms: readonly WrittenForm[]
}

/** `rules.yaml` as it is written. */
export interface RulesFile extends Additions {
  readonly format: number
  readonly bundle: string
  readonly version: string
  readonly profile: Declarations['profile']
  readonly languages: readonly string[]
  readonly zone: string
  readonly effective: string | null
  readonly official: Declarations['official']
  readonly operator: Operator
  readonly entities: readonly Labelled[]
  readonly channels: readonly Labelled[]
  readonly actors: readonly ActorDeclaration[]
  readonly traits: readonly string[]
  readonly services: readonly WrittenService[]
  readonly defaults: WrittenDefaults
  readonly system: WrittenSystem
  readonly age: AgeQuestion | null
  readonly erasure: Erasure | null
  readonly doubts: Doubts | null
  readonly measures: readonly Measure[]
  readonly informational: readonly Informational[]
}

/** A file of `services/` as it is written. */
export interface ServiceFile extends Additions {
  readonly service: WrittenService
}

/** A file of `entities/` as it is written. */
export interface EntityFile extends Additions {
  readonly entity: WrittenOverlay
}

/** A file of `campaigns/` as it is written. */
export interface CampaignFile {
  readonly campaign: Labelled & { readonly ends: string }
  readonly form: WrittenForm
}

/** The format that new bundles are written in (docs/policy.md, Formats). */
export const PRESENT_FORMAT = 2

const labelled = { id: name, clauses, label: localised }
const dpv = textLike(/^[a-z-]+:[A-Za-z]+$/, 'a term of the Data Privacy Vocabulary (dpv:…)')

const day = textLike(/^\d{4}-\d{2}-\d{2}$/, 'a day (2027-01-31)')

const zone = mapped(text, (value, node, reading) =>
  isZone(value) ? value : complain(node, reading, 'an IANA time zone is needed here (Europe/Moscow)'),
)

const purpose = object({
  ...labelled,
  grounds: list(oneOf(...GROUND_KINDS)),
  basis: optional(list(name), []),
  norm: optional(localised, null),
  dpv,
  plain: localised,
})

const category = object({ ...labelled, dpv, special: optional(name, null) })
const compartment = object({ id: name, purposes: list(reference('purpose'), 1), label: localised })

const field = object({
  ...labelled,
  category: reference('category'),
  compartment: reference('compartment'),
  kind: oneOf<FieldKind>(...FIELD_KINDS),
  'max-length': count,
  list: optional(bool, false),
  source: optional(oneOf('person', 'operator'), 'person' as const),
  identifies: optional(oneOf('email', 'phone', 'contract-number'), null),
  whose: optional(oneOf('person', 'other'), 'person' as const),
})

const actor = object({
  ...labelled,
  kind: oneOf('subject', 'representative', 'service', 'staff'),
  duties: optional(list(oneOf(...DUTIES), 1), []),
})

/** A norm by which an authority demands data, with the least that it covers. */
const demandNorm = object({
  ...labelled,
  norm: localised,
  data: list(reference('datum'), 1),
  term: optional(object({ unit: oneOf('working-days', 'calendar-days'), count }), null),
})

const recipient = object({
  ...labelled,
  // An entity of the operator is one already.
  kind: oneOf('processor', 'third-party', 'authority'),
  norm: optional(localised, null),
  contract: optional(localised, null),
  country: textLike(/^[A-Z]{2}$/, 'a country of ISO 3166 in two capitals (RU)'),
  verified: optional(bool, false),
  email: optional(textLike(/^[^\s@]+@[^\s@]+$/, 'an e-mail address'), null),
  address: optional(localised, null),
  demands: optional(list(demandNorm), []),
})

const service = object({
  ...labelled,
  entities: list(reference('entity'), 1),
  traits: list(reference('trait')),
  numbered: bool,
  processors: optional(list(reference('recipient')), []),
  idle: optional(exactDuration, null),
  unconfirmed: optional(exactDuration, null),
  verified: optional(bool, false),
  effective: optional(day, null),
})

const mandatory = object({ clause: reference('clause'), reason: localised })
const formField = object({ field: reference('field'), mandatory: optional(mandatory, null) })
const formChoice = object({
  id: name,
  mandatory: optional(mandatory, null),
  options: list(list(reference('field'), 1), 2),
})
const formConsent = object({ purpose: reference('purpose'), clauses, document: localised })

const form = object({
  ...labelled,
  channel: reference('channel'),
  entities: list(reference('entity'), 1),
  purpose: reference('purpose'),
  ground: oneOf('contract', 'consent'),
  service: optional(reference('service'), null),
  notice: localised,
  fields: list(formField, 1),
  choices: optional(list(formChoice), []),
  consents: optional(list(formConsent), []),
})

const operator = object({
  name: text,
  clauses,
  site: text,
  email: text,
  address: localised,
  marks: object({ withdrawal: text, information: text }),
})

const age = object({ clauses, question: localised, reason: localised, adult: localised, minor: localised })

/** What every format of `rules.yaml` has; an addition to it may be left out, or is not one of every format. */
export const sharedKeys: Readers<Omit<RulesFile, 'format' | 'defaults' | 'system'>> = {
  bundle: name,
  version: textLike(/^\d+\.\d+\.\d+$/, 'a version of three numbers (1.0.0)'),
  profile: optional(oneOf(...PROFILE_IDS), null),
  languages: list(textLike(/^[a-z]{2,3}$/, 'a language tag (ru)'), 1),
  zone,
  effective: optional(day, null),
  official: object({ title: text, url: text, sha256: textLike(/^[0-9a-f]{64}$/, 'a SHA-256 in lower-case hex') }),
  operator,
  entities: list(object(labelled), 1),
  channels: list(object(labelled), 1),
  purposes: list(purpose, 1),
  categories: list(category),
  compartments: list(compartment),
  fields: list(field),
  actors: list(actor, 1),
  recipients: optional(list(recipient), []),
  traits: optional(list(name), []),
  services: optional(list(service), []),
  age: optional(age, null),
  erasure: optional(object({ clauses, delay: exactDuration }), null),
  doubts: optional(
    object({ clauses, old: exactDuration, unproved: exactDuration, verified: optional(bool, false) }),
    null,
  ),
  rules,
  retention: retentions,
  invariants,
  forms: optional(list(form), []),
  measures: optional(list(object({ id: name, clauses, text: localised, internal: optional(bool, false) })), []),
  informational: optional(list(object({ clauses, reason: localised })), []),
}

export const unknownClauses: Reader<WrittenDefaults['unknown']> = object({
  purpose: clauses,
  entity: clauses,
  field: clauses,
})
export const actClauses: Reader<WrittenDefaults['acts']> = object({
  confirm: clauses,
  destroy: clauses,
  access: clauses,
  adopt: clauses,
})

/** The shape of `rules.yaml` in the present format. */
export const rulesFile: Reader<RulesFile> = object({
  format: exactly(PRESENT_FORMAT),
  ...sharedKeys,
  defaults: object({
    'no-rule': clauses,
    'no-live-data': clauses,
    undeclared: clauses,
    unknown: unknownClauses,
    acts: actClauses,
  }),
  system,
})

const additions = {
  purposes: optional(list(purpose), []),
  recipients: optional(list(recipient), []),
  categories: optional(list(category), []),
  compartments: optional(list(compartment), []),
  fields: optional(list(field), []),
  retention: retentions,
  forms: optional(list(form), []),
}

/** The shape of `services/*.yaml`. */
export const serviceFile: Reader<ServiceFile> = object({ service, ...additions, rules, invariants })

const overlay = object({
  id: reference('entity'),
  clauses,
  processors: optional(list(reference('recipient')), []),
  effective: optional(day, null),
})

/** The shape of `entities/*.yaml`. */
export const entityFile: Reader<EntityFile> = object({
  entity: overlay,
  ...additions,
  rules: rulesOfEntity,
  invariants: invariantsOfEntity,
})

/** The shape of `campaigns/*.yaml`. */
export const campaignFile: Reader<CampaignFile> = object({
  campaign: object({ ...labelled, ends: day }),
  form,
})
