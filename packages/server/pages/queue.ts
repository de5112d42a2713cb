import {
  legalProfile,
  REQUEST_KINDS,
  type RequestKind,
  SIGNATURE_CHECKERS,
  type SignatureChecker,
} from '@doverie/core/base'
import type { MailIntake } from '@doverie/core/contract'
import {
  ANSWER,
  earliest,
  extendable,
  EXTENSION_REASONS,
  IDENTITY_METHODS,
  stepsFrom,
  type Track,
} from '@doverie/core/request'
import {
  currentPolicy,
  describeRequest,
  EXTENSION_WORDS,
  KIND_WORDS,
  listClocks,
  listQueue,
  type LetterRow,
  type QueuePage,
  type Repeated,
  type RequestRow,
  type RunningClock,
} from '@doverie/vault'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ServerContext } from '../context.ts'
import { intakeView } from '../handle/mail.ts'
import { checks, lacksProof } from './checks.ts'
import { otherClocks } from './clocks.ts'
import { fulfilment } from './fulfil.ts'
import { bar, day, forStaff, minute, words, zoneOf } from './for-staff.ts'
import { type Html, html } from './html.ts'
import { asideCount, mailboxWarning } from './mail.ts'
import type { Shown } from './matrix.ts'
import { letterLine } from './recipient-letters.ts'
import { askedOf, registerPage, searchForm } from './register.ts'
import { OWNER_WORDS, STATE_WORDS, STEP_WORDS } from './request-words.ts'

const STEPS = ['identity-waived', 'identity-failed', 'shown', 'accepted', 'reviewed', 'mended', 'told']
const REPLIES = {
  asking: { kind: 'identity', ru: 'Попросить подтвердить личность', en: 'ask for a proof of identity' },
  answering: { kind: 'answer', ru: 'Составить и отправить ответ', en: 'make and send the answer' },
  refusing: { kind: 'refusal', ru: 'Составить и отправить отказ', en: 'make and send the refusal' },
  recalling: { kind: 'confirmation', ru: 'Подтвердить отзыв', en: 'confirm that it was taken back' },
} as const

/** The open requests with their clocks, for staff with the duty. Nothing personal is on it. */
export function queuePage(context: ServerContext, request: FastifyRequest, reply: FastifyReply): Promise<Shown> {
  return forStaff(context, request, reply, async (caller) => {
    const asked = askedOf(request.query as Readonly<Record<string, unknown>>)
    // By a kind alone the register is searched, and not what is open.
    if (asked !== null) {
      const found = await listQueue(context.vault, caller, { ...asked, state: asked.state ?? 'all' })
      return registerPage(context, found, asked)
    }
    const { after, overdue } = request.query as Readonly<Record<string, unknown>>
    const which = { ...(typeof after === 'string' ? { after } : {}), overdue: overdue === 'true' }
    return queue(
      await listQueue(context.vault, caller, which),
      zoneOf(context),
      overdue === 'true',
      await intakeView(context, caller),
      (await listClocks(context.vault, caller)).filter(({ register }) => register !== 'request'),
    )
  })
}

/** One request: its clocks, what happened, what can be done. What the letter says is asked for by a button: the reading is entered. */
export function requestPage(context: ServerContext, request: FastifyRequest, reply: FastifyReply): Promise<Shown> {
  return forStaff(context, request, reply, async (caller) => {
    const { id = '' } = request.params as { readonly id?: string }
    return described(context, await describeRequest(context.vault, caller, id))
  })
}

/** The form by which staff register what came on paper, by mail or by phone. */
export function newLetterPage(context: ServerContext, request: FastifyRequest, reply: FastifyReply): Promise<Shown> {
  return forStaff(context, request, reply, async (caller) => {
    // Asks for the duty as the register will.
    await listQueue(context.vault, caller, {})
    return html`${NEW_LETTER}${stampOf(zoneOf(context))}`
  })
}

