import { readFileSync } from 'node:fs'
import type { ServerContext } from '../context.ts'
import { zoneOf } from './for-staff.ts'
import { type Html, html } from './html.ts'
import { SIGN_IN } from './my.ts'

/** The script of the page on one's own data. */
export const MY_DATA_JS: string = readFileSync(new URL('my-data.mjs', import.meta.url), 'utf8')

const WORDS = JSON.stringify({
  representatives: {
    parent: 'Родитель',
    adopter: 'Усыновитель',
    guardian: 'Опекун или попечитель',
    attorney: 'Поверенный по доверенности',
  },
})

/** The frame of one's own data. Nothing personal is in it: the script asks for that with the person's session, at a press of a button. */
export function myDataPage(context: ServerContext): Html {
  return html`<h1>Мои данные <small lang="en">My data</small></h1>
<p><output id="said" class="state" aria-live="polite"></output></p>
${SIGN_IN}
<div id="mine" hidden>
<div id="waiting"></div>
<section class="card">
<p><label>Компания <span lang="en">company</span><br><select name="entity"></select></label></p>
<p>Покажем, какие данные о вас есть, ваши согласия и что хранится по закону. Просмотр записывается в вашу <a href="/my/history">историю</a>.</p>
<p lang="en">Shows what is held of you, your consents, and what is kept by law. The look is entered in your history.</p>
<p><button type="button" id="look">Показать мои данные · Show my data</button></p>
</section>
<div id="data" data-zone="${zoneOf(context)}" data-words="${WORDS}"><div id="shown"></div></div>
<section id="representatives" class="card" hidden>
<h2>Кто действует за меня <small lang="en">Who acts for me</small></h2>
<ul></ul>
</section>
<section class="card">
<h2>Уничтожить мои данные <small lang="en">Destroy my data</small></h2>
<p>Сначала подтвердите ещё раз, что это вы, на странице <a href="/my/security">«Мой вход»</a>. До назначенного дня уничтожение можно отменить здесь же.</p>
<p lang="en">Prove once more that it is you on the page of your sign-in first. Until its day the destruction can be cancelled here.</p>
<p><button type="button" id="destroy">Уничтожить · Destroy</button></p>
</section>
</div>`
}
