import {
  DUTY_KINDS,
  type DutyKind,
  legalProfile,
  type LegalProfile,
  type Localised,
  type ProfileId,
  VOID_REASONS,
} from '@doverie/core/base'
import { earliest, isNotice, type Law, lawOf } from '@doverie/core/request'
import {
  clockWords,
  currentPolicy,
  describeDuty,
  type DescribedDuty,
  DUTY_WORDS,
  type DutyContent,
  type DutyRow,
  listDuties,
} from '@doverie/vault'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ServerContext } from '../context.ts'
import { bar, day, forStaff, words, zoneOf } from './for-staff.ts'
import { type Html, html } from './html.ts'
import type { Shown } from './matrix.ts'

const STATES: Readonly<Record<string, Localised>> = {
  open: { ru: 'нужно сделать', en: 'to be done' },
  sent: { ru: 'отправлено, ждёт внесения в реестр', en: 'sent, to be confirmed' },
  reviewed: { ru: 'уведомление отправлено, ждёт рассмотрения Роскомнадзором', en: 'sent, the authority looks at it' },
  'in-force': { ru: 'действует', en: 'in force' },
  confirmed: { ru: 'подтверждено', en: 'confirmed' },
  ended: { ru: 'прекращено', en: 'ended' },
  void: { ru: 'не требуется', en: 'not owed' },
  opened: { ru: 'внесено', en: 'entered' },
  outdated: { ru: 'политика изменилась, оформить заново', en: 'the policy changed: to be made anew' },
  escalated: { ru: 'напомнено ответственному', en: 'officer reminded' },
  said: { ru: 'дополнены сведения', en: 'more was said' },
  drafted: { ru: 'подготовлен документ', en: 'document drafted' },
}
const REASONS: Readonly<Record<string, Localised>> = {
  'not-required': { ru: 'закон этого не требует', en: 'the law asks for none' },
  'nothing-changed': { ru: 'сведения на деле не изменились', en: 'nothing changed in fact' },
  repeated: { ru: 'это уже в реестре', en: 'it is in the register already' },
}
const LEVELS: Readonly<Record<string, Localised>> = {
  low: { ru: 'низкая', en: 'low' },
  medium: { ru: 'средняя', en: 'medium' },
  high: { ru: 'высокая', en: 'high' },
}
const REGISTERS: readonly (readonly [Localised, readonly DutyKind[]])[] = [
  [
    { ru: 'Уведомления Роскомнадзору', en: 'Notices to the authority' },
    ['notice-intent', 'notice-change', 'notice-end'],
  ],
  [{ ru: 'Оценка вреда', en: 'Assessment of harm' }, ['harm']],
  [{ ru: 'Поручения обработки', en: 'Agreements with processors' }, ['agreement']],
  [
    { ru: 'Где данные и передача за границу', en: 'Where data are, transfers abroad' },
    ['localisation', 'cross-border'],
  ],
]
const NOTICE_TEXTS: readonly (readonly [keyof DutyContent, Localised])[] = [
  ['contact', { ru: 'Ответственный за организацию обработки: имя, телефон, почта', en: 'who is responsible' }],
  ['tax', { ru: 'ИНН и ОГРН', en: 'registration numbers' }],
  ['begins', { ru: 'Дата начала обработки', en: 'since when' }],
  ['place', { ru: 'Где база данных: адрес, центр обработки', en: 'where the database is' }],
  ['security', { ru: 'Уровень защищённости, средства шифрования', en: 'security' }],
  ['note', { ru: 'Примечание', en: 'note' }],
]
const NOTE: readonly (readonly [keyof DutyContent, Localised])[] = [['note', { ru: 'Примечание', en: 'note' }]]
const TEXTS: Readonly<Record<string, readonly (readonly [keyof DutyContent, Localised])[]>> = {
  agreement: [
    ['party', { ru: 'С кем: наименование и адрес, как их называют людям', en: 'with whom: name and address' }],
    ...NOTE,
  ],
  harm: [['signatory', { ru: 'Кто оценивал: имена и должности', en: 'who assessed' }], ...NOTE],
  localisation: [['place', { ru: 'Где базы данных: адрес, центр обработки', en: 'where the databases are' }], ...NOTE],
}

