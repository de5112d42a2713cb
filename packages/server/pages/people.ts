import type { Policy } from '@doverie/core/policy'
import { currentPolicy } from '@doverie/vault'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ServerContext } from '../context.ts'
import { forStaff } from './for-staff.ts'
import { type Html, html } from './html.ts'
import type { Shown } from './matrix.ts'

/** The search for who may have written, by surname and something more. Nobody is on the page before it was asked. */
export function peoplePage(context: ServerContext, request: FastifyRequest, reply: FastifyReply): Promise<Shown> {
  return forStaff(context, request, reply, () => Promise.resolve(shown(currentPolicy(context.vault))))
}

function shown(policy: Policy | null): Html {
  const beside = policy?.system.besideSurname ?? []
  return html`<h1>Поиск человека <small lang="en">Search for a person</small></h1>
<p>По фамилии и хотя бы одному сведению ещё. Показано не больше двадцати человек, сокращённо; каждый увидит это в своей истории.</p>
<p lang="en">By surname and at least one thing more. At most twenty people are shown, masked; each of them sees it in their history.</p>
<p><output id="said" class="state" aria-live="polite"></output></p>
${policy === null || beside.length === 0 ? NONE : form(policy, beside)}
<ul id="candidates" class="queue"></ul>`
}

const NONE = html`<p class="dim">По этой политике людей по фамилии не ищут. <span lang="en">By this policy nobody is found by surname.</span></p>`

function form(policy: Policy, beside: readonly string[]): Html {
  const { rights } = policy.system
  const purposes = [...policy.purposes.values()].sort((a, b) => Number(b.id === rights) - Number(a.id === rights))
  return html`<form id="people" class="card">
<label>Фамилия <span lang="en">surname</span><br><input name="surname" autocomplete="off" required maxlength="200"></label>
<fieldset><legend>И ещё хотя бы одно <span lang="en">and at least one of these</span></legend>
${beside.map((id) => besideInput(policy, id))}
</fieldset>
<label>Цель <span lang="en">purpose</span><br>
<select name="purpose">${purposes.map(({ id, label }) => html`<option value="${id}">${label['ru'] ?? id} · ${label['en'] ?? id}</option>`)}</select></label><br>
<label>Юридическое лицо <span lang="en">legal entity</span><br>
<select name="entity">${[...policy.entities.values()].map(({ id, label }) => html`<option value="${id}">${label['ru'] ?? id}</option>`)}</select></label><br>
<label>Номер заявки <span lang="en">ticket</span><br><input name="ticket" required></label><br>
<button disabled>Найти · Search</button>
</form>`
}

/** What of a field is asked for: of a number its end, of an address its postcode. */
const ASKED: Readonly<Record<string, { readonly ru: string; readonly en: string }>> = {
  'person-name': { ru: 'целиком', en: 'whole' },
  'postal-address': { ru: 'почтовый индекс', en: 'the postcode' },
  text: { ru: 'дата', en: 'a date' },
}
const TAIL = { ru: 'последние 4 знака', en: 'the last four signs' }

function besideInput(policy: Policy, id: string): Html {
  const field = policy.fields.get(id)
  const asked = ASKED[field?.kind ?? ''] ?? TAIL
  return html`<label>${field?.label['ru'] ?? id} <span lang="en">${field?.label['en'] ?? ''}</span> <small class="dim">${asked.ru} · ${asked.en}</small><br><input data-beside="${id}" data-label="${field?.label['ru'] ?? id}" autocomplete="off" maxlength="100"></label><br>`
}
