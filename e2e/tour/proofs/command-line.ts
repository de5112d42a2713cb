import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type Folders, ownEnvironment } from '../installation/server-process.ts'
import { type Proof, proof } from './proof.ts'

const CLI = fileURLToPath(new URL('../../../packages/cli/doverie.ts', import.meta.url))

/** The operator's own check, `doverie ledger verify`, on the stopped installation. */
export async function proveByCommandLine({ data, keys }: Folders): Promise<Proof> {
  const title = 'doverie ledger verify agrees'
  const known = await run(['ledger', 'verify', '--help'])
  if (!known.text.includes('ledger verify')) return proof(title, null, 'this version has no such command')
  const { code, text } = await run(['ledger', 'verify', '--data', data, '--keys', keys])
  return proof(title, code === 0, text.trim().split('\n').at(-1) ?? '')
}

function run(args: readonly string[]): Promise<{ readonly code: number | null; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', CLI, ...args], {
      env: ownEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let text = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
    child.on('error', reject)
    child.on('close', (code) => {
      resolve({ code, text })
    })
  })
}
