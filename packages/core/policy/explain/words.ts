import { type Reason, REASONS } from '../decision.ts'
import { type Declarations, PERSON } from '../model.ts'
import { say, type Words, wordsOf } from '../prove/words.ts'

/** Why a decision fell, in both languages. */
export const REASON_WORDS: Readonly<Record<Reason, Words>> = {
  rule: { ru: 'Это разрешает правило.', en: REASONS.rule },
  'no-live-data': { ru: 'Таких действующих данных нет.', en: REASONS['no-live-data'] },
  'no-rule': {
    ru: 'Ни одно правило не разрешает этому участнику это действие с этими данными для этой цели.',
    en: REASONS['no-rule'],
  },
  'no-ground': { ru: 'Нет действующего основания для этой цели и этой компании.', en: REASONS['no-ground'] },
  'not-confirmed': { ru: 'Данные не подтверждены.', en: REASONS['not-confirmed'] },
  blocked: { ru: 'Данные заблокированы.', en: REASONS.blocked },
  'closed-by-subject': { ru: 'Человек закрыл это поле для этой цели.', en: REASONS['closed-by-subject'] },
  'no-norm': { ru: 'Передавать данные кому-то ещё не требует никакая норма закона.', en: REASONS['no-norm'] },
  'anonymised-only': {
    ru: 'Для этой цели данные используются только обезличенными.',
    en: REASONS['anonymised-only'],
  },
  'not-proved': { ru: 'Владелец не подтвердил этот адрес или номер кодом.', en: REASONS['not-proved'] },
  'ticket-needed': { ru: 'Нужен номер обращения.', en: REASONS['ticket-needed'] },
  retained: { ru: 'Эти данные хранятся по закону.', en: REASONS.retained },
  'contract-in-force': { ru: 'Эти данные нужны действующему договору.', en: REASONS['contract-in-force'] },
  'no-representative': {
    ru: 'Нужен тот, чьи полномочия действовать за человека проверены.',
    en: REASONS['no-representative'],
  },
  'legal-hold': { ru: 'Действует запрет на уничтожение данных.', en: REASONS['legal-hold'] },
  'wrong-recipient': { ru: 'Этому получателю данные не передаются.', en: REASONS['wrong-recipient'] },
  'not-in-force': { ru: 'Эти правила ещё не действуют.', en: REASONS['not-in-force'] },
  'outside-authority': {
    ru: 'Полномочия представителя этого не охватывают.',
    en: REASONS['outside-authority'],
  },
  'credential-scope': {
    ru: 'Доступ выдан не для этой цели или не для этой компании.',
    en: REASONS['credential-scope'],
  },
  'policy-absent': { ru: 'Политика не загружена.', en: REASONS['policy-absent'] },
}

/** One of a policy's names in words: `«Старт»`, `“Start”`. */
export function named(
  items: ReadonlyMap<string, { readonly label: Readonly<Record<string, string>> }>,
  id: string,
): Words {
  const { ru, en } = wordsOf(items.get(id)?.label, id)
  // What brings quotation marks of its own gets no second pair.
  return { ru: ru.includes('«') ? ru : `«${ru}»`, en: en.includes('“') ? en : `“${en}”` }
}

/** A legal entity's name; it brings its own quotation marks. */
export function entityWords(policy: Declarations, id: string): Words {
  return wordsOf(policy.entities.get(id)?.label, id)
}

/** Fields in words, or the person as a whole. */
export function fieldsWords(policy: Declarations, fields: readonly string[]): Words {
  if (fields.length === 0 || fields[0] === PERSON) return { ru: 'данные человека в целом', en: 'the person as a whole' }
  const all = fields.map((field) => named(policy.fields, field))
  return say((language) => all.map((words) => words[language]).join(', '))
}

/** `a или b`, `a or b`. */
export function either(all: readonly Words[]): Words {
  return { ru: all.map(({ ru }) => ru).join(' или '), en: all.map(({ en }) => en).join(' or ') }
}
