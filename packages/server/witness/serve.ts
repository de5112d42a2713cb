import { MAX_ADD_CHECKPOINT_SIZE, type TrustPolicy } from '@doverie/core/log'
import fastify, { type FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { listen } from '../listen.ts'
import { logLines } from '../log-lines.ts'
import { loggable } from '../problem.ts'
import type { LogLevel } from '../settings.ts'
import type { WitnessKeys } from './key.ts'
import { WitnessState } from './state.ts'
import { Witness } from './witness.ts'

export { openWitnessKeys, type WitnessKeys } from './key.ts'

export interface WitnessOptions {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  /** Where it keeps its key and what it has cosigned. */
  readonly dir: string
  readonly keys: WitnessKeys
  /** The logs that it knows; witnesses and quorum of the policy are of no account here. */
  readonly policy: TrustPolicy
  readonly now?: () => number
  /** What it writes of itself; `info`, a line per request, unless told. */
  readonly logLevel?: LogLevel
}

/** A witness that listens; submission and monitoring share its address. */
export interface RunningWitness {
  readonly url: string
  close(): Promise<void>
}

const TEXT = 'text/plain; charset=utf-8'

/** Serves a witness until it is closed. Throws the operating system's word on the port. */
export async function startWitness(options: WitnessOptions): Promise<RunningWitness> {
  const { keys, policy, dir } = options
  const logger = logLines(options.logLevel ?? 'info')
  const witness = new Witness(keys, policy, new WitnessState(dir), options.now ?? Date.now)
  const app = witnessApp(witness, logger)
  const url = await listen(app, options)
  return { url, close: () => app.close() }
}

function witnessApp(witness: Witness, logger: Logger): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: MAX_ADD_CHECKPOINT_SIZE,
    requestTimeout: 30_000,
    keepAliveTimeout: 75_000,
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => {
    done(null, body)
  })
  app.setErrorHandler((error: { readonly statusCode?: number }, _request, reply) => {
    const status = error.statusCode ?? 500
    if (status >= 500) logger.error(loggable(error), 'a request failed')
    // A fault leaves the caller without a cosignature, never with one that is not kept.
    return reply
      .code(status)
      .type(TEXT)
      .send(status >= 500 ? 'The witness failed.\n' : 'The request is malformed.\n')
  })
  app.setNotFoundHandler((_request, reply) => reply.code(404).type(TEXT).send('There is nothing here.\n'))
  app.post('/add-checkpoint', async (request, reply) => {
    const { body } = request as { readonly body?: unknown }
    const answer = await witness.addCheckpoint(Buffer.isBuffer(body) ? body : Buffer.alloc(0))
    logger.info({ route: 'add-checkpoint', status: answer.status })
    return reply.code(answer.status).header('content-type', answer.type).send(answer.body)
  })
  app.get<{ Params: { hash: string } }>('/:hash/checkpoint', async (request, reply) => {
    const note = await witness.lastCheckpoint(request.params.hash)
    void reply.header('content-type', TEXT).header('cache-control', 'public, max-age=10')
    return note === null ? reply.code(404).send('Nothing was cosigned for such a log.\n') : note
  })
  return app
}
