import { readFileSync } from 'node:fs'

/** The script of the console's pages. */
export const CONSOLE_JS: string = readFileSync(new URL('console.mjs', import.meta.url), 'utf8')

/** The style of all pages. */
export const SITE_CSS = `:root {
  color-scheme: light dark;
  --ink: #1b2530; --dim: #5b6875; --line: #d9e0e7; --ground: #f6f8fa; --card: #fff; --accent: #0b5cad;
  font: 17px/1.55 system-ui, sans-serif;
}
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6ebf0; --dim: #9aa7b4; --line: #303a45; --ground: #12181f; --card: #1a222b; --accent: #7db8f0; }
}
* { box-sizing: border-box }
body { margin: 0; background: var(--ground); color: var(--ink) }
main { max-width: 46rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .75rem }
h1 small { display: block; font-size: 1rem; font-weight: 400; color: var(--dim); margin-top: .25rem }
h2 { font-size: 1.15rem; margin: 0 0 .35rem }
a { color: var(--accent) }
.dim, [lang=en] { color: var(--dim) }
.card, .letter { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem 1.25rem; margin: 1rem 0 }
.card p { margin: .25rem 0 }
.card li { overflow-wrap: anywhere }
.card ul { margin: .25rem 0; padding-left: 1.2rem }
pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: .5rem 0 0; font: inherit }
code { font-size: .92em; overflow-wrap: anywhere }
button { font: inherit; color: #fff; background: #0b5cad; border: 0; border-radius: .45rem; padding: .6rem 1.3rem; cursor: pointer }
button:disabled { opacity: .55; cursor: default }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
.number { color: var(--dim); font-variant-numeric: tabular-nums; margin-right: .5rem }
.two { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)) }
.two p { margin: 0 }
.state[data-state=ok] { color: #1a7f37 }
.state[data-state=waits] { color: #8a6100 }
.state[data-state=wrong] { color: #b3261e; font-weight: 600 }
nav.menu { display: flex; flex-wrap: wrap; gap: .35rem 1rem; margin: 0 0 1.5rem; padding-bottom: .6rem; border-bottom: 1px solid var(--line) }
.stamp { font-size: 2.2rem; line-height: 1.2 }
@media print { nav, .unprinted, h1 + p { display: none } }
.queue { list-style: none; padding: 0 }
progress { width: 100%; height: .6rem; accent-color: var(--accent) }
.left { font-variant-numeric: tabular-nums }
.clock p { margin: .4rem 0 0 }
fieldset { border: 1px solid var(--line); border-radius: .35rem }
.choice { display: block }
select, textarea { font: inherit; max-width: 100%; padding: .4rem; border: 1px solid var(--line); border-radius: .35rem; background: var(--ground); color: var(--ink) }
.card.refuse { border-left: .3rem solid #b3261e }
input { font: inherit; max-width: 100%; margin: .25rem 0 .75rem; padding: .45rem; border: 1px solid var(--line); border-radius: .35rem; background: var(--ground); color: var(--ink) }
@media (prefers-color-scheme: dark) {
  .state[data-state=ok] { color: #6fdd8b }
  .state[data-state=waits] { color: #e3b341 }
  .state[data-state=wrong] { color: #ff8a80 }
}
`

/**
 * Posts the token of a one-time link when the person asks for it: opening the page alone uses nothing up, so a mail scanner
 * does not. The fragment leaves the address bar at once.
 */
export const ENTER_JS = `const token = location.hash.slice(1)
history.replaceState(null, '', location.pathname)
const button = document.querySelector('button')
const word = document.querySelector('output')
button.disabled = token === ''
if (token === '') word.textContent = 'В ссылке нет кода. The link has no code.'
button.addEventListener('click', async () => {
  button.disabled = true
  try {
    const answer = await fetch('/v1/enter', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    })
    const { role, pseudonym } = await answer.json()
    word.textContent = answer.ok
      ? 'Вы вошли: ' + pseudonym + ' (' + role + '). You are signed in.'
      : 'Ссылка неверна, использована или устарела. The link is wrong, used or expired.'
  } catch {
    button.disabled = false
    word.textContent = 'Сервер не ответил. The server did not answer.'
  }
})
`
