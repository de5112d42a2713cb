import type { DestructionStatement } from './destruction-statement.ts'
import type { Block, OutgoingDocument } from './outgoing.ts'
import { dayWords } from './day-words.ts'
import { momentWords } from './moment-words.ts'

const WHO: Readonly<Record<string, string>> = {
  subject: 'субъект персональных данных (самостоятельно, в системе)',
  representative: 'законный представитель субъекта (в системе)',
  staff: 'работник оператора',
  service: 'система (плановое уничтожение)',
}

const EVENTS: Readonly<Record<DestructionStatement['log'][number]['what'], string>> = {
  begun: 'Уничтожение начато: записи опустошены, чтение прекращено',
  gone: 'Записи, ключи и поисковые метки удалены из обеих баз данных',
  'root-destroyed': 'Уничтожена версия корневого ключа, под которой лежали старые копии',
}

/**
 * The act of destruction and the export of the event log as one document in Russian (Roskomnadzor's order 179 of 28.10.2022,
 * items 3 to 6). The letters of item 3 stand before what they ask for.
 */
export function destructionDocument(
  statement: DestructionStatement,
  context: { readonly zone: string; readonly noteHash: string },
): OutgoingDocument {
  const { zone } = context
  return {
    language: 'ru',
    from: [statement.operator.name, statement.operator.address['ru'] ?? '', statement.operator.email],
    to: [],
    number: statement.number,
    day: dayWords(zone, statement.issuedAt, 'ru'),
    about: 'Приказ Роскомнадзора от 28.10.2022 № 179',
    title: 'Акт об уничтожении персональных данных',
    blocks: [...actBlocks(statement, zone), ...logBlocks(statement, zone), ...proofBlocks(statement, context.noteHash)],
    signature: '',
    footer: `Акт об уничтожении № ${statement.number}`,
  }
}

function actBlocks(statement: DestructionStatement, zone: string): readonly Block[] {
  const { operator, by, rootDestroyedAt, tool } = statement
  const rows = [
    ['а', 'Оператор, адрес', `${operator.name}, ${operator.address['ru'] ?? ''}`],
    ['б', 'Лицо, обрабатывающее данные по поручению', 'уничтожение ему не поручалось'],
    ['в', 'Субъект (иная информация, относящаяся к нему)', `внутренний идентификатор ${statement.subject}`],
    ['г', 'Кто уничтожил', `${whoOf(by)}; средство: ${tool.name} ${tool.version}`],
    ['д', 'Категории уничтоженных данных', categoriesOf(statement)],
    ['е', 'Материальный носитель', 'не применимо: обработка автоматизированная'],
    ['ж', 'Информационная система', statement.system],
    ['з', 'Способ', methodOf(statement)],
    ['и', 'Причина', statement.reason['ru'] ?? ''],
    ['к', 'Дата уничтожения', momentWords(zone, statement.goneAt)],
  ]
  return [
    { kind: 'table', head: ['', 'Сведения', 'Содержание'], rows, widths: [1, 6, 14] },
    { kind: 'heading', text: 'С какого времени данные не восстановить' },
    {
      kind: 'list',
      items: [
        `Из действующих баз данных — с ${momentWords(zone, statement.goneAt)}.`,
        rootDestroyedAt === null
          ? `Из резервных и иных старых копий — после окончания эпохи ключей № ${statement.epoch}; она ещё не окончена.`
          : `Из резервных и иных старых копий — с ${momentWords(zone, statement.irrecoverableFrom ?? rootDestroyedAt)}.`,
        `Что может остаться и после этого: ${statement.remanence['ru'] ?? ''}`,
        tool.certificate === null
          ? 'Сведений об оценке соответствия средства (п. 3.1 ч. 2 ст. 19 152-ФЗ) нет; вопрос открыт для юриста оператора.'
          : `Оценка соответствия средства (п. 3.1 ч. 2 ст. 19 152-ФЗ): ${tool.certificate}.`,
      ],
    },
    {
      kind: 'table',
      head: ['Должность', 'Фамилия, имя, отчество', 'Подпись, дата'],
      rows: [
        ['\n', '', ''],
        ['\n', '', ''],
      ],
    },
  ]
}

function logBlocks(statement: DestructionStatement, zone: string): readonly Block[] {
  const rows = statement.log.map(({ at, what, entry }) => [
    momentWords(zone, at),
    EVENTS[what],
    entry === null ? '—' : `${entry.id}, ${entry.place === null ? 'место ещё не присвоено' : `место ${entry.place}`}`,
  ])
  return [
    { kind: 'heading', text: 'Выгрузка из журнала регистрации событий в информационной системе' },
    {
      kind: 'text',
      text:
        `Субъект: внутренний идентификатор ${statement.subject}. Категории: ${categoriesOf(statement)}. ` +
        `Система: ${statement.system}. Причина: ${statement.reason['ru'] ?? ''}.`,
    },
    { kind: 'table', head: ['Дата и время', 'Событие', 'Запись журнала'], rows, widths: [5, 10, 8] },
  ]
}

function proofBlocks({ keptUntil }: DestructionStatement, noteHash: string): readonly Block[] {
  return [
    {
      kind: 'text',
      text:
        `Те же сведения подписаны ключом журнала (Ed25519) в машиночитаемом виде; SHA-256 подписанного текста: ${noteHash}. ` +
        'Усиленная квалифицированная подпись лица, указанного выше, прилагается к этому файлу отдельно.' +
        (keptUntil === null ? '' : ` Хранить по ${keptUntil} включительно.`),
    },
  ]
}

function whoOf(by: DestructionStatement['by']): string {
  if (by === null) return 'по записи, которая не сохранилась'
  const { kind, name, id } = by
  return `${WHO[kind] ?? kind}${kind === 'staff' ? ` (${name}, псевдоним ${id ?? '—'})` : ''}`
}

function categoriesOf({ categories, person }: DestructionStatement): string {
  const named = categories.map(({ label, fields }) => {
    const inside = fields.flatMap((field) => field['ru'] ?? []).join(', ')
    return `${label['ru'] ?? ''}${inside === '' ? '' : ` (${inside.toLowerCase()})`}`
  })
  return person ? `все данные о субъекте: ${named.join('; ')}` : named.join('; ')
}

function methodOf({ rootDestroyedAt, epoch }: DestructionStatement): string {
  const root = rootDestroyedAt === null ? 'будет уничтожена с её окончанием' : 'уничтожена'
  return (
    'Записи и поисковые метки удалены; ключи шифрования удалены, остальные ключи ячейки перешифрованы под новым ключом, ' +
    `прежний уничтожен; версия корневого ключа эпохи № ${epoch} ${root}.`
  )
}
