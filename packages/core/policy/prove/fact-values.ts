import { AGE_BANDS, BLOCK_REASONS, type LiveConsent, REPRESENTATIVE_KINDS } from '../../base/index.ts'
import { PERSON } from '../model.ts'
import type { Making } from './value.ts'
import { DAY, type Draft, type Frame, REPRESENTATIVE } from './witness.ts'
import { BLOCK_WORDS, REPRESENTATIVE_WORDS, type Words, wordsOf } from './words.ts'

/** Longer than any term of a policy that is still looked at: a thousand years. */
const AGES = 1000 * 366 * DAY

function making(weight: number, ru: string, en: string, set: (draft: Draft) => void): Making {
  return { weight, says: { ru, en }, set }
}

function nothing(): void {
  // A blank witness is what it is.
}

/** The moment of the act: by now all is in force; before a supplement's first day it is not. All other axes count from it. */
export function force({ asks }: Frame): readonly Making[] {
  const days = new Set(asks.flatMap((one) => (one.is === 'in-force' ? [one.from] : [])))
  return [
    making(0, 'все дополнения уже действуют', 'all supplements are in force', nothing),
    ...[...days].map((from) =>
      making(1, 'дополнение об услуге ещё не действует', 'the supplement is not in force yet', (draft) => {
        draft.now = from - 1
        draft.facts.collectedAt = draft.now
      }),
    ),
  ]
}

export function ticket(): readonly Making[] {
  return [
    making(0, 'номер обращения не назван', 'no ticket number is given', nothing),
    making(1, 'назван номер обращения', 'a ticket number is given', (draft) => {
      draft.ticket = true
    }),
  ]
}

/** Nobody, or each declared recipient; data are handed over in the `transfer:` operations only. */
export function recipients({ policy, point }: Frame): readonly Making[] {
  const none = making(0, 'получатель не назван', 'no recipient is named', nothing)
  if (!point.operation.startsWith('transfer:')) return [none]
  return [
    none,
    ...[...policy.recipients.values()].map(({ id, label }) => {
      const { ru, en } = wordsOf(label, id)
      return making(1, `получатель: ${ru}`, `the recipient is ${en}`, (draft) => {
        draft.recipient = id
      })
    }),
  ]
}

export function confirmation({ asks }: Frame): readonly Making[] {
  const terms = new Set(asks.flatMap((one) => (one.is === 'unconfirmed-longer-than' ? [one.milliseconds] : [])))
  return [
    making(0, 'данные только что получены и не подтверждены', 'the data have just come and are not confirmed', nothing),
    ...[...terms]
      .sort((a, b) => a - b)
      .map((term) => {
        const days = String(term / DAY)
        return making(
          1,
          `данные не подтверждены дольше ${days} дн.`,
          `the data have stayed unconfirmed for ${days} days`,
          ({ facts }) => {
            facts.collectedAt -= term
          },
        )
      }),
    making(1, 'данные подтверждены', 'the data are confirmed', ({ facts }) => {
      facts.confirmedAt = facts.collectedAt
    }),
  ]
}

export function block(): readonly Making[] {
  return [
    making(0, 'данные не заблокированы', 'the data are not blocked', nothing),
    ...BLOCK_REASONS.map((reason) =>
      making(1, BLOCK_WORDS[reason].ru, BLOCK_WORDS[reason].en, ({ facts }) => {
        facts.blocked = { since: facts.collectedAt, reason }
      }),
    ),
  ]
}

/** A consent to this purpose and entity, living, lapsed, withdrawn; a consent to another purpose, or to another entity. */
export function consents({ policy, point }: Frame): readonly Making[] {
  const { purpose, entity } = point
  const give = (change: Partial<LiveConsent>, lapsed?: number) => {
    return ({ facts, now }: Draft): void => {
      const until = lapsed === undefined ? null : now - lapsed
      facts.consents = [{ purpose, entity, since: now - AGES, until, ...change }]
    }
  }
  const ended = (ago: number) => {
    return ({ facts, now }: Draft): void => {
      facts.consentEndedAt = now - ago
    }
  }
  const otherPurpose = [...policy.purposes.keys()].find((id) => id !== purpose)
  const otherEntity = [...policy.entities.keys()].find((id) => id !== entity)
  return [
    making(0, 'согласий нет', 'there is no consent', nothing),
    making(1, 'есть согласие на эту цель', 'there is a consent to this purpose', give({})),
    making(1, 'согласие отозвано вчера', 'the consent was withdrawn yesterday', ended(DAY)),
    making(1, 'согласие отозвано давно', 'the consent was withdrawn long ago', ended(AGES)),
    making(1, 'срок согласия истёк вчера', 'the consent lapsed yesterday', give({}, DAY)),
    making(1, 'срок согласия истёк давно', 'the consent lapsed long ago', give({}, AGES / 2)),
    ...(otherPurpose === undefined
      ? []
      : [making(1, 'согласие дано на другую цель', 'a consent to another purpose', give({ purpose: otherPurpose }))]),
    ...(otherEntity === undefined
      ? []
      : [making(1, 'согласие дано другой компании', 'a consent to another company', give({ entity: otherEntity }))]),
  ]
}

