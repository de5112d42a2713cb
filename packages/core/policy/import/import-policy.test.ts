import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { parseBundle } from '../bundle.ts'
import { netrackFiles } from '../testing/netrack.ts'
import { importPolicy, type ImportedPolicy } from './import-policy.ts'
import { unboundClauses } from './unbound-clauses.ts'

/** An invented club. Footnote and page end stand in the middle, as a page of paper has them. */
const CLUB = `

Положение о сведениях членов клуба

Настоящее Положение говорит о сведениях, которые клуб «Маяк»[1] получает от своих членов.

Вступая в клуб, вы соглашаетесь с ним.

1 Какие сведения есть у клуба

1.1. Клуб просит:

1.1.1. Имя и телефон, чтобы позвонить, если занятие отменено. Согласно п. 1.2 остальное можно не сообщать.

1.1.2. Размер куртки.

1.2. Ничего другого клуб не просит:

1) ни адреса;

2) ни возраста.

2. Зачем они клубу

_______________

[1] Клуб «Маяк» ведёт ИП Смотрителев

2.1. Чтобы знать, кто придёт 1.07.2026 и позже; 30 дней спустя список рвут.

3. Вопросы

Спросить можно у смотрителя.`

const NUMBERS = ['0', '0.1', '0.2', '1', '1.1', '1.1.1', '1.1.2', '1.2', '2', '2.1', '3', 'note.1']

function imported(bytes: Uint8Array, language: string | null = null): ImportedPolicy {
  const result = importPolicy('club.txt', bytes, language)
  if (!result.ok) throw new Error(JSON.stringify(result.error))
  return result.value
}

/** Number -> title and words. */
function clausesOf({ text }: ImportedPolicy): ReadonlyMap<string, string> {
  return new Map([...text.clauses].map(([number, clause]) => [number, `${clause.title}|${clause.text}`]))
}

const utf8 = (text: string): Uint8Array => Buffer.from(text, 'utf8')
const bigEndian = (text: string): Uint8Array => Buffer.from(text, 'utf16le').swap16()

function windows1251(text: string): Uint8Array {
  const others: Readonly<Record<string, number>> = { ё: 0xb8, Ё: 0xa8, '«': 0xab, '»': 0xbb, '\u00a0': 0xa0 }
  const codeOf = (char: string): number =>
    others[char] ?? (/[а-яА-Я]/.test(char) ? char.charCodeAt(0) - 0x350 : char.charCodeAt(0))
  return Uint8Array.from(Array.from(text), codeOf)
}

/** As an editor breaks lines at 60 characters. */
function broken(text: string): string {
  return text.replace(/(?=.{61}).{1,60} /g, (line) => `${line.trimEnd()}\n`)
}

const WORD = `<html><head><meta charset=utf-8><style>p{1.9. x}</style></head><body lang=RU><div class=WordSection1>
<p class=MsoTitle>Положение о сведениях членов клуба<o:p></o:p></p><p>Настоящее Положение говорит о сведениях,
которые клуб &laquo;Маяк&raquo;<a href="#_ftn1" name="_ftnref1"><span class=MsoFootnoteReference>[1]</span></a> получает от своих членов.</p>
<p>Вступая в клуб, вы согла&shy;шаетесь с ним.</p>
<!-- 7. Не пункт --><h1>1<span style='font:7pt'>&nbsp;&nbsp; </span>Какие сведения есть у клуба</h1>
<p>1.1.&nbsp; Клуб просит:</p><p>1.1.1.&#160;Имя и телефон, чтобы позвонить, если занятие отменено. Согласно п. 1.2 остальное можно не сообщать.</p>
<p>1.1.2. Размер <b>куртки</b>.</p><p>1.2. Ничего другого клуб не просит:</p><p>1) ни адреса;</p><p>2) ни возраста.</p>
<h1>2. Зачем они клубу</h1><p>2.1. Чтобы знать, кто придёт 1.07.2026 и позже; 30 дней спустя список рвут.</p>
<h1>3. Вопросы</h1><p>Спросить можно у смотрителя.</p></div>
<div><hr><div id=ftn1><p class=MsoFootnoteText><a href="#_ftnref1">[1]</a> Клуб «Маяк» ведёт ИП Смотрителев</p></div></div></body></html>`

