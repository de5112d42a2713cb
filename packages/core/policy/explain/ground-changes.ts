import type { Facts } from '../../base/index.ts'
import type { Service } from '../model.ts'
import { ended, withFacts } from './case.ts'
import type { Bench, Change, Said } from './change.ts'
import { either, entityWords, named } from './words.ts'

export function groundWords(kind: 'consent' | 'contract' | 'law', { policy, act }: Bench): Said {
  if (kind === 'contract') return contractWords({ policy, act }, [])
  const entity = entityWords(policy, act.entity)
  const purpose = named(policy.purposes, act.purpose)
  if (kind === 'law') {
    const words = { ru: `основание цели ${purpose.ru}: закон`, en: `${purpose.en} rests on the law` }
    return { holds: words, fails: words }
  }
  return {
    holds: {
      ru: `есть согласие на цель ${purpose.ru} для ${entity.ru}`,
      en: `there is a consent to ${purpose.en} for ${entity.en}`,
    },
    fails: {
      ru: `нет согласия на цель ${purpose.ru} для ${entity.ru}`,
      en: `there is no consent to ${purpose.en} for ${entity.en}`,
    },
  }
}

export function grounds(
  kind: 'consent' | 'contract' | 'law',
  bench: Bench,
): { readonly make: readonly Change[]; readonly unmake: readonly Change[] } {
  const { policy, act } = bench
  if (kind === 'law') return { make: [], unmake: [] }
  if (kind === 'contract') return { make: contractWith(bench, []), unmake: contractOver(bench, []) }
  const { purpose, entity } = act
  const what = {
    ru: `согласие на цель ${named(policy.purposes, purpose).ru} для ${entityWords(policy, entity).ru}`,
    en: `a consent to ${named(policy.purposes, purpose).en} for ${entityWords(policy, entity).en}`,
  }
  const others = (facts: Facts): Facts['consents'] =>
    facts.consents.filter((consent) => consent.purpose !== purpose || consent.entity !== entity)
  return {
    make: [
      {
        id: `consent ${purpose} ${entity}`,
        says: what,
        apply: (one) =>
          withFacts(one, (facts, now) => ({
            consents: [...others(facts), { purpose, entity, since: now, until: null }],
          })),
      },
    ],
    unmake: [
      {
        id: `withdrawal ${purpose} ${entity}`,
        says: { ru: `отзыв: ${what.ru}`, en: `withdrawal of ${what.en.replace(/^a /, 'the ')}` },
        apply: (one) => withFacts(one, (facts, now) => ({ consents: others(facts), consentEndedAt: now })),
      },
    ],
  }
}

/** `services` empty: whatever the service. */
export function contractWords({ policy, act }: Bench, services: readonly Service[]): Said {
  const entity = entityWords(policy, act.entity)
  const what = either(services.map(({ id }) => named(policy.services, id)))
  const [ru, en] = services.length === 0 ? ['', ''] : [` на ${what.ru}`, ` for ${what.en}`]
  return {
    holds: { ru: `есть договор с ${entity.ru}${ru}`, en: `there is a contract with ${entity.en}${en}` },
    fails: { ru: `нет договора с ${entity.ru}${ru}`, en: `there is no contract with ${entity.en}${en}` },
  }
}

export function contractWith(bench: Bench, services: readonly Service[]): readonly Change[] {
  const { policy, act } = bench
  const service = services[0] ?? [...policy.services.values()].find(({ entities }) => entities.includes(act.entity))
  if (service === undefined) return []
  const { holds } = contractWords(bench, services)
  return [
    {
      id: `contract ${services.map(({ id }) => id).join(' ')}`,
      says: { ru: holds.ru.replace(/^есть /, ''), en: holds.en.replace(/^there is /, '') },
      apply: (one) =>
        withFacts(one, ({ contracts }, now) => ({
          contracts: [
            ...contracts,
            { id: 'contract', entity: act.entity, service: service.id, since: now, endedAt: null },
          ],
        })),
    },
  ]
}

export function contractOver(bench: Bench, services: readonly Service[]): readonly Change[] {
  const { entity } = bench.act
  const fits = (service: string): boolean => services.length === 0 || services.some(({ id }) => id === service)
  const { holds } = contractWords(bench, services)
  return [
    {
      id: `end of contract ${services.map(({ id }) => id).join(' ')}`,
      says: {
        ru: holds.ru.replace(/^есть договор /, 'конец договора '),
        en: holds.en.replace(/^there is a /, 'the end of the '),
      },
      apply: (one) =>
        withFacts(one, ({ contracts }, now) => ({
          contracts: ended(contracts, now, (contract) => contract.entity === entity && fits(contract.service)),
        })),
    },
  ]
}
