import { BLOCK_REASONS, type Facts, type Instant } from '../../base/index.ts'
import type { Act } from '../decision.ts'
import { blankFacts, type Case, withAct, withFacts } from '../explain/case.ts'
import { DAY, days } from '../explain/change.ts'
import { reaches } from '../explain/kept-changes.ts'
import { either, named } from '../explain/words.ts'
import type { Declarations, Predicate } from '../model.ts'
import type { Policy } from '../policy.ts'
import { BLOCK_WORDS, say, type Words } from '../prove/words.ts'

/** One way in which an axis can stand. */
export interface Option {
  readonly key: string
  readonly says: Words
  readonly apply: (one: Case) => Case
}

/** Something of the person or the act that rules ask about, with every way in which they can tell it apart. */
export interface Axis {
  readonly key: string
  /** How it stands with most people (not blocked, of age …); null where there is no such thing. */
  readonly ordinary: string | null
  /** Sorted by key, so that they do not depend on which policy came first. */
  readonly options: readonly Option[]
  /** Some of the options in words. */
  readonly tell: (some: readonly Option[], all: readonly Option[]) => Words
}

/** Two policies that are compared, what either asks of an act, and the act. */
export interface Frame {
  readonly policies: readonly Policy[]
  readonly asks: readonly Predicate[]
  readonly act: Act
}

/** So long ago that no term of keeping still runs. */
const LONG_AGO = 36_525 * DAY
const YEAR = 366 * DAY

type Maker = (frame: Frame) => Axis
type AxisName = keyof typeof MAKERS

const MAKERS = {
  age: () =>
    axis('age', 'adult', [
      option('adult', 'человек совершеннолетний', 'the person is of age', () => ({ age: null })),
      option('minor', 'человек несовершеннолетний', 'the person is a minor', () => ({ age: 'minor' })),
    ]),
  block,
  closed,
  confirmation,
  consent,
  contract,
  force: (frame: Frame) =>
    axis('force', null, [
      { ...option('now', 'сейчас', 'now', () => ({})), apply: (one) => withAct(one, { now: frame.act.now }) },
    ]),
  hold: () =>
    axis('hold', 'none', [
      option('hold', 'действует запрет на уничтожение', 'a legal hold is in place', (_, now) => ({ hold: now })),
      option('none', 'запрета на уничтожение нет', 'there is no legal hold', () => ({ hold: null })),
    ]),
  keeping,
  proved,
  recipient,
  representative: () =>
    axis('representative', null, [
      option('none', 'представителя нет', 'there is no representative', () => ({ representatives: [] })),
      option(
        'verified',
        'полномочия представителя проверены',
        "a representative's authority is verified",
        (_, now) => ({
          representatives: [{ id: 'representative', kind: 'guardian', since: now, until: null }],
        }),
      ),
    ]),
  ticket: () =>
    axis('ticket', null, [
      {
        key: 'given',
        says: { ru: 'назван номер обращения', en: 'a ticket is given' },
        apply: (one) => withAct(one, { ticket: true }),
      },
      {
        key: 'none',
        says: { ru: 'номер обращения не назван', en: 'no ticket is given' },
        apply: (one) => withAct(one, { ticket: false }),
      },
    ]),
} as const satisfies Record<string, Maker>

/** The axes that a predicate depends on. One entry per kind; the compiler sees to it that none is left out. */
const AXES_OF: {
  readonly [K in Predicate['is']]: (predicate: Extract<Predicate, { readonly is: K }>) => readonly AxisName[]
} = {
  ground: ({ kind }) => (kind === 'law' ? [] : [kind]),
  'without-ground': ({ kind }) => (kind === 'law' ? [] : [kind]),
  'contract-for': () => ['contract'],
  confirmed: () => ['confirmation'],
  unconfirmed: () => ['confirmation'],
  'unconfirmed-longer-than': () => ['confirmation'],
  blocked: () => ['block'],
  'blocked-for': () => ['block'],
  ticket: () => ['ticket'],
  'closed-by-subject': () => ['closed'],
  proved: () => ['proved'],
  'not-retained': () => ['keeping'],
  minor: () => ['age'],
  represented: () => ['representative', 'age'],
  unrepresented: () => ['representative', 'age'],
  'on-hold': () => ['hold'],
  recipient: () => ['recipient'],
  'not-recipient': () => ['recipient'],
  'in-force': () => ['force'],
}

/** The axes on which the answers of two policies to an act can depend, by name. */
export function axesOf(frame: Frame): readonly Axis[] {
  const names = new Set(
    frame.asks.flatMap((predicate) =>
      // The table pairs every kind with its own entry; the compiler cannot follow that through an index.
      (AXES_OF[predicate.is] as (predicate: Predicate) => readonly AxisName[])(predicate),
    ),
  )
  return [...names].sort().map((name) => (MAKERS as Record<AxisName, Maker>)[name](frame))
}

