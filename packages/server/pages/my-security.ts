import { readFileSync } from 'node:fs'
import { type Html, html } from './html.ts'
import { SIGN_IN } from './my.ts'

/** The script of the page on how one signs in. */
export const SECURITY_JS: string = readFileSync(new URL('my-security.mjs', import.meta.url), 'utf8')

/** The script of the page to which identity providers send people back. */
export const PROVIDER_JS: string = readFileSync(new URL('my-provider.mjs', import.meta.url), 'utf8')

export const PROVIDER_PAGE: Html = html`<h1>Подтверждение личности <small lang="en">Who you are</small></h1>
<div class="card">
<p><output id="said" class="state" aria-live="polite">Проверяем… Checking…</output></p>
<p><a href="/my/security">Мой вход</a> <span lang="en">my sign-in</span></p>
</div>`

/** The frame of it. Nothing personal is in it: the script asks for that with the person's session. */
export const SECURITY_PAGE: Html = html`<h1>Мой вход <small lang="en">My sign-in</small></h1>
<p><output id="said" class="state" aria-live="polite"></output></p>
${SIGN_IN}
<section id="mine" hidden>
<div id="mailbox" class="card" hidden>
<h2>Ваш адрес хотят заменить <small lang="en">Your mailbox is to be replaced</small></h2>
<p>Сотрудникам сказали, что доступ к вашему адресу утрачен. <output id="mailbox-due"></output> Если это не вы, отмените.</p>
<p lang="en">Staff were told that your mailbox is lost. If that was not you, cancel it.</p>
<p><button type="button" id="mailbox-cancel">Отменить замену · Cancel it</button></p>
</div>
<div class="card">
<h2>Подтверждено сейчас <small lang="en">Proved now</small></h2>
<p>Для уничтожения данных одного входа мало: подтвердите ещё раз, что это вы. Подтверждение действует 15 минут.</p>
<p lang="en">To have data destroyed being signed in is not enough: prove once more that it is you. It counts for 15 minutes.</p>
<ul id="proofs"></ul>
<p><button type="button" id="step">Подтвердить ключом · Prove with a passkey</button>
<button type="button" id="phone">Прислать код на мой телефон · Send a code to my phone</button>
<span id="providers"></span></p>
<form id="phone-code" hidden>
<label>Код из сообщения <span lang="en">the code from the message</span><br>
<input name="code" inputmode="numeric" autocomplete="one-time-code" required></label>
<button>Подтвердить · Prove</button>
</form>
</div>
<div class="card">
<h2>Ключи входа <small lang="en">Passkeys</small></h2>
<p>Ключ хранит ваше устройство: отпечаток, лицо или код разблокировки. Новый ключ сразу впускает, но подтверждает, что это вы, лишь через три дня, если при добавлении не подтверждено иначе. О каждом изменении мы сообщаем на почту и телефон.</p>
<p lang="en">Your device keeps the key: a fingerprint, a face or its code. A new key signs you in at once, and proves that it is you only after three days, unless you have proved it otherwise when adding it. We tell your mailbox and phone of each change.</p>
<ul id="keys" class="queue"></ul>
<form id="add">
<label>Название нового ключа <span lang="en">name of a new key</span><br>
<input name="name" maxlength="60" required></label>
<button>Добавить ключ · Add a passkey</button>
</form>
</div>
<div class="card">
<h2>Другие входы <small lang="en">Other sessions</small></h2>
<p>Завершает все входы, кроме этого, на всех устройствах. Удаление ключа делает то же. Если вы подозреваете чужого, удалите и незнакомые ключи.</p>
<p lang="en">Ends all sessions but this one, on every device. Removing a passkey does so, too. If you suspect somebody, remove passkeys that you do not know as well.</p>
<p><button type="button" id="end-others">Завершить остальные входы · End all other sessions</button></p>
</div>
<p><button type="button" id="leave">Выйти · Sign out</button></p>
</section>`
