import {
  formatInstant,
  INCIDENT_RISKS,
  type Instant,
  legalProfile,
  type Localised,
  NO_BREACH_REASONS,
  type ProfileId,
} from '@doverie/core/base'
import { CLOSE, earliest, type Track } from '@doverie/core/request'
import {
  currentPolicy,
  describeIncident,
  type DescribedIncident,
  type IncidentRow,
  type IncidentWords,
  listIncidents,
} from '@doverie/vault'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ServerContext } from '../context.ts'
import { type Html, html } from './html.ts'
import type { Shown } from './matrix.ts'
import { forStaff, words, zoneOf } from './for-staff.ts'

const STATES: Readonly<Record<string, Localised>> = {
  opened: { ru: 'выявлен, нужно оценить', en: 'found, to be assessed' },
  assessed: { ru: 'оценён, нужно уведомить', en: 'assessed, to be reported' },
  reported: { ru: 'уведомление отправлено, идёт расследование', en: 'reported, under investigation' },
  investigated: { ru: 'расследован, нужно сообщить результаты', en: 'investigated, results to be reported' },
  'result-reported': { ru: 'результаты отправлены, можно закрыть', en: 'results reported, to be closed' },
  closed: { ru: 'закрыт', en: 'closed' },
  'not-a-breach': { ru: 'не инцидент', en: 'no breach' },
  people: { ru: 'люди', en: 'people' },
  scoped: { ru: 'указано, где искать затронутых', en: 'scope set' },
  counted: { ru: 'затронутые найдены по журналу', en: 'people affected found in the ledger' },
  drafted: { ru: 'подготовлен документ', en: 'document drafted' },
  telling: { ru: 'начато оповещение людей', en: 'people are being told' },
  'people-told': { ru: 'люди оповещены', en: 'people told' },
  'people-untold': { ru: 'решено не оповещать', en: 'people not told' },
  escalated: { ru: 'напомнено ответственному', en: 'officer reminded' },
}
const STEPS: Readonly<Record<string, Localised>> = {
  reported: { ru: 'Уведомление отправлено', en: 'the notice was sent' },
  'result-reported': { ru: 'Результаты отправлены', en: 'the results were sent' },
  closed: { ru: 'Закрыть', en: 'close' },
}
const DOCUMENTS: Readonly<Record<string, Localised>> = {
  'incident-first': { ru: 'Первичное уведомление', en: 'first notice' },
  'incident-result': { ru: 'Уведомление о результатах', en: 'notice of the results' },
  people: { ru: 'Сообщение людям', en: 'what the people are told' },
}
const RISKS: Readonly<Record<string, Localised>> = {
  low: { ru: 'низкий', en: 'low' },
  medium: { ru: 'средний', en: 'medium' },
  high: { ru: 'высокий', en: 'high' },
}
const REASONS: Readonly<Record<string, Localised>> = {
  'no-personal-data': { ru: 'персональные данные не затронуты', en: 'no personal data concerned' },
  'nothing-reached': { ru: 'доступа к данным не было', en: 'nothing was reached' },
  lawful: { ru: 'доступ был правомерным', en: 'the access was lawful' },
  repeated: { ru: 'тот же случай уже в реестре', en: 'the same one is in the register' },
}
const TEXTS: readonly (readonly [Exclude<keyof IncidentWords, 'reason'>, Localised])[] = [
  ['what', { ru: 'Что произошло', en: 'what happened' }],
  ['systems', { ru: 'Системы', en: 'systems' }],
  ['cause', { ru: 'Предполагаемая причина', en: 'supposed cause' }],
  ['harm', { ru: 'Предполагаемый вред', en: 'supposed harm' }],
  ['measures', { ru: 'Принятые меры', en: 'measures' }],
  ['contact', { ru: 'Кто взаимодействует с Роскомнадзором', en: 'who deals with the authority' }],
  ['result', { ru: 'Результат расследования', en: 'result of the investigation' }],
  ['culprits', { ru: 'Лица, действия которых стали причиной', en: 'whose actions caused it' }],
]

