import { currentPolicy, type DoubtList, listDoubts } from '@doverie/vault'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ServerContext } from '../context.ts'
import { day, forStaff, words, zoneOf } from './for-staff.ts'
import { type Html, html } from './html.ts'
import type { Shown } from './matrix.ts'

type Doubtful = DoubtList['doubts'][number]

const KINDS: Readonly<Record<Doubtful['kind'], { readonly ru: string; readonly en: string }>> = {
  'not-collected': { ru: 'лишнее: ничто больше этого не требует', en: 'excess: nothing asks for it any more' },
  unproved: { ru: 'адрес или номер никто не подтвердил', en: 'nobody proved the address or number' },
  bounced: { ru: 'письмо никого не нашло', en: 'a letter found nobody' },
  unconfirmed: { ru: 'данные не подтверждены в срок', en: 'not confirmed in time' },
  old: { ru: 'давно ничего не слышно', en: 'nothing heard for long' },
}

/** Data that may be excess, inaccurate or outdated, for the officer: a thousand people at a time. No value is on it. */
export function doubtsPage(context: ServerContext, request: FastifyRequest, reply: FastifyReply): Promise<Shown> {
  return forStaff(context, request, reply, async (caller) => {
    const { after } = request.query as Readonly<Record<string, unknown>>
    const place = typeof after === 'string' && /^[\da-f-]{36}$/.test(after) ? after : undefined
    const { doubts, unlisted, next } = await listDoubts(context.vault, caller, place)
    return html`<h1>Данные под вопросом <small lang="en">Data that may be excess, inaccurate or outdated</small></h1>
<p>По одним фактам: ни одно значение не открыто. <span lang="en">By the facts alone: no value is opened.</span></p>
<p><output id="said" class="state" aria-live="polite"></output></p>
${unlisted === 0 ? '' : html`<p class="state" data-state="waits">У ${unlisted} человек неизвестно, какие поля заполнены: записано раньше, чем это отмечалось; узнается при смене их ключей. <span lang="en">Of so many people it is not known which fields are filled; it is found as their keys are rotated.</span></p>`}
${doubts.length === 0 ? html`<p>Ничего нет. <span lang="en">There is nothing.</span></p>` : html`<ol class="queue">${doubts.map((one) => line(context, one))}</ol>`}
${next === null ? '' : html`<p><a href="/console/doubts?after=${next}">Дальше</a> <span lang="en">next people</span></p>`}`
  })
}

function line(context: ServerContext, doubt: Doubtful): Html {
  const { subject, kind, compartment, field, since } = doubt
  const policy = currentPolicy(context.vault)
  const known = field === null ? undefined : policy?.fields.get(field)
  const label = known?.label ?? (compartment === null ? undefined : policy?.compartments.get(compartment)?.label)
  const name = field ?? compartment
  return html`<li class="card"><h2>${words(KINDS, kind)}</h2>
<p>${name === null ? '' : html`${label?.['ru'] ?? name} <code>${name}</code> · `}<code>${subject}</code>, ${day(zoneOf(context), since)}</p>
${kind === 'not-collected' && field !== null ? destruction(context, doubt) : ''}</li>`
}

function destruction(context: ServerContext, { subject, compartment, field }: Doubtful): Html {
  const entities = [...(currentPolicy(context.vault)?.entities.values() ?? [])]
  return html`<form data-post="/v1/people/${subject}/destroy-field"><input type="hidden" name="compartment" value="${compartment ?? ''}"><input type="hidden" name="field" value="${field ?? ''}">
<label>Юридическое лицо <span lang="en">legal entity</span> <select name="entity">${entities.map(({ id, label }) => html`<option value="${id}">${label['ru'] ?? id}</option>`)}</select></label>
<label>Номер заявки <span lang="en">ticket</span> <input name="ticket" size="12" required autocomplete="off"></label>
<button>Уничтожить поле · Destroy the field</button></form>`
}
