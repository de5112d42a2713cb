import type { TSchema } from 'typebox'
import { Check } from 'typebox/value'
import { err, type Instant, ok, type Operation, type Result } from '../../base/index.ts'
import { INDICATORS, keyOf, OWN, ROLES, STATES } from './context.ts'
import type {
  ConsentEvent,
  ConsentReceipt,
  ConsentRecord,
  LawEntry,
  Party,
  ProcessEntry,
  ProcessingRegister,
  StorageEntry,
} from './record.ts'
import { scopeOf, type Scope } from './scope.ts'
import { CONSENT_RECEIPT_SCHEMA, CONSENT_RECORD_SCHEMA, PROCESSING_REGISTER_SCHEMA } from './schema.ts'
import { type Json, writeConsentReceipt, writeConsentRecord, writeProcessingRegister } from './write.ts'

/** Why a document was not read. It never repeats what the document says. */
export type Unreadable = 'not of the schema' | 'not as it is written'

/** A part of a document that has passed its schema. */
type Node = Readonly<Record<string, unknown>>

/** Reads what `writeConsentRecord` wrote; anything else is refused as a whole. Untrusted input. */
export function readConsentRecord(document: unknown): Result<ConsentRecord, Unreadable> {
  return readBy(CONSENT_RECORD_SCHEMA, document, consentRecord, writeConsentRecord)
}

/** Reads what `writeConsentReceipt` wrote. */
export function readConsentReceipt(document: unknown): Result<ConsentReceipt, Unreadable> {
  return readBy(
    CONSENT_RECEIPT_SCHEMA,
    document,
    (node) => ({
      id: text(node, 'dpv:hasIdentifier'),
      created: instant(text(node, 'dct:created')),
      publisher: text(node, 'dct:publisher').slice(text(node, 'dct:publisher').lastIndexOf(':') + 1),
      schema: text(node, 'dct:conformsTo'),
      records: members(node, 'dpv:hasRecordOfActivity').map(consentRecord),
    }),
    writeConsentReceipt,
  )
}

/** Reads what `writeProcessingRegister` wrote. */
export function readProcessingRegister(document: unknown): Result<ProcessingRegister, Unreadable> {
  return readBy(
    PROCESSING_REGISTER_SCHEMA,
    document,
    (node) => {
      const law = lawOf(node)
      const scope = scopeOf(text(node, 'dct:identifier'), law.profile)
      return {
        policy: text(node, 'dct:identifier'),
        language: text(node, 'dct:language'),
        law,
        controllers: members(node, 'dpv:hasDataController').map((each) => party(scope, each)),
        recipients: members(node, 'dpv:hasEntity').map((each) => party(scope, each)),
        processes: members(node, 'dpv:hasRecordOfActivity').map((record) =>
          processOf(scope, member(record, 'dpv:hasProcess')),
        ),
      }
    },
    writeProcessingRegister,
  )
}

/** What does not read back as it was written (a day that no calendar has, names that disagree) is refused as a whole. */
function readBy<T>(
  schema: TSchema,
  document: unknown,
  read: (node: Node) => T,
  write: (value: T) => Json,
): Result<T, Unreadable> {
  if (!Check(schema, document)) return err('not of the schema')
  const value = read(document as Node)
  return same(write(value), document) ? ok(value) : err('not as it is written')
}

function consentRecord(node: Node): ConsentRecord {
  const id = text(node, 'dct:identifier')
  const law = lawOf(node)
  const notice = member(node, 'dpv:hasNotice')
  const scope = scopeOf(text(notice, 'dct:isVersionOf'), law.profile)
  const [process = {}] = members(node, 'dpv:hasProcess')
  return {
    id,
    subject: nameIn('subject', text(member(node, 'dpv:hasDataSubject'), '@id')),
    law,
    schema: text(node, 'dct:conformsTo'),
    notice: {
      policy: text(notice, 'dct:isVersionOf'),
      form: text(notice, 'dct:identifier'),
      language: text(notice, 'dct:language'),
      sha256: text(notice, 'schema:sha256'),
    },
    controller: party(scope, member(node, 'dpv:hasDataController')),
    recipients: members(node, 'dpv:hasEntity').map((each) => party(scope, each)),
    process: processOf(scope, process),
    control: text(member(node, 'dpv:hasConsentControl'), 'dpv:isExercisedAt'),
    rights: members(node, 'dpv:hasRight').map((right) => ({
      id: nameIn(`${scope.law}:right`, text(right, '@id')),
      term: text(right, '@type'),
      label: text(right, 'dct:title'),
    })),
    events: members(node, 'dpv:hasConsentStatus').map(consentEvent),
  }
}

