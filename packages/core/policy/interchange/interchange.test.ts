import { createRequire } from 'node:module'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { legalProfile, OPERATIONS } from '../../base/index.ts'
import { dpvTerms } from '../../base/testing/dpv-terms.ts'
import { SHIPPED, shipped } from '../testing/shipped-bundle.ts'
import { type ConsentFacts, consentRecordOf, processingRegisterOf, receiptOf } from './build.ts'
import { readConsentReceipt, readConsentRecord, readProcessingRegister } from './read.ts'
import type { ConsentReceipt, ConsentRecord, Party, ProcessEntry, ProcessingRegister } from './record.ts'
import { CONSENT_STATES } from './record.ts'
import { CONSENT_RECEIPT_SCHEMA, CONSENT_RECORD_SCHEMA, PROCESSING_REGISTER_SCHEMA } from './schema.ts'
import { writeConsentReceipt, writeConsentRecord, writeProcessingRegister } from './write.ts'

// The validator that the server's framework brings: a second opinion, which nothing here was written for.
const here = createRequire(import.meta.url)
const { Ajv2020 } = createRequire(here.resolve('@fastify/ajv-compiler'))('ajv/dist/2020.js') as {
  readonly Ajv2020: new (options: object) => { compile(schema: object): (document: unknown) => boolean }
}
const ajv = new Ajv2020({ strict: true, allowUnionTypes: true })
const isRecord = ajv.compile(CONSENT_RECORD_SCHEMA)
const isReceipt = ajv.compile(CONSENT_RECEIPT_SCHEMA)
const isRegister = ajv.compile(PROCESSING_REGISTER_SCHEMA)

const AT = Date.UTC(2026, 10, 23, 9)
const ID = '0198f2c4-6f7a-7c3e-9d55-1f2e3d4c5b6a'
const CLINIC = shipped('zabota-clinic')
const RU = legalProfile('ru-152fz')

const FACTS: ConsentFacts = {
  id: ID,
  subject: '0198f2c4-0000-7000-8000-000000000001',
  form: 'admission',
  entity: 'clinic',
  purpose: 'care',
  language: 'en',
  sha256: 'a'.repeat(64),
  events: [
    { state: 'given', at: AT, by: 'subject', channel: 'reception', until: null },
    { state: 'withdrawn', at: AT + 1, by: 'representative', channel: 'reception', until: null },
  ],
}

function care(change: Partial<ConsentFacts> = {}): ConsentRecord {
  const record = consentRecordOf(CLINIC, RU, { ...FACTS, ...change })
  if (!record.ok) throw new Error(record.error)
  return record.value
}

