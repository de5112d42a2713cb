import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FIELD_KINDS, type FieldKind } from './field-kind.ts'
import { indexForm } from './index-form.ts'
import { maskValue } from './mask-value.ts'
import { normaliseValue } from './normalise-value.ts'

const ACCEPTED: readonly (readonly [FieldKind, string, string])[] = [
  [
    'postal-address',
    '101000, г. Москва, ул. Ленина, д. 5/7, корп. 2, стр. 1А',
    '101000, г. Москва, ул. Ленина, д. 5/7, корп. 2, стр. 1А',
  ],
  ['postal-address', ' Flat 2,\r\n\r\n14½ Harbour Rd.,\u2028 London ', 'Flat 2, 14½ Harbour Rd., London'],
  ['postal-address', 'г. Казань,\tа/я №\u00a017', 'г. Казань, а/я № 17'],
  ['postal-address', 'نمی\u200cدانم ۱۲', 'نمی\u200cدانم ۱۲'],
  ['text', 'a < b && "c"', 'a < b && "c"'],
  ['text', 'ООО «Ромашка»® №\u00a05', 'ООО «Ромашка»® № 5'],
  ['text', 'first\nsecond', 'first second'],
  ['payment-token', 'yookassa:2d9f1c6a-000f-5000-8000-1a2b3c4d5e6f', 'yookassa:2d9f1c6a-000f-5000-8000-1a2b3c4d5e6f'],
  ['payment-token', 'pm_1AbcDEF23456', 'pm_1AbcDEF23456'],
  ['card-last4', ' 1234 ', '1234'],
  ['tax-id', '7707083893', '7707083893'],
  ['tax-id', '5001 0073 2259', '500100732259'],
  ['contract-number', 'nr-2024-000017', 'NR-2024-000017'],
]

const REFUSED: readonly (readonly [FieldKind, string, unknown])[] = [
  ['postal-address', 'markup', 'ул. <script>, 5'],
  ['postal-address', 'a query', "Москва'; DROP TABLE x"],
  ['postal-address', 'digits only', '101000'],
  ['postal-address', 'an emoji', '🏠 Москва'],
  ['postal-address', 'a joiner between Cyrillic letters', 'Мос\u200cква'],
  ['postal-address', '501 characters', `Москва ${'1'.repeat(494)}`],
  ['text', 'a control character', 'a\u0007b'],
  ['text', 'a right-to-left override', 'a\u202eb'],
  ['text', 'a lone surrogate', '\udc00'],
  ['text', 'a damaged character', 'a\ufffdb'],
  ['text', 'nothing', '\n'],
  ['payment-token', 'no provider', ':abcdefgh'],
  ['payment-token', 'a short token', 'yookassa:abc'],
  ['payment-token', 'another character', 'yookassa:abcdefgh!'],
  ['payment-token', 'a long token', `yookassa:${'a'.repeat(129)}`],
  ['card-last4', 'three digits', '123'],
  ['card-last4', 'five digits', '12345'],
  ['card-last4', 'full-width digits', '１２３４'],
  ['tax-id', 'a wrong digit of an organisation', '7707083894'],
  ['tax-id', 'a wrong last digit of a person', '500100732258'],
  ['tax-id', 'a wrong last but one digit of a person', '500100732249'],
  ['tax-id', 'zeros', '0000000000'],
  ['tax-id', 'eleven digits', '77070838930'],
  ['contract-number', 'a Cyrillic А', 'А-1234'],
  ['contract-number', 'a letter that upper-cases to ASCII', 'ſ-1234'],
  ['contract-number', 'three characters', 'A-1'],
  ['contract-number', '33 characters', 'A'.repeat(33)],
  ['contract-number', 'an inner space', 'NR 2024'],
]

describe('normaliseValue', () => {
  it.each(ACCEPTED)('reads a %s %j as %j', (kind, typed, expected) => {
    expect(normaliseValue(kind, typed)).toEqual({ ok: true, value: expected })
  })

  it.each(REFUSED)('rejects a %s with %s', (kind, _what, typed) => {
    expect(normaliseValue(kind, typed)).toMatchObject({ ok: false, error: { code: 'invalid-value' } })
  })

  it('lets the form narrow a length but not widen it', () => {
    expect(normaliseValue('text', 'abcdef', { maxLength: 5 }).ok).toBe(false)
    expect(normaliseValue('email', 'ivan@example.com', { maxLength: 10 }).ok).toBe(false)
    expect(normaliseValue('text', 'a'.repeat(501), { maxLength: 5000 }).ok).toBe(false)
    expect(normaliseValue('person-name', 'a'.repeat(101), { maxLength: 5000 }).ok).toBe(false)
  })

  it('takes a bank account that a card number could be seen in', () => {
    expect(normaliseValue('bank-account', '4111111111111111 0000').ok).toBe(true)
  })
})

