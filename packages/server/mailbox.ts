import helmet from '@fastify/helmet'
import { problemOf } from '@doverie/core/contract'
import { listDevelopmentMail } from '@doverie/vault'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ServerContext } from './context.ts'
import { isLoopback } from './loopback.ts'
import { html, page } from './pages/html.ts'
import { HELMET } from './pages/security.ts'
import { sendProblem } from './problem.ts'

const LOOPBACK_NAMES: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])

/**
 * The development mailbox: letters that no mail server takes, as long as there is none. It is there only on a server that
 * listens on loopback, for peers on loopback, under a loopback name: a page elsewhere that points its own name here
 * (DNS rebinding) sees nothing.
 */
export function mailboxRoutes({ vault }: ServerContext): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    await app.register(helmet, HELMET)
    app.addHook('onRequest', async (request, reply) => {
      if (!isLocal(request)) return sendProblem(reply, problemOf('not-found'))
    })
    app.get('/dev/mailbox.json', async (_request, reply) => {
      void reply.header('cache-control', 'no-store')
      return { mail: await listDevelopmentMail(vault) }
    })
    app.get('/dev/mailbox', async (_request, reply) => {
      const mail = await listDevelopmentMail(vault)
      const letters = mail.map(
        ({ to, subject, text, at, channel }) => html`<article class="letter">
          <h2>${channel === 'sms' ? 'СМС · SMS' : subject}</h2>
          <p class="dim">${to} · ${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC</p>
          <pre>${text}</pre>
        </article>`,
      )
      const none = html`<p>Писем нет. <span lang="en">No letters.</span></p>`
      void reply.header('cache-control', 'no-store').type('text/html; charset=utf-8')
      return page(
        'Почта разработки · Development mailbox',
        html`<h1>Почта разработки <small lang="en">Development mailbox</small></h1>
          <p class="dim">
            Почтовый сервер не настроен (<code>SMTP_URL</code>): письма видны здесь и только с этой машины.
            <span lang="en">No mail server is set: letters show here, and on this machine only.</span>
          </p>
          ${letters.length === 0 ? none : letters}`,
      )
    })
  }
}

function isLocal(request: FastifyRequest): boolean {
  const { headers } = request
  // A proxy on this machine is on loopback too, and speaks for the whole world.
  if (['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'via'].some((name) => headers[name] !== undefined))
    return false
  const name = (headers.host ?? '').replace(/:\d+$/, '')
  return LOOPBACK_NAMES.has(name) && isLoopback(request.socket.remoteAddress ?? '')
}