function queue(
  { requests, next, added }: QueuePage,
  zone: string,
  overdue: boolean,
  mail: MailIntake,
  clocks: readonly RunningClock[],
): Html {
  return html`<h1>Обращения <small lang="en">Requests: the earliest due first</small></h1>
<p><a href="/console/letters/new">Зарегистрировать письмо</a> <span lang="en">register a letter</span> · <a href="/console/demands">Требования органов</a> <span lang="en">demands of authorities</span> · <a href="/console/recipient-letters">Письма получателям</a> <span lang="en">letters to recipients</span> ·
${overdue ? html`<a href="/console/requests">все открытые</a> <span lang="en">all open</span>` : html`<a href="/console/requests?overdue=true">просроченные по плану</a> <span lang="en">past their planned end</span>`} ·
<a href="/console/requests?state=ended">завершённые</a> <span lang="en">ended</span> ·
<a href="/console/mail">Почта</a> <span lang="en">mail</span>${asideCount(mail) === 0 ? '' : html` (${asideCount(mail)})`}</p>
${searchForm({}, [])}
${mailboxWarning(mail)}
${otherClocks(clocks, zone)}
${requests.length === 0 ? html`<p>Открытых обращений нет. <span lang="en">None are open.</span></p>` : html`<ol class="queue">${requests.map((row) => line(row, zone, added.has(row.letter)))}</ol>`}
${next === null ? '' : html`<p><a href="/console/requests?${overdue ? 'overdue=true&' : ''}after=${encodeURIComponent(next)}">Дальше</a> <span lang="en">next page</span></p>`}`
}

function line(row: RequestRow, zone: string, added: boolean): Html {
  const kind = KIND_WORDS[row.kind]
  const first = firstOf(row.fold.tracks)
  return html`<li class="card"><h2><a href="/console/requests/${row.id}"><span class="number">${row.number}</span>${kind['ru'] ?? ''}</a> <small lang="en">${kind['en'] ?? ''}</small></h2>
<p>${words(STATE_WORDS, row.state)}; ${words(OWNER_WORDS, row.owner ?? '')}. Получено ${day(zone, row.receivedAt)} <span lang="en">received</span>${added ? ADDED : ''}</p>
${hindered(row, zone)}${first === null ? '' : clock(row, first, zone)}</li>`
}

const ADDED = html` <strong class="state" data-state="waits">пришло дополнение <span lang="en">something was added</span></strong>`

/** Why a request does not go on by itself: staff see to what the refusal rests on, or decide again after a restore. */
function hindered({ hindered: why }: RequestRow, zone: string): Html {
  if (why === null) return html``
  if (why.by === 'restored') {
    return html`<p class="state" data-state="wrong">Данные восстановлены из копии ${day(zone, why.at)}: отозвано ли обращение с тех пор, неизвестно. Решите заново. <span lang="en">After a restore: decide again; whether it was taken back since nobody knows.</span></p>`
  }
  const clauses = why.clauses.map((clause) => html` <a href="/policy#${clause}">${clause}</a>`)
  return html`<p class="state" data-state="wrong">Программа не может продолжить: ${day(zone, why.at)} политика отказала ей (${why.act}), пункты${clauses}. Причины: ${why.reasons.join(', ')}. Запись журнала <code>${why.entry}</code>. <span lang="en">The policy refused the software: see to what the refusal rests on; it is tried again every hour.</span></p>`
}

/** The clock that is due first; of several with one end the one that says most, not that a refusal would be due by then. */
function firstOf(tracks: readonly Track[]): Track | null {
  const first = earliest(tracks)
  const same = tracks.filter(({ end, planned, rule }) => end === null && planned === first?.planned && rule !== ANSWER)
  return same.at(-1) ?? first
}

/** A clock that runs: the bar is what has passed of its planned term; the script counts what is left. */
function clock({ profile }: RequestRow, { rule, start, planned, outer, told, counted }: Track, zone: string): Html {
  const duty =
    rule === ANSWER
      ? { ru: 'ответить', en: 'answer' }
      : legalProfile(profile).clocks.find(({ id }) => id === rule)?.duty
  return html`<div class="clock"><p>${duty?.['ru'] ?? rule} <span lang="en">${duty?.['en'] ?? ''}</span>: до ${day(zone, planned - 1)} включительно, крайний день ${day(zone, outer - 1)}${counted ? '' : ' (календаря на этот год ещё нет)'}${told === 0 ? '' : html` <strong class="state" data-state="${told === 100 ? 'wrong' : 'waits'}">прошло ${told} %</strong>`}</p>
${bar(start, planned, outer)}</div>`
}

