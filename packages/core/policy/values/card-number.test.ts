import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { containsCardNumber, isCardNumber, passesLuhn } from './card-number.ts'
import { normaliseValue } from './normalise-value.ts'

/** Published test numbers of issuers and gateways. */
const CARDS = [
  '4111111111111111',
  '4242424242424242',
  '4222222222222',
  '4000000000000000006',
  '5555555555554444',
  '2223003122003222',
  '2200000000000053',
  '2200000000000004',
  '378282246310005',
  '30569309025904',
  '36227206271667',
  '3530111333300000',
  '6011111111111117',
  '6200000000000005',
  '6759649826438453',
  '6304000000000000',
  '50339619890917',
  '6799990100000000019',
]

const PREFIXES = ['2200', '2204', '2221', '2720', '4', '51', '55', '62', '6759', '6011', '3528', '9860', '9112', '8600']

const card = fc
  .tuple(fc.constantFrom(...PREFIXES), fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 15, maxLength: 15 }))
  .map(([prefix, rest]) => withCheckDigit((prefix + rest.join('')).slice(0, 15)))

function withCheckDigit(body: string): string {
  for (let digit = 0; digit < 10; digit++) if (passesLuhn(`${body}${digit}`)) return `${body}${digit}`
  throw new Error('no check digit')
}

const gap = fc.constantFrom('', '', ' ', '-', '\u00a0', ' - ', '–', '  ')
const ZEROS = ['0', '٠', '०', '０', '𝟎', '۰'].map((zero) => zero.codePointAt(0) ?? 0)

describe('containsCardNumber', () => {
  it.each(CARDS)('finds %s', (number) => {
    expect(isCardNumber(number)).toBe(true)
    expect(containsCardNumber(`оплата ${number}, спасибо`)).toBe(true)
  })

  it('finds every valid number in any grouping, in digits of any script', () => {
    fc.assert(
      fc.property(
        card,
        fc.array(gap, { minLength: 15, maxLength: 15 }),
        fc.constantFrom(...ZEROS),
        (number, gaps, zero) => {
          const typed = Array.from(number)
            .map((d, i) => String.fromCodePoint(zero + Number(d)) + (gaps[i] ?? ''))
            .join('')
          expect(containsCardNumber(typed)).toBe(true)
          for (const kind of [
            'text',
            'postal-address',
            'bank-account',
            'card-last4',
            'contract-number',
            'email',
          ] as const) {
            expect(normaliseValue(kind, kind === 'text' ? `карта ${typed}!` : typed), kind).toMatchObject({
              error: { code: 'card-number' },
            })
          }
          expect(normaliseValue('payment-token', `yookassa:${number}`)).toMatchObject({
            error: { code: 'card-number' },
          })
        },
      ),
    )
  })

  it('is refused as the name of a mailbox, and not among the other characters of one', () => {
    const refused = { error: { code: 'card-number' } }
    for (const local of ['4111111111111111', '4111.1111.1111.1111', '4111-1111-1111-1111', '+4111111111111111']) {
      expect(normaliseValue('email', `${local}@example.org`)).toMatchObject(refused)
    }
    fc.assert(
      fc.property(card, fc.constantFrom('anna.', 'x', 'b0b_'), (number, name) => {
        for (const address of [`${name}${number}@example.org`, `${number}${name}z@example.org`]) {
          expect(normaliseValue('email', address)).toEqual({ ok: true, value: address })
        }
        expect(normaliseValue('email', `${number}@example.org`)).toMatchObject(refused)
      }),
    )
    expect(normaliseValue('email', 'anna@4111111111111111.example').ok).toBe(true)
  })

  it('does not find a number with one changed digit, whole or in groups of four', () => {
    fc.assert(
      fc.property(card, fc.nat(15), fc.integer({ min: 1, max: 9 }), (number, at, by) => {
        const changed = Array.from(number)
          .map((d, i) => (i === at ? (Number(d) + by) % 10 : d))
          .join('')
        expect(containsCardNumber(changed)).toBe(false)
        const grouped = changed.replace(/(.{4})(?=.)/g, '$1 ')
        expect(containsCardNumber(grouped)).toBe(false)
        expect(normaliseValue('text', grouped).ok).toBe(true)
      }),
    )
  })

  it.each([
    ['with an expiry date and a code behind it', '4111 1111 1111 1111 12/30 123'],
    ['with digits before it', '1 4111-1111-1111-1111'],
    ['in groups joined by dots', '4111.1111.1111.1111'],
    ['on two lines', '4111 1111\n1111 1111'],
    ['between letters', 'x4111111111111111x'],
    ['with zero-width spaces', '4111\u200b1111\u200b1111\u200b1111'],
    ['in circled digits', '④①①①①①①①①①①①①①①①'],
    ['behind a plus', '+4111111111111111'],
  ])('finds a number %s', (_how, text) => {
    expect(containsCardNumber(text)).toBe(true)
  })

  it.each([
    ['a bank account', '40817810099910004312'],
    ['a registration number (ОГРН)', '1027700132195'],
    ['a sole trader’s number (ОГРНИП) that passes the sum', '304500116000061'],
    ['digits of no issuer', '1111111111111117'],
    ['twelve digits', '411111111116'],
    ['dates', '22.12.2024 - 05.06.2025'],
    ['a phone number of 13 digits', '+49 151 12345674'],
    ['nothing', ''],
  ])('does not find %s', (_what, text) => {
    expect(containsCardNumber(text)).toBe(false)
  })

  it('takes time linear in the text', () => {
    const started = process.cpuUsage().user
    containsCardNumber('4 '.repeat(50_000))
    containsCardNumber('٤'.repeat(50_000))
    containsCardNumber(`1${' '.repeat(50_000)}1`)
    // A square of the length would take minutes of the processor.
    expect(process.cpuUsage().user - started).toBeLessThan(10_000_000)
  })
})
