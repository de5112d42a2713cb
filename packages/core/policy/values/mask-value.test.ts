import { describe, expect, it } from 'vitest'
import type { FieldKind } from './field-kind.ts'
import { indexForm } from './index-form.ts'
import { maskValue } from './mask-value.ts'

describe('maskValue', () => {
  const masks: readonly (readonly [FieldKind, string, string])[] = [
    ['person-name', 'Иванов', 'И***в'],
    ['person-name', 'Анна Мария', 'А***я'],
    ['person-name', 'Ким', 'К***'],
    ['person-name', 'Ли', 'Л***'],
    ['person-name', 'Я', '***'],
    ['person-name', 'И.О.', 'И***'],
    ['person-name', 'е\u0301лена', 'е\u0301***а'],
    ['person-name', '𐐀𐐁𐐂𐐃', '𐐀***𐐃'],
    ['email', 'anna@example.ru', 'a***@example.ru'],
    ['email', 'a@example.ru', 'a***@example.ru'],
    ['email', '😀@example.ru', '😀***@example.ru'],
    ['email', 'no address', '***'],
    ['phone', '+79161234512', '+7 *** *** ** 12'],
    ['phone', '+380501234512', '+380 *** *** ** 12'],
    ['phone', 'no phone', '***'],
    ['contract-number', 'NR-2024-000017', '***17'],
    ['contract-number', 'A-17', '***'],
    ['bank-account', '40702810938000000001', '***01'],
    ['postal-address', 'Москва, ул. Ленина, 5', '***'],
    ['payment-token', 'pm_1AbcDEF23456', '***'],
    ['text', 'x'.repeat(10_000), '***'],
  ]
  it.each(masks)('shows a %s %j as %j', (kind, value, mask) => {
    expect(maskValue(kind, value)).toBe(mask)
  })
})

describe('indexForm', () => {
  it.each([
    ['email', 'Ivan.Petrov@Example.COM', 'ivan.petrov@example.com'],
    ['email', 'ИВАН@ПРИМЕР.РФ', 'иван@xn--e1afmkfd.xn--p1ai'],
    ['email', 'JO\u0308RG@example.com', 'jörg@example.com'],
    ['phone', '8 (916) 000-00-01', '+79160000001'],
    ['contract-number', ' nr-2024-17', 'NR-2024-17'],
  ] as const)('of the %s %j is %j, and its own', (kind, typed, expected) => {
    expect(indexForm(kind, typed)).toBe(expected)
    expect(indexForm(kind, expected)).toBe(expected)
  })

  it.each([
    ['email', 'ivan'],
    ['phone', '112'],
    ['contract-number', 'А-1234'],
  ] as const)('of a %s that is none is null: %j', (kind, typed) => {
    expect(indexForm(kind, typed)).toBeNull()
  })
})
