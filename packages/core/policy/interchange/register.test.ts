import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { legalProfile } from '../../base/index.ts'
import { shipped, shippedFiles } from '../testing/shipped-bundle.ts'
import { csv } from '../../base/index.ts'
import { registerCsv } from './register-csv.ts'
import { registerMarkdown } from './register-markdown.ts'

const CLINIC = shipped('zabota-clinic')
const RU = legalProfile('ru-152fz')

/** A reader of RFC 4180, written from the RFC and not from the writer. */
function parseCsv(text: string): readonly (readonly string[])[] {
  const rows: string[][] = []
  let row: string[] = []
  let i = 0
  while (i < text.length) {
    if (text[i] !== '"') throw new Error('a cell that is not in quotes')
    let cell = ''
    for (i++; ; i++) {
      if (i >= text.length) throw new Error('a cell without an end')
      if (text[i] !== '"') cell += text[i] ?? ''
      else if (text[i + 1] === '"') {
        cell += '"'
        i++
      } else break
    }
    row.push(cell)
    i++
    if (text[i] === ',') i++
    else if (text.startsWith('\r\n', i)) {
      rows.push(row)
      row = []
      i += 2
    } else throw new Error('neither a comma nor the end of a line')
  }
  return rows
}

describe('CSV', () => {
  const cell = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom(
      '=1+1',
      '+7 916',
      '-1',
      '@SUM(A1)',
      '\t=1',
      '\r\n=1',
      ' =cmd',
      '\u200b=1',
      '＝1',
      '"',
      ',',
      'a\r\nb',
    ),
  )

  it('is RFC 4180: what is written is read back, but for the apostrophe before a formula', () => {
    fc.assert(
      fc.property(fc.array(fc.array(cell, { minLength: 1 })), (rows) => {
        const read = parseCsv(csv(rows))
        expect(read.length).toBe(rows.length)
        for (const [i, row] of rows.entries()) {
          for (const [j, written] of row.entries()) expect([written, `'${written}`]).toContain(read[i]?.[j])
        }
      }),
    )
  })

  it('has no cell that a spreadsheet would run', () => {
    fc.assert(
      fc.property(cell, (written) => {
        const [[read = ''] = []] = parseCsv(csv([[written]]))
        expect(read).not.toMatch(/^[\s\u200b]*[=+\-@＝＋－＠]/)
        expect(read).not.toMatch(/^[\t\r\n]/)
      }),
    )
  })
})

describe('the register of processing activities', () => {
  it('has a line for every purpose and names each of its data, in either language', () => {
    for (const language of ['ru', 'en'] as const) {
      const [header = [], ...rows] = parseCsv(registerCsv(CLINIC, RU, language))
      expect(rows.length).toBe(CLINIC.purposes.size)
      expect(rows.every((row) => row.length === header.length)).toBe(true)
      const care = rows.find(([purpose]) => purpose === CLINIC.purposes.get('care')?.label[language])?.join('\n') ?? ''
      for (const category of ['full-name', 'birth', 'card-number', 'health']) {
        expect(care).toContain(CLINIC.categories.get(category)?.label[language])
      }
      expect(care).toContain(CLINIC.recipients.get('laboratory')?.label[language])
      expect(care).toContain(language === 'ru' ? '25 лет после окончания' : '25 years after its end')
      expect(care).not.toContain(CLINIC.categories.get('contacts')?.label[language])
    }
  })

  it('says in Markdown who answers, who gets what, what people do, and what the rules cannot know', () => {
    const ru = registerMarkdown(CLINIC, RU, 'ru')
    expect(ru).toMatch(/^# Реестр процессов обработки персональных данных\n/)
    expect(ru).toContain('ООО «Забота»')
    expect(ru).toContain('- Лаборатория: обработчик по поручению; Договор на исследования')
    expect(ru).toContain('## Чего в правилах нет')
    expect(ru).toContain('специальная категория')
    const en = registerMarkdown(CLINIC, legalProfile('eu-gdpr'), 'en')
    expect(en).toContain('What asks for the register: GDPR art. 30.')
    expect(en.match(/^### /gm)?.length).toBe(CLINIC.purposes.size)
  })

  it('lets no text of a bundle become markup', () => {
    const files = shippedFiles('zabota-clinic')
    const rules = (files.get('rules.yaml') ?? '').replace('en: Laboratory }', "en: '<b>[x](javascript:1)</b> | # y' }")
    const text = registerMarkdown(shipped('zabota-clinic', new Map([...files, ['rules.yaml', rules]])), RU, 'en')
    expect(text).toContain('\\<b\\>\\[x\\](javascript:1)\\</b\\> \\| \\# y')
    expect(text).not.toContain('<b>')
  })
})