function described(
  context: ServerContext,
  {
    request,
    letter,
    events,
    replies,
    cameBack,
    added,
    recipients,
    repeats,
  }: Awaited<ReturnType<typeof describeRequest>>,
): Html {
  const zone = zoneOf(context)
  const kind = KIND_WORDS[request.kind]
  const running = request.fold.tracks.filter(({ end }) => end === null)
  const unsent = recipients.some(({ state }) => state === 'asked' || state === 'made')
  const buttons = STEPS.filter((step) => canTake(request, step) && !(step === 'told' && unsent))
  const asks = canTake(request, 'identity-asked')
  const reply = REPLIES[(asks ? 'asking' : request.state) as keyof typeof REPLIES] as
    | (typeof REPLIES)['answering']
    | undefined
  return html`<h1><span class="number">${request.number}</span>${kind['ru'] ?? ''} <small lang="en">${kind['en'] ?? ''}</small></h1>
<p><a href="/console/requests">Все обращения</a> <span lang="en">all requests</span></p>
<div class="card" data-request="${request.id}" data-letter="${letter.id}">
<p>${words(STATE_WORDS, request.state)}${request.owner === null ? '' : html`; ${words(OWNER_WORDS, request.owner)}`}. Письмо № ${letter.number}, получено ${day(zone, request.receivedAt)}. Личность: ${identityOf(request, letter)}.${added ? ADDED : ''}</p>
${cameBack ? html`<p class="state" data-state="wrong">Письмо по этому адресу не доставлено: там никого нет. <span lang="en">A letter to this address came back: nobody is there.</span></p>` : ''}
${repeats === null || request.owner === null ? '' : repeated(repeats, zone)}
${hindered(request, zone)}${running.map((track) => clock(request, track, zone))}
<p><button type="button" id="read">Открыть письмо · Read the letter</button>
${buttons.map((step) => html` <button type="button" data-step="${step}">${STEP_WORDS[step]?.['ru'] ?? step} · ${STEP_WORDS[step]?.['en'] ?? ''}</button>`)}
${reply === undefined ? '' : html` <button type="button" data-reply="${reply.kind}">${reply.ru} · ${reply.en}</button>`}</p>
${
  reply === undefined
    ? ''
    : html`<p><label>Добавить к ответу своими словами <span lang="en">own words for the document</span><br><textarea id="note" rows="3" cols="60" maxlength="10000"></textarea></label></p>
${asks ? '' : html`<p><label class="choice"><input type="checkbox" id="attached"> Вложением под паролем, если человек попросил <span lang="en">attached under a password, where the person asked for that</span></label></p>`}`
}
${request.state === 'publishing' ? PUBLISHING : ''}
${unsent && request.state === 'telling' ? html`<p class="state" data-state="waits">Сначала отправьте письма получателям данных, они ниже. <span lang="en">Send the letters to the recipients first; they stand below.</span></p>` : ''}
${fulfilment(request, currentPolicy(context.vault))}
${canTake(request, 'rejected') ? refusal(request, repeats !== null) : ''}
${request.owner === 'staff' && extendable({ profile: legalProfile(request.profile) }, request.fold).length > 0 ? EXTENSION : ''}
${request.owner === null ? '' : rerouting(request, letter.suggested)}
${checks(request, letter, zone)}
${asksWho(request, letter) ? identity(letter) : ''}
<p><output id="said" class="state" aria-live="polite"></output></p>
</div>
<section id="letter" class="card" hidden></section>
${replies.length === 0 ? '' : html`<section class="card"><h2>Отправлено <small lang="en">Sent</small></h2><ul>${replies.map(({ id, number, sentAt, channel }) => html`<li><a href="/v1/replies/${id}">№ ${number}</a> ${sentAt === null ? html`распечатать и отправить почтой (${channel}), <a href="/v1/replies/${id}/address">адресный лист</a> <span lang="en">address sheet</span> <button type="button" data-posted="${id}">Отправлено · Posted</button>` : day(zone, sentAt)}</li>`)}</ul></section>`}
${recipients.length === 0 ? '' : html`<section class="card"><h2>Получатели данных <small lang="en">Whoever was given the data: it does not end before their letters went</small></h2><ol class="queue">${recipients.map((one) => letterLine(context, one, zone))}</ol></section>`}
<section class="card"><h2>Что было <small lang="en">What happened</small></h2><ol>${events.map(({ event, by }) => html`<li>${minute(zone, event.at)}: ${words(STEP_WORDS, event.kind === 'step' ? event.step : event.kind)}${by === null ? '' : html`, <code>${by}</code>`}</li>`)}</ol></section>`
}

const IDENTITY: Readonly<Record<string, string>> = {
  none: 'не известно, о ком письмо',
  claimed: 'не подтверждена',
  proved: 'подтверждена',
}

function identityOf(request: RequestRow, letter: LetterRow): string {
  if (letter.identity === 'proved' && lacksProof(request, letter)) return 'подтверждена, но не до нужного уровня'
  return IDENTITY[letter.identity] ?? letter.identity
}

function canTake({ kind, state }: RequestRow, step: string): boolean {
  return stepsFrom(kind, state).some((one) => one === step)
}

