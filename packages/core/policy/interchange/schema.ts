import Type, { type TSchema } from 'typebox'
import { OPERATIONS } from '../../base/index.ts'
import { CONTEXT, INDICATORS, OWN, ROLES, STATES } from './context.ts'

const CLOSED = { additionalProperties: false } as const
const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'
const NAME = '[a-z][a-z0-9]*(-[a-z0-9]+)*'

const words = Type.String({ minLength: 1, maxLength: 4000 })
const term = Type.String({ pattern: '^[a-z-]+:[A-Za-z0-9-]+$', maxLength: 100 })
const name = Type.String({ pattern: `^${NAME}$`, maxLength: 64 })
const policyId = Type.String({ pattern: `^${NAME}@[0-9]+\\.[0-9]+\\.[0-9]+$`, maxLength: 100 })
const language = Type.String({ pattern: '^[a-z]{2,3}$' })
const country = Type.String({ pattern: '^loc:[A-Z]{2}$' })
const instant = Type.String({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z$' })

function own(kind: string, what: string = NAME): TSchema {
  return Type.String({ pattern: `^${OWN}${kind}:${what}$`, maxLength: 200 })
}

function ofBundle(kind: string): TSchema {
  return own('policy', `${NAME}:${kind}:${NAME}`)
}

/** One of these texts; as `enum`, which every reader of JSON Schema knows. */
function oneOf(values: readonly string[]): TSchema {
  return Type.Unsafe<string>({ type: 'string', enum: values })
}

const party = Type.Object(
  {
    '@id': ofBundle('party'),
    '@type': oneOf(Object.values(ROLES)),
    'dpv:hasName': words,
    'dpv:hasAddress': Type.Optional(words),
    'dpv:hasContact': Type.Optional(words),
    'dpv:hasCountry': country,
  },
  CLOSED,
)

const law = {
  'dpv:hasJurisdiction': country,
  'dpv:hasApplicableLaw': Type.String({ pattern: '^[a-z-]+:[A-Za-z0-9:-]+$', maxLength: 100 }),
  'dct:source': own('law'),
}

const storage = Type.Union([
  Type.Object(
    { '@type': Type.Literal('dpv:StorageLocation'), 'dpv:hasLocation': Type.Array(country, { minItems: 1 }) },
    CLOSED,
  ),
  Type.Object(
    {
      '@id': ofBundle('retention'),
      '@type': Type.Literal('dpv:StorageDuration'),
      'dpv:hasDuration': Type.String({
        pattern: '^(dpv:UntilEventDuration|P(?=[0-9])([0-9]+Y)?([0-9]+M)?([0-9]+D)?)$',
        maxLength: 40,
      }),
      'dpv:isAfter': Type.Optional(oneOf(['event', 'end-of-year'])),
      'dct:source': words,
    },
    CLOSED,
  ),
])

const process = Type.Object(
  {
    '@type': Type.Literal('dpv:Process'),
    'dpv:hasPurpose': Type.Object(
      { '@id': ofBundle('purpose'), 'skos:broader': term, 'skos:prefLabel': words },
      CLOSED,
    ),
    'dpv:hasLegalBasis': Type.Array(
      Type.Object({ '@id': own('law', `${NAME}:ground:${NAME}`), 'skos:broader': term, 'dct:source': words }, CLOSED),
      { minItems: 1 },
    ),
    'dpv:hasPersonalData': Type.Array(
      Type.Object(
        {
          '@id': ofBundle('category'),
          '@type': oneOf(['dpv:PersonalData', 'dpv:SpecialCategoryPersonalData']),
          'skos:broader': term,
          'skos:prefLabel': words,
          'dpv:hasNecessity': oneOf(['dpv:Required', 'dpv:Optional']),
          'dct:type': Type.Optional(own('law', `${NAME}:special:${NAME}`)),
        },
        CLOSED,
      ),
    ),
    'dpv:hasProcessing': Type.Array(
      Type.Object(
        {
          '@id': oneOf(OPERATIONS.map((operation) => `${OWN}operation:${operation}`)),
          'skos:broader': Type.Array(term),
        },
        CLOSED,
      ),
      { minItems: 1 },
    ),
    'dpv:hasRecipient': Type.Array(ofBundle('party')),
    'dpv:hasStorageCondition': Type.Array(storage, { minItems: 1 }),
  },
  CLOSED,
)

const consentMembers = {
  '@id': Type.String({ pattern: `^urn:uuid:${UUID}$` }),
  '@type': Type.Literal('dpv:ConsentRecord'),
  'dct:identifier': Type.String({ pattern: `^${UUID}$` }),
  'dct:conformsTo': Type.String({ pattern: '^https://w3id\\.org/dpv/schema/dpv-27560#record(-eu-gdpr)?$' }),
  'dpv:hasDataSubject': Type.Object(
    { '@id': own('subject', '[A-Za-z0-9_-]{1,64}'), 'skos:broader': Type.Literal('dpv:DataSubject') },
    CLOSED,
  ),
  ...law,
  'dpv:hasNotice': Type.Object(
    {
      '@type': Type.Literal('dpv:ConsentNotice'),
      'dct:isVersionOf': policyId,
      'dct:identifier': name,
      'dct:language': language,
      'schema:sha256': Type.String({ pattern: '^[0-9a-f]{64}$' }),
    },
    CLOSED,
  ),
  'dpv:hasDataController': party,
  'dpv:hasEntity': Type.Array(party),
  'dpv:hasProcess': Type.Array(process, { minItems: 1, maxItems: 1 }),
  'dpv:hasConsentControl': Type.Object(
    {
      '@type': Type.Unsafe<readonly string[]>({ const: ['dpv:ProvideConsent', 'dpv:WithdrawConsent'] }),
      'dpv:isExercisedAt': words,
    },
    CLOSED,
  ),
  'dpv:hasRight': Type.Array(
    Type.Object({ '@id': own('law', `${NAME}:right:${NAME}`), '@type': term, 'dct:title': words }, CLOSED),
  ),
  'dpv:hasConsentStatus': Type.Array(
    Type.Object(
      {
        '@type': oneOf(Object.values(STATES)),
        'dpv:isIndicatedBy': oneOf(Object.values(INDICATORS)),
        'dpv:isIndicatedAtTime': instant,
        'dpv:hasIndicationMethod': name,
        'dct:valid': Type.Optional(instant),
      },
      CLOSED,
    ),
    { minItems: 1 },
  ),
}

const context = Type.Unsafe<typeof CONTEXT>({ const: CONTEXT })
const dialect = { $schema: 'https://json-schema.org/draft/2020-12/schema', ...CLOSED }

/** JSON Schema of a consent record. Closed everywhere: what it does not name is refused. */
export const CONSENT_RECORD_SCHEMA: TSchema = Type.Object(
  { '@context': context, ...consentMembers },
  { ...dialect, $id: `${OWN}schema:consent-record`, title: 'Consent record (ISO/IEC TS 27560 in DPV 2.3 JSON-LD)' },
)

/** JSON Schema of a consent receipt. */
export const CONSENT_RECEIPT_SCHEMA: TSchema = Type.Object(
  {
    '@context': context,
    '@id': consentMembers['@id'],
    '@type': Type.Literal('dpv:ConsentReceipt'),
    'dpv:hasIdentifier': consentMembers['dct:identifier'],
    'dct:conformsTo': Type.String({ pattern: '^https://w3id\\.org/dpv/schema/dpv-27560#receipt(-eu-gdpr)?$' }),
    'dct:created': instant,
    'dct:publisher': ofBundle('party'),
    'schema:recipient': Type.Literal('dpv:DataSubject'),
    'dpv:hasRecordOfActivity': Type.Array(Type.Object(consentMembers, CLOSED), { minItems: 1 }),
  },
  { ...dialect, $id: `${OWN}schema:consent-receipt`, title: 'Consent receipt (ISO/IEC TS 27560 in DPV 2.3 JSON-LD)' },
)

/** JSON Schema of a register of processing. */
export const PROCESSING_REGISTER_SCHEMA: TSchema = Type.Object(
  {
    '@context': context,
    '@id': own('policy', `${NAME}@[0-9]+\\.[0-9]+\\.[0-9]+`),
    '@type': Type.Literal('dpv:ROPA'),
    'dct:identifier': policyId,
    'dct:language': language,
    ...law,
    'dpv:hasDataController': Type.Array(party, { minItems: 1 }),
    'dpv:hasEntity': Type.Array(party),
    'dpv:hasRecordOfActivity': Type.Array(
      Type.Object({ '@type': Type.Literal('dpv:DataProcessingRecord'), 'dpv:hasProcess': process }, CLOSED),
    ),
  },
  { ...dialect, $id: `${OWN}schema:processing-register`, title: 'Register of processing activities (DPV 2.3 JSON-LD)' },
)
