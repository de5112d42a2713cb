import { type DutyKind, type HarmLevel, type Instant, type LabelledEntry, type Localised } from '@doverie/core/base'
import { type Policy, type ProcessingItem, processingNotice, UNCONFIRMED_MARK } from '@doverie/core/policy'
import { isNotice, type Law } from '@doverie/core/request'
import type { DutyFacts } from '../store/duties.ts'
import { dayWords } from './day-words.ts'
import { DUTY_WORDS } from './duty-words.ts'
import type { Block, OutgoingDocument } from './outgoing.ts'

/** What staff say in their own words, of which a document takes its part. */
interface Words {
  readonly contact: string
  readonly place: string
  readonly begins: string
  readonly security: string
  readonly tax: string
  readonly signatory: string
  readonly note: string
}

/** A notice or an act for a machine. */
export interface DutyStatement {
  readonly format: 'doverie/duty-document/v1'
  readonly kind: DutyKind
  readonly number: string
  readonly madeAt: Instant
  readonly madeBy: string
  readonly duty: string
  readonly profile: string
  /** The version of the policy that it was made from. */
  readonly policy: string
  readonly facts: DutyFacts
  /** Of a notice: item by item as the law lists them. An empty one is to be filled in before it is sent. */
  readonly items: readonly ProcessingItem[]
  /** Of an assessment: each circumstance and whether it is there. */
  readonly criteria: readonly (LabelledEntry & { readonly level: HarmLevel; readonly met: boolean })[]
  readonly signatory: string
  readonly note: string
}

interface Made {
  readonly policy: Policy
  readonly law: Law
  readonly number: string
  readonly madeAt: Instant
  readonly madeBy: string
  readonly duty: { readonly number: string; readonly kind: DutyKind; readonly facts: DutyFacts }
  readonly content: Words
}

const UNSAID = 'не указано: заполнить'
const LEVELS: Readonly<Record<HarmLevel, string>> = { high: 'высокая', medium: 'средняя', low: 'низкая' }

/** All that a document of a duty says, by the policy and by what staff said. */
export function dutyStatement({ policy, law, number, madeAt, madeBy, duty, content }: Made): DutyStatement {
  const { kind, facts } = duty
  const met = new Set(facts.met)
  return {
    format: 'doverie/duty-document/v1',
    ...{ kind, number, madeAt, madeBy, duty: duty.number, profile: law.profile.id, policy: policy.id, facts },
    items: isNotice(kind) ? processingNotice(policy, law.profile).map((item) => filledIn(item, content)) : [],
    criteria: kind === 'harm' ? law.profile.harm.map((one) => ({ ...one, met: met.has(one.id) })) : [],
    signatory: content.signatory,
    note: content.note,
  }
}

/** What the policy cannot know is what somebody said. */
function filledIn(item: ProcessingItem, content: Words): ProcessingItem {
  const said: Readonly<Record<string, string>> = {
    ...{ operator: content.tax === '' ? '' : `ИНН, ОГРН: ${content.tax}` },
    ...{ responsible: content.contact, begins: content.begins, location: content.place, security: content.security },
  }
  const text = said[item.id]?.trim() ?? ''
  return text === '' ? item : { ...item, lines: [...item.lines, ...text.split('\n')] }
}

/** The document in Russian, what a lawyer has not confirmed marked. */
export function dutyDocument(statement: DutyStatement, policy: Policy, zone: string): OutgoingDocument {
  const { kind, number, madeAt, duty, facts } = statement
  const { name, address, email } = policy.operator
  const start = facts.start === undefined ? '' : `, ${dayWords(zone, facts.start, 'ru')}`
  return {
    language: 'ru',
    from: [name, address['ru'] ?? '', email],
    to: isNotice(kind) ? ['Роскомнадзор'] : [],
    number,
    day: dayWords(zone, madeAt, 'ru'),
    about: `Обязанность № ${duty}${start}; политика ${statement.policy}`,
    title: kind === 'harm' ? 'Акт оценки вреда субъектам персональных данных' : (DUTY_WORDS[kind]['ru'] ?? kind),
    blocks: [...(kind === 'harm' ? harmBlocks(statement, policy, zone) : noticeBlocks(statement)), ...noted(statement)],
    signature:
      statement.signatory !== ''
        ? `${statement.signatory} ____________________`
        : 'Ответственный за организацию обработки ____________________',
    footer: `Исх. № ${number}, обязанность № ${duty}`,
  }
}

function noticeBlocks({ items, facts }: DutyStatement): readonly Block[] {
  const changes = facts.changes ?? []
  return [
    ...(changes.length === 0
      ? []
      : [
          { kind: 'heading' as const, text: `Что изменилось с версии ${facts.before ?? ''}` },
          ...changes.flatMap(({ label, removed, added }): readonly Block[] => [
            { kind: 'text', text: `${label['ru'] ?? ''}:` },
            {
              kind: 'list',
              items: [...removed.map((line) => `было: ${line}`), ...added.map((line) => `стало: ${line}`)],
            },
          ]),
        ]),
    ...items.flatMap(({ label, verified, lines }, at): readonly Block[] => [
      { kind: 'heading', text: `${at + 1}. ${label['ru'] ?? ''}${verified ? '' : ' *'}` },
      ...(lines.length > 1
        ? [{ kind: 'list' as const, items: lines }]
        : [{ kind: 'text' as const, text: lines[0] ?? UNSAID }]),
    ]),
  ]
}

function harmBlocks({ criteria, facts }: DutyStatement, policy: Policy, zone: string): readonly Block[] {
  const assessed = facts.at === undefined ? '' : ` Дата оценки: ${dayWords(zone, facts.at, 'ru')}`
  return [
    {
      kind: 'text',
      text: `${policy.operator.name} оценивает вред, который может быть причинён людям, если обработка нарушит закон.${assessed}`,
    },
    {
      kind: 'table',
      head: ['Обстоятельство', 'Степень', 'Есть'],
      rows: criteria.map(({ label, level, met, verified }) => [
        `${label['ru'] ?? ''}${verified ? '' : ' *'}`,
        LEVELS[level],
        met ? 'да' : 'нет',
      ]),
      widths: [4, 1, 1],
    },
    { kind: 'heading', text: `Степень вреда: ${LEVELS[facts.level ?? 'low']}` },
    ...(criteria.some(({ met }) => met)
      ? []
      : [{ kind: 'text' as const, text: 'Ни одного обстоятельства нет: степень не выше низкой.' }]),
  ]
}

function noted({ note, items, criteria, kind }: DutyStatement): readonly Block[] {
  const entries = kind === 'harm' ? criteria : items
  const articles = [...new Set(entries.filter(({ verified }) => !verified).map(({ article }) => articleOf(article)))]
  const marked = items.some(({ lines }) => lines.some((line) => line.includes(UNCONFIRMED_MARK)))
  return [
    ...(note.trim() === '' ? [] : [{ kind: 'text' as const, text: `Примечание: ${note}` }]),
    ...(marked ? [{ kind: 'text' as const, text: `${UNCONFIRMED_MARK} Норма или срок юристом не подтверждены.` }] : []),
    ...(articles.length === 0
      ? []
      : [
          {
            kind: 'text' as const,
            text: `* Состав сведений юристом не подтверждён: ${articles.join('; ')}. Сверьте с действующей формой.`,
          },
        ]),
  ]
}

function articleOf(article: Localised): string {
  return article['ru'] ?? ''
}