function repeated({ request, number, receivedAt, answeredAt, until }: Repeated, zone: string): Html {
  return html`<p id="repeats" class="state" data-state="waits">Повторяет обращение <a href="/console/requests/${request}">№ ${number}</a>, полученное ${day(zone, receivedAt)}, на которое ответили ${day(zone, answeredAt)}. Снова спросить о том же можно с ${day(zone, until)}, раньше — если человек пишет, чего не хватило в ответе. Если не пишет, можно отказать. <span lang="en">It repeats a request that was answered, sooner than the law lets ask again. Unless it says what the answer lacked, it can be refused.</span></p>`
}

function refusal({ profile }: RequestRow, again: boolean): Html {
  return html`<form id="refuse"><label>Отказать по основанию <span lang="en">refuse on the ground of</span><br>
<select name="reason">${legalProfile(profile).refusals.map((ground) => html`<option value="${ground.id}"${again && ground.again !== undefined ? SELECTED : ''}>${ground.label['ru'] ?? ground.id} (${ground.article['ru'] ?? ''})</option>`)}</select></label> <button>Отказать · Refuse</button></form>`
}

/** A notice that the term is extended, with its reason in words; once, where the law has it. */
const EXTENSION = html`<details><summary>Продлить срок <span lang="en">extend the term</span></summary><form id="extend">
<p><label>Причина <span lang="en">reason</span><br><select name="reason">${EXTENSION_REASONS.map((reason) => html`<option value="${reason}">${EXTENSION_WORDS[reason]['ru'] ?? reason}</option>`)}</select></label></p>
<p><label>Подробнее, для уведомления <span lang="en">in words, for the notice</span><br><textarea name="note" rows="3" cols="60" maxlength="10000" required></textarea></label></p>
<button>Уведомить и продлить · Send the notice</button></form></details>`

/** What else a letter asks, or asks in truth: its own words suggest, whoever sees to it decides. A mark's request stays. */
function rerouting({ kind, routedBy }: RequestRow, suggested: readonly RequestKind[]): Html {
  const marked = routedBy === 'mark'
  const spoken = suggested.map((one) => KIND_WORDS[one]['ru'] ?? one).join(', ')
  return html`<details${suggested.length > 0 ? OPEN : ''}><summary>Чего ещё просят <span lang="en">what else it asks, or asks in truth</span></summary><form id="reroute">
${suggested.length === 0 ? '' : html`<p>Слова письма говорят ещё о: ${spoken}. <span lang="en">its words speak of these, too</span></p>`}
<fieldset>${REQUEST_KINDS.map((one) => html`<label class="choice"><input type="checkbox" name="kinds" value="${one}"${one === kind ? (marked ? FIXED : CHECKED) : ''}> ${KIND_WORDS[one]['ru'] ?? one}</label>`)}</fieldset>
<button>Продолжить так · Let it go on so</button></form></details>`
}

/** What is to be public and under which bans: the script asks for it, and the look is entered. With nothing ticked nothing is public any more. */
const PUBLISHING = html`<details open><summary>Что открыть и с какими запретами <span lang="en">what is to be public, under which bans</span></summary>
<p class="dim">Отметьте то, о чём просит человек: это заменит то, что открыто сейчас. Снимите все отметки, чтобы закрыть всё. <span lang="en">This replaces what is public now; with nothing ticked nothing is.</span></p>
<p><button type="button" id="publishing">Показать, что можно открыть · Show what could be public</button></p>
<div id="publications"></div>
<p><button type="button" data-step="published">Опубликовано иначе, не здесь · Published elsewhere</button></p></details>`

const SELECTED = html` selected`
const OPEN = html` open`
const CHECKED = html` checked`
const FIXED = html` checked disabled data-fixed`

/** Also of whom something is proved, where the request asks for more. */
function asksWho({ kind, state, owner }: RequestRow, { identity }: LetterRow): boolean {
  return owner !== null && (identity !== 'proved' || stepsFrom(kind, state).includes('identity-proved'))
}

