import { readFileSync } from 'node:fs'
import type { Localised, RequestKind } from '@doverie/core/base'
import { KIND_WORDS } from '@doverie/vault'
import type { ServerContext } from '../context.ts'
import { zoneOf } from './for-staff.ts'
import { type Html, html } from './html.ts'
import { SIGN_IN } from './my.ts'
import { STATE_WORDS, STEP_WORDS } from './request-words.ts'

/** The script of the page on what one has asked. */
export const MY_REQUESTS_JS: string = readFileSync(new URL('my-requests.mjs', import.meta.url), 'utf8')

/** What each kind is for, to whoever asks; the order is that of the list. */
const ASKED: Readonly<Record<RequestKind, Localised>> = {
  information: { ru: 'Узнать, какие мои данные у вас есть, зачем и кому переданы', en: 'information on my data' },
  copy: { ru: 'Получить копию моих данных', en: 'a copy of my data' },
  correction: { ru: 'Исправить мои данные', en: 'correct my data' },
  supplement: { ru: 'Дополнить мои данные', en: 'supplement my data' },
  withdrawal: { ru: 'Отозвать согласие на обработку', en: 'withdraw my consent' },
  'marketing-stop': { ru: 'Прекратить рекламу и рассылку', en: 'stop promotion' },
  erasure: { ru: 'Уничтожить мои данные', en: 'destroy my data' },
  'stop-processing': { ru: 'Прекратить обработку моих данных', en: 'stop processing my data' },
  confidentiality: { ru: 'Закрыть данные для отдельных целей', en: 'confidentiality settings' },
  publication: { ru: 'Сделать мои данные общедоступными', en: 'make my data public' },
  'publication-stop': { ru: 'Прекратить распространение моих данных', en: 'stop publication' },
  inaccuracy: { ru: 'Мои данные неточны', en: 'my data are inaccurate' },
  unlawful: { ru: 'Мои данные обрабатывают неправомерно', en: 'unlawful processing' },
  objection: { ru: 'Возразить против автоматического решения', en: 'object to an automated decision' },
  feedback: { ru: 'Задать вопрос или предложить', en: 'a question or a proposal' },
}

const HINTS: Partial<Readonly<Record<RequestKind, string>>> = {
  correction: 'Напишите, что неверно и как правильно. Простое исправление быстрее на странице «Мои данные».',
  supplement: 'Напишите, чего не хватает.',
  withdrawal: 'Отзываются все ваши согласия. Одно согласие отзывается сразу на странице «Мои данные».',
  'marketing-stop': 'Прекращается сразу.',
  erasure:
    'Данные блокируются сразу, а уничтожаются в назначенный день: до него можно отменить. Понадобится ещё раз подтвердить, что это вы.',
  confidentiality: 'Напишите, какие данные и для каких целей закрыть.',
  inaccuracy: 'Напишите, что неверно. До проверки данные блокируются.',
  unlawful: 'Напишите, что неправомерно. До проверки данные блокируются.',
  publication: 'Закрыть и открыть данные можно и сразу, на странице «Открыто для всех».',
}

/** Kinds that say nothing without words. */
const WORDED: readonly RequestKind[] = [
  'correction',
  'supplement',
  'confidentiality',
  'inaccuracy',
  'unlawful',
  'objection',
  'feedback',
]
/** Kinds whose answer has the data themselves, for machines, too. */
const EXPORTED: readonly RequestKind[] = ['information', 'copy']

/** Where a request stands, in words to the person, where those to staff would not do. */
const MINE: typeof STATE_WORDS = {
  registered: { ru: 'Зарегистрировано, рассматриваем', en: 'registered, being considered' },
  identifying: { ru: 'Ждём подтверждения, что это вы', en: 'waiting for proof that it is you' },
  deciding: { ru: 'Подтверждено, что это вы; решаем', en: 'proved that it is you, being decided' },
  correcting: { ru: 'Исправляем данные', en: 'being corrected' },
  settling: { ru: 'Меняем настройки', en: 'settings being changed' },
  publishing: { ru: 'Публикуем', en: 'being published' },
  mending: { ru: 'Устраняем нарушение', en: 'the breach is being mended' },
  telling: { ru: 'Извещаем тех, кому переданы данные', en: 'recipients are being told' },
  answering: { ru: 'Готовим ответ', en: 'the answer is being made' },
  refusing: { ru: 'Готовим мотивированный отказ', en: 'the refusal is being made' },
  recalling: { ru: 'Отозвано вами, подтверждаем', en: 'taken back, to be confirmed' },
  answered: { ru: 'Ответ отправлен', en: 'answered' },
  refused: { ru: 'Отказано', en: 'refused' },
  recalled: { ru: 'Отозвано вами', en: 'taken back' },
}

const OWNERS: typeof STATE_WORDS = {
  staff: { ru: 'Ход за оператором', en: 'the operator’s move' },
  person: { ru: 'Ход за вами', en: 'your move' },
  system: { ru: 'Дальше идёт само', en: 'it goes on by itself' },
}

const SENT: typeof STATE_WORDS = {
  identity: { ru: 'Просьба подтвердить, что это вы', en: 'how to show that it is you' },
  extension: { ru: 'Уведомление о продлении срока', en: 'the term is extended' },
  answer: { ru: 'Ответ', en: 'the answer' },
  refusal: { ru: 'Отказ', en: 'the refusal' },
  confirmation: { ru: 'Подтверждение', en: 'a confirmation' },
  notice: { ru: 'Уведомление', en: 'a notice' },
  act: { ru: 'Акт', en: 'an act' },
}

/** The frame of what a person has asked. Nothing personal is in it: the script asks for that with the person's session. */
export function myRequestsPage(context: ServerContext): Html {
  const words = JSON.stringify({
    kinds: KIND_WORDS,
    states: { ...STATE_WORDS, ...MINE },
    steps: STEP_WORDS,
    owners: OWNERS,
    replies: SENT,
    hints: HINTS,
    worded: WORDED,
    exported: EXPORTED,
  })
  return html`<h1>Мои обращения <small lang="en">My requests</small></h1>
<p><output id="said" class="state" aria-live="polite"></output></p>
${SIGN_IN}
<div id="mine" hidden>
<form id="ask" class="card">
<h2>Новое обращение <small lang="en">A new request</small></h2>
<p><label>Что нужно <span lang="en">what you ask</span><br><select name="kind">${Object.entries(ASKED).map(([kind, { ru, en }]) => html`<option value="${kind}">${ru ?? ''} · ${en ?? ''}</option>`)}</select></label></p>
<p id="hint" class="dim"></p>
<p><label>Своими словами <span lang="en">in your words</span><br><textarea name="text" rows="4" cols="60" maxlength="20000"></textarea></label></p>
<p><label>Файлы <span lang="en">files, 10 of 8 MB in all; kept sealed</span><br><input type="file" name="files" multiple></label> <span class="dim">до 10 файлов, вместе до 8 МБ; хранятся под ключом</span></p>
<p><label>Кому <span lang="en">to whom</span><br><select name="entity"><option value="">всем юридическим лицам оператора · all of them</option></select></label></p>
<button>Отправить · Send</button>
</form>
<div id="requests" data-zone="${zoneOf(context)}" data-words="${words}"></div>
</div>`
}
