import helmet from '@fastify/helmet'
import type { PolicySummary } from '@doverie/core/policy'
import { currentPolicy } from '@doverie/vault'
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { ServerContext } from '../context.ts'
import { summaryOf } from '../handle/forms.ts'
import { CONSOLE_JS, ENTER_JS, SITE_CSS } from './assets.ts'
import { HISTORY_JS, HISTORY_PAGE } from './history.ts'
import { archivePage } from './archive.ts'
import { demandPage, demandsPage, newDemandPage } from './demands.ts'
import { destructionsPage } from './destructions.ts'
import { doubtsPage } from './doubts.ts'
import { deputiesPage } from './deputies.ts'
import { dutiesPage, dutyPage } from './duties.ts'
import { type Html, html, page } from './html.ts'
import { incidentPage, incidentsPage } from './incidents.ts'
import { mailboxesPage } from './mailboxes.ts'
import { peoplePage } from './people.ts'
import { mailPage } from './mail.ts'
import { matrixPage } from './matrix.ts'
import { MY_DATA_JS, myDataPage } from './my-data.ts'
import { MY_REQUESTS_JS, myRequestsPage } from './my-requests.ts'
import { MY_JS, SHARED_JS, withMenu } from './my.ts'
import { newLetterPage, queuePage, requestPage } from './queue.ts'
import { recipientLettersPage } from './recipient-letters.ts'
import { publicPageOf, robotsOf } from '../handle/publications.ts'
import { MY_PUBLIC_JS, MY_PUBLIC_PAGE, NOT_PUBLIC, PAGE_JS, publicPage } from './public.ts'
import { HELMET } from './security.ts'
import { PROVIDER_JS, PROVIDER_PAGE, SECURITY_JS, SECURITY_PAGE } from './my-security.ts'

/** The few pages of the server itself; nothing personal is on any of them. */
export function pageRoutes(context: ServerContext): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    await app.register(helmet, HELMET)
    app.get('/', (_request, reply) => send(reply, 'Доверие · Doverie', home(context)))
    app.get('/policy', (_request, reply) => send(reply, 'Политика · Policy', policyPage(context)))
    app.get('/policy/matrix', async (request, reply) => {
      const { status, body } = await matrixPage(context, request, reply)
      return send(reply.code(status), 'Пункты политики · Clauses', body)
    })
    for (const [path, title, show] of CONSOLE) {
      app.get(path, async (request, reply) => {
        const { status, body } = await show(context, request, reply)
        return send(reply.code(status), title, body, '/assets/console.js')
      })
    }
    app.get('/enter', (_request, reply) => send(reply, 'Вход · Sign-in', ENTER, '/assets/enter.js'))
    for (const [path, title, body, script] of MY) {
      app.get(path, (_request, reply) => send(reply, title, withMenu(path, body(context)), script))
    }
    const { formsPerMinute } = context.settings
    const limited = formsPerMinute > 0 ? { rateLimit: { max: formsPerMinute, timeWindow: 60_000 } } : {}
    app.get<{ Params: { handle: string } }>('/public/:handle', { config: limited }, async ({ params }, reply) => {
      const found = await publicPageOf(context.publicReads, params.handle)
      if (found === null) return send(reply.code(404), 'Ничего нет · Nothing', NOT_PUBLIC)
      return send(reply.header('x-robots-tag', robotsOf(found)), 'Открытые данные · Public data', publicPage(found))
    })
    app.get('/my/provider', (_request, reply) =>
      send(reply, 'Кто вы · Who you are', PROVIDER_PAGE, '/assets/provider.js'),
    )
    app.get('/assets/site.css', (_request, reply) => reply.type('text/css; charset=utf-8').send(SITE_CSS))
    for (const [name, script] of SCRIPTS) {
      app.get(`/assets/${name}`, (_request, reply) => reply.type('text/javascript; charset=utf-8').send(script))
    }
  }
}

/** A person's own pages. Nothing personal is in any of them: their scripts ask for that with the person's session. */
const MY: readonly (readonly [path: string, title: string, body: (context: ServerContext) => Html, script: string])[] =
  [
    ['/my/requests', 'Мои обращения · My requests', myRequestsPage, '/assets/my-requests.js'],
    ['/my/data', 'Мои данные · My data', myDataPage, '/assets/my-data.js'],
    ['/my/history', 'История моих данных · History of my data', () => HISTORY_PAGE, '/assets/history.js'],
    ['/my/security', 'Мой вход · My sign-in', () => SECURITY_PAGE, '/assets/security.js'],
    ['/my/public', 'Открыто для всех · Made public', () => MY_PUBLIC_PAGE, '/assets/public.js'],
  ]