/** Who wrote: whom the letter is about, and the record of a check; no copy of what was shown. */
function identity({ subject, identity: so }: LetterRow): Html {
  const methods = Object.entries(IDENTITY_METHODS).filter(([, { by }]) => by === 'staff')
  return html`<details><summary>Кто написал <span lang="en">who wrote</span></summary>
${so === 'proved' ? '' : html`<form id="link"><label>О ком письмо: идентификатор человека <span lang="en">the person’s id</span><br><input name="subject" size="40" pattern="[0-9a-f-]{36}" required autocomplete="off"></label> <button>Указать · Say so</button></form>`}
${
  subject !== null
    ? html`<form id="check"><label>Проверено <span lang="en">checked by</span><br><select name="method">${methods.map(([id, { label }]) => html`<option value="${id}">${label['ru'] ?? id}</option>`)}</select></label><br>
<label>Кто признал подпись квалифицированной <span lang="en">where the signature was found to be a qualified one</span><br><select name="checkedBy"><option value="">не подпись · no signature</option>${SIGNATURE_CHECKERS.map((one) => html`<option value="${one}">${CHECKERS[one]}</option>`)}</select></label><br>
<label class="choice" id="demand" hidden><input type="checkbox" name="demand"> Требование прочитано в подписанном: <b></b> <span lang="en">what is asked was read in what was signed</span></label>
<button name="passed" value="true">Подтверждена · Proved</button> <button name="passed" value="false">Не подтверждена · Not proved</button></form>
${SIGNATURE}`
    : ''
}</details>`
}

const CHECKERS: Readonly<Record<SignatureChecker, string>> = {
  gosuslugi: 'сервис Госуслуг · Gosuslugi',
  'accredited-authority': 'аккредитованный удостоверяющий центр · an accredited authority',
  'certified-software': 'сертифицированная программа · certified software',
}

/** Filled by the page's script with what hangs on the letter, once it was read. */
const SIGNATURE = html`<form id="signature" hidden><h3>Подпись на письме <small lang="en">a signature on the letter</small></h3>
<label>Файл подписи <span lang="en">the signature</span><br><select name="signature"></select></label><br>
<label>Что подписано <span lang="en">what was signed</span><br><select name="content"><option value="">текст письма · the letter’s text</option></select></label><br>
<button>Проверить форму · Check its form</button>
<div id="signers" aria-live="polite"></div></form>`

/** What is put on the paper once it is registered; the page's script fills it in. */
function stampOf(zone: string): Html {
  return html`<section id="stamp" class="card" data-zone="${zone}" hidden>
<p>Зарегистрировано. Поставьте на письме: <span lang="en">Registered: put this on the paper</span></p>
<p class="stamp"><strong></strong> <span class="day"></span></p>
<p class="unprinted"><button type="button">Напечатать · Print</button></p>
<ul></ul>
<p class="unprinted"><a href="/console/requests">Все обращения</a> <span lang="en">all requests</span></p>
</section>`
}

const NEW_LETTER = html`<h1>Новое письмо <small lang="en">A letter to register</small></h1>
<p><a href="/console/requests">Все обращения</a> <span lang="en">all requests</span></p>
<form id="letter-form" class="card">
<p><label>Как пришло <span lang="en">how it came</span><br><select name="channel"><option value="paper">на бумаге · on paper</option><option value="phone">по телефону · by phone</option><option value="mail">по почте · by mail</option></select></label></p>
<p><label>Получено, по часам этого компьютера <span lang="en">received, by this computer’s clock</span><br><input type="datetime-local" name="receivedAt"></label> <span class="dim">пусто: сейчас</span></p>
<p><label>От кого <span lang="en">from whom</span><br><input name="name" maxlength="300" size="40" autocomplete="off"></label></p>
<p><label>Почтовый адрес <span lang="en">address</span><br><input name="address" maxlength="600" size="60" autocomplete="off"></label></p>
<p><label>Электронная почта <span lang="en">e-mail</span><br><input name="email" maxlength="254" size="40" autocomplete="off"></label></p>
<p><label>Пометки на конверте <span lang="en">marks on the envelope</span><br><input name="marks" maxlength="300" size="60" autocomplete="off"></label></p>
<p><label>Что написано <span lang="en">what it says</span><br><textarea name="text" rows="6" cols="60" maxlength="100000"></textarea></label></p>
<fieldset><legend>Чего просят <span lang="en">what it asks; by its marks and words if nothing is chosen</span></legend>
${REQUEST_KINDS.map((kind) => html`<label class="choice"><input type="checkbox" name="kinds" value="${kind}"> ${KIND_WORDS[kind]['ru'] ?? kind}</label>`)}</fieldset>
<p><label>Кто принёс <span lang="en">who brought it</span><br><input name="broughtBy" maxlength="300" size="40" autocomplete="off"></label></p>
<p><label>Скан <span lang="en">scan, kept sealed</span><br><input type="file" name="scan" multiple></label></p>
<p><button>Зарегистрировать · Register</button></p>
<p><output id="said" class="state" aria-live="polite"></output></p>
</form>`
