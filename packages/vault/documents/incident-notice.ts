import { type Instant, type LabelledEntry, type LegalNotice, legalProfile, type Localised } from '@doverie/core/base'
import type { Policy } from '@doverie/core/policy'
import type { Law } from '@doverie/core/request'
import { dayWords } from './day-words.ts'
import { momentWords } from './moment-words.ts'
import type { Block, OutgoingDocument } from './outgoing.ts'

/** Of which notice a draft is asked, or of what the people affected are told. */
export type IncidentDocumentKind = LegalNotice | 'people'

/** What an incident's registers say, from which its documents are made. */
export interface IncidentFacts {
  readonly number: string
  readonly detectedAt: Instant
  readonly risk: string | null
  readonly words: Readonly<
    Record<'what' | 'cause' | 'systems' | 'harm' | 'measures' | 'contact' | 'result' | 'culprits', string>
  > & { readonly references: readonly string[] }
  readonly scope: { readonly from: Instant; readonly to: Instant } | null
  readonly affected: {
    readonly people: number
    readonly entries: number
    readonly untied: number
    readonly compartments: readonly string[]
    readonly fields: readonly string[]
    readonly first: { readonly place: number; readonly leaf: string } | null
    readonly last: { readonly place: number; readonly leaf: string } | null
    readonly digest: string
  } | null
  /** The number of the first notice, and when it was made; null where there is none yet. */
  readonly first: { readonly number: string; readonly madeAt: Instant } | null
}

/** One item of a notice as the law lists it. */
export interface NoticeItem {
  readonly id: string
  readonly label: Localised
  readonly article: Localised
  /** False where a lawyer must still confirm that the law asks for it. */
  readonly verified: boolean
  readonly text: string
}

/** A draft for a machine. */
export interface IncidentStatement {
  readonly format: 'doverie/incident-notice/v1'
  readonly kind: IncidentDocumentKind
  readonly number: string
  readonly madeAt: Instant
  readonly incident: string
  readonly profile: string
  readonly policy: string
  readonly items: readonly NoticeItem[]
  readonly facts: Omit<IncidentFacts, 'words'>
  /** What the people affected may be told; null of a notice to the authority. */
  readonly message: { readonly ru: string; readonly en: string } | null
}

interface Made {
  readonly policy: Policy
  readonly law: Law
  readonly kind: IncidentDocumentKind
  readonly number: string
  readonly madeAt: Instant
  readonly facts: IncidentFacts
}

const UNSAID = 'не указано: заполнить'

/** All that a draft says, item by item as the law has them. What nobody has said yet shows as such. */
export function incidentStatement({ policy, law, kind, number, madeAt, facts }: Made): IncidentStatement {
  const items = kind === 'people' ? [] : law.profile.notices[kind]
  const { words, ...rest } = facts
  return {
    format: 'doverie/incident-notice/v1',
    ...{ kind, number, madeAt, incident: facts.number, profile: law.profile.id, policy: policy.id },
    items: items.map(({ id, label, article, verified }) => ({
      ...{ id, label, article, verified },
      text: textOf(id, policy, law.zone, facts),
    })),
    facts: rest,
    message: kind === 'people' ? peopleMessage(policy, law.zone, { ...rest, words }) : null,
  }
}

function textOf(item: string, policy: Policy, zone: string, facts: IncidentFacts): string {
  const { words, first } = facts
  const said = (text: string): string => (text.trim() === '' ? UNSAID : text)
  switch (item) {
    case 'operator':
      return [
        [policy.operator.name, ...[...policy.entities.values()].map(({ label }) => label['ru'] ?? '')].join(', '),
        `адрес: ${policy.operator.address['ru'] ?? ''}`,
        `сайт: ${policy.operator.site}, почта: ${policy.operator.email}`,
        'ИНН и ОГРН: заполнить',
      ].join('; ')
    case 'incident':
      return [said(words.what), words.systems.trim() === '' ? '' : `Системы: ${words.systems}`]
        .filter(Boolean)
        .join('\n')
    case 'moments':
      return momentsOf(zone, facts)
    case 'causes':
      return said(words.cause)
    case 'harm':
      return said(words.harm) + (facts.risk === null ? '' : `\nСтепень риска: ${RISK_WORDS[facts.risk] ?? facts.risk}.`)
    case 'measures':
      return said(words.measures)
    case 'contact':
      return said(words.contact)
    case 'result':
      return said(words.result)
    case 'culprits':
      return said(words.culprits)
    case 'first':
      return first === null
        ? UNSAID
        : `Исх. № ${first.number} от ${dayWords(zone, first.madeAt, 'ru')}` +
            (words.references.length === 0
              ? ''
              : `; номера, присвоенные Роскомнадзором: ${words.references.join(', ')}`)
    case 'database':
      return databaseWords(policy, facts)
    default:
      return UNSAID
  }
}

const RISK_WORDS: Readonly<Record<string, string>> = { low: 'низкая', medium: 'средняя', high: 'высокая' }

function momentsOf(zone: string, { detectedAt, scope }: IncidentFacts): string {
  const found = `Выявлено: ${momentWords(zone, detectedAt)}.`
  if (scope === null) return `${found} Период: ${UNSAID}.`
  return (
    `${found} Период: с ${momentWords(zone, scope.from)} до ${momentWords(zone, scope.to)}` +
    (scope.from > detectedAt ? ' (начался после выявления: проверить).' : '.')
  )
}