function profileOf({ vault }: ServerContext): LegalProfile {
  return legalProfile(currentPolicy(vault)?.profile ?? 'ru-152fz')
}

/** The registers of the operator's own duties with their clocks. No word that staff wrote is on it. */
export function dutiesPage(context: ServerContext, request: FastifyRequest, reply: FastifyReply): Promise<Shown> {
  return forStaff(context, request, reply, async (caller) => {
    const all = await listDuties(context.vault, caller)
    return html`<h1>Обязанности оператора <small lang="en">The operator’s own duties</small></h1>
<p>Что политика и закон велят сообщить и иметь на бумаге; реестры пополняются сами. <span lang="en">What the policy and the law ask to be told and put in writing; the registers fill of themselves.</span></p>
<p><a href="/console/archive">Архив для проверки</a> <span lang="en">an archive for an inspection</span></p>
${REGISTERS.map(([title, kinds]) => {
  const rows = all.filter(({ kind }) => kinds.includes(kind))
  return html`<section><h2>${title['ru'] ?? ''} <small lang="en">${title['en'] ?? ''}</small></h2>${rows.length === 0 ? html`<p class="dim">Нет записей. <span lang="en">None.</span></p>` : html`<ol class="queue">${rows.map((row) => line(row, context))}</ol>`}</section>`
})}
${newDuty(context)}`
  })
}

/** One duty: its clock, what was said of it (the reading is entered), its documents and next steps. */
export function dutyPage(context: ServerContext, request: FastifyRequest, reply: FastifyReply): Promise<Shown> {
  return forStaff(context, request, reply, async (caller) => {
    const { id = '' } = request.params as { readonly id?: string }
    return described(await describeDuty(context.vault, caller, id), context)
  })
}

function line(row: DutyRow, context: ServerContext): Html {
  return html`<li class="card"><h3><a href="/console/duties/${row.id}"><span class="number">${row.number}</span>${words(DUTY_WORDS, row.kind)}</a></h3>
<p>${aboutWords(row, context)}${words(STATES, stateOf(row))}${row.late ? html` <span class="state" data-state="wrong">просрочено</span>` : ''}${factWords(row, zoneOf(context))}</p>${clocks(row, context)}</li>`
}

/** What was sent of a transfer abroad waits for a review, not for a number. */
function stateOf({ kind, state }: DutyRow): string {
  return kind === 'cross-border' && state === 'sent' ? 'reviewed' : state
}

function aboutWords({ about, kind }: DutyRow, { vault }: ServerContext): Html {
  const label = currentPolicy(vault)?.recipients.get(about)?.label
  if (label !== undefined)
    return html`<strong>${label['ru'] ?? about}</strong> <span lang="en">${label['en'] ?? ''}</span>. `
  return kind === 'notice-change' ? html`<code>${about}</code>. ` : html``
}

/** What is worth seeing at a glance: the number, until when, the degree of harm. */
function factWords({ facts, state }: DutyRow, zone: string): Html {
  const { reference, until, level, by } = facts
  return html`${reference === undefined ? '' : html`, № ${reference}`}${state === 'in-force' && until != null ? html`, до ${day(zone, until - 1)}` : ''}${level === undefined || state !== 'in-force' ? '' : html`, степень вреда: ${words(LEVELS, level)}`}${by === undefined ? '' : html`, <code>${by}</code>`}`
}

function clocks({ fold, profile }: DutyRow, context: ServerContext): Html {
  const track = earliest(fold.tracks)
  if (track === null) return html``
  const law: Law = lawOf(profile as ProfileId)
  const { rule, start, planned, outer, told } = track
  const duty = clockWords(law, rule)
  return html`<p>${duty['ru'] ?? rule} <span lang="en">${duty['en'] ?? ''}</span>: до ${day(zoneOf(context), planned - 1)}${told === 0 ? '' : html` <span class="dim">напомнено при ${told} %</span>`}<br>${bar(start, planned, outer)}</p>`
}

