import type { Actor } from '../decision.ts'
import type { BlockReason, Localised, Operation, RepresentativeKind } from '../../base/index.ts'

/** A text in the two languages of the project's own reports. */
export interface Words {
  readonly ru: string
  readonly en: string
}

/** A bundle's own text; where it has none in a language, its first stands for it. */
export function wordsOf(text: Localised | undefined, otherwise: string): Words {
  const first = Object.values(text ?? {})[0] ?? otherwise
  return { ru: text?.['ru'] ?? first, en: text?.['en'] ?? first }
}

export const OPERATION_WORDS: Readonly<Record<Operation, Words>> = {
  collect: { ru: 'сбор', en: 'collection' },
  record: { ru: 'запись', en: 'recording' },
  systematise: { ru: 'систематизация', en: 'systematisation' },
  accumulate: { ru: 'накопление', en: 'accumulation' },
  store: { ru: 'хранение', en: 'storage' },
  'clarify:update': { ru: 'обновление', en: 'an update' },
  'clarify:change': { ru: 'изменение', en: 'a change' },
  extract: { ru: 'извлечение (чтение)', en: 'extraction (a read)' },
  use: { ru: 'использование', en: 'use' },
  'transfer:disseminate': { ru: 'распространение', en: 'dissemination' },
  'transfer:provide': { ru: 'предоставление', en: 'provision' },
  'transfer:access': { ru: 'предоставление доступа', en: 'giving access' },
  anonymise: { ru: 'обезличивание', en: 'anonymisation' },
  block: { ru: 'блокирование', en: 'blocking' },
  delete: { ru: 'удаление', en: 'deletion' },
  destroy: { ru: 'уничтожение', en: 'destruction' },
}

export const BLOCK_WORDS: Readonly<Record<BlockReason, Words>> = {
  unconfirmed: {
    ru: 'данные заблокированы, потому что не подтверждены',
    en: 'the data are blocked because they are not confirmed',
  },
  inaccuracy: { ru: 'данные заблокированы как неточные', en: 'the data are blocked as inaccurate' },
  unlawful: { ru: 'данные заблокированы: обработка неправомерна', en: 'the data are blocked: processing is unlawful' },
  subject: { ru: 'данные заблокированы по просьбе человека', en: 'the data are blocked at the request of the person' },
  operator: { ru: 'данные заблокированы оператором', en: 'the data are blocked by the operator' },
  claimed: {
    ru: 'данные заблокированы по письму того, чья личность не доказана',
    en: 'the data are blocked on the word of somebody who is not proved',
  },
}

export const REPRESENTATIVE_WORDS: Readonly<Record<RepresentativeKind, Words>> = {
  parent: { ru: 'родитель', en: 'a parent' },
  adopter: { ru: 'усыновитель', en: 'an adopter' },
  guardian: { ru: 'опекун', en: 'a guardian' },
  attorney: { ru: 'доверенное лицо', en: 'an attorney' },
}

export const ACTOR_WORDS: Readonly<Record<Actor['kind'], Words>> = {
  subject: { ru: 'сам человек', en: 'the person' },
  representative: { ru: 'представитель', en: 'a representative' },
  service: { ru: 'служба', en: 'a service' },
  staff: { ru: 'сотрудник', en: 'staff' },
}

/** Both languages by the same pattern. */
export function say(into: (language: keyof Words) => string): Words {
  return { ru: into('ru'), en: into('en') }
}
