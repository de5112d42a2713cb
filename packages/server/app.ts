import type { Socket } from 'node:net'
import rateLimit from '@fastify/rate-limit'
import { DoverieError, type ErrorCode } from '@doverie/core/base'
import { BODY_LIMIT, problemOf } from '@doverie/core/contract'
import type { Caller } from '@doverie/vault'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { Refusal } from './answer.ts'
import { attemptStore } from './attempts.ts'
import { identify } from './authenticate.ts'
import type { ServerContext } from './context.ts'
import { ROUTES } from './handle/index.ts'
import { mailboxRoutes } from './mailbox.ts'
import { pageRoutes } from './pages/routes.ts'
import { loggable, problemFrom, sendProblem } from './problem.ts'
import type { Route } from './route.ts'

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller | null
  }
  interface FastifyReply {
    /** The code of the problem that was answered. */
    problem: ErrorCode | null
  }
}

/** The HTTP server, not yet listening: the contract's operations by one mapping, and a few pages. */
export async function createApp(context: ServerContext): Promise<FastifyInstance> {
  const app = fastify({
    logger: false,
    bodyLimit: BODY_LIMIT,
    trustProxy: context.settings.trustedProxies ?? false,
    requestTimeout: 30_000,
    // What was sent is judged as it was sent: nothing is converted, dropped or filled in.
    ajv: {
      customOptions: {
        coerceTypes: false,
        removeAdditional: false,
        useDefaults: false,
        allErrors: false,
        strictTypes: false,
      },
    },
    frameworkErrors: (error, _request, reply) => {
      sendProblem(reply, problemFrom(error))
    },
    clientErrorHandler,
  })
  app.removeContentTypeParser('text/plain')
  app.decorateRequest('caller', null)
  app.decorateReply('problem', null)
  app.setErrorHandler((error, request, reply) => {
    const problem = problemFrom(error)
    if (problem.status >= 500) {
      context.logger.error({ method: request.method, route: routeOf(request), ...loggable(error) }, 'a request failed')
    }
    return sendProblem(reply, problem)
  })
  app.setNotFoundHandler((_request, reply) => sendProblem(reply, problemOf('not-found')))
  logRequests(app, context)
  await app.register(rateLimit, {
    global: false,
    store: attemptStore(context.vault),
    errorResponseBuilder: () => new DoverieError('rate-limited'),
  })
  // Who waits to be shown something with others is shown it before the server stops.
  app.addHook('preClose', (done) => {
    context.publicReads.flush()
    done()
  })
  for (const route of ROUTES) addRoute(app, context, route)
  await app.register(pageRoutes(context))
  if (context.settings.smtp === null && context.loopback) await app.register(mailboxRoutes(context))
  return app
}

/** One operation of the contract as a route: who may call, what is checked, what is answered. */
function addRoute(app: FastifyInstance, context: ServerContext, { operation, handler }: Route): void {
  const { method, path, params, query, body, bodyLimit, success, limited } = operation
  const { formsPerMinute } = context.settings
  const answer = handler as unknown as (
    context: ServerContext,
    call: Parameters<Route['handler']>[1],
  ) => Promise<unknown>
  app.route({
    method,
    url: path,
    schema: {
      ...(params === null ? {} : { params }),
      ...(query === null ? {} : { querystring: query }),
      ...(body === null ? {} : { body }),
      ...(success.schema === null || success.type !== 'application/json'
        ? {}
        : { response: { [success.status]: success.schema } }),
    },
    ...(bodyLimit === undefined ? {} : { bodyLimit }),
    config: limited === true && formsPerMinute > 0 ? { rateLimit: { max: formsPerMinute, timeWindow: 60_000 } } : {},
    onRequest: identify(context, operation),
    handler: async (request, reply) => {
      const call = {
        params: request.params as never,
        query: request.query as never,
        body: request.body as never,
        caller: request.caller,
        request,
        reply,
      }
      void reply.code(success.status).header('cache-control', 'no-store').header('x-content-type-options', 'nosniff')
      if (success.type !== null && success.type !== 'application/json') {
        void reply.header('content-type', success.type)
      }
      const given = await answer(context, call)
      if (given instanceof Refusal) return sendProblem(reply, given.problem)
      return success.type === null ? reply.send() : given
    },
  })
}

/** The route's pattern: the address itself may carry ids. */
function routeOf(request: FastifyRequest): string {
  return request.routeOptions.url ?? 'none'
}

/** One line per answer: never an address, a header, a query or a body. */
function logRequests(app: FastifyInstance, { logger }: ServerContext): void {
  if (!logger.isLevelEnabled('info')) return
  app.addHook('onResponse', (request: FastifyRequest, reply: FastifyReply, done: () => void) => {
    const { problem } = reply
    const line = {
      method: request.method,
      route: routeOf(request),
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
    }
    logger.info(problem === null ? line : { ...line, code: problem })
    done()
  })
}

/** What is no HTTP gets a problem too, and the connection ends. */
function clientErrorHandler(_error: Error, socket: Socket): void {
  if (!socket.writable) return
  const body = JSON.stringify(problemOf('invalid-request'))
  socket.end(
    `HTTP/1.1 400 Bad Request\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  )
}
