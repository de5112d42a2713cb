import type { Facts, Instant, Localised } from '@doverie/core/base'
import { liveGrounds, type Policy } from '@doverie/core/policy'
import { writtenDayWords } from '../../documents/day-words.ts'
import type { DocumentLanguage } from '../../documents/texts.ts'
import { keptOf } from '../kept.ts'

/** Fields that stay with the operator, on what ground and until when, in words. */
export interface Remaining {
  readonly fields: readonly string[]
  readonly ground: string
  readonly until: string
}

/**
 * What stays of a person: what a law or a contract keeps, with its article and last day, and what live consents and contracts are still
 * served by. Fields with the same ground and end stand together. What has no ground is said to be going.
 */
export function remainingOf(
  policy: Policy,
  facts: Facts,
  at: Instant,
  language: DocumentLanguage,
): readonly Remaining[] {
  const say = (text: Localised | undefined): string => text?.[language] ?? text?.['ru'] ?? ''
  const words = (ru: string, en: string): string => (language === 'ru' ? ru : en)
  const whileContract = words('пока действует договор', 'while the contract is in force')
  const rows = new Map<string, { fields: Set<string>; ground: string; until: string }>()
  const add = (compartment: string, ground: string, until: string): void => {
    const key = JSON.stringify([ground, until])
    const row = rows.get(key) ?? { fields: new Set<string>(), ground, until }
    rows.set(key, row)
    // What nothing lies in is not told as kept; of data from before it was noted what holds anything, all of it may.
    const filled = facts.fields?.[compartment]
    for (const { id, label, compartment: of } of policy.fields.values())
      if (of === compartment && filled?.includes(id) !== false) row.fields.add(say(label) || id)
  }
  const kept = keptOf(policy, facts, at)
  for (const compartment of facts.held) {
    const lawful = kept.filter((row) => row.compartment === compartment)
    for (const { article, lastDay, inForce } of lawful) {
      const open = inForce ? whileContract : words('пока действует это основание', 'while this ground holds')
      add(compartment, say(article), lastDay === null ? open : writtenDayWords(lastDay, language))
    }
    const live = liveGrounds(policy, facts, compartment, at)
    for (const { kind, purpose, entity } of live) {
      if (kind === 'consent') {
        const what = say(policy.purposes.get(purpose)?.label)
        add(
          compartment,
          words(`ваше согласие: ${what}`, `your consent: ${what}`),
          words('пока вы его не отозвали', 'until you withdraw it'),
        )
      } else if (lawful.length === 0) {
        const whom = say(policy.entities.get(entity)?.label)
        add(compartment, words(`договор: ${whom}`, `contract: ${whom}`), whileContract)
      }
    }
    if (lawful.length + live.length === 0)
      add(compartment, words('нет', 'none'), words('подлежит уничтожению', 'to be destroyed'))
  }
  return [...rows.values()]
    .filter(({ fields }) => fields.size > 0)
    .map(({ fields, ground, until }) => ({ fields: [...fields], ground, until }))
}