describe('importPolicy', () => {
  const plain = imported(utf8(CLUB))

  it('keeps the words under their numbers, with the preamble and the footnote', () => {
    expect(plain.language).toBe('ru')
    expect(plain.text.title).toBe('Положение о сведениях членов клуба')
    const clauses = clausesOf(plain)
    expect([...clauses.keys()]).toEqual(NUMBERS)
    expect(clauses.get('0.2')).toBe('|Вступая в клуб, вы соглашаетесь с ним.')
    expect(clauses.get('1')).toBe('Какие сведения есть у клуба|')
    expect(clauses.get('1.2')).toBe('|Ничего другого клуб не просит:\n\n1) ни адреса;\n\n2) ни возраста.')
    expect(clauses.get('3')).toBe('Вопросы|Спросить можно у смотрителя.')
    expect(clauses.get('note.1')).toBe('|Клуб «Маяк» ведёт ИП Смотрителев')
  })

  it.each<[string, Uint8Array, string?]>([
    ['CRLF', utf8(CLUB.replaceAll('\n', '\r\n'))],
    ['lone CR', utf8(CLUB.replaceAll('\n', '\r'))],
    ['a byte order mark', utf8(`\ufeff${CLUB}`)],
    ['UTF-16 with a mark', Buffer.from(`\ufeff${CLUB}`, 'utf16le'), 'utf-16le'],
    ['UTF-16 without one', Buffer.from(CLUB, 'utf16le'), 'utf-16le'],
    ['UTF-16 the other way round', bigEndian(CLUB), 'utf-16be'],
    ['Windows-1251', windows1251(CLUB), 'windows-1251'],
    ['blanks that do not break', utf8(CLUB.replace(/ /g, '\u00a0'))],
    ['soft hyphens and zero-width blanks', utf8(CLUB.replace(/ол/g, 'о\u00adл').replace(/1\.1/g, '1.\u200b1'))],
    ['tabs after the numbers', utf8(CLUB.replace(/^([\d.]+) /gm, '$1\t'))],
    ['numbers that hang before their text', utf8(CLUB.replace(/^((?:\d\.)+) /gm, '$1\n'))],
    ['broken lines', utf8(broken(CLUB))],
    ['no empty lines', utf8(CLUB.replace(/\n\n+/g, '\n'))],
    ['numbers without their last dot', utf8(CLUB.replace(/^((?:\d\.)+\d)\. /gm, '$1 '))],
    ['п. before the numbers', utf8(CLUB.replace(/^(\d\.\d)/gm, 'п. $1'))],
    ['no blank after the numbers', utf8(CLUB.replace(/^((?:\d\.){2,}) /gm, '$1'))],
    ['superscript footnotes', utf8(CLUB.replaceAll('[1] ', '¹ '))],
    ['asterisks for footnotes', utf8(CLUB.replaceAll('[1]', '*'))],
    ['a filtered web page of Word', utf8(WORD)],
  ])('reads the same text with %s', (_, bytes, encoding = 'utf-8') => {
    const read = imported(bytes)
    expect(read.encoding).toBe(encoding)
    const words = (policy: ImportedPolicy): [string, string][] =>
      [...clausesOf(policy)].map(([number, text]) => [number, text.replace(/\[1\]|[*¹]|\s+/g, ' ').replace(/ +/g, ' ')])
    expect(words(read)).toEqual(words(plain))
  })

  it('reads bracketed numbers, and lists with dots inside them', () => {
    const text = CLUB.replace(/^(\d+(?:\.\d+)*)\.? /gm, '$1) ')
      .replace('1) ни', '1. ни')
      .replace('2) ни', '2. ни')
    expect([...clausesOf(imported(utf8(text))).keys()]).toEqual(NUMBERS)
  })

  it('takes no third item of a list for the third section', () => {
    const text =
      'Правила\n\n1. Одно\n\n1.1. Текст.\n\n2. Два\n\n2.1. Список:\n\n1. Раз;\n\n2. Два;\n\n3. Три.\n\n3. Конец\n\n3.1. Всё.\n'
    const clauses = clausesOf(imported(utf8(text)))
    expect([...clauses.keys()]).toEqual(['1', '1.1', '2', '2.1', '3', '3.1'])
  })

  it('numbers the lists of a web page', () => {
    const page =
      '<html><body><p>Terms</p><ol><li>Data<ol><li>We ask for a name.</li><li><p>Nothing else.</p></li></ol></li><li>End</li></ol></body></html>'
    const read = imported(utf8(page))
    expect(read.language).toBe('en')
    expect([...clausesOf(read)]).toEqual([
      ['1', 'Data|'],
      ['1.1', '|We ask for a name.'],
      ['1.2', '|Nothing else.'],
      ['2', 'End|'],
    ])
  })

  it('makes no heading of a paragraph that begins with a hash', () => {
    const read = imported(utf8('Terms\n\n1. Data\n\n# 2. not a clause\n\n1.1. A name.\n'))
    expect([...clausesOf(read).keys()]).toEqual(['1', '1.1'])
  })

  it.each<[string, Uint8Array, number, string]>([
    ['a clause left out', utf8('Terms\n\n1. A\n\n1.1. One.\n\n1.3. Three.\n'), 7, 'clause 1.2 before it is missing'],
    ['a clause there twice', utf8('Terms\n\n1. A\n\n1.1. One.\n\n1.1. Two.\n'), 7, 'there twice'],
    ['a clause without words', utf8('Terms\n\n1. A\n\n1.1.\n\n1.2. Two.\n'), 5, 'the clause is empty'],
    ['no title', utf8('1. A\n\n1.1. One.\n'), 1, 'no title'],
    ['no clauses', utf8('Terms\n\nWhatever.\n'), 1, 'no numbered clauses'],
    ['nothing', utf8(''), 1, 'no numbered clauses'],
    ['a NUL', utf8('Terms\n\n1. A\u0000\n'), 3, 'no text for people'],
    ['a text that turns around', utf8('Terms\n1. A\u202e\n'), 2, 'no text for people'],
    ['KOI8-R', Uint8Array.from([...Buffer.from('1. '), ...Array<number>(50).fill(0xc1)]), 1, 'save the text as UTF-8'],
    ['a .doc', Uint8Array.from([0xd0, 0xcf, 0x11, 0xe0]), 1, 'save it as .docx'],
    ['a PDF', utf8('%PDF-1.7'), 1, 'a PDF file'],
  ])('refuses %s with its line', (_, bytes, line, says) => {
    const result = importPolicy('club.txt', bytes)
    expect(result.ok ? [] : result.error).toContainEqual(
      expect.objectContaining({ file: 'club.txt', line, message: expect.stringContaining(says) as string }),
    )
  })

  it('never throws, and ends soon, whatever the bytes', () => {
    const start = process.cpuUsage().user
    for (const hostile of [
      '1.'.repeat(500_000),
      '<p>'.repeat(300_000),
      '<ol><li>'.repeat(400_000),
      '&#1;'.repeat(200_000),
      '[1] '.repeat(200_000),
      '\n \n'.repeat(300_000),
    ])
      importPolicy('x', utf8(`<html>${hostile}`))
    expect(process.cpuUsage().user - start).toBeLessThan(30_000_000)
    fc.assert(
      fc.property(
        fc.nat(),
        fc.nat({ max: 30 }),
        fc.uint8Array({ maxLength: 20 }),
        fc.boolean(),
        (at, cut, put, page) => {
          const source = utf8(page ? WORD : CLUB)
          const from = at % source.length
          const result = importPolicy('x', Buffer.concat([source.subarray(0, from), put, source.subarray(from + cut)]))
          if (!result.ok) for (const { line } of result.error) expect(line).toBeGreaterThan(0)
        },
      ),
      { numRuns: 300 },
    )
  })
})

// The text itself is the operator's and not of this repository: `DOVERIE_OFFICIAL_TEXT` names a file that holds it.
const official = process.env['DOVERIE_OFFICIAL_TEXT'] ?? ''

describe.skipIf(official === '' || !existsSync(official))('the official text of NETRACK', () => {
  it('has the clauses of the bundle, all bound by its rules', () => {
    const read = imported(readFileSync(official))
    const files = netrackFiles()
    const numbers = [...(files.get('policy.ru.md') ?? '').matchAll(/^#+ ((?:\d|note)\S*)/gm)].map(
      ([, number]) => number,
    )
    expect([...read.text.clauses.keys()]).toEqual(numbers)
    const parsed = parseBundle(new Map([...files, ['policy.ru.md', read.markdown]]))
    expect(parsed.ok && unboundClauses(parsed.value)).toEqual([])
  })
})
