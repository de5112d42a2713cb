import type { Localised } from '@doverie/core/base'
import { ARCHIVED } from './registers.ts'

interface About {
  readonly operator: string
  readonly from: string
  readonly to: string
  readonly zone: string
}

/** What is in no archive, whoever asks for it. */
const LEFT_OUT: readonly Localised[] = [
  {
    ru: 'имён, телефонов, адресов и любых иных данных субъектов, их идентификаторов и слов их писем, требований и ответов: номера и SHA-256 документов есть, самих документов нет;',
    en: 'names, phones, addresses and any other data of people, their ids and the words of their letters, of demands and of answers: numbers and SHA-256 of documents are here, the documents are not;',
  },
  {
    ru: 'слов, которые писали работники: что случилось, примечаний, причин своими словами, тикетов. Причины названы кодами закрытых списков;',
    en: 'words that staff wrote: what happened, notes, reasons in their own words, tickets. Reasons are codes of closed lists;',
  },
  {
    ru: 'номера чужого документа, если он может оказаться не только номером (три буквы подряд или девять цифр, что бы между ними ни стояло): клетка пуста;',
    en: 'the number of somebody else’s document, where it may be more than a number (three letters in a row or nine digits, whatever stands between them): the cell is empty;',
  },
  {
    ru: 'имён работников: они названы псевдонимами, как в журнале. Кто за ними стоит, знает оператор;',
    en: 'names of staff: they stand by the pseudonyms of the ledger. Who they are the operator knows;',
  },
  {
    ru: 'передач данных тех, чьи данные уничтожены: реестр их не хранит, записи журнала о них остаются. Обращения уничтоженных субъектов остаются, ни к кому не привязанные.',
    en: 'handings of data of people who are destroyed: the register forgets them, the ledger’s entries stay. Requests of destroyed people stay, tied to nobody.',
  },
]

const LEDGER: readonly (readonly [string, Localised])[] = [
  [
    'manifest.json',
    {
      ru: 'перечень файлов: путь, размер, SHA-256; период, версия, контрольная точка',
      en: 'every file with size and SHA-256; period, version, checkpoint',
    },
  ],
  [
    'manifest.note',
    {
      ru: 'он же, подписанный ключом журнала (C2SP signed note)',
      en: 'the same, signed by the ledger’s key (C2SP signed note)',
    },
  ],
  [
    'ledger/checkpoint',
    {
      ru: 'контрольная точка журнала с подписями и подписями свидетелей (C2SP tlog-checkpoint)',
      en: 'the ledger’s checkpoint with signatures and cosignatures',
    },
  ],
  [
    'ledger/policy',
    {
      ru: 'ключи журнала, его свидетели и сколько их нужно (C2SP tlog-policy)',
      en: 'the ledger’s keys, its witnesses and their quorum',
    },
  ],
  [
    'ledger/tree.json',
    {
      ru: 'дерево журнала к началу и к концу периода и доказательства, что контрольная точка их продолжает',
      en: 'the tree at the period’s beginning and end, with proofs that the checkpoint continues both',
    },
  ],
  [
    'ledger/entries.json',
    {
      ru: 'записи журнала, на которые ссылаются строки реестров, и их путь к корню (RFC 9162)',
      en: 'entries that lines of the registers name, each with its way to the root (RFC 9162)',
    },
  ],
  [
    'policies/<версия>/',
    {
      ru: 'файлы версии (bundle.json: его SHA-256 есть в журнале), тексты, формы со всем показанным: поля и цели, уведомления, тексты согласий',
      en: 'files of a version (bundle.json: its SHA-256 is in the ledger), texts, forms with all that they show',
    },
  ],
]

const VERIFY: Localised = {
  ru: `Проверка без сети, только по этому файлу и ключам, опубликованным оператором (GET /log/policy):

    doverie archive verify АРХИВ.zip --trust policy

Без --trust проверяется целостность по ключам самого архива: сравните их с опубликованными.
Вручную: SHA-256 каждого файла в manifest.json; подпись manifest.note и ledger/checkpoint; пути в ledger/entries.json.
В строке реестра «entries» названы место записи в журнале и её SHA-256 (leaf). Саму запись раскрывает оператор по месту.
Строка без места: запись ещё не под контрольной точкой, удалена по сроку или не нашлась в пределах поиска; числа есть в manifest.json.`,
  en: `To verify offline, by this file and the keys that the operator publishes (GET /log/policy):

    doverie archive verify ARCHIVE.zip --trust policy

Without --trust it is checked against the keys that the archive itself names: compare them with the published ones.
By hand: SHA-256 of each file in manifest.json; the signatures of manifest.note and ledger/checkpoint; the ways in ledger/entries.json.
A line's "entries" name the place of an entry in the ledger and its SHA-256 (leaf). The operator opens an entry by its place.
A line without a place: the entry is not under the checkpoint yet, was pruned, or was not found within the bound of the search; manifest.json has the numbers.`,
}

/** What the archive is, in Russian and then in English. The same for the same period, whenever it is made. */
export function readme(about: About): string {
  return `${part(about, 'ru')}\n\n${'='.repeat(72)}\n\n${part(about, 'en')}\n`
}

function part({ operator, from, to, zone }: About, language: 'ru' | 'en'): string {
  const ru = language === 'ru'
  const say = (words: Localised): string => words[language] ?? ''
  return [
    ru ? `АРХИВ ДЛЯ ПРОВЕРКИ: ${operator}` : `ARCHIVE FOR AN INSPECTION: ${operator}`,
    ru ? `Период: с ${from} по ${to} включительно (${zone})` : `Period: ${from} to ${to}, both included (${zone})`,
    '',
    ru
      ? 'Всё здесь взято из реестров программой Doverie и никем не набрано. Персональных данных субъектов здесь нет.\nУказанные статьи юрист не подтверждал. Доказательство показывает, что названная запись есть в журнале, но не содержание записи.\nВ реестрах то, что начато до конца периода и не завершено до его начала, в состоянии на момент создания архива.'
      : 'All of it was taken from the registers by Doverie and typed by nobody. No personal data of data subjects is in it.\nThe articles named here were confirmed by no lawyer. A proof shows that a named entry stands in the ledger, not what its body says.\nRegisters have what began before the end of the period and had not ended before its beginning, as it stood when the archive was made.',
    '',
    ru
      ? 'РЕЕСТРЫ (registers/ИМЯ.csv для таблиц, registers/ИМЯ.json полнее)'
      : 'REGISTERS (registers/NAME.csv for spreadsheets, registers/NAME.json has more)',
    ...ARCHIVED.map(({ name, title, article }) => `  ${name}: ${say(title)}. ${article}`),
    '',
    ru ? 'ПОЛИТИКИ И ЖУРНАЛ' : 'POLICIES AND LEDGER',
    ...LEDGER.map(([path, what]) => `  ${path}: ${say(what)}`),
    '',
    ru ? 'ЧЕГО ЗДЕСЬ НЕТ' : 'WHAT IS NOT HERE',
    ...LEFT_OUT.map((what) => `  - ${say(what)}`),
    '',
    ru ? 'КАК ПРОВЕРИТЬ' : 'HOW TO VERIFY',
    say(VERIFY),
  ].join('\n')
}
