import { readFileSync } from 'node:fs'
import { type Html, html } from './html.ts'

/** Made of `packages/sdk/browser/history.ts` by `npm run pages`; a test holds it to its sources. */
export const HISTORY_JS: string = readFileSync(new URL('history.js', import.meta.url), 'utf8')

/** The frame of a person's history. Nothing personal is in it: the script asks for that with the person's session. */
export const HISTORY_PAGE: Html = html`<h1>История моих данных <small lang="en">History of my data</small></h1>
<p><output id="ledger" class="state" aria-live="polite">Журнал проверяется… <span lang="en">The ledger is being verified…</span></output></p>
<section id="sign-in" class="card" hidden>
<h2>Вход <small lang="en">Sign-in</small></h2>
<form>
<label>Ваш адрес почты, затем код из письма <span lang="en">your e-mail, then the code from the letter</span><br>
<input type="email" autocomplete="email" required></label>
<button>Дальше · Next</button>
</form>
<p><output class="state" aria-live="polite"></output></p>
</section>
<section id="mine" hidden>
<p><output id="count" class="state" aria-live="polite">Записи проверяются… <span lang="en">Entries are being verified…</span></output></p>
<p><a href="/v1/me/history/secret" download="ledger-secret.txt">Скачать мой секрет журнала</a>
<span lang="en">my ledger secret</span>: по нему видно, что запись о вас. Храните его отдельно и никому не давайте.
<span lang="en">It shows which entries are about you: keep it apart and give it to nobody.</span></p>
<div id="entries"></div>
</section>
<section class="card">
<h2>Проверить сохранённый файл <small lang="en">Check a file that you kept</small></h2>
<p>Доказательство записи или ответ об уничтожении данных. Файл проверяется здесь и никуда не отправляется; входить не нужно.</p>
<p lang="en">The proof of an entry, or the answer to a destruction. The file is checked here and is sent nowhere; no sign-in is needed.</p>
<input id="receipt" type="file" aria-label="Файл доказательства · proof file">
<p><output id="checked" class="state" aria-live="polite"></output></p>
</section>`
