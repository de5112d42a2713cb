import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

export const PROGRAM: string = fileURLToPath(new URL('../doverie.ts', import.meta.url))

/** Where Node keeps what it compiled: the program is run hundreds of times, and reading it anew takes a second each time. */
const COMPILED = fileURLToPath(new URL('../../../node_modules/.cache/node', import.meta.url))

export interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Runs the command line as its user would, in a process of its own without databases of anybody's. */
export async function runDoverie(...args: readonly string[]): Promise<Ran> {
  const env = { PATH: process.env['PATH'] ?? '', DATABASE_URL: '', KEYSTORE_URL: '', NODE_COMPILE_CACHE: COMPILED }
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env })
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', resolve)
  })
  const [code, out, err] = await Promise.all([ended, text(child.stdout), text(child.stderr)])
  return { code, out, err }
}
