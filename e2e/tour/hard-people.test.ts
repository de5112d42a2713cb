import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type FieldKind, indexForm, normaliseValue } from '../../packages/core/policy/values/index.ts'

const people = JSON.parse(readFileSync(new URL('hard-people.json', import.meta.url), 'utf8')) as readonly Readonly<
  Record<string, string>
>[]

const KINDS: Readonly<Record<string, FieldKind>> = {
  surname: 'person-name',
  givenName: 'person-name',
  patronymic: 'person-name',
  email: 'email',
  phone: 'phone',
  postalAddress: 'postal-address',
}

/** Domains that nobody owns (RFC 2606, RFC 6761), and the example name in .рф. */
const RESERVED = /(?:[@.]example\.(?:com|org|net)|[@.][^@]+\.example|[@.]xn--e1afmkfd\.xn--p1ai)$/

describe('the hard people of the tour', () => {
  it('are 60, and all their fields are of a known kind', () => {
    expect(people).toHaveLength(60)
    for (const { note, ...fields } of people) {
      expect(note).toBeTruthy()
      expect(Object.keys(fields).filter((field) => KINDS[field] === undefined)).toEqual([])
    }
  })

  it.each(people.map((person, i) => [i, person['note'] ?? '', person] as const))(
    'number %i is accepted: %s',
    (_i, _note, person) => {
      for (const [field, kind] of Object.entries(KINDS)) {
        const value = person[field]
        if (value === undefined) continue
        const result = normaliseValue(kind, value)
        expect(result, field).toMatchObject({ ok: true })
        if (result.ok) expect(normaliseValue(kind, result.value), field).toEqual(result)
      }
    },
  )

  it('have e-mail addresses in reserved domains only', () => {
    for (const { email } of people) expect(indexForm('email', email ?? '')).toMatch(RESERVED)
  })

  it('are told apart by e-mail and by phone', () => {
    expect(new Set(people.map(({ email }) => indexForm('email', email ?? ''))).size).toBe(people.length)
    expect(new Set(people.map(({ phone }) => indexForm('phone', phone ?? ''))).size).toBe(people.length)
  })
})
