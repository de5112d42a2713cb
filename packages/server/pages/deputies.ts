import { type Instant, isDoverieError } from '@doverie/core/base'
import { type DeputyRow, listDeputies, listStaff, type StaffCaller } from '@doverie/vault'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ServerContext } from '../context.ts'
import { day, forStaff, zoneOf } from './for-staff.ts'
import { type Html, html } from './html.ts'
import type { Shown } from './matrix.ts'

/** Who stands in for the officer, who did, and the form that appoints somebody; for the deputy, the way to act as one. */
export function deputiesPage(context: ServerContext, request: FastifyRequest, reply: FastifyReply): Promise<Shown> {
  return forStaff(context, request, reply, async (caller) => {
    if (caller.deputyOf !== undefined)
      return html`${TITLE}<div class="card"><p>Вы действуете как заместитель ответственного: так записано о каждом вашем действии. <span lang="en">You act as the officer’s deputy; each act says so.</span></p><p><button type="button" data-acting="false">Действовать за себя · Act as myself</button> ${SAID}</p></div>`
    const now = context.vault.now()
    const rows = await listDeputies(context.vault, caller)
    const who = await choiceOf(context, caller)
    return html`${TITLE}
${rows.some((row) => acts(row, now) && row.staff === caller.staff) ? html`<p><button type="button" data-acting="true">Действовать как заместитель · Act as the deputy</button></p>` : ''}
${rows.length === 0 ? html`<p class="dim">Заместителей не было. <span lang="en">There were none.</span></p>` : html`<ol class="queue">${rows.map((row) => line(row, caller, now, zoneOf(context)))}</ol>`}
<details open><summary>Назначить <span lang="en">appoint</span></summary><form id="deputy-new" class="card">
<p><label>Сотрудник <span lang="en">member of staff</span> ${who}</label></p>
<p><label>С <span lang="en">from; now if empty</span> <input type="datetime-local" name="from"></label> <label>до <span lang="en">until</span> <input type="datetime-local" name="until" required></label></p>
<p><label>Куда слать напоминания <span lang="en">where reminders go</span> <input type="email" name="email" maxlength="254"></label></p>
<p class="dim">Ответственный назначает сам; без него предлагает один сотрудник и подтверждает другой. <span lang="en">The officer appoints alone; without them one proposes and another confirms.</span></p>
<button>Назначить · Appoint</button> ${SAID}</form></details>`
  })
}

/** Colleagues to choose from, by their pseudonyms; who may not list them writes the id that they were told. */
async function choiceOf({ vault }: ServerContext, caller: StaffCaller): Promise<Html> {
  const members = await listStaff(vault, caller).catch((error: unknown) => {
    if (isDoverieError(error, 'forbidden')) return null
    throw error
  })
  if (members === null) return html`<input name="staff" size="38" required placeholder="id">`
  const others = members.filter(({ staff, switchedOffAt }) => switchedOffAt === null && staff !== caller.staff)
  return html`<select name="staff" required><option value=""></option>${others.map(({ staff, pseudonym, role }) => html`<option value="${staff}">${pseudonym} (${role})</option>`)}</select>`
}

const TITLE = html`<h1>Заместитель ответственного <small lang="en">Who stands in for the officer</small></h1>`
const SAID = html`<output id="said" class="state" aria-live="polite"></output>`

function acts({ from, until, confirmedAt, endedAt }: DeputyRow, now: Instant): boolean {
  return confirmedAt !== null && endedAt === null && from <= now && now < until
}

function line(row: DeputyRow, caller: StaffCaller, now: Instant, zone: string): Html {
  const { id, pseudonym, from, until, askedBy, confirmedBy, endedAt, endedBy } = row
  const waits = confirmedBy === null && endedAt === null
  const state = waits
    ? html`ждёт второго слова <span lang="en">waits for a second word</span>`
    : endedAt !== null || until <= now
      ? html`окончено <span lang="en">ended</span>${endedBy === null ? '' : html`, <code>${endedBy}</code>`}`
      : acts(row, now)
        ? html`замещает сейчас <span lang="en">acts now</span>`
        : html`назначен <span lang="en">appointed</span>`
  return html`<li class="card"><h3><code>${pseudonym}</code></h3><p>${day(zone, from)} – ${day(zone, until)}: ${state}. Назначил <code>${askedBy}</code>${confirmedBy === null || confirmedBy === askedBy ? '' : html`, подтвердил <code>${confirmedBy}</code>`}</p>
${waits && askedBy !== caller.pseudonym ? html`<button type="button" data-deputy="${id}/confirmation">Подтвердить · Confirm</button> ` : ''}${endedAt === null ? html`<button type="button" data-deputy="${id}/end">Прекратить · End</button>` : ''}</li>`
}
