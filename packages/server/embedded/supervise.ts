import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { open, readFile, realpath, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { DoverieError } from '@doverie/core/base'
import type { Client } from 'pg'
import { dataFolderMode, type FileOwner, makeFolder, ownerOfFolder } from '../durable-file.ts'
import { type Binaries, locateBinaries } from './binaries.ts'
import { ensureCluster } from './cluster.ts'
import { adminUrlOf, knock, socketUrl, takeFolderLock } from './connection.ts'
import { CHILD_ENV, chooseOwner, clusterFolder, commandLine, findLauncher, type Launcher } from './launcher.ts'
import { settleLeftover } from './leftover.ts'
import type { Log } from './log.ts'
import { ensureDatabases } from './roles.ts'
import { type ClusterSecrets, claimSecrets, keepSecrets } from './secrets.ts'
import { MAX_CONNECTIONS, serverSettings } from './settings.ts'
import { closeSocketFolder, openSocketFolder, type SocketFolder } from './sockets.ts'

/** A running PostgreSQL of ours. Its urls carry passwords: never log them. */
export interface Embedded {
  readonly dataUrl: string
  readonly keystoreUrl: string
  /** The superuser's url, for tests and maintenance. */
  readonly adminUrl: string
  /** The process id of the PostgreSQL server. */
  readonly pid: number
  /** Stops the server and resolves when it is gone. May be called more than once. */
  stop(): Promise<void>
}

export interface EmbeddedOptions {
  /** The data folder; made if missing. */
  readonly dir: string
  readonly log: Log
  readonly maxConnections?: number
  /** Called once if PostgreSQL ends, or the folder's lock is lost, without `stop`: the server must then stop. */
  readonly onLost?: (reason: string) => void
}

/** All that one start knows of its folder. */
interface Site {
  readonly dir: string
  readonly cluster: string
  readonly binaries: Binaries
  readonly launcher: Launcher
  /** Whom our own files in the folder belong to, if not to us. */
  readonly filesOwner: FileOwner | undefined
  readonly secrets: ClusterSecrets
  readonly socket: SocketFolder
  readonly options: EmbeddedOptions
}

/**
 * Starts the PostgreSQL of a data folder as a child of this process, initialising the folder on first use. When it
 * resolves, this process alone holds the folder (`data-in-use` otherwise) and both databases answer.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const site = await prepareSite(options)
  await settleLeftover(site.cluster, site.socket.path, site.secrets, options.log)
  await ensureCluster(site.binaries, site.dir, site.launcher, site.secrets.superuser)
  const { child, client } = await launch(site)
  try {
    if (!site.secrets.initialised) {
      await ensureDatabases(client, site.secrets)
      await keepSecrets(site.dir, { ...site.secrets, initialised: true }, site.filesOwner)
    }
  } catch (error) {
    await endChild(child)
    throw error
  }
  return supervise(site, child, client)
}

async function prepareSite(options: EmbeddedOptions): Promise<Site> {
  await makeFolder(options.dir, dataFolderMode())
  const dir = await realpath(options.dir)
  const cluster = clusterFolder(dir)
  const binaries = await locateBinaries()
  const owner = chooseOwner(dir)
  const launcher = findLauncher(binaries, dir, owner)
  const hasCluster = existsSync(cluster)
  const filesOwner = await ownerOfFolder(dir)
  let secrets = await claimSecrets(dir, hasCluster, filesOwner)
  if (secrets.initialised && !hasCluster) {
    throw new DoverieError('storage-unavailable', `${cluster} is missing; restore it, nothing was changed`)
  }
  const socket = await openSocketFolder(dir, owner, secrets.socketFolder)
  if (socket.temporary && socket.path !== secrets.socketFolder) {
    secrets = { ...secrets, socketFolder: socket.path }
    await keepSecrets(dir, secrets, filesOwner)
  }
  return { dir, cluster, binaries, launcher, filesOwner, secrets, socket, options }
}

interface Launched {
  readonly child: ChildProcess
  readonly client: Client
}

/** Starts the server and takes the folder's lock. A lost race for the pid file is settled like a left-over. */
async function launch(site: Site): Promise<Launched> {
  const end = Date.now() + 15_000
  for (;;) {
    const outcome = await launchOnce(site)
    if (typeof outcome !== 'string') return outcome
    // An empty lock file is that of a server which began in the same instant and has not written its number yet.
    const lost = /lock file .* (?:already exists|is empty)|shared memory block .* still in use/.test(outcome)
    if (!lost || Date.now() > end) {
      const line = outcome.split('\n').find((text) => /FATAL|PANIC/.test(text)) ?? 'it ended at once'
      const reason = line.replace(/^.*?(?=FATAL|PANIC)/, '').trim()
      throw new DoverieError('storage-unavailable', `PostgreSQL did not start (${reason}); see ${logFile(site.dir)}`)
    }
    await delay(200)
    await settleLeftover(site.cluster, site.socket.path, site.secrets, site.options.log)
  }
}

/** The lines the server logged, if it ended before it was ready. */
async function launchOnce(site: Site): Promise<Launched | string> {
  const log = await openLog(site)
  const { size } = await log.stat()
  const child = spawnServer(site, log.fd)
  await log.close()
  const failed = new Promise<'ended'>((resolve) => {
    child.once('exit', () => {
      resolve('ended')
    })
    child.once('error', () => {
      resolve('ended')
    })
  })
  for (;;) {
    const answer = await Promise.race([knock(site.socket.path, site.secrets), failed])
    if (answer === 'ended') return (await readFile(logFile(site.dir))).subarray(size).toString('utf8')
    if (answer.kind === 'connected') {
      if (await takeFolderLock(answer.client).catch(() => false)) return { child, client: answer.client }
      await answer.client.end().catch(() => undefined)
      await endChild(child)
      throw new DoverieError('data-in-use', 'another server takes this data folder at this very moment')
    }
    if (answer.kind === 'stranger') {
      await endChild(child)
      throw new DoverieError('storage-unavailable', 'the database does not know the password of its data folder')
    }
    await Promise.race([delay(10), failed])
  }
}

function spawnServer(site: Site, log: number): ChildProcess {
  const settings = serverSettings(site.socket.path, site.options.maxConnections ?? MAX_CONNECTIONS)
  const { file, args } = commandLine(site.launcher, site.binaries.postgres, ['-D', site.cluster, ...settings])
  // A group of its own: Ctrl-C in the terminal must reach the server first, which then stops PostgreSQL.
  const stdio = ['ignore', log, log] as const
  return spawn(file, args, { ...site.launcher.options, cwd: '/', env: CHILD_ENV, detached: true, stdio: [...stdio] })
}

function supervise(site: Site, child: ChildProcess, client: Client): Embedded {
  const { socket, secrets, options } = site
  let watching = true
  let stopped: Promise<void> | undefined
  // The last resort of a process that ends without stop(): PostgreSQL must not outlive it.
  const onExit = (): void => {
    child.kill('SIGINT')
  }
  const lose = (reason: string): void => {
    if (!watching) return
    watching = false
    options.onLost?.(reason)
  }
  process.on('exit', onExit)
  child.once('exit', (code, signal) => {
    lose(`PostgreSQL ended (${signal ?? `code ${code ?? 'unknown'}`})`)
  })
  client.on('end', () => {
    // A dying server closes this session too; its own end is the better reason, and it follows within moments.
    setTimeout(() => {
      lose('the session that holds the data folder was closed')
    }, 1000).unref()
  })
  const stop = async (): Promise<void> => {
    watching = false
    await client.end().catch(() => undefined)
    await endChild(child)
    process.off('exit', onExit)
    await closeSocketFolder(socket)
  }
  return {
    dataUrl: socketUrl(socket.path, 'doverie', secrets.doverie, 'doverie'),
    keystoreUrl: socketUrl(socket.path, 'doverie_keys', secrets.doverie_keys, 'doverie_keys'),
    adminUrl: adminUrlOf(socket.path, secrets),
    pid: child.pid ?? 0,
    stop: () => (stopped ??= stop()),
  }
}

/** Fast shutdown; after half a minute the immediate one, from which the next start recovers without loss. */
async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve()
    })
  })
  child.kill('SIGINT')
  const quit = setTimeout(() => child.kill('SIGQUIT'), 30_000)
  const kill = setTimeout(() => child.kill('SIGKILL'), 45_000)
  await gone
  clearTimeout(quit)
  clearTimeout(kill)
}

const LOG_LIMIT = 8 * 1024 * 1024

/** The server's own log, kept through a `kill -9` of ours; one older file is kept beside it. */
async function openLog(site: Site): ReturnType<typeof open> {
  const path = logFile(site.dir)
  const before = await stat(path).catch(() => undefined)
  if (before && before.size > LOG_LIMIT) await rename(path, `${path}.1`)
  const handle = await open(path, 'a', 0o600)
  if (site.filesOwner) await handle.chown(site.filesOwner.uid, site.filesOwner.gid)
  return handle
}

function logFile(dir: string): string {
  return join(dir, 'postgres.log')
}
