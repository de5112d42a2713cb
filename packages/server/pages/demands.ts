import { type Recipient } from '@doverie/core/policy'
import { currentPolicy, type DemandRow, describeDemand, listDemands, normsOf } from '@doverie/vault'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ServerContext } from '../context.ts'
import { bar, day, forStaff, zoneOf } from './for-staff.ts'
import { type Html, html } from './html.ts'
import type { Shown } from './matrix.ts'
import { letterLine, nameOf, words } from './recipient-letters.ts'

const STATES: Readonly<Record<DemandRow['state'], readonly [ru: string, en: string]>> = {
  registered: ['нужно указать, о ком оно, и второе слово', 'to name whom it is about, and the second word'],
  answering: ['ответ сделан, нужно передать', 'answered, to be handed over'],
  refusing: ['нужно отказать письмом', 'to be refused by a letter'],
  answered: ['ответ передан', 'handed over'],
  refused: ['отказ отправлен', 'refused'],
}

/** Demands of authorities with their clocks, for staff with the duty. Nothing personal is on it. */
export function demandsPage(context: ServerContext, request: FastifyRequest, reply: FastifyReply): Promise<Shown> {
  return forStaff(context, request, reply, async (caller) => {
    const demands = await listDemands(context.vault, caller)
    const zone = zoneOf(context)
    return html`<h1>Требования органов <small lang="en">Demands of authorities: the earliest due first</small></h1>
<p><a href="/console/demands/new">Зарегистрировать требование</a> <span lang="en">register one</span> · <a href="/console/recipient-letters">Письма получателям данных</a> <span lang="en">letters to recipients</span> · <a href="/console/requests">Обращения</a> <span lang="en">requests</span></p>
${demands.length === 0 ? html`<p>Требований нет. <span lang="en">There are none.</span></p>` : html`<ol class="queue">${demands.map((row) => line(context, row, zone))}</ol>`}`
  })
}

/** One demand: its clock, whom it is about by id, what can be done. */
export function demandPage(context: ServerContext, request: FastifyRequest, reply: FastifyReply): Promise<Shown> {
  return forStaff(context, request, reply, async (caller) => {
    const { id = '' } = request.params as { readonly id?: string }
    const { demand, lines, letters } = await describeDemand(context.vault, caller, id)
    const zone = zoneOf(context)
    const policy = currentPolicy(context.vault)
    const label = (field: string): string => policy?.fields.get(field)?.label['ru'] ?? field
    return html`<h1><span class="number">${demand.number}</span>${nameOf(context, demand.recipient)} <small lang="en">A demand of an authority</small></h1>
<p><a href="/console/demands">Все требования</a> <span lang="en">all demands</span></p>
<div class="card" data-letter="${demand.letter}">
<p>${words(STATES[demand.state])}</p>
<p>№ ${demand.reference} от ${written(demand.dated)}, получено ${day(zone, demand.receivedAt)}. Норма: ${normLabel(context, demand)}.</p>
${demand.secretUntil === null ? '' : html`<p class="state" data-state="waits">До ${day(zone, demand.secretUntil - 1)} включительно человеку не сообщается: ${demand.secretNorm ?? ''} <span lang="en">not told to whom it is about until then</span></p>`}
${demand.refusal === null ? '' : html`<p class="state" data-state="wrong">Отказ: пункты ${demand.refusal.clauses.map((clause) => html` <a href="/policy#${clause}">${clause}</a>`)} <span lang="en">refused under these clauses</span></p>`}
${demand.endedAt === null ? clockOf(demand, zone) : ''}
<p><button type="button" id="read">Открыть требование · Read it</button></p>
${
  demand.state === 'registered'
    ? forms(
        demand,
        lines.some(({ state }) => state === 'waiting'),
      )
    : ''
}
${demand.state === 'registered' || (demand.state === 'refusing' && letters.length === 0) ? refusal(demand) : ''}
<p><output id="said" class="state" aria-live="polite"></output></p>
<div id="given" hidden></div>
</div>
<section id="letter" class="card" hidden></section>
${lines.length === 0 ? '' : html`<section class="card"><h2>О ком и что <small lang="en">Whom and what</small></h2><ul>${lines.map(({ subject, fields, state, askedBy }) => html`<li><code>${subject}</code>: ${fields.map(label).join(', ')} (${state === 'waiting' ? 'ждёт второго слова' : state === 'made' ? 'передано' : 'отклонено'}, <code>${askedBy.id ?? ''}</code>)</li>`)}</ul></section>`}
${letters.length === 0 ? '' : html`<section class="card"><h2>Документы <small lang="en">Documents</small></h2><ol class="queue">${letters.map((one) => letterLine(context, one, zone))}</ol></section>`}`
  })
}