/** A person who is there: live, all data of both policies held, nothing else known. */
export function presentFacts(policies: readonly Declarations[], now: Instant): Facts {
  const held = new Set(policies.flatMap(({ compartments }) => [...compartments.keys()]))
  return { ...blankFacts(now), held: [...held].sort(), consentEndedAt: now - LONG_AGO }
}

function axis(key: string, ordinary: string | null, options: readonly Option[]): Axis {
  return {
    key,
    ordinary,
    options: [...options].sort((a, b) => (a.key < b.key ? -1 : 1)),
    tell: (some) => either(some.map(({ says }) => says)),
  }
}

function option(key: string, ru: string, en: string, change: (facts: Facts, now: Instant) => Partial<Facts>): Option {
  return { key, says: { ru, en }, apply: (one) => withFacts(one, change) }
}

/** Reasons that no `blocked-for` of either policy tells apart are one option. */
function block({ asks }: Frame): Axis {
  const lists = asks.flatMap((one) => (one.is === 'blocked-for' ? [one.reasons] : []))
  const kinds = Map.groupBy(BLOCK_REASONS, (reason) => lists.map((list) => list.includes(reason)).join(' '))
  const blocks = [...kinds.values()].flatMap((reasons) => {
    const [reason] = reasons
    if (reason === undefined) return []
    const any = reasons.length === BLOCK_REASONS.length
    const words = either(reasons.map((one) => BLOCK_WORDS[one]))
    return option(
      `blocked ${[...reasons].sort().join(' ')}`,
      any ? 'данные заблокированы' : words.ru,
      any ? 'the data are blocked' : words.en,
      (_, now) => ({ blocked: { since: now, reason } }),
    )
  })
  return axis('block', 'none', [
    ...blocks,
    option('none', 'данные не заблокированы', 'the data are not blocked', () => ({ blocked: null })),
  ])
}

function closed({ act }: Frame): Axis {
  const open = option('open', 'человек этого не закрыл', 'the person has not closed them', () => ({ closed: {} }))
  if (act.fields.length === 0) return axis('closed', 'open', [open])
  const close = Object.fromEntries(act.fields.map((field) => [field, [act.purpose]]))
  return axis('closed', 'open', [
    open,
    option('closed', 'человек закрыл это для цели', 'the person has closed them to the purpose', () => ({
      closed: close,
    })),
  ])
}

function confirmation({ asks }: Frame): Axis {
  const terms = new Set(asks.flatMap((one) => (one.is === 'unconfirmed-longer-than' ? [one.milliseconds] : [])))
  const made = axis('confirmation', null, [
    option('confirmed', 'данные подтверждены', 'the data are confirmed', (_, now) => ({
      confirmedAt: now,
      collectedAt: now,
    })),
    option('fresh', 'данные ещё не подтверждены', 'the data are not confirmed yet', (_, now) => ({
      confirmedAt: null,
      collectedAt: now,
    })),
    ...[...terms].map((term) =>
      option(
        `stale ${String(term).padStart(15, '0')}`,
        `данные не подтверждены ${days(term).ru} и дольше`,
        `the data have been unconfirmed for ${days(term).en} or longer`,
        (_, now) => ({ confirmedAt: null, collectedAt: now - term }),
      ),
    ),
  ])
  const [first] = [...terms].sort((x, y) => x - y)
  if (first === undefined) return made
  const notStale: Words = {
    ru: `данные подтверждены или собраны менее ${days(first).ru} назад`,
    en: `the data are confirmed, or were collected less than ${days(first).en} ago`,
  }
  const young = ({ key }: Option): boolean => !key.startsWith('stale')
  return {
    ...made,
    tell: (some, all) => (some.length === 2 && some.every(young) ? notStale : made.tell(some, all)),
  }
}

function consent({ act: { purpose, entity } }: Frame): Axis {
  const options = [
    option('given', 'есть согласие на эту цель', 'there is a consent to this purpose', (_, now) => ({
      consents: [{ purpose, entity, since: now, until: null }],
    })),
    option('none', 'согласия на эту цель нет', 'there is no consent to this purpose', () => ({ consents: [] })),
  ]
  return axis('consent', null, options)
}

/** No contract; a contract for one of the services that neither policy tells apart; contracts for all, where more is asked. */
function contract(frame: Frame): Axis {
  const { policies, act, asks } = frame
  const ids = new Set(
    policies.flatMap(({ services }) =>
      [...services.values()].filter(({ entities }) => entities.includes(act.entity)).map(({ id }) => id),
    ),
  )
  const names = new Set(asks.flatMap((one) => (one.is === 'contract-for' ? [one.service] : [])))
  const kinds = Map.groupBy([...ids].sort(), (id) => standingOf(policies, [...names], id))
  const contracts = (services: readonly string[]): Option['apply'] => {
    const since = act.now
    return (one) =>
      withFacts(one, () => ({
        contracts: services.map((service) => ({ id: service, entity: act.entity, service, since, endedAt: null })),
      }))
  }
  const running = [...kinds.values()].map((services): Option => {
    const says = either(services.map((id) => serviceWords(frame, id)))
    return { key: `for ${services.join(' ')}`, says, apply: contracts(services.slice(0, 1)) }
  })
  const all: Option = { key: 'for all', says: { ru: 'все эти услуги', en: 'all of these' }, apply: contracts([...ids]) }
  const none = option('none', 'договора нет', 'there is no contract', () => ({ contracts: [] }))
  const options = [none, ...running, ...(names.size > 1 ? [all] : [])]
  return {
    ...axis('contract', null, options),
    tell: listed(
      'none',
      options.length,
      { ru: 'есть договор', en: 'there is a contract' },
      { ru: 'на', en: 'for' },
      { ru: 'нет договора', en: 'there is no contract' },
    ),
  }
}

