import { dayAt, formatDay, type Instant, isDoverieError } from '@doverie/core/base'
import { currentPolicy, type StaffCaller } from '@doverie/vault'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { authenticate } from '../authenticate.ts'
import type { ServerContext } from '../context.ts'
import { type Html, html } from './html.ts'
import type { Shown } from './matrix.ts'

/** A page for staff: shown to whom its use-case lets see it, and a word on how to sign in to the rest. */
export async function forStaff(
  context: ServerContext,
  request: FastifyRequest,
  reply: FastifyReply,
  show: (caller: StaffCaller) => Promise<Html>,
): Promise<Shown> {
  try {
    return { status: 200, body: await show((await authenticate(context, ['staff'], request, reply)) as StaffCaller) }
  } catch (error) {
    if (isDoverieError(error, 'unauthenticated')) return { status: 401, body: SIGN_IN }
    if (isDoverieError(error, 'not-found') || isDoverieError(error, 'invalid-request'))
      return { status: 404, body: html`<h1>Нет такого <small lang="en">There is no such thing</small></h1>` }
    if (isDoverieError(error, 'forbidden') || isDoverieError(error, 'policy-absent'))
      return { status: 403, body: SIGN_IN }
    throw error
  }
}

const SIGN_IN = html`<h1>Обращения <small lang="en">Requests</small></h1>
<div class="card" role="alert">
<p>Страница для сотрудников, которые отвечают на обращения: войдите по своей ссылке.</p>
<p lang="en">This page is for staff who answer people: sign in by your link.</p>
</div>`

/** The operator's zone: days are shown in it. */
export function zoneOf({ vault }: ServerContext): string {
  return currentPolicy(vault)?.zone ?? 'UTC'
}

/** What a name means, in both languages. */
export function words(table: Readonly<Record<string, { readonly [language: string]: string }>>, id: string): Html {
  const found = table[id]
  return html`${found?.['ru'] ?? id} <span lang="en">${found?.['en'] ?? ''}</span>`
}

/** What has passed of a term, and by the page's script what is left of it. */
export function bar(start: Instant, planned: Instant, outer: Instant): Html {
  return html`<progress data-start="${start}" data-due="${planned}" value="0" max="1"></progress> <output class="left" data-due="${planned}" data-outer="${outer}"></output>`
}

/** A moment to the minute, `25.11.2026, 14:05`. */
export function minute(zone: string, at: Instant): string {
  return new Intl.DateTimeFormat('ru', { dateStyle: 'short', timeStyle: 'short', timeZone: zone })
    .format(at)
    .replace(/^(\d\d\.\d\d\.)\d\d(?=,)/, () => day(zone, at))
}

/** A moment's day, `25.11.2026`. */
export function day(zone: string, at: Instant): string {
  const [year, month, of] = formatDay(dayAt(zone, at)).split('-')
  return `${of ?? ''}.${month ?? ''}.${year ?? ''}`
}
