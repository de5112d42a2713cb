import { REQUEST_KINDS } from '@doverie/core/base'
import { currentPolicy, KIND_WORDS, type QueuePage, type QueueRequest, type RequestRow } from '@doverie/vault'
import type { ServerContext } from '../context.ts'
import { day, words, zoneOf } from './for-staff.ts'
import { type Html, html } from './html.ts'
import { STATE_WORDS } from './request-words.ts'

const CHANNELS = {
  portal: 'со своей страницы',
  api: 'через программу',
  mail: 'по почте',
  paper: 'на бумаге',
  phone: 'по телефону',
} as const

const STATES = [
  ['all', 'все'],
  ['open', 'открытые'],
  ['ended', 'завершённые'],
] as const
const NAMES = ['number', 'state', 'kind', 'entity', 'channel', 'subject', 'from', 'to', 'after'] as const

/** What is looked for in the register; null where nothing is, and the queue is shown. */
export function askedOf(query: Readonly<Record<string, unknown>>): QueueRequest | null {
  const given = NAMES.flatMap((name) => {
    const value = query[name]
    return typeof value === 'string' && value !== '' ? [[name, value] as const] : []
  })
  return given.some(([name]) => name !== 'after') ? Object.fromEntries(given) : null
}

interface Choice {
  readonly id: string
  readonly label: string
}

function choice(name: string, first: string, options: readonly Choice[], chosen: string | undefined): Html {
  return html`<select name="${name}"><option value="">${first}</option>${options.map(({ id, label }) => html`<option value="${id}"${id === chosen ? SELECTED : ''}>${label}</option>`)}</select>`
}

const SELECTED = html` selected`

/** By what the register is searched. Its script puts what was filled in into the address: nothing of it is personal. */
export function searchForm(asked: QueueRequest, entities: readonly Choice[]): Html {
  const kinds = REQUEST_KINDS.map((id) => ({ id, label: KIND_WORDS[id]['ru'] ?? id }))
  const channels = Object.entries(CHANNELS).map(([id, label]) => ({ id, label }))
  return html`<form id="register" class="card">
<p><label>Номер обращения или письма <span lang="en">number of a request or letter</span><br><input name="number" maxlength="40" size="20" autocomplete="off" value="${asked.number ?? ''}"></label>
<button>Найти · Find</button></p>
<details${asked.number === undefined && Object.keys(asked).length > 0 ? html` open` : ''}><summary>Ещё условия <span lang="en">more</span></summary>
<p><label>Положение <span lang="en">state</span><br><select name="state"><option value=""></option>${STATES.map(([id, label]) => html`<option value="${id}"${id === asked.state ? SELECTED : ''}>${label}</option>`)}</select></label></p>
<p><label>Вид <span lang="en">kind</span><br>${choice('kind', 'любой', kinds, asked.kind)}</label></p>
<p><label>Как пришло <span lang="en">channel</span><br>${choice('channel', 'любым способом', channels, asked.channel)}</label></p>
${entities.length === 0 ? '' : html`<p><label>Кому <span lang="en">entity</span><br>${choice('entity', 'любому лицу', entities, asked.entity)}</label></p>`}
<p><label>Получено с <span lang="en">received from</span><br><input type="date" name="from" value="${asked.from ?? ''}"></label> <label>по <span lang="en">to</span> <input type="date" name="to" value="${asked.to ?? ''}"></label></p>
<p><label>О ком: идентификатор <span lang="en">the person’s id</span><br><input name="subject" size="38" maxlength="36" autocomplete="off" value="${asked.subject ?? ''}"></label></p>
</details></form>`
}

/** What was found in the register: ended requests as well as open ones, the last received first. */
export function registerPage(context: ServerContext, { requests, next }: QueuePage, asked: QueueRequest): Html {
  const zone = zoneOf(context)
  const policy = currentPolicy(context.vault)
  const entities = [...(policy?.entities.values() ?? [])].map(({ id, label }) => ({ id, label: label['ru'] ?? id }))
  const more = new URLSearchParams({ ...(asked as Record<string, string>), after: next ?? '' })
  return html`<h1>Реестр обращений <small lang="en">The register: the last received first</small></h1>
<p><a href="/console/requests">Открытые по сроку</a> <span lang="en">the queue</span></p>
<p><output id="said" class="state" aria-live="polite"></output></p>
${searchForm(asked, entities)}
${requests.length === 0 ? html`<p>Ничего не найдено. <span lang="en">Nothing was found.</span></p>` : html`<ol class="queue">${requests.map((row) => line(row, zone))}</ol>`}
${next === null ? '' : html`<p><a href="/console/requests?${more.toString()}">Дальше</a> <span lang="en">next page</span></p>`}`
}

function line({ id, number, kind, state, receivedAt, endedAt, late }: RequestRow, zone: string): Html {
  return html`<li class="card"><h2><a href="/console/requests/${id}"><span class="number">${number}</span>${KIND_WORDS[kind]['ru'] ?? kind}</a> <small lang="en">${KIND_WORDS[kind]['en'] ?? ''}</small></h2>
<p>${words(STATE_WORDS, state)}. Получено ${day(zone, receivedAt)}${endedAt === null ? '' : html`, завершено ${day(zone, endedAt)}`}${late ? html` <strong class="state" data-state="wrong">с опозданием <span lang="en">late</span></strong>` : ''}</p></li>`
}
