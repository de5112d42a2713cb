import { isDoverieError } from '@doverie/core/base'
import { type BindingGroup, bindingGroups, isUncovered, lastWord, type MatrixRow } from '@doverie/core/policy'
import { type LiveMatrix, liveMatrix } from '@doverie/vault'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { authenticate } from '../authenticate.ts'
import type { ServerContext } from '../context.ts'
import { type Html, html } from './html.ts'

/** A page with its status. */
export interface Shown {
  readonly status: 200 | 401 | 403 | 404
  readonly body: Html
}

/** The matrix of the policy in force, for staff who are signed in; anybody else is told so. */
export async function matrixPage(context: ServerContext, request: FastifyRequest, reply: FastifyReply): Promise<Shown> {
  try {
    await authenticate(context, ['staff'], request, reply)
  } catch (error) {
    if (isDoverieError(error, 'unauthenticated')) return { status: 401, body: SIGN_IN }
    if (isDoverieError(error, 'forbidden')) return { status: 403, body: SIGN_IN }
    throw error
  }
  try {
    return { status: 200, body: table(await liveMatrix(context.vault)) }
  } catch (error) {
    if (isDoverieError(error, 'policy-absent')) return { status: 200, body: NO_POLICY }
    throw error
  }
}

const SIGN_IN = html`<h1>Пункты политики в работе <small lang="en">The clauses at work</small></h1>
<div class="card" role="alert">
<p>Страница для сотрудников: войдите по своей ссылке.</p>
<p lang="en">This page is for staff: sign in by your link.</p>
</div>`

const NO_POLICY = html`<div class="card" role="alert">
<p>Политика не загружена: отказано во всём.</p>
<p lang="en">No policy is loaded: everything is refused.</p>
</div>`

function table({ policy, rows, counted, size }: LiveMatrix): Html {
  const uncovered = rows.filter(isUncovered).length
  return html`<h1>Пункты политики в работе <small lang="en">The clauses at work</small></h1>
<p><a href="/policy">${policy}</a>: ${rows.length} пунктов, ни к чему не привязано: ${uncovered}. Учтено записей журнала: ${counted} из ${size}.</p>
<p lang="en">${rows.length} clauses, bound to nothing: ${uncovered}. Entries of the ledger counted: ${counted} of ${size}.</p>
${rows.map(section)}`
}

function section(row: MatrixRow): Html {
  const { clause, title, rules, declarations, decisions, tests } = row
  const last = { ru: lastWord(row, 'ru'), en: lastWord(row, 'en') }
  return html`<section class="card" id="${clause}">
<h2><span class="number">${clause}</span>${title['ru'] ?? ''} <small lang="en">${title['en'] ?? ''}</small></h2>
${decisions === null ? '' : html`<p>Разрешено ${decisions.permitted}, отказано ${decisions.refused}, прочих записей ${decisions.acts}, при других версиях ${decisions.otherVersions} <span lang="en">permitted, refused, other entries, other versions</span></p>`}
${rules.length === 0 ? '' : html`<p>Решает <span lang="en">decides</span>:</p>${names(bindingGroups(rules))}`}
${declarations.length === 0 ? '' : html`<p>Объявлено <span lang="en">declared</span>:</p>${names(bindingGroups(declarations))}`}
${last.ru === '' ? '' : html`<div class="two"><p>${last.ru}</p><p lang="en">${last.en}</p></div>`}
${tests === null ? '' : testNames(tests)}
</section>`
}

function names(groups: readonly BindingGroup[]): Html {
  return html`<ul>${groups.map(({ kind, ids }) => html`<li>${kind.ru} <span lang="en">${kind.en}</span> <code>${ids.join(', ')}</code></li>`)}</ul>`
}

/** How many, and, once opened, which: `tests/5-rights.yaml: …`. */
function testNames(tests: readonly string[]): Html {
  if (tests.length === 0) return html`<p class="dim">Проверок <span lang="en">tests</span>: 0</p>`
  return html`<details><summary class="dim">Проверок <span lang="en">tests</span>: ${tests.length}</summary><ul>${tests.map((id) => html`<li>${id}</li>`)}</ul></details>`
}
