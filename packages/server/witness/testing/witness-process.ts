import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const PROGRAM = fileURLToPath(new URL('serve-witness.ts', import.meta.url))

export interface WitnessProcess {
  readonly url: string
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>
}

/** A witness in a process of its own, which can be killed. */
export async function witnessProcess(dir: string, name: string, logs: string): Promise<WitnessProcess> {
  const child = spawn(process.execPath, [PROGRAM, dir, name, logs], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve()
    })
  })
  const url = await new Promise<string>((resolve, reject) => {
    child.once('exit', () => {
      reject(new Error('the witness did not start'))
    })
    child.stdout.once('data', (line: Buffer) => {
      resolve(line.toString().trim())
    })
  })
  return {
    url,
    kill: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}