// Texts near what people type, so that many are accepted, and texts of arbitrary UTF-16 units.
const near = fc
  .array(
    fc.constantFrom(
      ...'аАёЁiIoéßİı\u0301\u0308\u0345\u093f가ᄀ李ع'.split(''),
      ...'019٣４½'.split(''),
      ...' \u00a0\n\t\u2028\u3000'.split(''),
      ...".,'’`-–@+:/()#_&;".split(''),
      '\u200c',
      '\u00ad',
      '😀',
      '𐐀',
      '\ud800',
      'example.com',
      '@пример.рф',
      '+7916',
      '2001:db8::',
      '192.0.2.1',
    ),
    { maxLength: 14 },
  )
  .map((parts) => parts.join(''))
const units = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 40 })
  .map((codes) => String.fromCharCode(...codes))
const digits = (min: number, max: number): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...Array.from('0123456789')), { minLength: min, maxLength: max }).map((all) => all.join(''))
const shaped = fc.oneof(
  fc.emailAddress(),
  fc.ipV4(),
  fc.array(fc.ipV6(), { maxLength: 4 }).map((all) => all.join(' ; ')),
  digits(8, 10).map((rest) => `+79${rest}`),
  digits(3, 21),
  digits(8, 8).map((rest) => `0 ${rest}`),
  fc.uuid(),
  fc.uuid().map((token) => `pay:${token}`),
)
const typed = fc.oneof(
  near,
  shaped,
  units,
  fc.string({ unit: 'binary' }),
  fc.constantFrom(...ACCEPTED.map(([, text]) => text)),
)
const kind = fc.constantFrom(...FIELD_KINDS)

describe('for any text', () => {
  it('normalising twice is normalising once', () => {
    fc.assert(
      fc.property(kind, typed, (aKind, text) => {
        const once = normaliseValue(aKind, text)
        if (once.ok) expect(normaliseValue(aKind, once.value)).toEqual(once)
      }),
      { numRuns: 5000 },
    )
  })

  it('the result is NFC, trimmed, short, and has no character that cannot be seen', () => {
    fc.assert(
      fc.property(kind, typed, (aKind, text) => {
        const result = normaliseValue(aKind, text)
        if (!result.ok) return
        expect(result.value).toBe(result.value.normalize('NFC').trim())
        expect(result.value).not.toMatch(/[\p{Cc}\p{Cs}\p{Co}\p{Cn}\u2028\u2029]/u)
        expect(result.value.replace(/[\u200c\u200d]/g, '')).not.toMatch(/\p{Cf}/u)
        expect(result.value.length).toBeLessThanOrEqual(1000)
      }),
      { numRuns: 5000 },
    )
  })

  it('a refusal says neither the value nor a word of it', () => {
    fc.assert(
      fc.property(kind, fc.constantFrom('Zyx', 'Щукъ', '98765'), typed, (aKind, canary, text) => {
        const result = normaliseValue(aKind, `${canary}\u0000${text}`)
        expect(result.ok ? '' : result.error.message).not.toContain(canary)
        expect(result.ok).toBe(false)
      }),
    )
  })

  it('masking and indexing do not throw, and a mask hides its value', () => {
    fc.assert(
      fc.property(kind, typed, (aKind, text) => {
        expect(maskValue(aKind, text)).toContain('***')
        if (aKind === 'email' || aKind === 'phone' || aKind === 'contract-number') indexForm(aKind, text)
      }),
    )
  })
})

describe('for any JSON value', () => {
  it('never throws, and takes texts only', () => {
    fc.assert(
      fc.property(kind, fc.anything({ withNullPrototype: true, withBigInt: true }), (aKind, raw) => {
        if (typeof raw !== 'string') expect(normaliseValue(aKind, raw).ok).toBe(false)
      }),
    )
  })
})

describe('a text of 10,000 characters', () => {
  const fillings = [
    'a',
    ' ',
    '-',
    "'",
    '.',
    '1',
    '4 ',
    ', ',
    '@',
    'a.',
    'е\u0308',
    '\u0301',
    '😀',
    '٤',
    ':',
    '1.',
    '\n',
    '\ud800',
    'é-',
  ]

  it.each(FIELD_KINDS)('is refused by %s fast, and so is the longest that is looked at', (aKind) => {
    for (const filling of fillings) {
      for (const length of [10_000, 2_400, 460]) {
        const text = filling.repeat(length).slice(0, length)
        const started = process.cpuUsage().user
        const result = normaliseValue(aKind, text)
        // A polynomial of the length would take many seconds of the processor.
        expect(process.cpuUsage().user - started).toBeLessThan(3_000_000)
        if (length === 10_000) expect(result.ok).toBe(false)
      }
    }
  })
})