/** The register of incidents with its clocks, and the form that opens one. Nothing that was said of any is on it. */
export function incidentsPage(context: ServerContext, request: FastifyRequest, reply: FastifyReply): Promise<Shown> {
  return forStaff(context, request, reply, async (caller) => {
    const found = await listIncidents(context.vault, caller)
    return html`<h1>Инциденты <small lang="en">Incidents: the open ones first</small></h1>
${found.length === 0 ? html`<p>Инцидентов не было. <span lang="en">There were none.</span></p>` : html`<ol class="queue">${found.map((row) => line(row, zoneOf(context)))}</ol>`}
${NEW}`
  })
}

/** One incident: its clocks, what was said of it (the reading is entered), who was affected in numbers, its documents and next steps. */
export function incidentPage(context: ServerContext, request: FastifyRequest, reply: FastifyReply): Promise<Shown> {
  return forStaff(context, request, reply, async (caller) => {
    const { id = '' } = request.params as { readonly id?: string }
    return described(await describeIncident(context.vault, caller, id), zoneOf(context), context)
  })
}

function line(row: IncidentRow, zone: string): Html {
  const first = earliest(row.fold.tracks)
  return html`<li class="card"><h2><a href="/console/incidents/${row.id}"><span class="number">${row.number}</span>${words(STATES, row.state)}</a></h2>
<p>Выявлен ${moment(zone, row.detectedAt)} <span lang="en">found</span>${row.late ? html` <strong class="state" data-state="wrong">с опозданием · late</strong>` : ''}</p>
${first === null ? '' : clock(row, first, zone)}</li>`
}

function clock({ profile }: IncidentRow, { rule, start, planned, outer, told }: Track, zone: string): Html {
  const known = legalProfile(profile as ProfileId).clocks.find(({ id }) => id === rule)
  const duty = rule === CLOSE ? { ru: 'закрыть (свой срок)', en: 'close (our own term)' } : known?.duty
  return html`<div class="clock"><p>${duty?.['ru'] ?? rule} <span lang="en">${duty?.['en'] ?? ''}</span>: до ${moment(zone, planned)}${known?.article['ru'] === undefined ? '' : html` <span class="dim">${known.article['ru']}</span>`}${told === 0 ? '' : html` <strong class="state" data-state="${told === 100 ? 'wrong' : 'waits'}">прошло ${told} %</strong>`}</p>
<progress data-start="${start}" data-due="${planned}" value="0" max="1"></progress> <output class="left" data-due="${planned}" data-outer="${outer}"></output></div>`
}

