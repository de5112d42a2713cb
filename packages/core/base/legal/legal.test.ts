import { describe, expect, it } from 'vitest'
import { OPERATIONS } from '../operations.ts'
import { parsePeriod } from '../period.ts'
import { dpvTerms } from '../testing/dpv-terms.ts'
import { CLOCK_ENDS, CLOCK_UNITS, GROUND_KINDS, REQUEST_KINDS } from './profile.ts'
import { legalProfile, PROFILE_IDS } from './profiles.ts'

const TERMS = dpvTerms()

/** Every object of a profile, however deep. */
function objects(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  if (typeof value !== 'object' || value === null) return []
  const within = Object.values(value).flatMap(objects)
  return Array.isArray(value) ? within : [value as Readonly<Record<string, unknown>>, ...within]
}

describe.each(PROFILE_IDS)('the law %s as data', (id) => {
  const profile = legalProfile(id)
  const entries = [
    ...profile.grounds,
    ...profile.special,
    ...profile.retention,
    ...profile.clocks,
    ...profile.refusals,
    ...profile.answer,
    ...profile.processing,
    ...profile.harm,
    ...profile.agreement,
    ...profile.writtenConsent,
    ...profile.rights,
    ...profile.rules,
  ]

  it('has its own name, and every operation of the law’s list once', () => {
    expect(profile.id).toBe(id)
    expect(profile.operations.map(({ operation }) => operation)).toEqual([...OPERATIONS])
  })

  it('says of every entry where it comes from, and counts only what was read as confirmed', () => {
    const conditions = profile.clocks.flatMap(({ extension, pause }) => [extension ?? [], pause ?? []].flat())
    for (const { source, verified } of [...profile.operations, ...entries, ...conditions]) {
      expect(['norm', 'retelling', 'memory']).toContain(source)
      expect(verified).toBe(source === 'norm')
    }
  })

  it('names every entry once in its list, with an article', () => {
    for (const list of [
      profile.grounds,
      profile.special,
      profile.retention,
      profile.clocks,
      profile.refusals,
      profile.processing,
      profile.harm,
      profile.agreement,
      profile.questions,
    ]) {
      const ids = list.map((entry) => entry.id)
      expect(new Set(ids).size).toBe(ids.length)
    }
    for (const { article } of [...entries, ...profile.operations, ...profile.questions]) {
      expect(article).toEqual({
        ru: expect.stringMatching(/\d/) as unknown,
        en: expect.stringMatching(/\d/) as unknown,
      })
    }
  })

  it('has every text in Russian and English, and nothing empty', () => {
    for (const object of objects(profile)) {
      if ('ru' in object || 'en' in object) expect(Object.keys(object).sort()).toEqual(['en', 'ru'])
      for (const value of Object.values(object)) if (typeof value === 'string') expect(value.trim()).not.toBe('')
    }
  })

  it('has a ground of every kind under the kind’s own name, and one that suffices for special categories', () => {
    for (const kind of GROUND_KINDS) expect(profile.grounds.find((ground) => ground.id === kind)?.kind).toBe(kind)
    expect(profile.grounds.some(({ special, kind }) => special && kind === 'consent')).toBe(true)
  })

  it('counts every clock in a known unit, at once only where the count is nought', () => {
    for (const { unit, count } of profile.clocks) {
      expect(CLOCK_UNITS).toContain(unit)
      expect(Number.isInteger(count) && count >= 0).toBe(true)
      expect(count === 0).toBe(unit === 'instant')
    }
  })

  it('extends a term in its own unit, and waits for an act that there is', () => {
    for (const { unit, extension, met } of profile.clocks) {
      if (extension !== null) expect([extension.unit, extension.count > 0]).toEqual([unit, true])
      if (met !== null) expect(CLOCK_ENDS).toContain(met)
    }
  })

  it('can refuse whoever is not proved, and every kind of ground is the other law’s too', () => {
    const ids = profile.refusals.map((one) => one.id)
    expect(ids).toContain('identity')
    expect(ids).toEqual(legalProfile('ru-152fz').refusals.map((one) => one.id))
    expect(profile.answer.map((one) => one.id)).toEqual(legalProfile('ru-152fz').answer.map((one) => one.id))
    expect(profile.answer).toHaveLength(11)
  })

  it('starts clocks that it has, for every kind of request', () => {
    expect(Object.keys(profile.requests).sort()).toEqual([...REQUEST_KINDS].sort())
    for (const { received, accepted = [], shown = [], deferred = [] } of Object.values(profile.requests)) {
      expect(received.length).toBeGreaterThan(0)
      for (const rule of [...received, ...accepted, ...shown, ...deferred])
        expect(profile.clocks.some(({ id: clock }) => clock === rule)).toBe(true)
    }
  })

  it('has terms of keeping that parse, each with where it counts from', () => {
    for (const { term, from } of profile.retention) {
      expect(term === null).toBe(from === null)
      if (term !== null) expect(parsePeriod(term)).not.toBeNull()
    }
  })

  it('uses only terms that DPV 2.3 has', () => {
    const used = [
      ...profile.operations.flatMap(({ dpv }) => dpv),
      ...[...profile.grounds, ...profile.special, ...profile.rights].map(({ dpv }) => dpv),
    ]
    expect(used.filter((term) => !TERMS.has(term))).toEqual([])
  })
})

describe('the clocks of 152-FZ', () => {
  const clocks = legalProfile('ru-152fz').clocks
  // The traps that public code falls into: working against calendar days, and one term for everything.
  it.each([
    ['withdrawal', 'calendar-days', 30],
    ['purpose-reached', 'calendar-days', 30],
    ['stop-processing', 'working-days', 10],
    ['information', 'working-days', 10],
    ['correction', 'working-days', 7],
    ['unlawful-stop', 'working-days', 3],
    ['unlawful-destroy', 'working-days', 10],
    ['destroy-late', 'calendar-months', 6],
    ['incident-first', 'hours', 24],
    ['incident-result', 'hours', 72],
    ['block', 'instant', 0],
  ])('counts %s in %s: %i', (id, unit, count) => {
    expect(clocks.find((clock) => clock.id === id)).toMatchObject({ unit, count })
  })

  it('prolongs an answer by five working days only', () => {
    expect(clocks.find(({ id }) => id === 'information')?.extension).toMatchObject({ unit: 'working-days', count: 5 })
    expect(clocks.find(({ id }) => id === 'withdrawal')?.extension).toBeNull()
  })
})
