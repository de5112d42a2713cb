import type { Facts, Instant, LegalProfile, Localised } from '@doverie/core/base'
import { liveGrounds, type Policy } from '@doverie/core/policy'
import { dayWords, writtenDayWords } from './day-words.ts'
import { operatorWords } from './letterhead.ts'
import type { Block } from './outgoing.ts'
import type { DocumentLanguage } from './texts.ts'

/** Everything that an answer to a request for information is made from: registers, and nothing that anybody types. */
export interface InformationFacts {
  readonly policy: Policy
  readonly profile: LegalProfile
  readonly facts: Facts
  readonly kept: readonly KeptRow[]
  /** The person's own values, by field. Personal. */
  readonly values: ReadonlyMap<string, string | readonly string[]>
  /** Fields that hold another person's data: named, and left out (152-FZ art. 14(2)). */
  readonly others: readonly string[]
  readonly handed: readonly HandedRow[]
  /** Who did what, from the ledger, summed up. */
  readonly accesses: readonly AccessRow[]
  /** Name and address of recipients by the agreements in force with them, where the policy has no address of theirs. */
  readonly parties: ReadonlyMap<string, string>
  /** The legal entity that answers; null: each of them. */
  readonly entity: string | null
  readonly at: Instant
  /** The address of the page of their own data. */
  readonly page: string
}

export interface KeptRow {
  readonly compartment: string
  readonly article: Localised
  readonly lastDay: string | null
  readonly inForce: boolean
}

/** Data that went to somebody, by the register of disclosures. */
interface HandedRow {
  readonly recipient: string
  readonly basis: Localised
  readonly fields: readonly string[]
  readonly at: Instant
}

/** Who did what how often, in words. */
export interface AccessRow {
  readonly who: Localised
  readonly what: Localised
  readonly purpose: Localised | null
  readonly times: number
  readonly lastAt: Instant
}

/** An item of the answer, as it is shown and as a machine reads it. */
export interface AnswerItem {
  readonly id: string
  readonly title: string
  readonly blocks: readonly Block[]
}

type Say = (text: Localised | undefined, otherwise?: string) => string

/** The items that the law asks for (152-FZ art. 14(7); GDPR art. 15), each from the registers. None is left out, also where it says "none". */
export function informationItems(given: InformationFacts, language: DocumentLanguage): readonly AnswerItem[] {
  const say: Say = (text, otherwise = '') => text?.[language] ?? text?.['ru'] ?? otherwise
  const words = (ru: string, en: string): string => (language === 'ru' ? ru : en)
  const makers: Readonly<Record<string, () => readonly Block[]>> = {
    confirmation: () => [
      text(
        words(
          `Да, мы обрабатываем ваши персональные данные с ${dayOf(given, given.facts.collectedAt, language)}`,
          `Yes, we have been processing your personal data since ${dayOf(given, given.facts.collectedAt, language)}.`,
        ),
      ),
    ],
    grounds: () => [groundsTable(given, say, words)],
    methods: () => methods(given, say, words),
    operator: () => [...operator(given, language, say, words), ...handed(given, language, say, words)],
    data: () => data(given, language, say, words),
    terms: () => [termsTable(given, language, say, words)],
    rights: () => rights(given, say, words),
    'cross-border': () => crossBorder(given, say, words),
    processor: () => recipients(given, say, words, ['processor']),
    duties: () => duties(given, say),
    other: () => accesses(given, language, say, words),
  }
  return given.profile.answer.map(({ id, label, article }, at) => ({
    id,
    title: `${at + 1}. ${say(label)} (${say(article)})`,
    blocks: makers[id]?.() ?? [],
  }))
}

type Words = (ru: string, en: string) => string

function text(said: string): Block {
  return { kind: 'text', text: said }
}

function dayOf({ policy }: InformationFacts, at: Instant, language: DocumentLanguage): string {
  return dayWords(policy.zone, at, language)
}

/** To whom the data did go, beside to whom they may. */
function handed(given: InformationFacts, language: DocumentLanguage, say: Say, words: Words): readonly Block[] {
  const { policy, handed: rows } = given
  if (rows.length === 0) {
    return [
      text(
        words(
          'Никому из них ваши сведения отдельно не передавались.',
          'None of them was handed your data by themselves.',
        ),
      ),
    ]
  }
  return [
    {
      kind: 'table',
      head: [
        words('Кому передано', 'Handed to'),
        words('Что', 'What'),
        words('Основание', 'By what'),
        words('Когда', 'When'),
      ],
      rows: rows.map(({ recipient, fields, basis, at }) => [
        say(policy.recipients.get(recipient)?.label ?? policy.entities.get(recipient)?.label, recipient),
        fields.map((id) => say(policy.fields.get(id)?.label, id)).join(', '),
        say(basis),
        dayOf(given, at, language),
      ]),
      widths: [3, 3, 3, 2],
    },
  ]
}