const name = fc.stringMatching(/^[a-z][a-z0-9]{0,5}(-[a-z0-9]{1,5}){0,2}$/)
const words = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
const term = fc.constantFrom('dpv:Purpose', 'pd:Name', 'eu-gdpr:A6-1-b')
const country = fc.constantFrom('RU', 'DE', 'EU')
const instant = fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) })
const policy = fc.tuple(name, fc.nat(99), fc.nat(99)).map(([bundle, minor, patch]) => `${bundle}@1.${minor}.${patch}`)
const law = fc.record({
  profile: name,
  jurisdiction: country,
  term: fc.constantFrom('urn:doverie:law:x', 'eu-gdpr:GDPR'),
})
const party: fc.Arbitrary<Party> = fc.record({
  id: name,
  role: fc.constantFrom('entity', 'processor', 'third-party', 'authority'),
  name: words,
  address: fc.option(words),
  contact: fc.option(words),
  country,
})
const process: fc.Arbitrary<ProcessEntry> = fc.record({
  purpose: name,
  term,
  label: words,
  grounds: fc.array(fc.record({ id: name, term, article: words }), { minLength: 1, maxLength: 3 }),
  data: fc.array(fc.record({ category: name, term, label: words, special: fc.option(name), required: fc.boolean() }), {
    maxLength: 3,
  }),
  operations: fc.array(
    fc.record({ operation: fc.constantFrom(...OPERATIONS), terms: fc.array(term, { maxLength: 2 }) }),
    { minLength: 1, maxLength: 4 },
  ),
  recipients: fc.array(name, { maxLength: 3 }),
  locations: fc.array(country, { minLength: 1, maxLength: 2 }),
  storage: fc.array(
    fc.record({
      ground: name,
      duration: fc.option(fc.constantFrom('P5Y', 'P1Y6M', 'P30D', 'P0D')),
      from: fc.option(fc.constantFrom('event' as const, 'end-of-year' as const)),
      article: words,
    }),
    { maxLength: 3 },
  ),
})
const record: fc.Arbitrary<ConsentRecord> = fc.record({
  id: fc.uuid(),
  subject: fc.uuid(),
  law,
  schema: fc.constantFrom(RU.conformsTo, legalProfile('eu-gdpr').conformsTo),
  notice: fc.record({
    policy,
    form: name,
    language: fc.constantFrom('ru', 'en'),
    sha256: fc.constant('0f'.repeat(32)),
  }),
  controller: party,
  recipients: fc.array(party, { maxLength: 2 }),
  process,
  control: words,
  rights: fc.array(fc.record({ id: name, term, label: words }), { maxLength: 3 }),
  events: fc.array(
    fc.record({
      state: fc.constantFrom(...CONSENT_STATES),
      at: instant,
      by: fc.constantFrom('subject', 'representative', 'operator'),
      channel: name,
      until: fc.option(instant),
    }),
    { minLength: 1, maxLength: 3 },
  ),
})
const receipt: fc.Arbitrary<ConsentReceipt> = fc.record({
  id: fc.uuid(),
  created: instant,
  publisher: name,
  schema: fc.constant('https://w3id.org/dpv/schema/dpv-27560#receipt'),
  records: fc.array(record, { minLength: 1, maxLength: 2 }),
})
const register: fc.Arbitrary<ProcessingRegister> = fc.record({
  policy,
  language: fc.constantFrom('ru', 'en'),
  law,
  controllers: fc.array(party, { minLength: 1, maxLength: 2 }),
  recipients: fc.array(party, { maxLength: 2 }),
  processes: fc.array(process, { maxLength: 3 }),
})

/** As it comes back from whoever it was sent to. */
function sent(document: unknown): unknown {
  return JSON.parse(JSON.stringify(document)) as unknown
}

describe('what is written for others', () => {
  it('reads back as it was: consent records', () => {
    fc.assert(
      fc.property(record, (value) => {
        const document = sent(writeConsentRecord(value))
        expect(isRecord(document)).toBe(true)
        expect(readConsentRecord(document)).toEqual({ ok: true, value })
      }),
    )
  })

  it('reads back as it was: receipts', () => {
    fc.assert(
      fc.property(receipt, (value) => {
        const document = sent(writeConsentReceipt(value))
        expect(isReceipt(document)).toBe(true)
        expect(readConsentReceipt(document)).toEqual({ ok: true, value })
      }),
    )
  })

  it('reads back as it was: the register of processing', () => {
    fc.assert(
      fc.property(register, (value) => {
        const document = sent(writeProcessingRegister(value))
        expect(isRegister(document)).toBe(true)
        expect(readProcessingRegister(document)).toEqual({ ok: true, value })
      }),
    )
  })

  it('is read only where not a member is amiss', () => {
    const at = (document: unknown, path: readonly (string | number)[]): Record<string, unknown> =>
      path.reduce((node, key) => (node as Record<string, unknown>)[key] as never, document) as Record<string, unknown>
    const faults: readonly (readonly [readonly (string | number)[], string, unknown])[] = [
      [[], 'schema:name', 'Пётр Петров'],
      [['dpv:hasDataSubject'], 'schema:email', 'petrov@example.ru'],
      [['dpv:hasDataSubject'], '@id', 'urn:doverie:subject:petrov@example.ru'],
      [['dpv:hasProcess', 0, 'dpv:hasPersonalData', 0], 'rdf:value', 'Пётр Петров'],
      [[], '@id', 'urn:uuid:00000000-0000-4000-8000-000000000000'],
      [[], '@context', {}],
      [['dpv:hasConsentStatus', 0], 'dpv:isIndicatedAtTime', '2026-02-31T00:00:00.000Z'],
      [['dpv:hasConsentStatus', 0], '@type', 'dpv:ConsentTerminated'],
      [['dpv:hasProcess', 0, 'dpv:hasPurpose'], '@id', 'urn:doverie:policy:other:purpose:care'],
      [['dpv:hasProcess', 0, 'dpv:hasPersonalData', 0], '@type', 'dpv:SpecialCategoryPersonalData'],
    ]
    for (const [path, key, value] of faults) {
      const document = sent(writeConsentRecord(care({ form: 'admission' })))
      const clean = sent(writeConsentRecord(care()))
      expect(readConsentRecord(clean).ok).toBe(true)
      const node = at(document, path)
      node[key] = key === '@type' && value === node[key] ? 'dpv:PersonalData' : value
      expect([key, readConsentRecord(document).ok]).toEqual([key, false])
    }
    for (const nothing of [null, undefined, [], '', 1, { '@type': 'dpv:ConsentRecord' }]) {
      expect(readConsentRecord(nothing)).toEqual({ ok: false, error: 'not of the schema' })
    }
  })
})

