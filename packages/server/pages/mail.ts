import { ASIDE_REASONS, type AsideReason, type MailIntake } from '@doverie/core/contract'
import { type AsideMessage, listAside } from '@doverie/vault'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ServerContext } from '../context.ts'
import { intakeView } from '../handle/mail.ts'
import { day, forStaff, words, zoneOf } from './for-staff.ts'
import { type Html, html } from './html.ts'
import type { Shown } from './matrix.ts'

const REASONS: Readonly<Record<AsideReason, { readonly ru: string; readonly en: string }>> = {
  'auto-reply': { ru: 'автоответ', en: 'automatic answer' },
  bounce: { ru: 'не доставлено', en: 'came back' },
  list: { ru: 'рассылка', en: 'list' },
  loop: { ru: 'ходит по кругу', en: 'goes in circles' },
  own: { ru: 'наше письмо, осталось в ящике', en: 'ours, left in the mailbox' },
  'own-address': { ru: 'с нашего адреса', en: 'from our address' },
  spam: { ru: 'спам', en: 'spam' },
}

const FAULTS: Readonly<Record<string, { readonly ru: string; readonly en: string }>> = {
  unreachable: { ru: 'сервер не отвечает', en: 'the server does not answer' },
  refused: { ru: 'сервер не принимает имя, пароль или сертификат', en: 'name, password or certificate refused' },
  'no-folder': { ru: 'такой папки нет', en: 'no such folder' },
  other: { ru: 'сервер ответил не так, как должен', en: 'the server answered otherwise than it should' },
}

/** How many messages wait to be looked through; ours do not. */
export function asideCount({ aside }: MailIntake): number {
  return Object.entries(aside).reduce((sum, [reason, count]) => (reason === 'own' ? sum : sum + count), 0)
}

/** That no letters are taken; nothing while they are. */
export function mailboxWarning({ mailbox, failingSince, fault }: MailIntake): Html {
  if (mailbox !== 'unreached') return html``
  const since =
    failingSince === null ? '' : ` с ${new Date(failingSince).toISOString().slice(0, 16).replace('T', ' ')} UTC`
  return html`<p class="state" role="alert" data-state="wrong">Почтовый ящик не читается${since}: ${words(FAULTS, fault ?? 'other')}. Письма лежат в нём, а сроки идут. <span lang="en">The mailbox cannot be read: letters lie there, and their terms run.</span></p>`
}

/** How letters come by mail, and what was set aside: nothing personal is on the page. */
export function mailPage(context: ServerContext, request: FastifyRequest, reply: FastifyReply): Promise<Shown> {
  return forStaff(context, request, reply, async (caller) => {
    const { after, reason, all } = request.query as Readonly<Record<string, unknown>>
    const known = ASIDE_REASONS.find((one) => one === reason)
    const which = { reason: known, all: all === 'true', after: typeof after === 'string' ? after : undefined }
    const { messages, next } = await listAside(context.vault, caller, which)
    const intake = await intakeView(context, caller)
    return mail(intake, messages, next, zoneOf(context), known)
  })
}

function mail(
  intake: MailIntake,
  messages: readonly AsideMessage[],
  next: string | null,
  zone: string,
  shown: AsideReason | undefined,
): Html {
  const counts = Object.entries(intake.aside)
  return html`<h1>Почта <small lang="en">Mail</small></h1>
<p><a href="/console/requests">Все обращения</a> <span lang="en">all requests</span></p>
<section class="card"><h2>Ящик <small lang="en">The mailbox</small></h2>
${mailboxWarning(intake)}
<p>${stateOf(intake)}</p>
${intake.before === 0 ? '' : html`<p>До первого чтения в нём уже лежало писем: ${intake.before}. Они не взяты (<code>IMAP_SINCE</code>). <span lang="en">lay there before the first look, and are not taken</span></p>`}
</section>
<h2>Отложено <small lang="en">Set aside: not taken for letters</small></h2>
<p>Здесь то, что программа не сочла письмом человека. Если это всё-таки письмо, зарегистрируйте его: срок идёт с дня получения. Через 90 дней отложенное удаляется. <span lang="en">What is a letter after all is registered from its first day on. Deleted after 90 days.</span></p>
<p>${counts.map(([one, count]) => html`<a href="/console/mail?reason=${one}">${REASONS[one as AsideReason].ru}</a> ${count} · `)}<a href="/console/mail">все</a> <span lang="en">all</span></p>
${messages.length === 0 ? html`<p>Ничего нет. <span lang="en">Nothing is there.</span></p>` : html`<ol class="queue">${messages.map((one) => line(one, zone))}</ol>`}
${next === null ? '' : html`<p><a href="/console/mail?${shown === undefined ? '' : `reason=${shown}&`}after=${encodeURIComponent(next)}">Дальше</a> <span lang="en">next page</span></p>`}
<p><output id="said" class="state" aria-live="polite"></output></p>`
}

function stateOf({ mailbox, fetchedAt }: MailIntake): Html {
  if (mailbox === 'none') {
    return html`Ящик не настроен (<code>IMAP_URL</code>): письма регистрируют сотрудники. <span lang="en">None is set: staff register letters.</span>`
  }
  const at =
    fetchedAt === null ? 'ещё ни разу' : `${new Date(fetchedAt).toISOString().slice(0, 16).replace('T', ' ')} UTC`
  return html`Последний раз прочитан: ${at}. <span lang="en">last looked through</span>`
}

function line({ id, reason, receivedAt, bytes, dismissedAt }: AsideMessage, zone: string): Html {
  const buttons = html` <a href="/v1/mail/aside/${id}" download="message.eml">Открыть как файл</a> <span lang="en">open as a file</span>
<button type="button" data-aside="${id}/letter">Это письмо, зарегистрировать · Register</button>
<button type="button" data-aside="${id}/dismissal">Просмотрено, не письмо · No letter</button>`
  return html`<li class="card"><p>${words(REASONS, reason)}, получено ${day(zone, receivedAt)}, ${bytes} Б${dismissedAt === null ? '' : html`, просмотрено <span lang="en">looked through</span>`}</p>
<p>${reason === 'own' ? '' : buttons}</p></li>`
}
