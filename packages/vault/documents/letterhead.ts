import type { Localised } from '@doverie/core/base'
import type { Policy } from '@doverie/core/policy'
import type { DocumentLanguage } from './texts.ts'

/**
 * Who a document is from: the legal entity that answers, each of them where none is named, with the brand beside it, and where it is written
 * to. The operator of the law is the entity; the brand is no one.
 */
export function letterhead(
  policy: Policy,
  entity: string | null,
  language: DocumentLanguage = 'ru',
): readonly string[] {
  const say = (text: Localised): string => text[language] ?? text['ru'] ?? ''
  const { address, email } = policy.operator
  return [operatorWords(policy, entity, language), say(address), email]
}

/** `ООО «Старт» (NETRACK)`. */
export function operatorWords(policy: Policy, entity: string | null, language: DocumentLanguage = 'ru'): string {
  const { name } = policy.operator
  const named = entity === null ? undefined : policy.entities.get(entity)
  const all = named === undefined ? [...policy.entities.values()] : [named]
  const labels = all.map(({ label }) => label[language] ?? label['ru'] ?? '')
  if (labels.length === 0) return name
  return labels.includes(name) ? labels.join(', ') : `${labels.join(', ')} (${name})`
}
