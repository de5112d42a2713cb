import { describe, expect, it } from 'vitest'
import { type FieldKind, normaliseValue } from '../../../packages/core/policy/values/index.ts'
import { CanaryMint, SHORTEST_CANARY } from './canaries.ts'
import { makePeople, type Person } from './people.ts'

const KINDS: Readonly<Record<string, FieldKind>> = {
  surname: 'person-name',
  'given-name': 'person-name',
  patronymic: 'person-name',
  email: 'email',
  phone: 'phone',
  'postal-address': 'postal-address',
  'bank-bik': 'bik',
  'bank-account': 'bank-account',
  'payment-token': 'payment-token',
  'payment-last4': 'card-last4',
  'technical-contact-name': 'person-name',
  'technical-contact-phone': 'phone',
  'access-addresses': 'access-addresses',
  'tax-id': 'tax-id',
}

function valuesOf(person: Person): readonly (readonly [string, { typed: string; kept: string }])[] {
  return [person.registration, person.order, person.correction].flatMap((values) => Object.entries(values))
}

describe('the people of the tour', () => {
  const mint = new CanaryMint(11)
  const people = makePeople(1_000, 11, mint)

  it('type values that their fields take, and that come back in the form foretold', () => {
    for (const person of people) {
      for (const [field, { typed, kept }] of valuesOf(person)) {
        expect(normaliseValue(KINDS[field] ?? 'text', typed), `${person.number} ${field}`).toEqual({
          ok: true,
          value: kept,
        })
      }
    }
  })

  it('carry a canary in every value that is long enough to be told from chance', () => {
    const own = Map.groupBy(mint.canaries, ({ person }) => person)
    for (const person of people) {
      for (const [field, { kept }] of valuesOf(person)) {
        if (Buffer.byteLength(kept) < SHORTEST_CANARY) continue
        const found = own.get(person.number)?.some((canary) => canary.field === field && kept.includes(canary.text))
        expect(found, `${person.number} ${field}`).toBe(true)
      }
    }
  })

  it('are told apart by address, e-mail and phone', () => {
    for (const of of [(p: Person) => p.address, (p: Person) => p.registration['email']?.kept.toLowerCase()]) {
      expect(new Set(people.map(of)).size).toBe(people.length)
    }
    const phones = people.flatMap((p) => [
      p.registration['phone']?.kept,
      p.order['phone']?.kept,
      p.correction['phone']?.kept,
    ])
    const given = phones.filter((phone) => phone !== undefined)
    expect(new Set(given).size).toBe(given.length)
  })

  it('repeat with their seed', () => {
    expect(makePeople(40, 5, new CanaryMint(5))).toEqual(makePeople(40, 5, new CanaryMint(5)))
    expect(makePeople(40, 5, new CanaryMint(5))).not.toEqual(makePeople(40, 6, new CanaryMint(6)))
  })

  it('are of both languages, the hand-made list among them', () => {
    expect(people.filter(({ hard }) => hard)).toHaveLength(60)
    for (const language of ['ru', 'en']) {
      expect(people.filter((person) => person.language === language).length).toBeGreaterThan(300)
    }
  })
})
