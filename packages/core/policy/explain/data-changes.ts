import type { Act } from '../decision.ts'
import type { Declarations } from '../model.ts'
import type { Words } from '../prove/words.ts'
import { withAct } from './case.ts'
import type { Bench, Change, Said } from './change.ts'
import { either, fieldsWords, named } from './words.ts'

function recipientsFor({ policy, act }: Bench, names: readonly string[]): readonly string[] {
  return [...policy.recipients.values()]
    .filter(({ id, kind }) => (names.includes(id) || names.includes(kind)) && id !== act.entity)
    .map(({ id }) => id)
}

export function recipientWords(bench: Bench, names: readonly string[]): Said {
  const who = either(recipientsFor(bench, names).map((id) => named(bench.policy.recipients, id)))
  return {
    holds: { ru: `получатель: ${who.ru}`, en: `the data go to ${who.en}` },
    fails: { ru: `получатель не из числа: ${who.ru}`, en: `the data do not go to ${who.en}` },
  }
}

export function handTo(bench: Bench, names: readonly string[]): readonly Change[] {
  const all = recipientsFor(bench, names)
  const [first] = all
  if (first === undefined || !bench.act.operation.startsWith('transfer:')) return []
  const who = either(all.map((id) => named(bench.policy.recipients, id)))
  return [
    {
      id: `recipient ${names.join(' ')}`,
      says: { ru: `получатель ${who.ru}`, en: `${who.en} as the recipient` },
      apply: (one) => withAct(one, { recipient: first }),
    },
  ]
}

export function closedWords(policy: Declarations, act: Act): Said {
  const fields = fieldsWords(policy, act.fields)
  const purpose = named(policy.purposes, act.purpose)
  return {
    holds: {
      ru: `человек закрыл для цели ${purpose.ru} что-то из: ${fields.ru}`,
      en: `the person has closed some of ${fields.en} to ${purpose.en}`,
    },
    fails: {
      ru: `человек не закрыл для цели ${purpose.ru}: ${fields.ru}`,
      en: `the person has not closed ${fields.en} to ${purpose.en}`,
    },
  }
}

export function closingWords(policy: Declarations, act: Act, verb: Words): Words {
  const fields = fieldsWords(policy, act.fields)
  const purpose = named(policy.purposes, act.purpose)
  return { ru: `${verb.ru} для цели ${purpose.ru}: ${fields.ru}`, en: `${verb.en} ${fields.en} to ${purpose.en}` }
}
