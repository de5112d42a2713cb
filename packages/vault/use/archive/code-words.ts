import type { Localised } from '@doverie/core/base'
import { DUTY_WORDS } from '../../documents/duty-words.ts'
import { EXTENSION_WORDS } from '../../documents/kind-words.ts'

/** Columns whose codes a table shows in words; the JSON keeps the codes. */
const CODED: ReadonlySet<string> = new Set([
  ...['state', 'kind', 'channel', 'whoWrote', 'risk', 'level', 'register', 'reason', 'refusal', 'extendedFor'],
])

/** Codes in Russian, as a register says them. What is under way is one word for all its steps: those are in the events. */
const WORDS: Readonly<Record<string, string>> = {
  // Requests and demands.
  ...{ answered: 'ответ направлен', refused: 'отказ направлен', recalled: 'отозвано', replaced: 'продолжено другим' },
  ...{ none: 'не установлена', claimed: 'заявлена', proved: 'подтверждена' },
  // Incidents.
  ...{ opened: 'выявлен', assessed: 'оценён', reported: 'уведомление направлено', investigated: 'расследован' },
  ...{ 'result-reported': 'результаты направлены', closed: 'закрыт', 'not-a-breach': 'не инцидент' },
  ...{ low: 'низкая', medium: 'средняя', high: 'высокая' },
  // Duties.
  ...{ open: 'не исполнена', sent: 'направлено', 'in-force': 'действует', confirmed: 'подтверждено' },
  ...{ ended: 'прекращено', void: 'не требуется' },
  ...{ 'not-required': 'закон не требует', 'nothing-changed': 'сведения не изменились', repeated: 'уже в реестре' },
  // Handings, letters to recipients, documents.
  ...{ waiting: 'ждёт второго слова', declined: 'отклонено', made: 'исполнено', asked: 'нужно составить' },
  ...{ processor: 'обработчик', authority: 'орган власти', entity: 'лицо оператора' },
  ...{ answer: 'ответ', refusal: 'отказ', extension: 'продление', confirmation: 'подтверждение', notice: 'извещение' },
  ...{ act: 'акт', corrected: 'об исправлении', destroyed: 'об уничтожении', people: 'сообщение людям' },
  ...{ 'incident-first': 'первичное уведомление', 'incident-result': 'уведомление о результатах' },
  ...{
    requests: 'обращения',
    incidents: 'инциденты',
    duties: 'обязанности',
    demands: 'требования',
    handings: 'передачи',
  },
  // Ways.
  ...{ portal: 'портал', api: 'программа', mail: 'почта', paper: 'бумага', phone: 'телефон', print: 'печать' },
  attachment: 'вложение под паролем',
  // Holds.
  ...{ dispute: 'спор', inspection: 'проверка', demand: 'требование органа', incident: 'инцидент' },
}
const TABLES: readonly Readonly<Record<string, Localised>>[] = [DUTY_WORDS, EXTENSION_WORDS]
const UNDER_WAY = 'в работе'

/** A cell in words; where nobody wrote any for a code, of a request that is under way, else the code itself. */
export function inWords(register: string, column: string, code: string): string {
  if (!CODED.has(column)) return code
  const known = TABLES.map((table) => table[code]?.['ru']).find((one) => one !== undefined) ?? WORDS[code]
  if (known !== undefined) return known
  return column === 'state' && (register === 'requests' || register === 'demands') ? UNDER_WAY : code
}