function described({ row, steps, content, events, documents, findings }: DescribedDuty, context: ServerContext): Html {
  const zone = zoneOf(context)
  const texts = isNotice(row.kind) ? NOTICE_TEXTS : (TEXTS[row.kind] ?? NOTE)
  return html`<h1><span class="number">${row.number}</span>${words(DUTY_WORDS, row.kind)}</h1>
<p><a href="/console/duties">Все обязанности</a> <span lang="en">all duties</span></p>
<div class="card" data-duty="${row.id}">
<p>${aboutWords(row, context)}${words(STATES, stateOf(row))}${factWords(row, zone)}. Политика <code>${row.policy}</code></p>
${clocks(row, context)}
${changes(row)}
${steps.includes('sent') ? SENT : ''}${steps.includes('confirmed') ? CONFIRMED : ''}
${steps.includes('in-force') ? inForce(row, findings, context) : ''}
${steps.includes('ended') ? html`<form class="duty-step"><input type="hidden" name="step" value="ended"><button>Прекратить · End it</button></form>` : ''}
${steps.includes('void') ? html`<details><summary>Не требуется <span lang="en">not owed</span></summary><form class="duty-step"><input type="hidden" name="step" value="void"><select name="reason">${VOID_REASONS.map((reason) => html`<option value="${reason}">${REASONS[reason]?.['ru'] ?? reason}</option>`)}</select> <button>Закрыть · Dismiss</button></form></details>` : ''}
<p><output id="said" class="state" aria-live="polite"></output></p></div>
<section class="card"><h2>Документы <small lang="en">documents</small></h2>
${isNotice(row.kind) && row.endedAt === null ? html`<button type="button" id="duty-draft">Подготовить уведомление · Draft the notice</button>` : ''}
<ul>${documents.map(({ id, number, madeAt, madeBy }) => html`<li><a href="/v1/duties/${row.id}/documents/${id}/document.pdf">№ ${number}</a>, ${day(zone, madeAt)}, <code>${madeBy}</code></li>`)}</ul></section>
<section class="card"><h2>Сведения <small lang="en">what is known; sealed</small></h2><form id="duty-words">${texts.map(([name, label]) => html`<p><label>${label['ru'] ?? name} <span lang="en">${label['en'] ?? ''}</span><br><textarea name="${name}" rows="2" cols="60" maxlength="20000">${content[name]}</textarea></label></p>`)}${row.endedAt === null ? html`<button>Сохранить · Save</button>` : ''}</form></section>
<section class="card"><h2>Что было <small lang="en">what happened to it</small></h2><ol>${events.map(({ event, by, facts }) => html`<li>${day(zone, event.at)}: ${words(STATES, event.kind === 'step' ? event.step : event.kind)}${facts.reference === undefined || event.kind !== 'step' ? '' : html`, № ${facts.reference}`}${by === null ? '' : html`, <code>${by}</code>`}</li>`)}</ol></section>`
}

function changes({ facts }: DutyRow): Html {
  const found = facts.changes ?? []
  if (facts.before === undefined || facts.before === null || found.length === 0) return html``
  return html`<details open><summary>Что изменилось с <code>${facts.before}</code> <span lang="en">what changed</span></summary>${found.map(({ label, removed, added }) => html`<h3>${label['ru'] ?? ''} <small lang="en">${label['en'] ?? ''}</small></h3><ul>${removed.map((text) => html`<li><del>${text}</del></li>`)}${added.map((text) => html`<li><ins>${text}</ins></li>`)}</ul>`)}</details>`
}

const SENT = html`<form class="duty-step"><input type="hidden" name="step" value="sent"><label>Отправлено, по часам этого компьютера <span lang="en">sent at; now if empty</span> <input type="datetime-local" name="at"></label> <button>Уведомление отправлено · Sent</button></form>`
const CONFIRMED = html`<form class="duty-step"><input type="hidden" name="step" value="confirmed"><label>Номер в реестре Роскомнадзора <span lang="en">number in the register</span> <input name="reference" maxlength="40" required></label> <button>Внесено в реестр · Confirmed</button></form>`

