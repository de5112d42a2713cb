/** A member whose texts are names. */
interface Iri {
  readonly '@type': '@id'
}

const iri: Iri = { '@type': '@id' }

/** Where a URN of this project's own names begins. Names of policies and laws are minted under it. */
export const OWN = 'urn:doverie:'

/** The JSON-LD context of every document written here: the prefixes, and which members are names rather than texts. */
export const CONTEXT: Readonly<Record<string, string | Iri>> = {
  dpv: 'https://w3id.org/dpv#',
  pd: 'https://w3id.org/dpv/pd#',
  loc: 'https://w3id.org/dpv/loc#',
  'eu-gdpr': 'https://w3id.org/dpv/legal/eu/gdpr#',
  dct: 'http://purl.org/dc/terms/',
  skos: 'http://www.w3.org/2004/02/skos/core#',
  schema: 'https://schema.org/',
  'dct:conformsTo': iri,
  'dct:type': iri,
  'dct:publisher': iri,
  'skos:broader': iri,
  'schema:recipient': iri,
  'dpv:hasApplicableLaw': iri,
  'dpv:hasCountry': iri,
  'dpv:hasJurisdiction': iri,
  'dpv:hasLocation': iri,
  'dpv:hasNecessity': iri,
  'dpv:hasRecipient': iri,
  'dpv:isExercisedAt': iri,
  'dpv:isIndicatedBy': iri,
}

/** Names of states of consent in DPV. */
export const STATES = {
  given: 'dpv:ConsentGiven',
  renewed: 'dpv:RenewedConsentGiven',
  refused: 'dpv:ConsentRefused',
  withdrawn: 'dpv:ConsentWithdrawn',
  revoked: 'dpv:ConsentRevoked',
  expired: 'dpv:ConsentExpired',
  invalidated: 'dpv:ConsentInvalidated',
} as const

/** Who says so, in DPV. */
export const INDICATORS = {
  subject: 'dpv:DataSubject',
  representative: 'dpv:Representative',
  operator: 'dpv:DataController',
} as const

/** Parties' roles in DPV. */
export const ROLES = {
  entity: 'dpv:DataController',
  processor: 'dpv:DataProcessor',
  'third-party': 'dpv:ThirdParty',
  authority: 'dpv:Authority',
} as const

/** The key of a table whose value is this; the table's values differ from one another. */
export function keyOf<K extends string>(table: Readonly<Record<K, string>>, value: string): K {
  for (const key of Object.keys(table) as K[]) if (table[key] === value) return key
  throw new TypeError('a value that its schema does not allow')
}
