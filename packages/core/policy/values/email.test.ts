import { describe, expect, it } from 'vitest'
import { normaliseEmail } from './email.ts'

describe('normaliseEmail', () => {
  it.each([
    ['ivan@example.com', 'ivan@example.com'],
    [' Ivan@Example.COM\n', 'Ivan@example.com'],
    ['иван@Пример.РФ', 'иван@xn--e1afmkfd.xn--p1ai'],
    ['ivan@xn--e1afmkfd.xn--p1ai', 'ivan@xn--e1afmkfd.xn--p1ai'],
    ['ivan+tag@mail.sub.example.org', 'ivan+tag@mail.sub.example.org'],
    ["o'brien@example.com", "o'brien@example.com"],
    ["!#$%&'*+-/=?^_`{|}~@example.com", "!#$%&'*+-/=?^_`{|}~@example.com"],
    ['jo\u0308rg@bu\u0308cher.example', 'jörg@xn--bcher-kva.example'],
    ['a@ｅｘａｍｐｌｅ。com', null],
    ['a@ｅｘａｍｐｌｅ.com', 'a@example.com'],
    ['1@1.example', '1@1.example'],
    ['иван.petrov@example.com', 'иван.petrov@example.com'],
    [`${'a'.repeat(64)}@example.com`, `${'a'.repeat(64)}@example.com`],
    [`${'я'.repeat(32)}@example.com`, `${'я'.repeat(32)}@example.com`],
  ])('reads %j as %j', (typed, expected) => {
    expect(normaliseEmail(typed)).toMatchObject(expected === null ? { ok: false } : { ok: true, value: expected })
  })

  it.each([
    ['no @', 'ivan.example.com'],
    ['two @', 'a@b@example.com'],
    ['an empty local part', '@example.com'],
    ['an empty domain', 'ivan@'],
    ['a leading dot', '.ivan@example.com'],
    ['a trailing dot', 'ivan.@example.com'],
    ['two dots', 'iv..an@example.com'],
    ['a quoted local part', '"iv an"@example.com'],
    ['a space', 'iv an@example.com'],
    ['a second header', 'ivan@example.com\r\nBcc: x@example.com'],
    ['an angle address', 'Ivan <ivan@example.com>'],
    ['a list', 'ivan@example.com,petr@example.com'],
    ['mixed alphabets in a word', 'pеtr@example.com'],
    ['65 octets before the @', `${'a'.repeat(65)}@example.com`],
    ['66 octets of Cyrillic before the @', `${'я'.repeat(33)}@example.com`],
    ['255 octets', `a@${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(53)}.example`.slice(0, 255)],
    ['a domain without a dot', 'ivan@localhost'],
    ['an address literal', 'ivan@[192.0.2.1]'],
    ['an IPv4 address', 'ivan@192.0.2.1'],
    ['a short IPv4 address', 'ivan@127.1'],
    ['a hexadecimal IPv4 address', 'ivan@0x7f.0x1'],
    ['a port', 'ivan@example.com:25'],
    ['a path', 'ivan@example.com/x'],
    ['a percent sign in the domain', 'ivan@ex%61mple.com'],
    ['an underscore in the domain', 'ivan@ex_ample.com'],
    ['a trailing dot of the domain', 'ivan@example.com.'],
    ['an empty label', 'ivan@example..com'],
    ['a label with a leading hyphen', 'ivan@-example.com'],
    ['a label of 64', `ivan@${'a'.repeat(64)}.com`],
    ['a numeric top domain', 'ivan@example.123'],
    ['broken punycode', 'ivan@xn--a.example'],
    ['a zero-width space', 'ivan\u200b@example.com'],
    ['a zero-width joiner in the domain', 'ivan@exa\u200dmple.com'],
    ['an emoji', '😀@example.com'],
    ['an emoji domain', 'ivan@😀.example'],
    ['10,000 characters', `${'a'.repeat(10_000)}@example.com`],
    ['an object', { email: 'ivan@example.com' }],
  ])('rejects %s', (_what, typed) => {
    expect(normaliseEmail(typed)).toMatchObject({ ok: false, error: { code: 'invalid-value' } })
  })
})
