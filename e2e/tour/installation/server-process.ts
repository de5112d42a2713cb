import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const CLI = join(ROOT, 'packages/cli/doverie.ts')
const READY_MS = 90_000
const STOP_MS = 30_000
/** What would make the server use somebody else's databases or mail. */
const FOREIGN = [
  'DATABASE_URL',
  'KEYSTORE_URL',
  'SMTP_URL',
  'PUBLIC_URL',
  'TRUSTED_PROXIES',
  'LEDGER_ORIGIN',
  'LOG_LEVEL',
]

/** The environment without anybody else's databases or mail. */
export function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !FOREIGN.includes(name)))
}

/** Folders of one tour. `output` is what the servers wrote to stdout and stderr. */
export interface Folders {
  readonly root: string
  readonly data: string
  readonly keys: string
  readonly output: string
}

/** Fresh folders that an unprivileged PostgreSQL can pass through. */
export async function makeFolders(): Promise<Folders> {
  const root = await mkdtemp(join(tmpdir(), 'doverie-tour-'))
  await chmod(root, 0o711)
  return { root, data: join(root, 'data'), keys: join(root, 'keys'), output: join(root, 'output.log') }
}

/** The server as `npm start` runs it, on a free port. It may be stopped or killed, and started again on the same folders. */
export class ServerProcess {
  readonly #folders: Folders
  #child: ChildProcess | null = null
  #url = ''
  #firstLink = ''
  #drained: Promise<unknown> = Promise.resolve()

  constructor(folders: Folders) {
    this.#folders = folders
  }

  readonly url = (): string => this.#url

  /** The path of the one-time link printed at the newest start. */
  get firstLink(): string {
    return this.#firstLink
  }

  /** Starts the server and waits for `/healthz`. Gives the milliseconds that took. */
  async start(): Promise<number> {
    const started = performance.now()
    // Where people cannot come from addresses of their own, they share one, and its limit would stop them.
    const limits = process.platform === 'linux' ? {} : { FORMS_PER_MINUTE: '0' }
    const { data, keys, output } = this.#folders
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', CLI, 'start', '--port', '0', '--data', data, '--keys', keys],
      { cwd: ROOT, env: { ...ownEnvironment(), ...limits }, stdio: ['ignore', 'pipe', 'pipe'] },
    )
    this.#child = child
    const file = createWriteStream(output, { flags: 'a', mode: 0o600 })
    let text = ''
    this.#url = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        file.write(chunk)
        if (this.#firstLink !== '' && this.#url !== '') return
        text += chunk.toString()
        this.#url = /Doverie is ready: (http:\S+)/.exec(text)?.[1] ?? this.#url
        this.#firstLink = /https?:\S+\/enter#(\S+)/.exec(text)?.[1] ?? this.#firstLink
      })
    }
    child.once('close', () => file.end())
    this.#drained = finished(file)
    this.#firstLink = ''
    await this.#untilReady(child, started + READY_MS)
    return performance.now() - started
  }

  async #untilReady(child: ChildProcess, end: number): Promise<void> {
    while (performance.now() < end) {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`the server ended: ${await this.lastLine()}`)
      const healthy =
        this.#url !== '' &&
        this.#firstLink !== '' &&
        (await fetch(new URL('/healthz', this.#url)).then(
          ({ ok }) => ok,
          () => false,
        ))
      if (healthy) return
      await delay(25)
    }
    throw new Error('the server was not ready in time')
  }

  /** Of a server that did not start, the one line that says why. */
  async lastLine(): Promise<string> {
    await this.#drained
    const text = await readFile(this.#folders.output, 'utf8').catch(() => '')
    const lines = text.trim().split('\n')
    return lines.findLast((line) => /^doverie: |Error/.test(line)) ?? lines.at(-1) ?? ''
  }

  /** Ends the server as Ctrl-C does. Gives its exit code. */
  async stop(): Promise<number | null> {
    return this.#end('SIGTERM')
  }

  /** Ends the server at once, as a crash does. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child
    this.#child = null
    if (child === null) return 0
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
    const closed = new Promise<void>((resolve) =>
      child.once('close', () => {
        resolve()
      }),
    )
    child.kill(signal)
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
    // A killed server's PostgreSQL may hold the pipes open for a moment; its exit is what counts.
    const exited = new Promise<void>((resolve) =>
      child.once('exit', () => {
        resolve()
      }),
    )
    await (signal === 'SIGKILL' ? exited : closed)
    clearTimeout(timer)
    await Promise.race([this.#drained, delay(2_000)])
    return child.exitCode
  }

  /** Ends whatever still runs on the folders, and removes them unless they are to stay. */
  async dispose(keep: boolean): Promise<void> {
    await this.stop()
    await this.#endDatabase()
    if (!keep) await rm(this.#folders.root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
  }

  /** A killed server leaves its PostgreSQL running; the pid file of our own cluster says which. */
  async #endDatabase(): Promise<void> {
    const pid = await databasePid(this.#folders.data)
    if (pid === null || !signalled(pid, 'SIGINT')) return
    for (let i = 0; i < 100 && signalled(pid, 0); i++) await delay(100)
  }
}

async function databasePid(data: string): Promise<number | null> {
  const text = await readFile(join(data, 'postgres', 'postmaster.pid'), 'utf8').catch(() => '')
  const pid = Number(text.split('\n')[0])
  if (!Number.isSafeInteger(pid) || pid <= 1) return null
  // The number may be somebody else's by now.
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => data)
  return command.includes(data) ? pid : null
}

function signalled(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}