/** The modules that others import keep their names. */
const SCRIPTS = [
  ['shared.mjs', SHARED_JS],
  ['page.mjs', PAGE_JS],
  ['my.mjs', MY_JS],
  ['my-requests.js', MY_REQUESTS_JS],
  ['my-data.js', MY_DATA_JS],
  ['history.js', HISTORY_JS],
  ['security.js', SECURITY_JS],
  ['provider.js', PROVIDER_JS],
  ['public.js', MY_PUBLIC_JS],
  ['enter.js', ENTER_JS],
  ['console.js', CONSOLE_JS],
] as const

const CONSOLE = [
  ['/console/requests', 'Обращения · Requests', queuePage],
  ['/console/requests/:id', 'Обращение · Request', requestPage],
  ['/console/mailboxes', 'Утраченные адреса · Lost mailboxes', mailboxesPage],
  ['/console/people', 'Поиск человека · Search', peoplePage],
  ['/console/mail', 'Почта · Mail', mailPage],
  ['/console/doubts', 'Под вопросом · Doubts', doubtsPage],
  ['/console/destructions', 'Уничтожение · Destruction', destructionsPage],
  ['/console/demands', 'Требования · Demands', demandsPage],
  ['/console/demands/new', 'Новое требование · A demand', newDemandPage],
  ['/console/demands/:id', 'Требование · Demand', demandPage],
  ['/console/recipient-letters', 'Письма получателям · Letters', recipientLettersPage],
  ['/console/letters/new', 'Новое письмо · A letter', newLetterPage],
  ['/console/deputies', 'Заместитель · Deputy', deputiesPage],
  ['/console/duties', 'Обязанности оператора · Duties', dutiesPage],
  ['/console/duties/:id', 'Обязанность · Duty', dutyPage],
  ['/console/archive', 'Архив для проверки · Archive', archivePage],
  ['/console/incidents', 'Инциденты · Incidents', incidentsPage],
  ['/console/incidents/:id', 'Инцидент · Incident', incidentPage],
] as const

function send(reply: FastifyReply, title: string, body: Html, script: string | null = null): FastifyReply {
  return reply
    .header('cache-control', 'no-store')
    .type('text/html; charset=utf-8')
    .send(page(title, body, script))
}

