import { describe, expect, it } from 'vitest'
import { legalProfile } from '../../base/index.ts'
import type { Declarations } from '../model.ts'
import { shipped } from '../testing/shipped-bundle.ts'
import { harmFindings, harmLevel } from './harm.ts'
import { handedTo, owedBy } from './owed.ts'
import { processingChanges, processingNotice } from './processing-notice.ts'

const ru = legalProfile('ru-152fz')
const netrack = shipped('netrack')

/** The same with a recipient changed. */
function withRecipient(of: Declarations, id: string, change: object): Declarations {
  const recipient = of.recipients.get(id)
  if (recipient === undefined) throw new Error(id)
  return { ...of, recipients: new Map([...of.recipients, [id, { ...recipient, ...change }]]) }
}

describe('the notice of processing', () => {
  it('says of every purpose its data, people, grounds, operations and terms, and leaves open what a policy cannot know', () => {
    const items = new Map(processingNotice(netrack, ru).map(({ id, lines }) => [id, lines]))
    expect([...items.keys()]).toEqual(ru.processing.map(({ id }) => id))
    expect(items.get('purposes')).toHaveLength(netrack.purposes.size)
    expect(items.get('operator')?.join()).toContain(netrack.operator.name)
    expect(items.get('cross-border')).toEqual(['не осуществляется'])
    expect([...items].filter(([, lines]) => lines.length === 0).map(([id]) => id)).toEqual([
      ...['responsible', 'begins', 'location', 'security'],
    ])
    expect(JSON.stringify([...items])).not.toContain('undefined')
  })

  it('says each term once, with its purposes; what rests on consent lasts as long as the consent', () => {
    const items = new Map(processingNotice(netrack, ru).map(({ id, lines }) => [id, lines]))
    const terms = items.get('term') ?? []
    const of = (start: string): readonly string[] => terms.filter((line) => line.startsWith(start))
    for (const start of ['пока действует договор', 'до отзыва согласия']) expect(of(start)).toHaveLength(1)
    const consents = [...netrack.purposes.values()].filter(({ grounds }) => grounds.join() === 'consent')
    expect(consents.length).toBeGreaterThan(1)
    for (const { label } of consents) {
      expect(terms.filter((line) => line.includes(`«${label['ru'] ?? ''}»`))).toEqual(of('до отзыва согласия'))
    }
    for (const lines of items.values()) expect(lines.join('')).not.toMatch(/не подтвержден|кто заполнил форму/)
    // Remarks among the operator's own people are told to nobody else.
    expect(netrack.measures.some(({ internal }) => internal)).toBe(true)
    expect(items.get('measures')).toHaveLength(netrack.measures.filter(({ internal }) => !internal).length)
  })

  it('does not change between a version and itself, and tells a transfer abroad where there is one', () => {
    expect(processingChanges(netrack, netrack, ru)).toEqual([])
    const abroad = withRecipient(netrack, 'courier', { country: 'KZ' })
    const [change] = processingChanges(netrack, abroad, ru)
    expect(change).toMatchObject({ id: 'cross-border', removed: ['не осуществляется'] })
    expect(change?.added.join()).toContain('(KZ)')
    // The other way about, what was added is removed.
    expect(processingChanges(abroad, netrack, ru)[0]).toMatchObject({ removed: change?.added, added: change?.removed })
    expect(processingChanges(netrack, abroad, legalProfile('eu-gdpr'))).toEqual([])
  })
})

describe('what must be in writing', () => {
  it('is an agreement with everybody whom data go to on the operator’s behalf, and an attestation for whoever is abroad', () => {
    const agreements = (policy: Declarations): readonly string[] =>
      owedBy(policy, ru).flatMap(({ kind, about }) => (kind === 'agreement' ? [about] : []))
    const processors = [...netrack.recipients.values()].filter(({ kind }) => kind === 'processor')
    expect(processors.length).toBeGreaterThan(0)
    expect(agreements(netrack)).toEqual(expect.arrayContaining(processors.map(({ id }) => id)))
    const kinds = owedBy(withRecipient(netrack, 'courier', { country: 'KZ' }), ru)
    expect(kinds).toContainEqual({ kind: 'cross-border', about: 'courier' })
    for (const { kind, about } of owedBy(netrack, ru)) expect([kind, about]).not.toEqual(['cross-border', 'courier'])
  })

  it('names for a processor the purposes and data that the rules hand over', () => {
    const { purposes, categories } = handedTo(netrack, 'courier')
    expect(purposes.length).toBeGreaterThan(0)
    expect(purposes.every((id) => netrack.purposes.has(id))).toBe(true)
    expect(categories.every((id) => netrack.categories.has(id))).toBe(true)
  })
})

describe('the assessment of harm', () => {
  const of = (policy: Declarations): Readonly<Record<string, boolean | null>> =>
    Object.fromEntries(harmFindings(policy, ru).map(({ criterion, met }) => [criterion.id, met]))

  it('finds in a policy what it can, and asks for the rest', () => {
    expect(of(netrack)).toMatchObject({ biometric: false, special: false, minors: true, 'foreign-processor': false })
    expect(of(shipped('zabota-clinic'))['special']).toBe(true)
    expect(of(withRecipient(netrack, 'courier', { country: 'KZ' }))['foreign-processor']).toBe(true)
    expect(of(netrack)).toMatchObject({ 'databases-abroad': null, 'outside-officer': null })
    expect(of({ ...netrack, age: null })['minors']).toBeNull()
  })

  it.each([
    [[], 'low'],
    [['low'], 'low'],
    [['low', 'medium'], 'medium'],
    [['high', 'low'], 'high'],
  ] as const)('takes the highest degree of %j: %s', (levels, level) => {
    expect(harmLevel(levels.map((one) => ({ level: one })))).toBe(level)
  })
})
