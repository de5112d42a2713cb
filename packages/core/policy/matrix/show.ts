import type { Localised } from '../../base/index.ts'
import { csv } from '../interchange/register-csv.ts'
import type { Binding } from './bindings.ts'
import { isUncovered, type MatrixRow } from './matrix.ts'

export const MATRIX_FORMATS = ['md', 'csv', 'json'] as const
export type MatrixFormat = (typeof MATRIX_FORMATS)[number]
export type MatrixLanguage = 'ru' | 'en'

const HEADS: Readonly<Record<MatrixLanguage, readonly string[]>> = {
  ru: [
    'Пункт',
    'О чём',
    'Правила',
    'Объявлено',
    'Разрешено',
    'Отказано',
    'Прочие записи',
    'Другие версии',
    'Тесты',
    'Мера или причина',
  ],
  en: [
    'Clause',
    'About',
    'Rules',
    'Declared',
    'Permitted',
    'Refused',
    'Other entries',
    'Other versions',
    'Tests',
    'Measure or reason',
  ],
}
const UNCOVERED: Readonly<Record<MatrixLanguage, string>> = {
  ru: 'НЕ ОХВАЧЕН НИЧЕМ',
  en: 'COVERED BY NOTHING',
}

/** The matrix as a text. JSON holds every language; the tables hold one. */
export function showMatrix(rows: readonly MatrixRow[], format: MatrixFormat, language: MatrixLanguage): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify({ clauses: rows }, null, 2)}\n`
    case 'csv':
      return csv([HEADS[language], ...rows.map((row) => cellsOf(row, language))])
    case 'md': {
      const line = (cells: readonly string[]): string => `| ${cells.map(escaped).join(' | ')} |\n`
      const heads = HEADS[language]
      const rule = `|${heads.map((_, i) => (i >= 4 && i <= 7 ? '--:' : '---')).join('|')}|\n`
      return line(heads) + rule + rows.map((row) => line(cellsOf(row, language))).join('')
    }
  }
}

/** Names with what they name, together by kind: `rule identify, perform-service; purpose identification`. */
export function bindingNames(bindings: readonly Binding[]): string {
  const kinds = new Map<string, string[]>()
  for (const { kind, id } of bindings) {
    const known = kinds.get(kind)
    if (known === undefined) kinds.set(kind, id === '' ? [] : [id])
    else known.push(id)
  }
  return [...kinds].map(([kind, ids]) => (ids.length === 0 ? kind : `${kind} ${ids.join(', ')}`)).join('; ')
}

function cellsOf(row: MatrixRow, language: MatrixLanguage): readonly string[] {
  const { clause, title, rules, declarations, decisions, tests } = row
  const counts =
    decisions === null
      ? ['', '', '', '']
      : [decisions.permitted, decisions.refused, decisions.acts, decisions.otherVersions].map(String)
  return [
    clause,
    words(title, language),
    bindingNames(rules),
    bindingNames(declarations),
    ...counts,
    tests === null ? '' : String(tests.length),
    lastWord(row, language),
  ]
}

/** What stands where software does not act: the measures, the reason, or that there is nothing. */
export function lastWord(row: MatrixRow, language: MatrixLanguage): string {
  if (isUncovered(row)) return UNCOVERED[language]
  const told = row.measures.map(({ text }) => words(text, language))
  return [...told, ...(row.informational === null ? [] : [words(row.informational, language)])].join('; ')
}

/** The language asked for; where a bundle has it not, the one that binds. */
function words(text: Localised, language: MatrixLanguage): string {
  return text[language] ?? Object.values(text)[0] ?? ''
}

function escaped(cell: string): string {
  return cell.replaceAll('\\', '\\\\').replaceAll('|', '\\|').replace(/\s+/g, ' ')
}
