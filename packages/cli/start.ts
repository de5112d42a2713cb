import { resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { DoverieError } from '@doverie/core/base'
import type { RunningServer } from '@doverie/server'
import { type Installation, type Log, openInstallation } from '@doverie/server/installation'
import { Command } from 'commander'
import { parsePort } from './parse-port.ts'
import { portFault, probePort } from './probe-port.ts'
import { type StopSignal, stopSignal } from './stop-signal.ts'

const NETRACK = fileURLToPath(new URL('../../policies/netrack', import.meta.url))
/** How long answers under way may take to finish once we stop. */
const CLOSE_PATIENCE_MS = 10_000

interface StartOptions {
  readonly port: number
  readonly host: string
  readonly data: string
  readonly keys: string
  readonly policy: string
}

/** `doverie start`: the server with all it needs, until a signal stops it. */
export function startCommand(): Command {
  return new Command('start')
    .description('start the server; the first start sets everything up')
    .option('--port <number>', 'the port to listen on', parsePort, 8380)
    .option('--host <address>', 'the address to listen on', '127.0.0.1')
    .option('--data <folder>', 'the data folder', 'data')
    .option('--keys <folder>', 'the folder of the root key, outside the data', 'keys')
    .option('--policy <folder>', 'the policy bundle', NETRACK)
    .action(start)
}

/** What SIGUSR2 does: nothing until the server is ready, then reading the policy again. */
let reload = (): void => undefined

/** Each step may refuse, and those that change something come after those that only look. */
async function start(options: StartOptions): Promise<void> {
  const stop = stopSignal()
  process.on('SIGUSR2', () => {
    reload()
  })
  let lost: string | undefined
  if (options.port !== 0) await probePort(options.host, options.port)
  const opening = openInstallation({
    dataDir: resolve(options.data),
    keysDir: resolve(options.keys),
    env: process.env,
    log,
    onLost: (reason) => {
      lost = reason
      stop.now()
    },
  })
  const installation = await opening.catch((error: unknown) => {
    // Ctrl-C in a terminal ends initdb too; its failure is no news then.
    if (stop.asked()) return undefined
    throw error
  })
  if (!installation) return
  try {
    if (!stop.asked()) await serve(options, installation, stop)
  } finally {
    await installation.close()
  }
  if (lost !== undefined) throw new DoverieError('storage-unavailable', `the server stopped: ${lost}`)
}

async function serve(options: StartOptions, installation: Installation, stop: StopSignal): Promise<void> {
  const { host, port } = options
  const { dataUrl, keystoreUrl, keysDir } = installation
  // Loaded only once all that may be refused before was looked at.
  const { startServer } = await import('@doverie/server')
  const policyDir = resolve(options.policy)
  const server = await startServer({ port, host, dataUrl, keystoreUrl, keysDir, policyDir, log }).catch(
    (error: unknown) => {
      const { code } = error as { readonly code?: string }
      throw ['EADDRINUSE', 'EACCES', 'EADDRNOTAVAIL'].includes(code ?? '') ? portFault(host, port, error) : error
    },
  )
  log.info(`Doverie is ready: ${server.url}`)
  let linked = await tellStaffLink(server)
  reload = () => {
    void server.reloadPolicy().then(async (loaded) => {
      if (!loaded) return
      log.info('policy: read again and in force')
      if (!linked) linked = await tellStaffLink(server)
    })
  }
  await stop.wait()
  await Promise.race([server.close(), delay(CLOSE_PATIENCE_MS, undefined, { ref: false })])
}

/** Prints the first officer's link; false where nobody is an officer yet. */
async function tellStaffLink(server: RunningServer): Promise<boolean> {
  const link = await server.firstStaffLink()
  log.info(
    link === null
      ? 'No policy has been in force here, so there is no officer yet: the link comes with the first policy.'
      : `The first data-protection officer signs in with this link, which works once: ${link}`,
  )
  return link !== null
}

const log: Log = {
  info: (message) => {
    process.stdout.write(`${message}\n`)
  },
  warn: (message) => {
    process.stderr.write(`${message}\n`)
  },
}
