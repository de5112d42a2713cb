import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const SUPERVISE = fileURLToPath(new URL('../embedded/supervise.ts', import.meta.url))
const PROGRAM = `
  const { startEmbedded } = await import(process.argv[1])
  const log = { info: () => {}, warn: () => {} }
  const { dataUrl, pid } = await startEmbedded({ dir: process.argv[2], log })
  process.stdout.write(JSON.stringify({ dataUrl, pid }))
  setInterval(() => {}, 1000)
`

/** An embedded PostgreSQL that another process supervises, so that a test can kill that process. */
export interface HeldCluster {
  readonly dataUrl: string
  /** PostgreSQL's process id. */
  readonly pid: number
  /** `kill -9` of the supervisor; resolves when it is gone. PostgreSQL stays behind. */
  killSupervisor(): Promise<void>
}

/** Starts a process that supervises the data folder until it is killed. */
export async function holdCluster(dir: string): Promise<HeldCluster> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM, SUPERVISE, dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const first = (await once(child.stdout, 'data')) as [Buffer]
  const { dataUrl, pid } = JSON.parse(first[0].toString('utf8')) as { dataUrl: string; pid: number }
  return { dataUrl, pid, killSupervisor: () => kill(child) }
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}