function inForce(row: DutyRow, findings: DescribedDuty['findings'], context: ServerContext): Html {
  const again = row.state === 'in-force'
  const form = html`<form class="duty-step"><input type="hidden" name="step" value="in-force">
<p><label>Дата <span lang="en">its day; today if empty</span> <input type="date" name="at"></label> <label>Действует до <span lang="en">until</span> <input type="date" name="until"></label></p>
${asked(row, findings, context)}
<button>${again ? 'Продлить · Renew' : 'Внести · Enter'}</button></form>`
  return again ? html`<details><summary>Продлить <span lang="en">renew</span></summary>${form}</details>` : form
}

function asked({ kind }: DutyRow, findings: DescribedDuty['findings'], context: ServerContext): Html {
  switch (kind) {
    case 'agreement':
      return html`<p><label>Номер <span lang="en">number</span> <input name="reference" maxlength="40" required></label></p>
<fieldset><legend>Что есть в поручении <span lang="en">what it contains</span></legend>${profileOf(context).agreement.map(({ id, label, article }) => html`<p><label><input type="checkbox" name="covers" value="${id}"> ${label['ru'] ?? id} <span class="dim">${article['ru'] ?? ''}</span> <span lang="en">${label['en'] ?? ''}</span></label></p>`)}</fieldset>`
    case 'cross-border':
      return html`<p><label>Страна обеспечивает адекватную защиту <span lang="en">adequate</span> <select name="adequate" required><option value=""></option><option value="true">да · yes</option><option value="false">нет · no</option></select></label> <label>Роскомнадзор уведомлён <span lang="en">the authority was told</span> <input type="date" name="noticedAt"></label></p>`
    case 'localisation':
      return html`<p><label>Страна <span lang="en">country</span> <input name="country" size="2" maxlength="2" pattern="[A-Z]{2}" value="${profileOf(context).jurisdiction}" required></label> <span class="dim">место опишите ниже</span></p>`
    case 'harm':
    case 'notice-intent':
    case 'notice-change':
    case 'notice-end':
      return html`<table><tbody>${findings.map(({ criterion: { id, label, level }, met }) => html`<tr><td>${label['ru'] ?? id} <span lang="en">${label['en'] ?? ''}</span></td><td>${words(LEVELS, level)}</td><td><select name="criterion:${id}"${met === null ? html` required` : ''}><option value="">${met === null ? '—' : met ? 'да, по политике' : 'нет, по политике'}</option><option value="true">да · yes</option><option value="false">нет · no</option></select></td></tr>`)}</tbody></table><p class="dim">Кто оценивал и почему обстоятельство политики не в счёт, напишите ниже. <span lang="en">Who assessed, and why something of the policy does not count, is said below.</span></p>`
  }
}

function newDuty({ vault }: ServerContext): Html {
  const recipients = [...(currentPolicy(vault)?.recipients.values() ?? [])].filter(({ kind }) => kind !== 'entity')
  return html`<details><summary>Внести обязанность <span lang="en">enter a duty</span></summary><form id="duty-new" class="card">
<p><label>Что <span lang="en">what</span> <select name="kind">${DUTY_KINDS.map((kind) => html`<option value="${kind}">${DUTY_WORDS[kind]['ru'] ?? kind}</option>`)}</select></label></p>
<p><label>О ком: для поручений и передачи за границу <span lang="en">about whom</span> <select name="about"><option value=""></option>${recipients.map(({ id, label }) => html`<option value="${id}">${label['ru'] ?? id}</option>`)}</select></label></p>
<p><label>Когда это произошло <span lang="en">when it took place</span> <input type="date" name="start"></label></p>
<button>Внести · Enter</button> <output id="said" class="state" aria-live="polite"></output></form></details>`
}