function groundsTable({ policy, facts, at, kept }: InformationFacts, say: Say, words: Words): Block {
  const rows = [...policy.purposes.values()].flatMap((purpose) => {
    const live = facts.held
      .flatMap((name) => liveGrounds(policy, facts, name, at))
      .filter((ground) => ground.purpose === purpose.id)
    const kinds = new Set(live.map(({ kind, entity }) => `${kind} ${entity}`))
    const grounds = [...kinds].map((one) => {
      const [kind, entity = ''] = one.split(' ')
      const whom = say(policy.entities.get(entity)?.label, entity)
      return kind === 'consent'
        ? words(`ваше согласие, ${whom}`, `your consent, ${whom}`)
        : words(`договор, ${whom}`, `contract, ${whom}`)
    })
    const law =
      purpose.norm !== null && (purpose.id === policy.system.rights || kept.length > 0) ? [say(purpose.norm)] : []
    return grounds.length + law.length === 0
      ? []
      : [[say(purpose.label), [...grounds, ...law].join('; '), say(purpose.plain)]]
  })
  return {
    kind: 'table',
    head: [words('Цель', 'Purpose'), words('Основание', 'Ground'), words('Что это значит', 'What it means')],
    rows,
    widths: [3, 3, 4],
  }
}

function methods({ policy }: InformationFacts, say: Say, words: Words): readonly Block[] {
  const services = [...policy.actors.values()].filter(({ kind }) => kind === 'service').map(({ label }) => say(label))
  return [
    text(
      words(
        'Смешанная обработка: с помощью программ и без них (письма на бумаге). Данные лежат зашифрованными; каждое обращение к ним решается по политике и записывается в журнал.',
        'Mixed processing, by programs and, for letters on paper, without. The data lie encrypted; every access is decided by the policy and entered in a ledger.',
      ),
    ),
    text(`${words('Службы, которые к ним обращаются', 'Services that use them')}: ${services.join(', ')}.`),
  ]
}

function operator(given: InformationFacts, language: DocumentLanguage, say: Say, words: Words): readonly Block[] {
  const { policy, entity } = given
  return [
    text(`${operatorWords(policy, entity, language)}, ${say(policy.operator.address)}, ${policy.operator.email}.`),
    ...recipients(given, say, words, ['third-party', 'authority', 'entity']),
  ]
}

function recipients(
  { policy, parties }: InformationFacts,
  say: Say,
  words: Words,
  kinds: readonly string[],
): readonly Block[] {
  const rows = [...policy.recipients.values()]
    .filter(({ kind, id }) => kinds.includes(kind) && !policy.entities.has(id))
    .map(({ id, kind, label, norm, contract, country, address }) => {
      const known = address === null ? (parties.get(id) ?? '') : say(address)
      // An authority is who its name says; of whom data are entrusted to, the law wants name and address (art. 14(7)(9)).
      const unknown =
        kind === 'processor' ? words('наименование и адрес не указаны', 'name and address are not given') : ''
      const who = [say(label), known === '' ? unknown : known].filter((line) => line !== '').join('\n')
      return [who, say(norm ?? contract ?? undefined), country ?? '']
    })
  if (rows.length === 0) return [text(words('Никому.', 'Nobody.'))]
  return [
    {
      kind: 'table',
      head: [
        words('Кому', 'Whom'),
        words('По какой норме или договору', 'Norm or contract'),
        words('Страна', 'Country'),
      ],
      rows,
      widths: [4, 5, 1],
    },
  ]
}