function lawOf(node: Node): LawEntry {
  return {
    profile: nameIn('law', text(node, 'dct:source')),
    jurisdiction: text(node, 'dpv:hasJurisdiction').slice('loc:'.length),
    term: text(node, 'dpv:hasApplicableLaw'),
  }
}

function party({ bundle }: Scope, node: Node): Party {
  return {
    id: nameIn(`${bundle}:party`, text(node, '@id')),
    role: keyOf(ROLES, text(node, '@type')),
    name: text(node, 'dpv:hasName'),
    address: optional(node, 'dpv:hasAddress') ?? null,
    contact: optional(node, 'dpv:hasContact') ?? null,
    country: text(node, 'dpv:hasCountry').slice('loc:'.length),
  }
}

function processOf({ bundle, law }: Scope, node: Node): ProcessEntry {
  const purpose = member(node, 'dpv:hasPurpose')
  const conditions = members(node, 'dpv:hasStorageCondition')
  const locations = conditions.filter((condition) => !('@id' in condition))
  return {
    purpose: nameIn(`${bundle}:purpose`, text(purpose, '@id')),
    term: text(purpose, 'skos:broader'),
    label: text(purpose, 'skos:prefLabel'),
    grounds: members(node, 'dpv:hasLegalBasis').map((ground) => ({
      id: nameIn(`${law}:ground`, text(ground, '@id')),
      term: text(ground, 'skos:broader'),
      article: text(ground, 'dct:source'),
    })),
    data: members(node, 'dpv:hasPersonalData').map((datum) => {
      const special = optional(datum, 'dct:type')
      return {
        category: nameIn(`${bundle}:category`, text(datum, '@id')),
        term: text(datum, 'skos:broader'),
        label: text(datum, 'skos:prefLabel'),
        special: special === undefined ? null : nameIn(`${law}:special`, special),
        required: text(datum, 'dpv:hasNecessity') === 'dpv:Required',
      }
    }),
    operations: members(node, 'dpv:hasProcessing').map((operation) => ({
      operation: nameIn('operation', text(operation, '@id')) as Operation,
      terms: texts(operation, 'skos:broader'),
    })),
    recipients: texts(node, 'dpv:hasRecipient').map((iri) => nameIn(`${bundle}:party`, iri)),
    locations: locations.flatMap((condition) =>
      texts(condition, 'dpv:hasLocation').map((location) => location.slice('loc:'.length)),
    ),
    storage: conditions.filter((condition) => '@id' in condition).map((condition) => storageEntry(bundle, condition)),
  }
}

function storageEntry(bundle: string, node: Node): StorageEntry {
  const duration = text(node, 'dpv:hasDuration')
  return {
    ground: nameIn(`${bundle}:retention`, text(node, '@id')),
    duration: duration === 'dpv:UntilEventDuration' ? null : duration,
    from: (optional(node, 'dpv:isAfter') ?? null) as StorageEntry['from'],
    article: text(node, 'dct:source'),
  }
}

function consentEvent(node: Node): ConsentEvent {
  const until = optional(node, 'dct:valid')
  return {
    state: keyOf(STATES, text(node, '@type')),
    at: instant(text(node, 'dpv:isIndicatedAtTime')),
    by: keyOf(INDICATORS, text(node, 'dpv:isIndicatedBy')),
    channel: text(node, 'dpv:hasIndicationMethod'),
    until: until === undefined ? null : instant(until),
  }
}

function text(node: Node, key: string): string {
  return node[key] as string
}

function optional(node: Node, key: string): string | undefined {
  return node[key] as string | undefined
}

function texts(node: Node, key: string): readonly string[] {
  return node[key] as readonly string[]
}

function member(node: Node, key: string): Node {
  return node[key] as Node
}

function members(node: Node, key: string): readonly Node[] {
  return node[key] as readonly Node[]
}

function nameIn(kind: string, iri: string): string {
  return iri.slice(OWN.length + kind.length + 1)
}

/** A text that is no moment becomes one that is written otherwise. */
function instant(written: string): Instant {
  const at = Date.parse(written)
  return Number.isNaN(at) ? 0 : at
}

function same(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b
  const [left, right] = [Object.keys(a), Object.keys(b)]
  return (
    Array.isArray(a) === Array.isArray(b) &&
    left.length === right.length &&
    left.every((key) => Object.hasOwn(b, key) && same((a as Node)[key], (b as Node)[key]))
  )
}
