import { dayAt, formatDay } from '../../base/index.ts'
import { isClosed, judge } from '../predicates.ts'
import type { Predicate, Service } from '../model.ts'
import { type Policy, servicesFor } from '../policy.ts'
import { BLOCK_WORDS, type Words } from '../prove/words.ts'
import { askedFields, blankFacts, type Case, withAct, withFacts } from './case.ts'
import { type Bench, type Change, days, type Said, swap } from './change.ts'
import { closedWords, closingWords, handTo, recipientWords } from './data-changes.ts'
import { contractOver, contractWith, contractWords, grounds, groundWords } from './ground-changes.ts'
import { keptOf, reaches, released } from './kept-changes.ts'
import {
  age,
  CONFIRM,
  CONFIRMED,
  HAND_TO_NOBODY,
  identifierWords,
  represent,
  REPRESENTED,
  ticket,
  UNBLOCK,
  UNCONFIRM,
  UNREPRESENT,
} from './person-changes.ts'
import { either } from './words.ts'

/** A predicate in words, and what would make it hold, or hold no more; several changes are several ways. */
interface Lever<P> {
  readonly says: (predicate: P, bench: Bench) => Said
  readonly make: (predicate: P, bench: Bench) => readonly Change[]
  readonly unmake: (predicate: P, bench: Bench) => readonly Change[]
}

