import {
  currentPolicy,
  listPlannedDestructions,
  type ShownDestruction,
  showPause,
  type ShownPause,
} from '@doverie/vault'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ServerContext } from '../context.ts'
import { day, forStaff, zoneOf } from './for-staff.ts'
import { type Html, html } from './html.ts'
import type { Shown } from './matrix.ts'

const BECAUSE: Readonly<Record<string, readonly [ru: string, en: string]>> = {
  idle: ['договор в силе, но человека давно не было', 'the contract is in force, and nobody was seen for long'],
  unconfirmed: ['договор в силе, но данные не подтверждены', 'the contract is in force, and nobody confirmed the data'],
}

/** What is going to be destroyed, and the pause after a restore, for the officer. Nothing personal is on it. */
export function destructionsPage(context: ServerContext, request: FastifyRequest, reply: FastifyReply): Promise<Shown> {
  return forStaff(context, request, reply, async (caller) => {
    const { after, subject } = request.query as Readonly<Record<string, unknown>>
    const place =
      typeof after === 'string' &&
      typeof subject === 'string' &&
      /^\d{1,15}$/.test(after) &&
      /^[\da-f-]{36}$/.test(subject)
        ? { plannedAt: Number(after), subject }
        : null
    const pause = await showPause(context.vault, caller)
    const planned = await listPlannedDestructions(context.vault, caller, place)
    const last = planned.at(-1)
    const zone = zoneOf(context)
    return html`<h1>Уничтожение по плану <small lang="en">What is going to be destroyed: the soonest first</small></h1>
<p>Этих данных не держит больше ни закон, ни договор, ни согласие. Что снова получит основание, из плана уйдёт.</p>
<p lang="en">No law, contract or consent keeps these data. What gets a ground again leaves the plan.</p>
<p><output id="said" class="state" aria-live="polite"></output></p>
${pause === null ? '' : pauseCard(pause, caller.pseudonym, zone)}
${planned.length === 0 ? html`<p>В плане ничего нет. <span lang="en">Nothing is planned.</span></p>` : html`<ol class="queue">${planned.map((one) => line(context, one, zone))}</ol>`}
${planned.length < PAGE || last === undefined ? '' : html`<p><a href="/console/destructions?after=${last.plannedAt}&subject=${last.subject}">Дальше</a> <span lang="en">next page</span></p>`}`
  })
}

/** As many as the plan is listed by. */
const PAGE = 200

function line(
  context: ServerContext,
  { subject, compartment, because, since, plannedAt, dueAt, goesAt, late }: ShownDestruction,
  zone: string,
): Html {
  const label = currentPolicy(context.vault)?.compartments.get(compartment)?.label
  const why = because === null ? undefined : BECAUSE[because]
  return html`<li class="card"><h2>${label?.['ru'] ?? compartment} <small lang="en">${label?.['en'] ?? ''}</small></h2>
<p><code>${subject}</code></p>
<p>Основания нет с ${day(zone, since)} <span lang="en">nothing keeps it since</span>; будет уничтожено ${day(zone, goesAt)} <span lang="en">goes on that day</span>${goesAt === plannedAt ? '' : html` (по плану ${day(zone, plannedAt)})`}; крайний день по закону ${day(zone, dueAt - 1)} <span lang="en">the law’s last day</span></p>
${why === undefined ? '' : html`<p>${why[0]} <span lang="en">${why[1]}</span></p>`}
${late ? html`<p class="state" data-state="wrong">Срок закона истечёт раньше <span lang="en">the law’s term ends before</span></p>` : ''}</li>`
}

/** What officers are to compare before they end it, and whose word is there already. */
function pauseCard(
  { since, takenAt, until, endAskedBy, endAskedAt, due, late }: ShownPause,
  own: string,
  zone: string,
): Html {
  return html`<section class="card" role="status"><h2>Пауза после восстановления <small lang="en">The pause after a restore</small></h2>
<p class="state" data-state="${late > 0 ? 'wrong' : 'waits'}">До ${day(zone, until)} ничего по плану не уничтожается: данные восстановлены ${day(zone, since)} из копии от ${day(zone, takenAt)}. <span lang="en">Nothing planned is destroyed until then: the data came out of a backup.</span></p>
<p>Новые договоры и согласия, данные после копии, здесь неизвестны. Сверьте план с ними и только потом снимайте паузу; снимают её двое.</p>
<p lang="en">Contracts and consents of after the backup are unknown here. Compare the plan with them before you end the pause; it takes two.</p>
<p>Срок уже наступил: ${due}. Срок закона истекает внутри паузы: ${late}. <span lang="en">Due already: ${due}. The law’s term ends within the pause: ${late}.</span></p>
${endAskedBy === null || endAskedAt === null ? '' : html`<p>${endAskedBy} просит снять паузу, ${day(zone, endAskedAt)} <span lang="en">wants it ended</span></p>`}
${endAskedBy === own ? html`<p>Ждёт слова второго ответственного. <span lang="en">Another officer’s word is awaited.</span></p>` : form(endAskedBy === null)}</section>`
}

function form(first: boolean): Html {
  return html`<form data-post="/v1/destructions/plan/resumption"><label>Номер заявки <span lang="en">ticket</span> <input name="ticket" size="12" required autocomplete="off"></label>
<button>${first ? 'План сверен, снять паузу · Compared, end the pause' : 'Второе слово: снять паузу · The second word'}</button></form>`
}
