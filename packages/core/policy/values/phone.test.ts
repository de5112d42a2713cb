import { describe, expect, it } from 'vitest'
import { normalisePhone } from './phone.ts'

describe('normalisePhone', () => {
  it.each([
    ['8 916 000-00-01', '+79160000001'],
    ['+7 (916) 000-00-01', '+79160000001'],
    ['79160000001', '+79160000001'],
    ['9160000001', '+79160000001'],
    ['8(495)000-00-01', '+74950000001'],
    ['8-800-000-00-01', '+78000000001'],
    ['8.916.000.00.01', '+79160000001'],
    ['+7‑916‑000‑00‑01', '+79160000001'],
    ['８９１６０００００１１', '+79160000011'],
    ['8 700 000 00 01', '+77000000001'],
    ['8~10 44 20 7946 0001', '+442079460001'],
    ['+44 (0)20 7946 0001', '+442079460001'],
    ['+1 (202) 555-0143', '+12025550143'],
    ['+39 06 0000 0001', '+390600000001'],
    ['+61 491 570 006', '+61491570006'],
  ])('reads %j as %s', (typed, expected) => {
    expect(normalisePhone(typed)).toEqual({ ok: true, value: expected })
  })

  it.each([
    ['an extension', '8 495 000-00-01 доб. 12'],
    ['an English extension', '+7 495 000-00-01 ext. 12'],
    ['two numbers', '+7 916 000-00-01, +7 916 000-00-02'],
    ['a word before it', 'тел. +7 916 000-00-01'],
    ['a word behind it', '+7 916 000-00-01 (Иван)'],
    ['letters for digits', '8 916 CALL-NOW'],
    ['a short code', '112'],
    ['a digit too few', '+7 916 000-00-0'],
    ['a digit too many', '+7 916 000-00-011'],
    ['an unknown country', '+999 000 000 000'],
    ['+8 for 8', '+8 916 000-00-01'],
    ['a zero-width space', '+7\u200b9160000001'],
    ['a left-to-right embedding', '\u202a+79160000001\u202c'],
    ['an emoji', '📞 +79160000001'],
    ['markup', '<b>+79160000001</b>'],
    ['nothing', ''],
    ['10,000 digits', '7'.repeat(10_000)],
    ['a number', 79160000001],
  ])('rejects %s', (_what, typed) => {
    expect(normalisePhone(typed)).toMatchObject({ ok: false, error: { code: 'invalid-value' } })
  })
})