export function closed({ policy, point }: Frame): readonly Making[] {
  const open = making(0, 'поле не закрыто', 'the field is not closed', nothing)
  if (point.datum === PERSON) return [open]
  const close = (purpose: string) => {
    return ({ facts }: Draft): void => {
      facts.closed = { [point.datum]: [purpose] }
    }
  }
  const other = [...policy.purposes.keys()].find((id) => id !== point.purpose)
  return [
    open,
    making(1, 'человек закрыл это поле для этой цели', 'the person closed the field to it', close(point.purpose)),
    making(1, 'человек закрыл это поле для всех', 'the person closed the field to all', close('*')),
    ...(other === undefined
      ? []
      : [making(1, 'человек закрыл это поле для другой цели', 'the person closed the field to another', close(other))]),
  ]
}

export function proved({ asks }: Frame): readonly Making[] {
  const identifiers = [...new Set(asks.flatMap((one) => (one.is === 'proved' ? [one.identifier] : [])))]
  return subsets(identifiers).map((some) =>
    making(
      some.length,
      some.length === 0 ? 'ни почта, ни телефон не проверены кодом' : `проверено кодом: ${some.join(', ')}`,
      some.length === 0 ? 'no identifier was proved' : `proved by a code: ${some.join(', ')}`,
      ({ facts }) => {
        facts.proved = some
      },
    ),
  )
}

/** Age and representatives together: who may act for the person depends on both. */
export function standing(): readonly Making[] {
  const ages = [null, ...AGE_BANDS].map((age): Making => {
    const { ru, en } = age === null ? AGE_UNKNOWN : AGE_WORDS[age]
    return making(age === null ? 0 : 1, ru, en, ({ facts }) => {
      facts.age = age
    })
  })
  const nobody = making(0, 'представителя нет', 'there is no representative', nothing)
  const present = REPRESENTATIVE_KINDS.flatMap((kind) =>
    [false, true].map((lapsed) => {
      const { ru, en } = REPRESENTATIVE_WORDS[kind]
      return making(
        1,
        lapsed ? `полномочия представителя истекли (${ru})` : `полномочия представителя проверены (${ru})`,
        lapsed ? `the authority of ${en} has lapsed` : `the authority of ${en} was verified`,
        ({ facts, now }) => {
          facts.representatives = [{ id: REPRESENTATIVE, kind, since: now - AGES, until: lapsed ? now - DAY : null }]
        },
      )
    }),
  )
  return ages.flatMap((age) =>
    [nobody, ...present].map((who) =>
      making(age.weight + who.weight, `${age.says.ru}; ${who.says.ru}`, `${age.says.en}; ${who.says.en}`, (draft) => {
        age.set(draft)
        who.set(draft)
      }),
    ),
  )
}

const AGE_UNKNOWN: Words = { ru: 'возраст не известен', en: 'the age is not known' }
const AGE_WORDS: Readonly<Record<(typeof AGE_BANDS)[number], Words>> = {
  adult: { ru: 'человек совершеннолетний', en: 'the person is of age' },
  minor: { ru: 'человек несовершеннолетний', en: 'the person is a minor' },
}

export function hold(): readonly Making[] {
  return [
    making(0, 'запрета на уничтожение нет', 'there is no legal hold', nothing),
    making(1, 'действует запрет на уничтожение', 'a legal hold is in place', ({ facts, now }) => {
      facts.hold = now
    }),
  ]
}

function subsets(of: readonly string[]): readonly (readonly string[])[] {
  return of.reduce<readonly (readonly string[])[]>((some, one) => [...some, ...some.map((set) => [...set, one])], [[]])
}