/** What a contract for a service means to both policies, as far as rules ask. */
function standingOf(policies: readonly Policy[], names: readonly string[], id: string): string {
  return policies
    .map(({ index }) => names.map((name) => index.serving.get(name)?.includes(id) ?? false).join(' '))
    .join('|')
}

/** By which grounds, and for how long, data are kept is compared on its own; here something keeps them, or nothing does. */
function keeping({ policies, act }: Frame): Axis {
  const free = option('free', 'эти данные ничто не требует хранить', 'nothing requires the data to be kept', () => ({}))
  const grounds = policies.flatMap((policy) =>
    policy.retention.flatMap((ground) => (reaches(policy, act, ground.data) ? [{ policy, ground }] : [])),
  )
  // Best by something that is over, so that nothing else hangs on it.
  const found =
    grounds.find(({ ground }) => ground.kind === 'contract' && ground.after !== null) ??
    grounds.find(({ ground }) => ground.kind !== 'contract') ??
    grounds[0]
  if (found === undefined) return axis('keeping', 'free', [free])
  const { ground, policy } = found
  const [service] = ground.services.flatMap((name) => policy.index.serving.get(name) ?? [])
  return axis('keeping', 'free', [
    free,
    option('kept', 'эти данные требуется хранить', 'the data must be kept', ({ contracts }, now) => {
      if (ground.kind === 'hold') return { hold: now }
      if (ground.kind === 'consent' || service === undefined) return { consentEndedAt: now - DAY }
      const endedAt = ground.after === null ? null : now - DAY
      return {
        contracts: [...contracts, { id: 'kept', entity: act.entity, service, since: now - YEAR, endedAt }],
      }
    }),
  ])
}

function serviceWords({ policies }: Frame, id: string): Words {
  const policy = policies.find(({ services }) => services.has(id))
  return named(policy?.services ?? new Map(), id)
}

/** Tells a choice of listed things: those that will do or, where they are most, those that will not. */
function listed(none: string, count: number, some: Words, of: Words, not: Words): Axis['tell'] {
  return (options, all) => {
    const names = (picked: readonly Option[]): Words =>
      either(picked.filter(({ key }) => key !== none).map(({ says }) => says))
    if (!options.some(({ key }) => key === none)) {
      if (options.length === count - 1) return some
      const words = names(options)
      return phrase(some, of, words)
    }
    if (options.length === 1) return not
    const words = names(all.filter((option) => !options.includes(option)))
    return phrase(not, of, words)
  }
}

function phrase(...parts: readonly Words[]): Words {
  return say((language) =>
    parts
      .map((words) => words[language])
      .filter((part) => part !== '')
      .join(' '),
  )
}

function proved({ asks }: Frame): Axis {
  const identifiers = [...new Set(asks.flatMap((one) => (one.is === 'proved' ? [one.identifier] : [])))].sort()
  return axis('proved', null, [
    option('none', 'ни почта, ни телефон не проверены кодом', 'neither mailbox nor phone was proved', () => ({
      proved: [],
    })),
    ...identifiers.map((identifier) =>
      option(
        `proved ${identifier}`,
        identifier === 'email' ? 'почта проверена кодом' : 'телефон проверен кодом',
        identifier === 'email' ? 'the mailbox was proved' : 'the phone was proved',
        () => ({ proved: [identifier] }),
      ),
    ),
  ])
}

/** Data are handed over in the `transfer:` operations only. */
function recipient({ policies, act }: Frame): Axis {
  const none: Option = {
    key: '',
    says: { ru: 'получатель не назван', en: 'no recipient is named' },
    apply: ({ act: { recipient: _, ...rest }, facts }) => ({ act: rest, facts }),
  }
  if (!act.operation.startsWith('transfer:')) return axis('recipient', null, [none])
  const ids = new Set(policies.flatMap(({ recipients }) => [...recipients.keys()]))
  const options = [
    none,
    ...[...ids].map((id): Option => {
      const says = named(policies.find(({ recipients }) => recipients.has(id))?.recipients ?? new Map(), id)
      return { key: id, says, apply: (one) => withAct(one, { recipient: id }) }
    }),
  ]
  return {
    ...axis('recipient', null, options),
    tell: listed(
      '',
      options.length,
      { ru: 'получатель', en: 'the recipient' },
      { ru: '', en: '' },
      { ru: 'получатель не', en: 'the recipient is not' },
    ),
  }
}
