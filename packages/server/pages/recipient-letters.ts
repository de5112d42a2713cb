import { currentPolicy, listNotices, type RecipientLetterRow } from '@doverie/vault'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ServerContext } from '../context.ts'
import { bar, day, forStaff, zoneOf } from './for-staff.ts'
import { type Html, html } from './html.ts'
import type { Shown } from './matrix.ts'

const KINDS: Readonly<Record<RecipientLetterRow['kind'], readonly [ru: string, en: string]>> = {
  corrected: ['данные уточнены', 'data were corrected'],
  destroyed: ['данные уничтожены', 'data were destroyed'],
  answer: ['ответ на требование', 'answer to a demand'],
  refusal: ['отказ по требованию', 'refusal of a demand'],
}

const UNREACHABLE: Readonly<Record<string, readonly [ru: string, en: string]>> = {
  'no-address': ['нет ни адреса, ни почты', 'no address is known'],
  'came-back': ['письмо вернулось', 'the letter came back'],
  dissolved: ['организации больше нет', 'there is no such organisation any more'],
}

/** Letters to recipients of data: what is to be posted, what is not confirmed yet. */
export function recipientLettersPage(
  context: ServerContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Shown> {
  return forStaff(context, request, reply, async (caller) => {
    const letters = await listNotices(context.vault, caller)
    const zone = zoneOf(context)
    return html`<h1>Письма получателям данных <small lang="en">Letters to recipients of data</small></h1>
<p><a href="/console/demands">Требования</a> <span lang="en">demands</span> · <a href="/console/requests">Обращения</a> <span lang="en">requests</span></p>
<p><output id="said" class="state" aria-live="polite"></output></p>
${letters.length === 0 ? html`<p>Писем нет. <span lang="en">There are none.</span></p>` : html`<ol class="queue">${letters.map((one) => letterLine(context, one, zone))}</ol>`}`
  })
}

/** One letter: what is to be done with it, by when. */
export function letterLine(context: ServerContext, row: RecipientLetterRow, zone: string): Html {
  const { id, kind, recipient, state, channel, number, pdf, sentAt, confirmedAt } = row
  const post = (to: string, said: string): Html =>
    html`<form data-post="/v1/recipient-letters/${id}/state"><input type="hidden" name="state" value="${to}"><button>${said}</button></form>`
  return html`<li class="card"><h2><span class="number">${number ?? '…'}</span>${nameOf(context, recipient)}</h2>
<p>${words(KINDS[kind])}${pdf === null ? '' : html`, <a href="/v1/recipient-letters/${id}">документ</a> <span lang="en">document</span>${channel === 'print' ? html`, <a href="/v1/recipient-letters/${id}/address">адресный лист</a> <span lang="en">address sheet</span>` : ''}`}</p>
${state === 'asked' ? html`<p>составляется <span lang="en">being made</span></p>` : ''}
${state === 'made' ? html`<p>напечатать и отправить до ${day(zone, row.dueAt - 1)} <span lang="en">print and send by then</span>${row.told === 0 ? '' : html` <strong class="state" data-state="${row.told === 100 ? 'wrong' : 'waits'}">прошло ${row.told} %</strong>`}</p>${bar(row.askedAt, row.dueAt, row.dueAt)}${post('sent', 'Отправлено · Sent')}` : ''}
${state === 'sent' && sentAt !== null ? html`<p>отправлено ${day(zone, sentAt)}, получатель ещё не подтвердил <span lang="en">sent, not confirmed</span></p>${post('confirmed', 'Подтверждено · Confirmed')}` : ''}
${row.demand === null && (state === 'made' || state === 'sent') ? unreachable(id) : ''}
${state === 'unreachable' ? html`<p class="state" data-state="wrong">${words(UNREACHABLE[row.unreachable ?? ''] ?? ['', ''])}</p>${post('sent', 'Всё же отправлено · Sent after all')}` : ''}
${confirmedAt === null ? '' : html`<p class="state" data-state="ok">подтверждено ${day(zone, confirmedAt)} <span lang="en">confirmed</span></p>`}</li>`
}

/** Whom no letter reaches: the reason ends the wait of the requests on whose account it was written. */
function unreachable(id: string): Html {
  return html`<details><summary>Письмо не дойдёт <span lang="en">no letter reaches it</span></summary>
<form data-post="/v1/recipient-letters/${id}/state"><input type="hidden" name="state" value="unreachable"><label>Почему <span lang="en">why</span> <select name="reason">${Object.entries(UNREACHABLE).map(([reason, [ru, en]]) => html`<option value="${reason}">${ru} · ${en}</option>`)}</select></label> <button>Отметить · Say so</button></form></details>`
}

/** A recipient, as the policy calls it. */
export function nameOf({ vault }: ServerContext, id: string): string {
  const policy = currentPolicy(vault)
  return policy?.recipients.get(id)?.label['ru'] ?? id
}

/** In both languages. */
export function words([ru, en]: readonly [string, string]): Html {
  return html`${ru} <span lang="en">${en}</span>`
}
