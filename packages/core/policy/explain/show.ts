import type { Words } from '../prove/words.ts'
import type { Explanation } from './explain.ts'

const HEADS = {
  permit: { ru: 'РАЗРЕШЕНО', en: 'PERMITTED' },
  refuse: { ru: 'ОТКАЗАНО', en: 'REFUSED' },
  facts: { ru: 'Что имело значение', en: 'What mattered' },
  rules: { ru: 'Правила', en: 'Rules' },
  clauses: { ru: 'Пункты политики', en: 'Clauses' },
  opens: { ru: 'Чтобы ответ был «разрешено», нужно', en: 'The answer would be a permit with' },
  closes: { ru: 'Ответ был бы «отказано» при', en: 'The answer would be a refusal with' },
  or: { ru: 'или', en: 'or' },
  never: {
    ru: 'Что бы ни было известно о человеке, ответ тот же.',
    en: 'Whatever is known of the person, the answer is the same.',
  },
  until: { ru: 'Ответ может измениться', en: 'The answer may change at' },
} as const satisfies Record<string, Words>

/** An explanation as lines of text in one language. */
export function showExplanation(explanation: Explanation, language: keyof Words): string {
  const head = (key: keyof typeof HEADS): string => HEADS[key][language]
  const { decision, causes, facts, rules, clauses, otherwise } = explanation
  const lines = [`${head(decision.effect)}. ${causes.map((words) => words[language]).join(' ')}`]
  if (decision.until !== null) lines.push(`${head('until')} ${new Date(decision.until).toISOString()}`)
  const part = (key: keyof typeof HEADS, items: readonly string[]): void => {
    if (items.length > 0) lines.push('', `${head(key)}:`, ...items.map((item) => `  - ${item}`))
  }
  part(
    'facts',
    facts.map((words) => words[language]),
  )
  part(
    'rules',
    rules.map(({ id, at, clauses: own }) => `${id} (${at.file}:${at.line}; ${own.join(', ')})`),
  )
  part(
    'clauses',
    clauses.map(({ number, texts }) => {
      const clause = texts[language] ?? Object.values(texts)[0]
      return clause === undefined ? number : [number, clause.title, clause.text].filter((text) => text !== '').join(' ')
    }),
  )
  if (otherwise.length === 0) lines.push('', head('never'))
  else
    part(
      decision.effect === 'refuse' ? 'opens' : 'closes',
      otherwise.map((way) => way.map((words) => words[language]).join(' + ')),
    )
  return `${lines.join('\n')}\n`
}