/** One entry per kind of predicate; the compiler sees to it that none is left out. */
const LEVERS: { readonly [K in Predicate['is']]: Lever<Extract<Predicate, { readonly is: K }>> } = {
  ground: {
    says: ({ kind }, bench) => groundWords(kind, bench),
    make: ({ kind }, bench) => grounds(kind, bench).make,
    unmake: ({ kind }, bench) => grounds(kind, bench).unmake,
  },
  'without-ground': {
    says: ({ kind }, bench) => swap(groundWords(kind, bench)),
    make: ({ kind }, bench) => grounds(kind, bench).unmake,
    unmake: ({ kind }, bench) => grounds(kind, bench).make,
  },
  'contract-for': {
    says: ({ service }, bench) => contractWords(bench, meant(bench, service)),
    make: ({ service }, bench) => contractWith(bench, meant(bench, service)),
    unmake: ({ service }, bench) => contractOver(bench, meant(bench, service)),
  },
  confirmed: {
    says: () => CONFIRMED,
    make: () => [CONFIRM],
    unmake: () => [UNCONFIRM],
  },
  unconfirmed: {
    says: () => swap(CONFIRMED),
    make: () => [UNCONFIRM],
    unmake: () => [CONFIRM],
  },
  'unconfirmed-longer-than': {
    says: ({ milliseconds }) => ({
      holds: {
        ru: `данные не подтверждены уже ${days(milliseconds).ru}`,
        en: `the data have been unconfirmed for ${days(milliseconds).en}`,
      },
      fails: {
        ru: `данные подтверждены или собраны менее чем ${days(milliseconds).ru} назад`,
        en: `the data are confirmed, or were collected less than ${days(milliseconds).en} ago`,
      },
    }),
    make: ({ milliseconds }) => [
      {
        id: `stale ${milliseconds}`,
        says: {
          ru: `${days(milliseconds).ru} без подтверждения данных`,
          en: `${days(milliseconds).en} without confirmation of the data`,
        },
        apply: (one) =>
          withFacts(one, ({ collectedAt }, now) => ({
            confirmedAt: null,
            collectedAt: Math.min(collectedAt, now - milliseconds),
          })),
      },
    ],
    unmake: () => [CONFIRM],
  },
  blocked: {
    says: () => ({
      holds: { ru: 'данные заблокированы', en: 'the data are blocked' },
      fails: { ru: 'данные не заблокированы', en: 'the data are not blocked' },
    }),
    make: () => [
      {
        id: 'block',
        says: { ru: 'блокировка данных', en: 'a block on the data' },
        apply: (one) => withFacts(one, (_, now) => ({ blocked: { since: now, reason: 'operator' } })),
      },
    ],
    unmake: () => [UNBLOCK],
  },
  'blocked-for': {
    says: ({ reasons }) => {
      const words = either(reasons.map((reason) => BLOCK_WORDS[reason]))
      return {
        holds: words,
        fails: { ru: `нет ни одного из этого: ${words.ru}`, en: `none of this is so: ${words.en}` },
      }
    },
    make: ({ reasons }) =>
      reasons.map((reason) => ({
        id: `block ${reason}`,
        says: { ru: `блокировка (${BLOCK_WORDS[reason].ru})`, en: `a block (${BLOCK_WORDS[reason].en})` },
        apply: (one) => withFacts(one, (_, now) => ({ blocked: { since: now, reason } })),
      })),
    unmake: () => [UNBLOCK],
  },
  ticket: {
    says: () => ({
      holds: { ru: 'номер обращения назван', en: 'a ticket number is given' },
      fails: { ru: 'номер обращения не назван', en: 'no ticket number is given' },
    }),
    make: () => [ticket(true, { ru: 'номер обращения', en: 'a ticket' })],
    unmake: () => [ticket(false, { ru: 'отсутствие номера обращения', en: 'no ticket' })],
  },
  'closed-by-subject': {
    says: (_, { policy, act }) => closedWords(policy, act),
    make: (_, { policy, act }) =>
      act.fields.length === 0
        ? []
        : [
            {
              id: 'close',
              says: closingWords(policy, act, { ru: 'закрытие человеком', en: 'the person closing' }),
              apply: (one) =>
                withFacts(one, ({ closed }) => ({
                  closed: {
                    ...closed,
                    ...Object.fromEntries(act.fields.map((field) => [field, [...(closed[field] ?? []), act.purpose]])),
                  },
                })),
            },
          ],
    unmake: (_, { policy, act }) => [
      {
        id: 'open',
        says: closingWords(policy, act, { ru: 'открытие человеком', en: 'the person opening' }),
        apply: (one) =>
          withFacts(one, ({ closed }) => ({
            closed: Object.fromEntries(Object.entries(closed).filter(([field]) => !act.fields.includes(field))),
          })),
      },
    ],
  },
  proved: {
    says: ({ identifier }) => ({
      holds: {
        ru: `${identifierWords(identifier).ru} проверен кодом`,
        en: `${identifierWords(identifier).en} was proved by a code`,
      },
      fails: {
        ru: `${identifierWords(identifier).ru} не проверен кодом`,
        en: `${identifierWords(identifier).en} was not proved by a code`,
      },
    }),
    make: ({ identifier }) => [
      {
        id: `prove ${identifier}`,
        says: {
          ru: `проверка кодом: ${identifierWords(identifier).ru}`,
          en: `proof by a code of ${identifierWords(identifier).en}`,
        },
        apply: (one) => withFacts(one, ({ proved }) => ({ proved: [...proved, identifier] })),
      },
    ],
    unmake: ({ identifier }) => [
      {
        id: `unprove ${identifier}`,
        says: {
          ru: `отсутствие проверки кодом: ${identifierWords(identifier).ru}`,
          en: `${identifierWords(identifier).en} not proved by a code`,
        },
        apply: (one) => withFacts(one, ({ proved }) => ({ proved: proved.filter((known) => known !== identifier) })),
      },
    ],
  },
  'not-retained': {
    says: () => ({
      holds: { ru: 'ничто не требует хранить эти данные', en: 'nothing requires these data to be kept' },
      fails: { ru: 'эти данные требуется хранить', en: 'these data must be kept' },
    }),
    make: (_, bench) => [released(bench)],
    unmake: (_, { policy, act }) =>
      policy.retention
        .filter(({ kind, data }) => kind === 'contract' && reaches(policy, act, data))
        .slice(0, 1)
        .flatMap(({ services }) =>
          contractWith(
            { policy, act },
            services.flatMap((name) => servicesFor(policy, act.entity, name)),
          ),
        ),
  },
  minor: {
    says: () => ({
      holds: { ru: 'человек несовершеннолетний', en: 'the person is a minor' },
      fails: { ru: 'человек не числится несовершеннолетним', en: 'the person is not known to be a minor' },
    }),
    make: () => [age('minor', { ru: 'несовершеннолетие человека', en: 'the person being a minor' })],
    unmake: () => [age('adult', { ru: 'совершеннолетие человека', en: 'the person being of age' })],
  },
  represented: {
    says: () => REPRESENTED,
    make: (_, bench) => [represent(bench)],
    unmake: () => [UNREPRESENT],
  },
  unrepresented: {
    says: () => swap(REPRESENTED),
    make: () => [UNREPRESENT],
    unmake: (_, bench) => [represent(bench)],
  },
  'on-hold': {
    says: () => ({
      holds: { ru: 'действует запрет на уничтожение', en: 'a legal hold is in place' },
      fails: { ru: 'запрета на уничтожение нет', en: 'there is no legal hold' },
    }),
    make: () => [
      {
        id: 'hold',
        says: { ru: 'запрет на уничтожение', en: 'a legal hold' },
        apply: (one) => withFacts(one, (_, now) => ({ hold: now })),
      },
    ],
    unmake: () => [
      {
        id: 'unhold',
        says: { ru: 'снятие запрета на уничтожение', en: 'the legal hold lifted' },
        apply: (one) => withFacts(one, () => ({ hold: null })),
      },
    ],
  },
  recipient: {
    says: ({ names }, bench) => recipientWords(bench, names),
    make: ({ names }, bench) => handTo(bench, names),
    unmake: () => [HAND_TO_NOBODY],
  },
  'not-recipient': {
    says: ({ names }, bench) => swap(recipientWords(bench, names)),
    make: () => [HAND_TO_NOBODY],
    unmake: ({ names }, bench) => handTo(bench, names),
  },
  'in-force': {
    says: ({ from }, { policy }) => {
      const day = formatDay(dayAt(policy.zone, from))
      return {
        holds: { ru: `правила действуют с ${day}`, en: `the rules are in force since ${day}` },
        fails: { ru: `правила начнут действовать ${day}`, en: `the rules come into force on ${day}` },
      }
    },
    make: ({ from }, { policy }) => {
      const day = formatDay(dayAt(policy.zone, from))
      return [
        {
          id: `force ${from}`,
          says: { ru: `наступление дня ${day}`, en: `the day ${day}` },
          apply: (one) => withAct(one, { now: from }),
        },
      ]
    },
    // What is in force does not cease to be.
    unmake: () => [],
  },
}