function described(
  { row, steps, content, events, documents, told }: DescribedIncident,
  zone: string,
  { vault }: ServerContext,
): Html {
  const can = (step: string): boolean => steps.some((one) => one === step)
  const plain = steps.filter((step) => step in STEPS)
  return html`<h1><span class="number">${row.number}</span>Инцидент <small lang="en">Incident: ${STATES[row.state]?.['en'] ?? ''}</small></h1>
<p><a href="/console/incidents">Все инциденты</a> <span lang="en">all incidents</span></p>
<div class="card" data-incident="${row.id}">
<p>${words(STATES, row.state)}. Выявлен ${moment(zone, row.detectedAt)}. Риск: ${row.fold.risk === null ? 'не оценён' : words(RISKS, row.fold.risk)}.</p>
${row.fold.tracks.filter(({ end }) => end === null).map((track) => clock(row, track, zone))}
${plain.map((step) => html`<form class="incident-step"><input type="hidden" name="step" value="${step}">${step === 'closed' ? '' : html`<label>Отправлено, по часам этого компьютера <span lang="en">sent at; now if empty</span> <input type="datetime-local" name="at"></label> <label>Номер от Роскомнадзора <span lang="en">the authority’s number</span> <input name="reference" maxlength="200"></label>`} <button>${STEPS[step]?.['ru'] ?? step} · ${STEPS[step]?.['en'] ?? ''}</button></form>`)}
${can('assessed') ? html`<form class="incident-step"><input type="hidden" name="step" value="assessed"><label>Риск для людей <span lang="en">risk</span> <select name="risk">${INCIDENT_RISKS.map((risk) => html`<option value="${risk}">${RISKS[risk]?.['ru'] ?? risk}</option>`)}</select></label> <button>Оценить · Assess</button> <span class="dim">вред опишите ниже</span></form>` : ''}
${can('investigated') ? html`<form class="incident-step"><input type="hidden" name="step" value="investigated"><button>Расследование окончено · Investigated</button> <span class="dim">результат опишите ниже</span></form>` : ''}
${can('not-a-breach') ? html`<details><summary>Это не инцидент <span lang="en">no breach</span></summary><form class="incident-step"><input type="hidden" name="step" value="not-a-breach"><select name="reasonKind">${NO_BREACH_REASONS.map((reason) => html`<option value="${reason}">${REASONS[reason]?.['ru'] ?? reason}</option>`)}</select><p><textarea name="reason" rows="3" cols="60" required></textarea></p><button>Закрыть как не инцидент · Dismiss</button></form></details>` : ''}
<p><output id="said" class="state" aria-live="polite"></output></p></div>
<section class="card"><h2>Кого затронуло <small lang="en">who was affected, by the ledger</small></h2>${affected(row, told, zone)}
<details><summary>Где искать <span lang="en">where to look</span></summary><form id="incident-scope">
<p><label>С <span lang="en">from</span> <input type="datetime-local" name="from" required></label> <label>до <span lang="en">to</span> <input type="datetime-local" name="to" required></label></p>
<p>${choices('actors', actors(vault), 'Кто обращался', 'who')}</p><p>${choices('purposes', names(vault, 'purposes'), 'Для каких целей', 'for which purposes')}</p><p>${choices('fields', names(vault, 'fields'), 'К каким данным', 'to which data')}</p>
<p><label>Ключи сервисов, через пробел <span lang="en">ids of credentials</span><br><input name="credentials" size="60"></label></p><p><label>Псевдонимы сотрудников, через пробел <span lang="en">pseudonyms of staff</span><br><input name="staff" size="60"></label></p>
<button>Искать · Look</button></form></details>
${row.affected === null || row.affected.people === 0 || row.tellingAt !== null || row.endedAt !== null ? '' : html`<details><summary>Сообщить людям <span lang="en">tell the people</span></summary><form id="incident-telling"><p><label>По-русски<br><textarea name="ru" rows="5" cols="60" required></textarea></label></p><p><label lang="en">In English<br><textarea name="en" rows="5" cols="60" required></textarea></label></p><button>Отправить всем · Send to all</button></form></details>`}</section>
<section class="card"><h2>Документы <small lang="en">documents</small></h2>
${Object.entries(DOCUMENTS).map(([kind, label]) => html`<button type="button" data-draft="${kind}">${label['ru'] ?? kind} · ${label['en'] ?? ''}</button> `)}
<ul>${documents.map(({ id, number, kind, madeAt }) => html`<li><a href="/v1/incidents/${row.id}/documents/${id}/document.pdf">№ ${number}</a> ${words(DOCUMENTS, kind)}, ${moment(zone, madeAt)}</li>`)}</ul></section>
<section class="card"><h2>Сведения <small lang="en">what is known</small></h2><form id="incident-words">${TEXTS.map(([name, label]) => html`<p><label>${label['ru'] ?? name} <span lang="en">${label['en'] ?? ''}</span><br><textarea name="${name}" rows="3" cols="60" maxlength="20000">${content[name]}</textarea></label></p>`)}<button>Сохранить · Save</button></form></section>
<section class="card"><h2>Что было <small lang="en">what happened to it</small></h2><ol>${events.map(({ event, by }) => html`<li>${moment(zone, event.at)}: ${words(STATES, event.kind === 'step' ? event.step : event.kind)}${by === null ? '' : html`, <code>${by}</code>`}</li>`)}</ol></section>`
}

