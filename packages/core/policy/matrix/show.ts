import { csv, type Localised } from '../../base/index.ts'
import type { Binding, BindingKind } from './bindings.ts'
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

const KINDS: Readonly<Record<BindingKind, Readonly<Record<MatrixLanguage, string>>>> = {
  operator: { ru: 'оператор', en: 'operator' },
  entity: { ru: 'компания', en: 'entity' },
  recipient: { ru: 'получатель', en: 'recipient' },
  channel: { ru: 'канал', en: 'channel' },
  purpose: { ru: 'цель', en: 'purpose' },
  category: { ru: 'категория', en: 'category' },
  field: { ru: 'поле', en: 'field' },
  actor: { ru: 'участник', en: 'actor' },
  service: { ru: 'услуга', en: 'service' },
  rule: { ru: 'правило', en: 'rule' },
  retention: { ru: 'хранение', en: 'retention' },
  form: { ru: 'форма', en: 'form' },
  mandatory: { ru: 'обязательное поле', en: 'mandatory' },
  consent: { ru: 'согласие', en: 'consent' },
  campaign: { ru: 'кампания', en: 'campaign' },
  invariant: { ru: 'обещание', en: 'invariant' },
  measure: { ru: 'мера', en: 'measure' },
  age: { ru: 'вопрос о возрасте', en: 'question of age' },
  erasure: { ru: 'уничтожение по просьбе', en: 'erasure on request' },
  doubts: { ru: 'сроки сомнения в данных', en: 'terms of doubtful data' },
}

/** Names of one kind of thing, each once, and what the kind is called. */
export interface BindingGroup {
  readonly kind: Readonly<Record<MatrixLanguage, string>>
  /** Empty of the operator, of whom there is one. */
  readonly ids: readonly string[]
}

/** What binds a clause, together by kind, in the policy's order. */
export function bindingGroups(bindings: readonly Binding[]): readonly BindingGroup[] {
  const kinds = new Map<BindingKind, Set<string>>()
  for (const { kind, id } of bindings) {
    const known = kinds.get(kind) ?? new Set()
    kinds.set(kind, id === '' ? known : known.add(id))
  }
  return [...kinds].map(([kind, ids]) => ({ kind: KINDS[kind], ids: [...ids] }))
}

/** Names with what they name: `rule identify, perform-service; purpose identification`. */
function bindingNames(bindings: readonly Binding[], language: MatrixLanguage): string {
  return bindingGroups(bindings)
    .map(({ kind, ids }) => [kind[language], ids.join(', ')].filter((part) => part !== '').join(' '))
    .join('; ')
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
    bindingNames(rules, language),
    bindingNames(declarations, language),
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
