import { readFileSync } from 'node:fs'
import type { Localised } from '@doverie/core/base'
import type { PublicPage } from '@doverie/core/contract'
import { type Html, html } from './html.ts'
import { SIGN_IN } from './my.ts'

/** The script of the page on what one has made public. */
export const MY_PUBLIC_JS: string = readFileSync(new URL('my-public.mjs', import.meta.url), 'utf8')

/** What several scripts import. */
export const PAGE_JS: string = readFileSync(new URL('page.mjs', import.meta.url), 'utf8')

const ru = (text: Localised): string => text['ru'] ?? ''
const en = (text: Localised): string => text['en'] ?? ''

/** What everybody sees of a publication: the data and, with each, what may not be done with it. */
export function publicPage({ handle, operator, entity, purpose, basis, fields }: PublicPage): Html {
  return html`<h1>Открыто самим человеком <small lang="en">Made public by the person</small></h1>
<p class="dim">${ru(entity)}, ${operator}. ${ru(purpose)}. <span lang="en">${en(entity)}. ${en(purpose)}.</span></p>
${fields.map(
  ({ label, value, bans }) => html`<section class="card">
<h2>${ru(label)} <small lang="en">${en(label)}</small></h2>
<p>${typeof value === 'string' ? value : value.join(', ')}</p>
${
  bans.length === 0
    ? ''
    : html`<ul>${bans.map(({ text }) => html`<li>${ru(text)} <span lang="en">${en(text)}</span></li>`)}</ul>`
}
</section>`,
)}
<p>${ru(basis)}</p>
<p lang="en">${en(basis)}</p>
<p><a href="/v1/public/${handle}">То же для программ (JSON, ODRL)</a> <span lang="en">the same for software</span></p>`
}

export const NOT_PUBLIC: Html = html`<h1>Здесь ничего нет <small lang="en">Nothing is here</small></h1>
<p>По этому адресу ничего не открыто.</p>
<p lang="en">Nothing is public at this address.</p>`

/** The frame of what a person has made public, or could. Nothing personal is in it: the script asks for that with the person's session. */
export const MY_PUBLIC_PAGE: Html = html`<h1>Открыто для всех <small lang="en">Made public</small></h1>
<p>Для всех открыто только то, что вы отметили здесь, и только пока действует ваше отдельное согласие. Молчание ничего не открывает. Закрыть можно в любой момент: действует сразу. Об открытии сообщим по всем вашим подтверждённым каналам.</p>
<p lang="en">Only what you tick here is public, and only under a consent of its own. Silence opens nothing. You can end it at any moment, at once. You are told by every proved channel when something is opened.</p>
<p><output id="said" class="state" aria-live="polite"></output></p>
<section id="prove" class="card" hidden>
<p>Чтобы открыть больше, подтвердите, что это вы: <a href="/my/security">код на телефон или ключ входа</a>, затем вернитесь сюда. Закрыть можно и без этого.</p>
<p lang="en">To open more, prove that it is you by a code to the phone or a passkey, and come back. To close takes no proof.</p>
</section>
${SIGN_IN}
<div id="publications"></div>`