describe('a consent record of the clinic', () => {
  it('has what ISO/IEC TS 27560 asks for, for a special category', () => {
    const { process: entry, controller, recipients, law: under, rights, events } = care()
    expect(under).toEqual({ profile: 'ru-152fz', jurisdiction: 'RU', term: 'urn:doverie:law:ru-152fz' })
    expect(entry.grounds.map(({ id }) => id)).toEqual(['written-consent'])
    expect(entry.data).toEqual([
      {
        category: 'health',
        term: 'pd:HealthRecord',
        label: 'Information on health',
        special: 'health',
        required: true,
      },
    ])
    expect(entry.recipients).toEqual(['laboratory'])
    expect(recipients.map(({ role }) => role)).toEqual(['processor'])
    expect(entry.storage).toContainEqual(expect.objectContaining({ ground: 'medical-record', duration: 'P25Y' }))
    expect(controller).toMatchObject({ name: 'LLC Zabota', country: 'RU', contact: 'privacy@zabota-clinic.example' })
    expect(rights.length).toBeGreaterThan(3)
    expect(events.map(({ state }) => state)).toEqual(['given', 'withdrawn'])
  })

  it('lets no value of the person out, whatever it is handed', () => {
    const poison = 'Пётр Петров 1980'
    const facts = {
      ...FACTS,
      surname: poison,
      values: { complaints: poison },
      events: FACTS.events.map((event) => ({ ...event, note: poison })),
    }
    const made = consentRecordOf(CLINIC, RU, facts)
    if (!made.ok) throw new Error(made.error)
    const document = writeConsentRecord({ ...made.value, ...{ name: poison } })
    expect(JSON.stringify(document)).not.toContain(poison)
    expect(isRecord(sent(document))).toBe(true)
  })

  it('may be wrapped in a receipt', () => {
    const wrapped = receiptOf(RU, { id: ID, created: AT, publisher: 'clinic' }, [care()])
    expect(readConsentReceipt(sent(writeConsentReceipt(wrapped)))).toEqual({ ok: true, value: wrapped })
  })

  it.each([
    [{ form: 'nothing' }, 'unknown-form'],
    [{ entity: 'other' }, 'unknown-entity'],
    [{ purpose: 'other' }, 'unknown-purpose'],
    [{ purpose: 'payment' }, 'no-consent'],
  ])('is not made of %j', (change, error) => {
    expect(consentRecordOf(CLINIC, RU, { ...FACTS, ...change })).toEqual({ ok: false, error })
  })
})

describe.each(SHIPPED)('the register of %s', (bundle) => {
  const known = dpvTerms()

  it.each(['ru', 'en'])('is valid and reads back in %s, and every term of it is DPV’s', (language) => {
    const own = shipped(bundle)
    for (const profile of [RU, legalProfile('eu-gdpr')]) {
      const made = processingRegisterOf(own, profile, language)
      expect(made.processes.length).toBe(own.purposes.size)
      const document = sent(writeProcessingRegister(made))
      expect(isRegister(document)).toBe(true)
      expect(readProcessingRegister(document)).toEqual({ ok: true, value: made })
      const terms = JSON.stringify(document).match(/"(dpv|pd|loc|eu-gdpr):[A-Za-z0-9-]+"/g) ?? []
      const used = new Set(terms.map((quoted) => quoted.slice(1, -1)))
      expect([...used].filter((used) => !known.has(used) && used !== 'eu-gdpr:GDPR')).toEqual([])
    }
  })
})
