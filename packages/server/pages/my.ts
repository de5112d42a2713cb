import { readFileSync } from 'node:fs'
import { type Html, html } from './html.ts'

const read = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8')

/** What the scripts of these pages, and of staff's, share. */
export const MY_JS: string = read('my.mjs')
export const SHARED_JS: string = read('shared.mjs')

const PAGES = [
  ['/my/requests', 'Мои обращения', 'requests'],
  ['/my/data', 'Мои данные', 'data'],
  ['/my/history', 'История', 'history'],
  ['/my/security', 'Мой вход', 'sign-in'],
  ['/my/public', 'Открыто для всех', 'made public'],
] as const

/** A page of a person's own with the way to the others. */
export function withMenu(at: string, body: Html): Html {
  return html`<nav class="menu" aria-label="Мои страницы · My pages">${PAGES.map(([path, ru, en]) =>
    path === at
      ? html`<strong aria-current="page">${ru} <span lang="en">${en}</span></strong> `
      : html`<a href="${path}">${ru} <span lang="en">${en}</span></a> `,
  )}</nav>
${body}`
}

/** How a person signs in, on a page of theirs; its script shows it where nobody is. */
export const SIGN_IN: Html = html`<section id="sign-in" class="card" hidden>
<h2>Вход <small lang="en">Sign-in</small></h2>
<p><button type="button" id="by-passkey">Войти ключом · Sign in with a passkey</button></p>
<form id="by-code">
<label>или адрес почты, затем код из письма <span lang="en">or your e-mail, then the code from the letter</span><br>
<input name="typed" autocomplete="email" required></label>
<button>Дальше · Next</button>
</form>
</section>`