function meant({ policy, act }: Bench, name: string): readonly Service[] {
  return servicesFor(policy, act.entity, name)
}

/** True where a predicate holds of a case; of fields, where it holds of one of those asked for. */
export function holdsOf(policy: Policy, predicate: Predicate, { act, facts }: Case): boolean {
  const known = facts ?? blankFacts(act.now)
  if (predicate.is === 'closed-by-subject') return askedFields(act).some((field) => isClosed(known, field, act.purpose))
  if (predicate.is === 'not-retained') return keptOf(policy, act, known).length === 0
  return judge(predicate, act, known, policy).holds
}

/** A predicate of a case in words, as it is. */
export function factOf(bench: Bench, predicate: Predicate, holds: boolean): Words {
  const words = leverOf(predicate).says(predicate, bench)
  return holds ? words.holds : words.fails
}

/** The changes that make a predicate fall the other way than it does. */
export function changesOf(bench: Bench, predicate: Predicate, one: Case): readonly Change[] {
  const lever = leverOf(predicate)
  return holdsOf(bench.policy, predicate, one) ? lever.unmake(predicate, bench) : lever.make(predicate, bench)
}

function leverOf<K extends Predicate['is']>(predicate: { readonly is: K }): Lever<Predicate> {
  // The table's type pairs every kind with its own lever; the compiler cannot follow that through an index.
  return LEVERS[predicate.is] as unknown as Lever<Predicate>
}
