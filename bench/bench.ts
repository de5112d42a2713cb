import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import type { LoadPlan, LoadResult } from './load.ts'
import { report, type Round } from './report.ts'
import { openBench, seed } from './seed.ts'

const HERE = fileURLToPath(new URL('.', import.meta.url))
const POLICY = join(HERE, '../policies/netrack')
const PORTS = { hello: 8471, bare: 8472, doverie: 8473 } as const
const { values: options } = parseArgs({
  options: {
    people: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '8' },
    connections: { type: 'string', default: '64' },
    data: { type: 'string', default: join(HERE, '.data') },
  },
})
const people = Number(options.people)
const rounds = Number(options.rounds)
const run = promisify(execFile)

async function load(
  plan: Omit<LoadPlan, 'seeded' | 'connections'>,
  connections = Number(options.connections),
): Promise<LoadResult> {
  const seeded = join(options.data, `seeded-${people}.json`)
  const { stdout } = await run(process.execPath, [
    join(HERE, 'load.ts'),
    JSON.stringify({ ...plan, connections, seeded }),
  ])
  return JSON.parse(stdout) as LoadResult
}

const servers: ChildProcess[] = []

async function start(file: string, args: readonly string[], env: NodeJS.ProcessEnv, port: number): Promise<void> {
  const argv = [...process.execArgv, join(HERE, 'servers', file), String(port), ...args]
  servers.push(
    spawn(process.execPath, argv, { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...env } }),
  )
  for (let tries = 0; tries < 200; tries++) {
    const up = await fetch(`http://127.0.0.1:${port}/`).then(
      () => true,
      () => false,
    )
    if (up) return
    await delay(100)
  }
  throw new Error(`${file} does not answer`)
}

/** All three servers stay up; each round loads them one after the other, so that what disturbs one disturbs all. */
async function measure(): Promise<{ readonly rounds: readonly Round[]; readonly cold: LoadResult }> {
  const seconds = Number(options.seconds)
  const cold = await load({ port: PORTS.doverie, seconds: 5, compare: true, inOrder: true })
  // Every person is read at least once; the others get as much warming as they can use.
  for (let read = cold.requests; read < people; ) {
    read += (await load({ port: PORTS.doverie, seconds: 10, compare: true, inOrder: true, from: read })).requests
    if (read > 20 * people) break
  }
  await load({ port: PORTS.bare, seconds, compare: true, inOrder: false })
  await load({ port: PORTS.hello, seconds: 3, compare: false, inOrder: false })
  const measured: Round[] = []
  for (let round = 0; round < rounds; round++) {
    const hello = await load({ port: PORTS.hello, seconds, compare: false, inOrder: false })
    const bare = await load({ port: PORTS.bare, seconds, compare: true, inOrder: false })
    const doverie = await load({ port: PORTS.doverie, seconds, compare: true, inOrder: false })
    measured.push({ hello, bare, doverie })
    process.stderr.write(`  round ${round + 1} of ${rounds}\n`)
  }
  return { rounds: measured, cold }
}

async function main(): Promise<number> {
  await mkdir(options.data, { recursive: true })
  const installation = await openBench(options.data)
  try {
    await seed(installation, options.data, people, POLICY)
    const env = { BENCH_URL: installation.dataUrl, BENCH_KEYSTORE_URL: installation.keystoreUrl }
    await start('doverie.ts', [installation.keysDir, POLICY], env, PORTS.doverie)
    const size = (await load({ port: PORTS.doverie, seconds: 1, compare: true, inOrder: true }, 1)).bytes
    await start('bare.ts', [], env, PORTS.bare)
    await start('hello.ts', [String(size)], env, PORTS.hello)
    const measured = await measure()
    const { table, json, sound } = report(measured.rounds, measured.cold, {
      people,
      connections: Number(options.connections),
    })
    await writeFile(join(options.data, 'latest.json'), JSON.stringify(json, null, 2))
    process.stdout.write(table)
    return sound ? 0 : 1
  } finally {
    for (const server of servers) server.kill('SIGTERM')
    await delay(500)
    await installation.close()
  }
}

process.exitCode = await main()
