import { describe, expect, it } from 'vitest'
import { normalisePersonName } from './person-name.ts'

describe('normalisePersonName', () => {
  it.each([
    ['Иванов', 'Иванов'],
    ['иванов', 'иванов'],
    ['  Иванов\u00a0 \u2003Петров\t', 'Иванов Петров'],
    ['Салтыков-Щедрин', 'Салтыков-Щедрин'],
    ['Петров – Водкин', 'Петров-Водкин'],
    ['Ян‑Павел', 'Ян-Павел'],
    ['О’Коннор', "О'Коннор"],
    ['Мар\u02bcяна', "Мар'яна"],
    ["O'Neill", "O'Neill"],
    ['’t Hart', "'t Hart"],
    ["Il'", "Il'"],
    ['де ла Крус', 'де ла Крус'],
    ['Maria del Carmen', 'Maria del Carmen'],
    ['Mª José', 'Mª José'],
    ['И.О.', 'И.О.'],
    ['J.-P. R.', 'J.-P. R.'],
    ['Gal·la', 'Gal·la'],
    ['Henry III', 'Henry III'],
    ['Иванов II', 'Иванов II'],
    ['Я', 'Я'],
    ['Ёлкин', 'Ёлкин'],
    ['Nguye\u0302\u0303n', 'Nguyễn'],
    ['Ӏаббас', 'Ӏаббас'],
    ['佐々木', '佐々木'],
    ['ジョン・タロウ', 'ジョン・タロウ'],
    ['श्रीवास्तव', 'श्रीवास्तव'],
    ['x'.repeat(100), 'x'.repeat(100)],
    ['𐐀'.repeat(100), '𐐀'.repeat(100)],
  ])('accepts %j', (typed, expected) => {
    expect(normalisePersonName(typed)).toEqual({ ok: true, value: expected })
  })

  it.each([
    ['an empty text', ''],
    ['only white space', ' \u3000\n'],
    ['a digit', 'Иван4'],
    ['an Arabic-Indic digit', 'محمد٣'],
    ['a Roman numeral sign', 'Henry Ⅲ'],
    ['HTML', '<b>Иван</b>'],
    ['an entity', 'Иван&amp;'],
    ['SQL', "Robert'); DROP TABLE students;--"],
    ['a tautology', "' OR ''='"],
    ['a comment', 'Иван --'],
    ['parentheses', 'Иван (младший)'],
    ['quotes', 'Иван "Грозный"'],
    ['a Latin o in a Cyrillic word', 'Петрoв'],
    ['a Latin initial in Cyrillic initials', 'И.O.'],
    ['a Greek omicron in a Latin word', 'Jοhn'],
    ['a Cherokee letter in a Latin word', 'Ꭺnna'],
    ['a Latin letter behind an apostrophe', "O'Коннор"],
    ['mathematical letters', '𝐈𝐯𝐚𝐧'],
    ['full-width letters', 'Ｉｖａｎ'],
    ['a ligature', 'ﬁona'],
    ['an emoji', 'Иван😀'],
    ['an emoji of text style', 'Иван ❤'],
    ['a flag', '🇷🇺'],
    ['a keycap', 'a\u20e3'],
    ['a control character', 'Иван\u0000'],
    ['an escape', 'Иван\u001b[2J'],
    ['a next-line control', 'Иван\u0085'],
    ['a bidi override', '\u202eнавИ'],
    ['a bidi isolate', '\u2066Иван\u2069'],
    ['a zero-width space', 'Ив\u200bан'],
    ['a joiner', 'Ив\u200dан'],
    ['a Persian non-joiner', 'علی\u200cرضا'],
    ['a byte order mark', '\ufeffИван'],
    ['a soft hyphen', 'Ива\u00adнов'],
    ['a Hangul filler', '\u3164'],
    ['a variation selector', 'Иван\ufe0f'],
    ['a blank Braille pattern', '\u2800'],
    ['a private use character', 'Иван\ue000'],
    ['an unassigned character', 'Иван\u0378'],
    ['a noncharacter', 'Иван\uffff'],
    ['a lone surrogate', 'Иван\ud83d'],
    ['a mark without a letter', '\u0301Иван'],
    ['piled marks', 'И\u0301\u0302\u0303\u0304\u0305\u0306'],
    ['a leading hyphen', '-Иванов'],
    ['a trailing hyphen', 'Иванов-'],
    ['two hyphens', 'Иванов--Петров'],
    ['only an apostrophe', "'"],
    ['two apostrophes', "О''Нил"],
    ['only periods', '...'],
    ['101 letters', 'x'.repeat(101)],
    ['10,000 letters', 'я'.repeat(10_000)],
    ['a number', 5],
    ['an array', ['Иван']],
    ['null', null],
  ])('rejects %s', (_what, typed) => {
    expect(normalisePersonName(typed)).toMatchObject({ ok: false, error: { code: 'invalid-value' } })
  })

  it('counts code points after normalisation', () => {
    expect(normalisePersonName('е\u0308'.repeat(100)).ok).toBe(true)
    expect(normalisePersonName('е\u0308'.repeat(101)).ok).toBe(false)
    expect(normalisePersonName('Иванов', 5).ok).toBe(false)
    expect(normalisePersonName('Иванов', 6).ok).toBe(true)
  })
})
