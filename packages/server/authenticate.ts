import { DoverieError, type Instant } from '@doverie/core/base'
import type { Access } from '@doverie/core/contract'
import { actFor, authenticateCredential, authenticateSession, type Caller, knownCredential } from '@doverie/vault'
import { parseCookie, stringifySetCookie } from 'cookie'
import type { FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify'
import type { ServerContext } from './context.ts'

/** `__Host-`: this host only, over TLS or loopback only, the whole site, not to be set by a subdomain. */
const SESSION_COOKIE = '__Host-doverie'
const COOKIE = { path: '/', secure: true, httpOnly: true, sameSite: 'strict' } as const
const BEARER = 'Bearer '
/** A page elsewhere cannot send it without being asked about first (CORS). */
const ON_BEHALF_OF = 'on-behalf-of'
const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * The hook that finds out who calls, before the body is read. A credential seen lately is known at once: that spares the
 * path of every read a turn of promises.
 */
export function identify(
  context: ServerContext,
  { auth, open }: { readonly auth: readonly Access[]; readonly open?: boolean },
): onRequestHookHandler {
  return (request, reply, done) => {
    if (open === true) void reply.header('access-control-allow-origin', '*')
    const { authorization, [ON_BEHALF_OF]: represented } = request.headers
    if (authorization?.startsWith(BEARER) === true && represented === undefined && auth.includes('service')) {
      request.caller = knownCredential(context.vault, authorization.slice(BEARER.length))
    }
    if (request.caller !== null) {
      done()
      return
    }
    authenticate(context, auth, request, reply).then(
      (caller) => {
        request.caller = caller
        done()
      },
      (error: unknown) => {
        done(error as Error)
      },
    )
  }
}

/**
 * Finds out who calls, before the body is read. A credential goes before a cookie. Throws `unauthenticated` for a missing or
 * dead one where the operation needs somebody, `forbidden` for a kind of caller that it does not know.
 */
export async function authenticate(
  context: ServerContext,
  auth: readonly Access[],
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Caller | null> {
  // Open to everybody: who calls makes no difference, and a dead session is in nobody's way.
  if (auth.length === 1 && auth[0] === 'none') return null
  const { authorization, cookie } = request.headers
  let caller: Caller | null = null
  if (authorization !== undefined) {
    caller = authorization.startsWith(BEARER)
      ? await authenticateCredential(context.vault, authorization.slice(BEARER.length))
      : null
    if (caller === null) throw new DoverieError('unauthenticated')
  } else if (cookie !== undefined) {
    const token = sessionToken(request)
    if (token !== undefined) {
      // Also where the session is dead: a form that a stranger's page sends is refused either way.
      assertOwnPage(context, request)
      caller = await authenticateSession(context.vault, token)
      if (caller === null) {
        forgetSession(reply)
        throw new DoverieError('unauthenticated')
      }
    }
  }
  const represented = request.headers[ON_BEHALF_OF]
  if (caller === null) {
    // Who names another person does not act as nobody: their session ran out, or the cookie was lost.
    if (auth.includes('none') && represented === undefined) return null
    throw new DoverieError('unauthenticated')
  }
  if (represented !== undefined) return behalf(context, auth, caller, represented)
  if (!auth.some((kind) => kind === caller.kind)) throw new DoverieError('forbidden')
  return caller
}

/** Somebody signed in as themselves who acts for another person: only what the person themselves may call. */
async function behalf(
  { vault }: ServerContext,
  auth: readonly Access[],
  caller: Caller,
  represented: string | readonly string[],
): Promise<Caller> {
  if (caller.kind !== 'subject' || !auth.includes('subject') || typeof represented !== 'string') {
    throw new DoverieError('forbidden', 'Only a person signed in acts for another (On-Behalf-Of).')
  }
  return actFor(vault, caller, represented)
}

/** The session token that came with a request. */
export function sessionToken(request: FastifyRequest): string | undefined {
  const token = parseCookie(request.headers.cookie ?? '')[SESSION_COOKIE]
  return token === undefined || token.length > 100 ? undefined : token
}

export function keepSession(reply: FastifyReply, token: string, expiresAt: Instant): void {
  void reply.header(
    'set-cookie',
    stringifySetCookie({ name: SESSION_COOKIE, value: token, ...COOKIE, expires: new Date(expiresAt) }),
  )
}

export function forgetSession(reply: FastifyReply): void {
  void reply.header(
    'set-cookie',
    stringifySetCookie({ name: SESSION_COOKIE, value: '', ...COOKIE, expires: new Date(0), maxAge: 0 }),
  )
}

/**
 * INVARIANT: a change that rests on a cookie comes from a page of this server. Browsers name the page's origin with every
 * unsafe request; one that names none, or another, is refused.
 */
function assertOwnPage({ settings }: ServerContext, request: FastifyRequest): void {
  if (SAFE.has(request.method)) return
  const { origin, host } = request.headers
  const own =
    settings.publicUrl === null ? [`http://${host ?? ''}`, `https://${host ?? ''}`] : [originOf(settings.publicUrl)]
  if (origin === undefined || !own.includes(origin)) {
    throw new DoverieError('forbidden', 'The request comes from no page of this server (Origin).')
  }
}

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : url
}