/** The form by which staff register a demand. */
export function newDemandPage(context: ServerContext, request: FastifyRequest, reply: FastifyReply): Promise<Shown> {
  return forStaff(context, request, reply, async (caller) => {
    await listDemands(context.vault, caller)
    const policy = currentPolicy(context.vault)
    const authorities = [...(policy?.recipients.values() ?? [])].filter(({ kind }) => kind === 'authority')
    return html`<h1>Новое требование <small lang="en">A demand to register</small></h1>
<p><a href="/console/demands">Все требования</a> <span lang="en">all demands</span></p>
<form class="card" data-post="/v1/demands" data-then="/console/demands">
<p><label>Чьё и по какой норме <span lang="en">whose, and by which norm</span><br><select name="recipient norm">${authorities.flatMap(options)}</select></label></p>
<p><label>Номер требования <span lang="en">its number</span><br><input name="reference" required maxlength="100" autocomplete="off"></label></p>
<p><label>Дата требования <span lang="en">its day</span><br><input type="date" name="dated" required></label></p>
<p><label>Ответить до, если указано <span lang="en">answer by, if it says so</span><br><input type="date" name="dueBy"></label></p>
<p><label>Кому адресовано <span lang="en">addressed to</span><br><select name="entity">${[...(policy?.entities.values() ?? [])].map(({ id, label }) => html`<option value="${id}">${label['ru'] ?? id}</option>`)}</select></label></p>
<p><label>Как пришло <span lang="en">how it came</span><br><select name="channel"><option value="paper">на бумаге · on paper</option><option value="mail">по почте · by mail</option></select></label></p>
<p><label>Кто принёс <span lang="en">who brought it</span><br><input name="broughtBy" maxlength="300" size="40" autocomplete="off"></label></p>
<p><label>Что требуют <span lang="en">what it demands</span><br><textarea name="text" rows="4" cols="60" maxlength="100000" data-kept></textarea></label></p>
<p><label>Открытый ключ получателя (age1…), если есть <span lang="en">the recipient’s public key, if it has one</span><br><input name="key" size="60" maxlength="4000" autocomplete="off"></label></p>
<details><summary>Человеку сообщать нельзя <span lang="en">whom it is about must not be told</span></summary>
<p><label>По какой норме <span lang="en">by which norm</span><br><input name="secretNorm" maxlength="300" size="40" autocomplete="off"></label></p>
<p><label>До какого дня включительно <span lang="en">until the end of</span><br><input type="date" name="secretUntil"></label></p></details>
<p><label>Скан <span lang="en">scan, kept sealed</span><br><input type="file" name="parts" multiple></label></p>
<p><button>Зарегистрировать · Register</button></p>
<p><output id="said" class="state" aria-live="polite"></output></p>
</form>`
  })
}

function line(context: ServerContext, row: DemandRow, zone: string): Html {
  return html`<li class="card"><h2><a href="/console/demands/${row.id}"><span class="number">${row.number}</span>${nameOf(context, row.recipient)}</a></h2>
<p>${words(STATES[row.state])}. № ${row.reference} от ${written(row.dated)}, получено ${day(zone, row.receivedAt)} <span lang="en">received</span></p>
${row.endedAt === null ? clockOf(row, zone) : ''}</li>`
}

function clockOf(row: DemandRow, zone: string): Html {
  return html`<div class="clock"><p>ответить <span lang="en">answer</span>: до ${day(zone, row.dueAt - 1)} включительно, крайний день ${day(zone, row.outerAt - 1)}${row.told === 0 ? '' : html` <strong class="state" data-state="${row.told === 100 ? 'wrong' : 'waits'}">прошло ${row.told} %</strong>`}</p>
${bar(row.receivedAt, row.dueAt, row.outerAt)}</div>`
}

function forms({ id, ageKey }: DemandRow, waits: boolean): Html {
  return html`<details ${waits ? '' : 'open'}><summary>О ком оно <span lang="en">whom it is about</span></summary>
<form data-post="/v1/demands/${id}/people"><p><label>Идентификатор человека <span lang="en">the person’s id</span><br><input name="subject" size="40" pattern="[0-9a-f-]{36}" required autocomplete="off"></label></p>
<p><label>Что требуют: поля или категории через запятую; пусто — всё, что позволяет норма <span lang="en">fields or categories, by commas; empty: all that the norm covers</span><br><input name="scope" size="60" data-list autocomplete="off"></label></p>
<button>Запросить наименьшее · Ask for the least</button></form></details>
${
  waits
    ? html`<form data-post="/v1/demands/${id}/approval"><p>${ageKey === null ? html`У получателя нет ключа: файл будет закрыт паролем. <span lang="en">No key: a PDF under a password.</span>` : html`Файл будет зашифрован ключом получателя. <span lang="en">Encrypted to the recipient’s key.</span>`}</p>
${ageKey === null ? html`<input type="hidden" name="key" value="" data-null>` : html`<p><label>Ключ ещё раз, как его назвал получатель <span lang="en">the key again, as the recipient told it</span><br><input name="key" size="60" required autocomplete="off"></label></p>`}
<button>Второе слово: выдать ответ · Approve</button></form>`
    : ''
}`
}

function refusal({ id, norm }: DemandRow): Html {
  return html`<details><summary>Отказать <span lang="en">refuse</span></summary><form data-post="/v1/demands/${id}/refusal">
<p><label>Почему, для письма <span lang="en">why, for the letter</span><br><textarea name="note" rows="3" cols="60" maxlength="10000" ${norm === null ? '' : 'required'}></textarea></label></p>
<button>Составить отказ · Make the refusal</button></form></details>`
}

function options(authority: Recipient): readonly Html[] {
  const name = authority.label['ru'] ?? authority.id
  return [
    ...normsOf(authority).map(
      ({ id, norm, label }) =>
        html`<option value="${authority.id} ${id}">${name}: ${label['ru'] ?? id}, ${norm['ru'] ?? ''}</option>`,
    ),
    html`<option value="${authority.id} ">${name}: норма не названа · names no norm</option>`,
  ]
}

function normLabel(context: ServerContext, { recipient, norm }: DemandRow): string {
  const authority = currentPolicy(context.vault)?.recipients.get(recipient)
  const known = authority === undefined ? undefined : normsOf(authority).find(({ id }) => id === norm)
  return known?.norm['ru'] ?? norm ?? 'не названа'
}

/** A day as it is written (`2026-11-20`), as people read it. */
function written(text: string): string {
  return text.split('-').reverse().join('.')
}
