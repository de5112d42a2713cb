import type { Instant } from '../../base/index.ts'
import { CONTEXT, INDICATORS, OWN, ROLES, STATES } from './context.ts'
import type {
  ConsentEvent,
  ConsentReceipt,
  ConsentRecord,
  LawEntry,
  Party,
  ProcessEntry,
  ProcessingRegister,
} from './record.ts'
import { scopeOf, type Scope } from './scope.ts'

/** A JSON object; what is written here is closed by `schema.ts`. */
export type Json = Readonly<Record<string, unknown>>

/** The record as DPV 2.3 JSON-LD. Members not of `ConsentRecord` never pass: each is named here. */
export function writeConsentRecord(record: ConsentRecord): Json {
  return { '@context': CONTEXT, ...consentRecord(record) }
}

/** The receipt as DPV 2.3 JSON-LD: its own header round copies of the records. */
export function writeConsentReceipt({ id, created, publisher, schema, records }: ConsentReceipt): Json {
  const [first] = records
  return {
    '@context': CONTEXT,
    '@id': `urn:uuid:${id}`,
    '@type': 'dpv:ConsentReceipt',
    'dpv:hasIdentifier': id,
    'dct:conformsTo': schema,
    'dct:created': instant(created),
    'dct:publisher': own(`${scopeOf(first?.notice.policy ?? '', '').bundle}:party`, publisher),
    'schema:recipient': 'dpv:DataSubject',
    'dpv:hasRecordOfActivity': records.map(consentRecord),
  }
}

/** The register of processing as DPV 2.3 JSON-LD. */
export function writeProcessingRegister(register: ProcessingRegister): Json {
  const { policy, language, law, controllers, recipients, processes } = register
  const scope = scopeOf(policy, law.profile)
  return {
    '@context': CONTEXT,
    '@id': own('policy', policy),
    '@type': 'dpv:ROPA',
    'dct:identifier': policy,
    'dct:language': language,
    ...lawMembers(law),
    'dpv:hasDataController': controllers.map((each) => party(scope, each)),
    'dpv:hasEntity': recipients.map((each) => party(scope, each)),
    'dpv:hasRecordOfActivity': processes.map((process) => ({
      '@type': 'dpv:DataProcessingRecord',
      'dpv:hasProcess': processEntry(scope, process),
    })),
  }
}

function consentRecord(record: ConsentRecord): Json {
  const { id, subject, law, schema, notice, controller, recipients, process, control, rights, events } = record
  const scope = scopeOf(notice.policy, law.profile)
  return {
    '@id': `urn:uuid:${id}`,
    '@type': 'dpv:ConsentRecord',
    'dct:identifier': id,
    'dct:conformsTo': schema,
    'dpv:hasDataSubject': { '@id': own('subject', subject), 'skos:broader': 'dpv:DataSubject' },
    ...lawMembers(law),
    'dpv:hasNotice': {
      '@type': 'dpv:ConsentNotice',
      'dct:isVersionOf': notice.policy,
      'dct:identifier': notice.form,
      'dct:language': notice.language,
      'schema:sha256': notice.sha256,
    },
    'dpv:hasDataController': party(scope, controller),
    'dpv:hasEntity': recipients.map((each) => party(scope, each)),
    'dpv:hasProcess': [processEntry(scope, process)],
    'dpv:hasConsentControl': { '@type': ['dpv:ProvideConsent', 'dpv:WithdrawConsent'], 'dpv:isExercisedAt': control },
    'dpv:hasRight': rights.map((right) => ({
      '@id': own(`${scope.law}:right`, right.id),
      '@type': right.term,
      'dct:title': right.label,
    })),
    'dpv:hasConsentStatus': events.map(consentStatus),
  }
}

function lawMembers({ profile, jurisdiction, term }: LawEntry): Json {
  return {
    'dpv:hasJurisdiction': `loc:${jurisdiction}`,
    'dpv:hasApplicableLaw': term,
    'dct:source': own('law', profile),
  }
}

function party({ bundle }: Scope, { id, role, name, address, contact, country }: Party): Json {
  return {
    '@id': own(`${bundle}:party`, id),
    '@type': ROLES[role],
    'dpv:hasName': name,
    ...(address === null ? {} : { 'dpv:hasAddress': address }),
    ...(contact === null ? {} : { 'dpv:hasContact': contact }),
    'dpv:hasCountry': `loc:${country}`,
  }
}

function processEntry({ bundle, law }: Scope, process: ProcessEntry): Json {
  return {
    '@type': 'dpv:Process',
    'dpv:hasPurpose': {
      '@id': own(`${bundle}:purpose`, process.purpose),
      'skos:broader': process.term,
      'skos:prefLabel': process.label,
    },
    'dpv:hasLegalBasis': process.grounds.map(({ id, term, article }) => ({
      '@id': own(`${law}:ground`, id),
      'skos:broader': term,
      'dct:source': article,
    })),
    'dpv:hasPersonalData': process.data.map(({ category, term, label, special, required }) => ({
      '@id': own(`${bundle}:category`, category),
      '@type': special === null ? 'dpv:PersonalData' : 'dpv:SpecialCategoryPersonalData',
      'skos:broader': term,
      'skos:prefLabel': label,
      'dpv:hasNecessity': required ? 'dpv:Required' : 'dpv:Optional',
      ...(special === null ? {} : { 'dct:type': own(`${law}:special`, special) }),
    })),
    'dpv:hasProcessing': process.operations.map(({ operation, terms }) => ({
      '@id': own('operation', operation),
      'skos:broader': terms,
    })),
    'dpv:hasRecipient': process.recipients.map((id) => own(`${bundle}:party`, id)),
    'dpv:hasStorageCondition': [
      { '@type': 'dpv:StorageLocation', 'dpv:hasLocation': process.locations.map((country) => `loc:${country}`) },
      ...process.storage.map(({ ground, duration, from, article }) => ({
        '@id': own(`${bundle}:retention`, ground),
        '@type': 'dpv:StorageDuration',
        'dpv:hasDuration': duration ?? 'dpv:UntilEventDuration',
        ...(from === null ? {} : { 'dpv:isAfter': from }),
        'dct:source': article,
      })),
    ],
  }
}

function consentStatus({ state, at, by, channel, until }: ConsentEvent): Json {
  return {
    '@type': STATES[state],
    'dpv:isIndicatedBy': INDICATORS[by],
    'dpv:isIndicatedAtTime': instant(at),
    'dpv:hasIndicationMethod': channel,
    ...(until === null ? {} : { 'dct:valid': instant(until) }),
  }
}

function own(kind: string, name: string): string {
  return `${OWN}${kind}:${name}`
}

function instant(at: Instant): string {
  return new Date(at).toISOString()
}
