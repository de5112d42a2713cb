import { dayAt, formatDay } from '@doverie/core/base'
import { assertMayArchive } from '@doverie/vault'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ServerContext } from '../context.ts'
import { forStaff, zoneOf } from './for-staff.ts'
import { html } from './html.ts'
import type { Shown } from './matrix.ts'

/** The form that makes the inspector's archive of a period, for the officer and whoever audits: this year so far, unless told. */
export function archivePage(context: ServerContext, request: FastifyRequest, reply: FastifyReply): Promise<Shown> {
  return forStaff(context, request, reply, async (caller) => {
    await assertMayArchive(context.vault, caller)
    const today = dayAt(zoneOf(context), context.vault.now())
    const last = formatDay(today)
    return html`<h1>Архив для проверки <small lang="en">An archive for an inspection</small></h1>
<p>Что спрашивает проверяющий за период: версии политики и формы, реестры обращений, требований, передач, инцидентов, обязанностей, актов об уничтожении, работники с доступом, и доказательства журнала. <strong>Персональных данных субъектов в нём нет.</strong> <span lang="en">What an inspector asks for of a period, from the registers, with the ledger’s proofs. No personal data of people is in it.</span></p>
<form id="archive" class="card">
<p><label>С <span lang="en">from</span> <input type="date" name="from" required max="${last}" value="${today.year}-01-01"></label> <label>по <span lang="en">to</span> <input type="date" name="to" required max="${last}" value="${last}"></label></p>
<p class="dim">Создание записывается в журнал: кто, за какой период, SHA-256 файла. <span lang="en">That it was made is entered: by whom, of which period, its SHA-256.</span></p>
<button>Создать и скачать · Make and download</button> <output id="said" class="state" aria-live="polite"></output></form>
<p class="dim">Проверить без сети: <code>doverie archive verify файл.zip --trust policy</code>; ключи: <a href="/log/policy">/log/policy</a>. <span lang="en">To verify offline; the keys.</span></p>
<p><a href="/console/duties">Обязанности оператора</a> <span lang="en">the operator’s own duties</span></p>`
  })
}