function home(context: ServerContext): Html {
  const policy = currentPolicy(context.vault)
  const mailbox = context.settings.smtp === null && context.loopback
  return html`<h1>Доверие <small lang="en">Doverie: a personal-data policy that runs</small></h1>
<p>Здесь работает политика обработки персональных данных: только через неё открываются данные людей, и каждое открытие записано.</p>
<p lang="en">A personal-data policy runs here: people's data open through it alone, and every opening is recorded.</p>
${policy === null ? NO_POLICY : summary(summaryOf(context.vault, 'ru'))}
<div class="card">
<h2><a href="/my/requests">Мои обращения</a> <small lang="en">My requests</small></h2>
<p>Спросить, исправить, отозвать, уничтожить; где ваше обращение и что вам ответили.</p>
<p lang="en">Ask, correct, withdraw, destroy; where your request stands, and what you were answered.</p>
<p><a href="/my/data">Мои данные</a> <span lang="en">my data and my consents</span></p>
</div>
<div class="card">
<h2><a href="/my/history">История моих данных</a> <small lang="en">History of my data</small></h2>
<p>Кто, когда и почему обращался к вашим данным; каждую запись проверит ваш браузер.</p>
<p lang="en">Who turned to your data, when and why; your browser verifies each entry.</p>
</div>
<div class="card">
<h2><a href="/my/security">Мой вход</a> <small lang="en">My sign-in</small></h2>
<p>Ключи входа, код на телефон: чем подтвердить, что это вы.</p>
<p lang="en">Passkeys, a code to the phone: by what to prove that it is you.</p>
</div>
<div class="card">
<h2><a href="/my/public">Открыто для всех</a> <small lang="en">Made public</small></h2>
<p>Что вы сделали общедоступным, с какими запретами, и как это закрыть.</p>
<p lang="en">What you made public, under which bans, and how to end it.</p>
</div>
<div class="card">
<h2><a href="/console/requests">Обращения</a> <small lang="en">Requests, for staff</small></h2>
<p>Что просят люди, сколько осталось до срока и что делать дальше.</p>
<p lang="en">What people ask, how much of the term is left, and what comes next.</p>
<p><a href="/console/people">Поиск человека</a> <span lang="en">search for a person</span></p>
<p><a href="/console/mailboxes">Утраченные адреса</a> <span lang="en">lost mailboxes</span></p>
</div>
<div class="card">
<h2><a href="/console/incidents">Инциденты</a> <small lang="en">Incidents, for the officer</small></h2>
<p>Сроки 24 и 72 часа, кого затронуло, уведомления.</p>
<p lang="en">The terms of 24 and 72 hours, who was affected, notices.</p>
<p><a href="/console/duties">Обязанности оператора</a> <span lang="en">the operator’s own duties: notices, agreements, attestations</span></p>
<p><a href="/console/deputies">Заместитель ответственного</a> <span lang="en">who stands in for the officer</span></p>
</div>
<div class="card">
<h2><a href="/console/destructions">Уничтожение по плану</a> <small lang="en">Planned destruction, for the officer</small></h2>
<p>Чего не держит больше ни одно основание, когда оно уйдёт, и пауза после восстановления.</p>
<p lang="en">What no ground keeps any more, when it goes, and the pause after a restore.</p>
<p><a href="/console/doubts">Данные под вопросом</a> <span lang="en">data that may be excess, inaccurate or outdated</span></p>
</div>
<div class="card">
<h2>Для программ <small lang="en">For software</small></h2>
<ul>
<li><a href="/openapi.json">OpenAPI</a></li>
<li><a href="/log/checkpoint">Журнал: подписанная вершина</a> <span lang="en">the ledger's signed checkpoint</span>, <a href="/log/key">ключ</a> <span lang="en">its key</span></li>
<li><a href="/healthz">Состояние</a> <span lang="en">health</span></li>
${mailbox ? html`<li><a href="/dev/mailbox">Почта разработки</a> <span lang="en">development mailbox</span></li>` : ''}
</ul>
</div>`
}

const NO_POLICY = html`<div class="card" role="alert">
<p>Политика не загружена: отказано во всём.</p>
<p lang="en">No policy is loaded: everything is refused.</p>
</div>`

function summary({ operator, title, policy, forms, entities }: PolicySummary): Html {
  return html`<div class="card">
<h2>${operator.name}</h2>
<p><a href="/policy">${title}</a> <span class="dim">${policy}</span></p>
<p class="dim">${entities.map(({ label }) => label).join(', ')}</p>
</div>
<div class="card">
<h2>Формы <small lang="en">Forms</small></h2>
<ul>
${forms.map(
  ({ id, label, lastDay }) =>
    html`<li><a href="/v1/forms/${encodeURIComponent(id)}">${label}</a>${lastDay === null ? '' : html` <span class="dim">до ${lastDay}</span>`}</li>`,
)}
</ul>
</div>`
}

function policyPage(context: ServerContext): Html {
  if (currentPolicy(context.vault) === null) return NO_POLICY
  const ru = summaryOf(context.vault, 'ru')
  const en = summaryOf(context.vault, 'en')
  const other = new Map(en.clauses.map((clause) => [clause.number, clause]))
  return html`<h1>${ru.title} <small lang="en">${en.title}</small></h1>
<p>${ru.preface}</p>
<p lang="en">${en.preface}</p>
<p class="dim"><a href="${ru.official.url}" rel="noreferrer">${ru.official.title}</a>, SHA-256 <code>${ru.official.sha256}</code></p>
${ru.clauses.map(({ number, title, text }) => {
  const translated = other.get(number)
  return html`<section class="card" id="${number}">
<h2><span class="number">${number}</span>${title}</h2>
<div class="two"><p>${text}</p><p lang="en">${translated?.text ?? ''}</p></div>
</section>`
})}`
}

const ENTER = html`<h1>Вход для сотрудников <small lang="en">Staff sign-in</small></h1>
<p>Ссылка действует один раз. Она сработает, когда вы нажмёте кнопку.</p>
<p lang="en">The link works once, when you press the button.</p>
<p><button type="button" disabled>Войти · Sign in</button></p>
<p><output aria-live="polite"></output></p>`