function data(
  { policy, values, others }: InformationFacts,
  language: DocumentLanguage,
  say: Say,
  words: Words,
): readonly Block[] {
  const rows = [...policy.fields.values()].flatMap((field) => {
    const value = values.get(field.id)
    const source =
      field.source === 'operator' ? words('создано нами', 'made by us') : words('получено от вас', 'given by you')
    if (others.includes(field.id)) {
      const left = words('[данные другого лица не раскрываются]', "[another person's data, not disclosed]")
      return [[say(field.label), left, source]]
    }
    if (value === undefined) return []
    const said = (typeof value === 'string' ? [value] : value).map((one) =>
      field.id === policy.system.consentEvidence ? consentWords(policy, one, language, say) : one,
    )
    return [[say(field.label), said.join('; '), source]]
  })
  if (rows.length === 0) return [text(words('Сведений нет.', 'There are none.'))]
  return [
    {
      kind: 'table',
      head: [words('Сведения', 'Data'), words('Значение', 'Value'), words('Источник', 'Source')],
      rows,
      widths: [3, 5, 2],
    },
  ]
}

/** The record of a consent in words: to what, to whom, when. The record itself is in the twin for machines. */
function consentWords(policy: Policy, record: string, language: DocumentLanguage, say: Say): string {
  const { purpose, entity, at } = JSON.parse(record) as Readonly<Record<'purpose' | 'entity', string>> & { at: number }
  const what = say(policy.purposes.get(purpose)?.label, purpose)
  return `${what}, ${say(policy.entities.get(entity)?.label, entity)}, ${dayWords(policy.zone, at, language)}`
}

function termsTable(
  { policy, facts, kept, at }: InformationFacts,
  language: DocumentLanguage,
  say: Say,
  words: Words,
): Block {
  const rows = facts.held.map((name) => {
    const lawful = kept
      .filter(({ compartment }) => compartment === name)
      .map(({ article, lastDay }) =>
        lastDay === null
          ? say(article)
          : `${say(article)}, ${words('до', 'until')} ${writtenDayWords(lastDay, language)}`,
      )
    const kinds = new Set(liveGrounds(policy, facts, name, at).map(({ kind }) => kind))
    const live = [
      ...(kinds.has('contract') ? [words('пока действует договор', 'while a contract is in force')] : []),
      ...(kinds.has('consent') ? [words('пока вы не отозвали согласие', 'until you withdraw your consent')] : []),
    ]
    const all = [...live, ...lawful]
    const none = words('подлежит уничтожению', 'to be destroyed')
    return [say(policy.compartments.get(name)?.label, name), all.length === 0 ? none : all.join('; ')]
  })
  return { kind: 'table', head: [words('Сведения', 'Data'), words('Срок', 'Term')], rows, widths: [3, 7] }
}

function rights({ policy, profile, page }: InformationFacts, say: Say, words: Words): readonly Block[] {
  return [
    { kind: 'list', items: profile.rights.map(({ label, article }) => `${say(label)} (${say(article)})`) },
    text(
      words(
        `Для этого: на странице «Мои данные» (${page}), письмом на ${policy.operator.email} или по адресу ${say(policy.operator.address)}.`,
        `How: on the page "My data" (${page}), by mail to ${policy.operator.email}, or to ${say(policy.operator.address)}.`,
      ),
    ),
  ]
}

function crossBorder({ policy, profile }: InformationFacts, say: Say, words: Words): readonly Block[] {
  const abroad = [...policy.recipients.values()].filter(
    ({ country }) => country !== null && country !== profile.jurisdiction,
  )
  if (abroad.length === 0) {
    return [text(words('Не осуществлялась и не предполагается.', 'There is none, and none is intended.'))]
  }
  return [{ kind: 'list', items: abroad.map(({ label, country }) => `${say(label)}, ${country ?? ''}`) }]
}

function duties({ policy }: InformationFacts, say: Say): readonly Block[] {
  return [
    { kind: 'list', items: policy.measures.filter(({ internal }) => !internal).map((measure) => say(measure.text)) },
  ]
}

function accesses(given: InformationFacts, language: DocumentLanguage, say: Say, words: Words): readonly Block[] {
  const { accesses: rows } = given
  if (rows.length === 0) return [text(words('Обращений к сведениям не было.', 'Nobody has opened the data.'))]
  return [
    {
      kind: 'table',
      head: [
        words('Кто', 'Who'),
        words('Цель', 'Purpose'),
        words('Действие', 'Act'),
        words('Раз', 'Times'),
        words('Последний раз', 'Last'),
      ],
      rows: rows.map(({ who, purpose, what, times, lastAt }) => [
        say(who),
        say(purpose ?? undefined),
        say(what),
        String(times),
        dayOf(given, lastAt, language),
      ]),
      widths: [3, 3, 3, 1, 2],
    },
  ]
}
