import type { Operation } from '../../base/index.ts'
import { entityWords, named } from '../explain/words.ts'
import { type Declarations, PERSON } from '../model.ts'
import { OPERATION_WORDS, type Words } from '../prove/words.ts'
import { fieldsOf } from '../retained.ts'
import { isEmptyDiff, type PolicyDiff } from './diff.ts'
import { dataWords, type Note } from './notes.ts'
import type { Shift } from './shifts.ts'
import type { Box, Condition } from './turns.ts'

const WORDS = {
  none: { ru: 'Ничего не меняется.', en: 'Nothing changes.' },
  opens: { ru: 'Открывается', en: 'Opens' },
  closes: { ru: 'Закрывается', en: 'Closes' },
  form: { ru: 'Формы', en: 'Forms' },
  keeping: { ru: 'Сроки хранения', en: 'Keeping' },
  text: { ru: 'Тексты', en: 'Texts' },
  declared: { ru: 'Что названо в политике', en: 'What is declared' },
  for: { ru: 'цель', en: 'for' },
  data: { ru: 'данные', en: 'data' },
  any: { ru: 'любые', en: 'any' },
  person: { ru: 'человек в целом', en: 'the person as a whole' },
  when: { ru: 'когда', en: 'when' },
  even: { ru: 'и тогда, когда', en: 'even when' },
  only: { ru: 'только когда', en: 'only when' },
  or: { ru: 'или', en: 'or' },
  and: { ru: 'и', en: 'and' },
  clause: { ru: 'пункт', en: 'clause' },
  clauses: { ru: 'пункты', en: 'clauses' },
  added: { ru: 'добавлено', en: 'added' },
  removed: { ru: 'убрано', en: 'removed' },
  changed: { ru: 'изменено', en: 'changed' },
  absent: { ru: 'нет', en: 'none' },
} as const satisfies Record<string, Words>

type Language = keyof Words

/** A comparison as lines of text in one language. Names are told as the policy that permits has them. */
export function showDiff(diff: PolicyDiff, a: Declarations, b: Declarations, language: Language): string {
  const lines = [`${diff.from} -> ${diff.to}`]
  if (isEmptyDiff(diff)) lines.push(WORDS.none[language])
  const part = (key: keyof typeof WORDS, items: readonly string[]): void => {
    if (items.length > 0) lines.push('', `${WORDS[key][language]}:`, ...items)
  }
  part(
    'opens',
    diff.opens.map((shift) => `  + ${shiftText(shift, b, false, language)}`),
  )
  part(
    'closes',
    diff.closes.map((shift) => `  - ${shiftText(shift, a, true, language)}`),
  )
  for (const kind of ['form', 'keeping', 'text', 'declared'] as const) {
    part(
      kind,
      diff.notes.filter((note) => note.kind === kind).map((note) => noteText(note, language)),
    )
  }
  return `${lines.join('\n')}\n`
}

function shiftText(shift: Shift, policy: Declarations, news: boolean, language: Language): string {
  const list = (items: readonly Words[]): string => items.map((words) => words[language]).join(', ')
  const say = (key: keyof typeof WORDS): string => WORDS[key][language]
  const parts = [
    `${list(shift.actors.map((id) => named(policy.actors, id)))}: ${list(shift.operations.map((id) => OPERATION_WORDS[id as Operation]))}`,
    `${say('for')} ${list(shift.purposes.map((id) => named(policy.purposes, id)))}`,
    `${say('data')}: ${dataText(shift.data, policy, language)}`,
  ]
  if (shift.entities.length < policy.entities.size)
    parts.push(list(shift.entities.map((id) => entityWords(policy, id))))
  parts.push(...conditionTexts(shift.conditions, news, language))
  return `${parts.join('; ')} (${say(shift.clauses.length === 1 ? 'clause' : 'clauses')} ${shift.clauses.join(', ')})`
}

/** Whole compartments by their own names, the rest field by field. */
function dataText(data: readonly string[], policy: Declarations, language: Language): string {
  if (data.length === policy.fields.size + 1) return WORDS.any[language]
  const told: string[] = []
  const rest = new Set(data)
  for (const id of policy.compartments.keys()) {
    const fields = fieldsOf(policy, id)
    if (fields.length < 2 || !fields.every((field) => rest.has(field))) continue
    for (const field of fields) rest.delete(field)
    told.push(`${dataWords(policy, id)[language]} (${fields.length})`)
  }
  if (rest.delete(PERSON)) told.push(WORDS.person[language])
  return [...told, ...[...rest].map((field) => dataWords(policy, field)[language])].join(', ')
}

/** Conditions in words. Where `news` is asked, what was needed all along is not told again. */
function conditionTexts(conditions: readonly Condition[], news: boolean, language: Language): readonly string[] {
  const usual = conditions.filter(({ unusual }) => unusual.length === 0)
  const odd = conditions.filter(({ unusual }) => unusual.length > 0)
  const told = new Set<string>()
  const text = (boxes: readonly Box[]): string => {
    const each = boxes.map((box) => {
      const needs = box.filter(({ always }) => !news || !always).map(({ says }) => says[language])
      return needs.filter((need) => !told.has(need)).join(', ')
    })
    return each.includes('') ? '' : [...new Set(each)].join(`; ${WORDS.or[language]} `)
  }
  const texts = usual
    .map(({ needs }) => text(needs))
    .filter((one) => one !== '')
    .map((one) => `${WORDS.when[language]} ${one}`)
  // What closes in the ordinary case closes in the others the more.
  if (news && usual.length > 0) return texts
  // What was said of the ordinary case holds of the others too, and is not said again.
  for (const need of usual.flatMap(({ needs }) => needs.flat())) told.add(need.says[language])
  for (const { unusual, needs } of odd) {
    const what = unusual.map((words) => words[language]).join(` ${WORDS.and[language]} `)
    const head = `${WORDS[usual.length > 0 ? 'even' : 'only'][language]} ${what}`
    const more = text(needs)
    // Where the ordinary case is told, a case that takes more than it is a safeguard of the policy, and no news.
    if (more === '') texts.push(head)
    else if (usual.length === 0) texts.push(`${head} (${more})`)
  }
  return texts
}

function noteText({ subject, respect, before, after, long }: Note, language: Language): string {
  const sign = before === null ? '+' : after === null ? '-' : '*'
  const what = respect === null ? subject[language] : `${subject[language]}: ${respect[language]}`
  const turn = WORDS[before === null ? 'added' : after === null ? 'removed' : 'changed'][language]
  if (respect === null || long) return `  ${sign} ${what}: ${turn}`
  const show = (words: Words | null): string => (words === null ? WORDS.absent[language] : words[language])
  return `  ${sign} ${what}: ${show(before)} -> ${show(after)}`
}
