import { documentMethods, IDENTITY_METHODS } from '@doverie/core/request'
import { currentPolicy, listWaitingMailboxes, type WaitingMailbox } from '@doverie/vault'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ServerContext } from '../context.ts'
import { type Html, html } from './html.ts'
import type { Shown } from './matrix.ts'
import { forStaff } from './for-staff.ts'

/** Mailboxes that people lost: what waits, and the form that begins it. No address is on it. */
export function mailboxesPage(context: ServerContext, request: FastifyRequest, reply: FastifyReply): Promise<Shown> {
  return forStaff(context, request, reply, async (caller) => {
    const waiting = await listWaitingMailboxes(context.vault, caller)
    const policy = currentPolicy(context.vault)
    return shown(waiting, [...(policy?.entities.keys() ?? [])], policy?.zone ?? 'UTC')
  })
}

const METHODS = Object.entries(IDENTITY_METHODS).filter(([id]) => documentMethods().includes(id))

function shown(waiting: readonly WaitingMailbox[], entities: readonly string[], zone: string): Html {
  return html`<h1>Утраченные адреса <small lang="en">Lost mailboxes</small></h1>
<p>Человек, который потерял доступ к почте, входит по новому адресу после документа, кода с нового адреса, слова второго сотрудника и срока, в который прежний адрес может это отменить.</p>
<p lang="en">Who has lost their mailbox signs in by another after a document, a code from the new one, the word of a second member of staff, and a term in which the old one can cancel it.</p>
<p><output id="said" class="state" aria-live="polite"></output></p>
${waiting.length === 0 ? html`<p class="dim">Ничего не ждёт. <span lang="en">Nothing waits.</span></p>` : waiting.map((one) => card(one, zone))}
<form id="mailbox" class="card">
<h2>Записать новый адрес <small lang="en">Write down a new mailbox</small></h2>
<label>Номер человека <span lang="en">the person’s id</span><br><input name="subject" required></label><br>
<label>Новый адрес <span lang="en">new mailbox</span><br><input name="email" type="email" autocomplete="off" required></label><br>
<label>Чем подтверждено, кто просит <span lang="en">by what it was checked who asks</span><br>
<select name="method">${METHODS.map(([id, { label }]) => html`<option value="${id}">${label['ru'] ?? id} · ${label['en'] ?? id}</option>`)}</select></label><br>
<label>Юридическое лицо <span lang="en">legal entity</span><br>
<select name="entity">${entities.map((id) => html`<option>${id}</option>`)}</select></label><br>
<label>Номер заявки <span lang="en">ticket</span><br><input name="ticket" required></label><br>
<button>Записать и отправить код · Write down and send the code</button>
</form>
<form id="mailbox-code" class="card" hidden>
<label>Код, который пришёл на новый адрес <span lang="en">the code that came to the new mailbox</span><br>
<input name="code" inputmode="numeric" autocomplete="off" required></label>
<button>Проверить · Check</button>
</form>`
}

/** The second member of staff asks the owner: shown the address, they would confirm whatever stands there. */
const CONFIRMING = html`<label>Новый адрес, как его назвал сам владелец <span lang="en">the new mailbox as its owner told it to you</span>
<input name="email" type="email" autocomplete="off"></label>
<button type="button" data-mailbox-act="confirmation">Подтвердить · Confirm</button>`

function card({ subject, id, entity, method, askedAt, askedBy, provedAt, dueAt }: WaitingMailbox, zone: string): Html {
  const when = (at: number): string =>
    new Intl.DateTimeFormat('ru', { dateStyle: 'medium', timeStyle: 'short', timeZone: zone }).format(at)
  const label = Object.entries(IDENTITY_METHODS).find(([id]) => id === method)?.[1].label['ru'] ?? method
  return html`<section class="card" data-mailbox="${subject}" data-change="${id}" data-entity="${entity}">
<h2><code>${subject}</code></h2>
<p>${label}; записал ${askedBy} ${when(askedAt)} <span lang="en">written down</span></p>
<p class="state" data-state="${provedAt === null ? 'waits' : 'ok'}">${provedAt === null ? 'Код с нового адреса ещё не назван · the code was not told yet' : 'Новый адрес подтверждён кодом · proved by a code'}</p>
<p class="state" data-state="${dueAt === null ? 'waits' : 'ok'}">${dueAt === null ? 'Ждёт второго сотрудника · waits for a second member of staff' : `Вступит в силу ${when(dueAt)} · takes effect`}</p>
<p><label>Номер заявки <span lang="en">ticket</span> <input name="ticket" size="12"></label>
${provedAt === null ? html`<button type="button" data-mailbox-act="codes">Новый код · Another code</button>` : ''}
${dueAt === null && provedAt !== null ? CONFIRMING : ''}
<button type="button" data-mailbox-act="cancel">Отменить · Cancel</button></p>
</section>`
}