function databaseWords(policy: Policy, { affected, scope }: IncidentFacts): string {
  const system = `Информационная система: Doverie, ${policy.operator.site}.`
  if (scope === null) return `${system} Число субъектов и записей: ${UNSAID}.`
  if (affected === null) return `${system} Число субъектов и записей устанавливается.`
  const named = categoriesOf(policy, affected)
  return [
    `${system} Категории данных: ${named.length === 0 ? 'по журналу не найдены' : named.join('; ')}.`,
    `Субъектов: ${affected.people}; записей журнала о доступе: ${affected.entries}` +
      (affected.untied === 0
        ? '.'
        : `, из них ${affected.untied} ни с кем из живущих в системе не связаны (данные уничтожены после этого).`),
    affected.first === null || affected.last === null
      ? ''
      : `Свидетельство: записи журнала с ${affected.first.place} по ${affected.last.place}; первая ${affected.first.leaf}, ` +
        `последняя ${affected.last.leaf}; SHA-256 всех по порядку ${affected.digest}.`,
  ]
    .filter(Boolean)
    .join('\n')
}

/** Categories of the policy's text with the fields of each that were concerned. */
export function categoriesOf(
  policy: Policy,
  { compartments, fields }: Pick<NonNullable<IncidentFacts['affected']>, 'compartments' | 'fields'>,
  language: 'ru' | 'en' = 'ru',
): readonly string[] {
  return compartments.map((name) => {
    const label = policy.compartments.get(name)?.label[language] ?? name
    const inside = fields.flatMap((field) => {
      const known = policy.fields.get(field)
      return known?.compartment === name ? [known.label[language] ?? field] : []
    })
    const same = inside.length === 1 && inside[0] === label
    return inside.length === 0 || same ? label : `${label} (${inside.map(withinSentence).join(', ')})`
  })
}

/** A label as it stands within a sentence: an abbreviation keeps its capitals. */
function withinSentence(label: string): string {
  return /^\p{Lu}{2}/u.test(label) ? label : label.charAt(0).toLowerCase() + label.slice(1)
}

/** What the people affected may be told: plain words, to be changed by whoever sends them. */
function peopleMessage(
  policy: Policy,
  zone: string,
  { words, detectedAt, number }: Pick<IncidentFacts, 'words' | 'detectedAt' | 'number'>,
): { readonly ru: string; readonly en: string } {
  const { name, email } = policy.operator
  const lines = (parts: readonly string[]): string => parts.filter((part) => part !== '').join('\n')
  return {
    ru: lines([
      `${dayWords(zone, detectedAt, 'ru')} в ${name} выявлен неправомерный или случайный доступ к персональным данным, в том числе к вашим (№ ${number}).`,
      words.harm.trim() === '' ? '' : `Чем это может грозить: ${words.harm}`,
      words.measures.trim() === '' ? '' : `Что мы сделали: ${words.measures}`,
      `Кто и когда обращался к вашим данным, видно в истории после входа. Вопросы: ${words.contact.trim() === '' ? email : `${words.contact}, ${email}`}.`,
    ]),
    en: lines([
      `On ${dayWords(zone, detectedAt, 'en')} ${name} found unlawful or accidental access to personal data, yours among them (No. ${number}).`,
      'Who turned to your data and when is in your history, after signing in.',
      `Questions: ${email}.`,
    ]),
  }
}

const TITLES: Readonly<Record<IncidentDocumentKind, string>> = {
  'incident-first': 'Уведомление о неправомерной или случайной передаче персональных данных (первичное)',
  'incident-result': 'Уведомление о результатах внутреннего расследования (дополнительное)',
  people: 'Сообщение людям, чьи данные затронуты (проект)',
}

/** The draft as a document in Russian, its items under their names, with what a lawyer has not confirmed marked. */
export function incidentDocument(statement: IncidentStatement, policy: Policy, zone: string): OutgoingDocument {
  const { kind, number, madeAt, items, message, profile } = statement
  const { name, address, email } = policy.operator
  return {
    language: 'ru',
    from: [name, address['ru'] ?? '', email],
    to: kind === 'people' ? [] : [profile === 'ru-152fz' ? 'Роскомнадзор' : 'Надзорный орган'],
    number,
    day: dayWords(zone, madeAt, 'ru'),
    about: `Инцидент № ${statement.incident}; ${legalProfile(profile === 'ru-152fz' ? 'ru-152fz' : 'eu-gdpr').title['ru'] ?? ''}`,
    title: TITLES[kind],
    blocks:
      message === null
        ? [...items.flatMap((item, at) => itemBlocks(item, at)), ...unverified(items)]
        : [message.ru, message.en].flatMap((text) =>
            text.split('\n').map((line): Block => ({ kind: 'text', text: line })),
          ),
    signature: kind === 'people' ? '' : 'Ответственный за организацию обработки ____________________',
    footer: `Исх. № ${number}, инцидент № ${statement.incident}`,
  }
}

function itemBlocks({ label, text, verified }: NoticeItem, at: number): readonly Block[] {
  return [
    { kind: 'heading', text: `${at + 1}. ${label['ru'] ?? ''}${verified ? '' : ' *'}` },
    ...text.split('\n').map((line): Block => ({ kind: 'text', text: line })),
  ]
}

function unverified(items: readonly Pick<LabelledEntry, 'article' | 'verified'>[]): readonly Block[] {
  const articles = [...new Set(items.filter(({ verified }) => !verified).map(({ article }) => article['ru'] ?? ''))]
  if (articles.length === 0) return []
  return [
    {
      kind: 'text',
      text: `* Состав сведений юристом не подтверждён: ${articles.join('; ')}. Перед отправкой сверьте с действующей формой.`,
    },
  ]
}