function affected(
  { scope, detectedAt, affected: found }: IncidentRow,
  told: Readonly<Record<string, number>>,
  zone: string,
): Html {
  if (scope === null) return html`<p>Ещё не искали. <span lang="en">Not looked for yet.</span></p>`
  const late = scope.from > detectedAt
  const period = html`<p class="dim">${moment(zone, scope.from)} – ${moment(zone, scope.to)}</p>
${late ? html`<p class="state" data-state="wrong">Период начинается после выявления: проверьте, с какого момента был доступ. <span lang="en">The period begins after the moment of finding: check since when there was access.</span></p>` : ''}`
  if (found === null)
    return html`${period}<p class="state" data-state="waits">Ищем по журналу… <span lang="en">looking</span></p>`
  const { people, entries, untied, first, last } = found
  return html`${period}<p><strong>${people}</strong> человек, записей журнала ${entries}${untied === 0 ? '' : `, из них ни с кем не связаны ${untied}`}. <span lang="en">people, entries</span></p>
${first === null || last === null ? '' : html`<p class="dim">Записи ${first.place}–${last.place}; первая <code>${first.leaf.slice(0, 16)}…</code>, последняя <code>${last.leaf.slice(0, 16)}…</code></p>`}
${people === 0 ? '' : html`<p>Оповещены: ${told['mailbox'] ?? 0}, без подтверждённой почты: ${told['no-mailbox'] ?? 0}, ещё нет: ${told[''] ?? 0}. <span lang="en">told, without a proved mailbox, not yet</span></p>`}`
}

function choices(name: string, given: readonly (readonly [string, string])[], ru: string, en: string): Html {
  return html`<label>${ru} <span lang="en">${en}; any if none is chosen</span><br><select name="${name}" multiple size="4">${given.map(([id, label]) => html`<option value="${id}">${label}</option>`)}</select></label>`
}

function names(vault: ServerContext['vault'], of: 'purposes' | 'fields'): readonly (readonly [string, string])[] {
  return [...(currentPolicy(vault)?.[of].values() ?? [])].map(({ id, label }) => [id, label['ru'] ?? id])
}

function actors(vault: ServerContext['vault']): readonly (readonly [string, string])[] {
  const all = [...(currentPolicy(vault)?.actors.values() ?? [])]
  return all
    .filter(({ kind }) => kind === 'service' || kind === 'staff')
    .map(({ id, label }) => [id, label['ru'] ?? id])
}

const NEW = html`<details><summary>Новый инцидент <span lang="en">a new incident</span></summary><form id="incident-new" class="card">
<p><label>Когда выявлен, по часам этого компьютера <span lang="en">when it was found; the hours run from here</span><br><input type="datetime-local" name="detectedAt" required></label></p>
${TEXTS.slice(0, 6).map(([name, label]) => html`<p><label>${label['ru'] ?? name} <span lang="en">${label['en'] ?? ''}</span><br>${name === 'what' ? html`<textarea name="${name}" rows="3" cols="60" maxlength="20000" required></textarea>` : html`<textarea name="${name}" rows="3" cols="60" maxlength="20000"></textarea>`}</label></p>`)}
<button>Внести в реестр · Register</button> <output id="said" class="state" aria-live="polite"></output></form></details>`

/** `26.11.2026 14:05`. */
function moment(zone: string, at: Instant): string {
  const [day = '', time = ''] = formatInstant(zone, at).split('T')
  return `${day.split('-').reverse().join('.')} ${time.slice(0, 5)}`
}
