// What the register of requests costs: how long a letter takes to be registered, one after another and eight at a time, and how long
// a page of the queue takes at the API of the real server, with few requests open and then with many. Started by
// `node scripts/run.mjs requests`.
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { REQUEST_KINDS } from '@doverie/core/base'
import type { QueuePage } from '@doverie/core/contract'
import { openOffline } from '@doverie/server/offline'
import { type Caller, firstStaffLink, integrateLedger, registerLetter, type Vault } from '@doverie/vault'
import { clearCopies, fillRegister } from './register-filler.ts'
import { openBench, seed, type BenchInstallation } from './seed.ts'
import { percentile, timed } from './timing.ts'

const HERE = fileURLToPath(new URL('.', import.meta.url))
const POLICY = join(HERE, '../policies/netrack')
const PORT = 8475
const OWNERS = ['staff', 'person', 'system']
const DPO = { kind: 'staff', name: 'dpo', staff: '00000000-0000-4000-8000-000000000001', pseudonym: 'bench' } as const
const { values: options } = parseArgs({
  options: {
    open: { type: 'string', default: '100000' },
    people: { type: 'string', default: '300' },
    letters: { type: 'string', default: '300' },
    pages: { type: 'string', default: '200' },
    data: { type: 'string', default: join(HERE, '.data/requests') },
  },
})
const [open, people, letters, pages] = [options.open, options.people, options.letters, options.pages].map(Number) as [
  number,
  number,
  number,
  number,
]
const say = (line: string): void => void process.stdout.write(`${line}\n`)

/** Times of so much work, `at` of it under way at once, sorted. */
async function times(
  count: number,
  at: number,
  work: (number: number) => Promise<unknown>,
): Promise<readonly number[]> {
  const found: number[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    for (let number = next++; number < count; number = next++) found.push(await timed(() => work(number)))
  }
  await Promise.all(Array.from({ length: at }, worker))
  return found.sort((a, b) => a - b)
}

/** Letters of every kind in turn: on paper by staff, and by signed-in people at the portal. */
async function intake(vault: Vault, subjects: readonly string[], at: number): Promise<readonly number[]> {
  return times(letters, at, async (number) => {
    const subject = subjects[number % subjects.length] ?? ''
    const kinds = [REQUEST_KINDS[number % REQUEST_KINDS.length] ?? 'feedback']
    const portal = Math.floor(number / REQUEST_KINDS.length) % 2 === 0
    const caller: Caller = portal ? { kind: 'subject', subject, proved: ['email'] } : DPO
    const sender = { name: 'Анна', address: 'Тверь' }
    await registerLetter(vault, caller, { channel: portal ? 'portal' : 'paper', subject, kinds, text: 'прошу', sender })
  })
}

async function measureIntake(vault: Vault, subjects: readonly string[]): Promise<void> {
  for (const at of [1, 8]) {
    let sorted: readonly number[] = []
    const whole = await timed(async () => {
      sorted = await intake(vault, subjects, at)
    })
    say(`  intake, ${at} at a time: ${spread(sorted)}, ${Math.round((letters * 1000) / whole)}/s`)
  }
  while ((await integrateLedger(vault)).more);
}

function spread(sorted: readonly number[]): string {
  return `p50 ${percentile(sorted, 0.5)} ms, p95 ${percentile(sorted, 0.95)} ms, p99 ${percentile(sorted, 0.99)} ms`
}

type Get = (path: string) => Promise<Response>

/** Signs the first officer in; gives what asks for a page in their name. */
async function signIn(vault: Vault, url: string): Promise<Get> {
  const link = await firstStaffLink(vault)
  const entered = await fetch(`${url}/v1/enter`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({ token: link?.path.split('#')[1] }),
  })
  const cookie = entered.headers.get('set-cookie')?.split(';')[0]
  if (!entered.ok || cookie === undefined) throw new Error('the officer was not let in')
  return async (path) => {
    const ask = (): Promise<Response> => fetch(`${url}${path}`, { headers: { cookie } })
    // A connection that was idle may be closed in the moment it is used.
    const answer = await ask().catch(ask)
    if (!answer.ok) throw new Error(`a page was answered with ${answer.status}`)
    return answer
  }
}

/** Goes through the whole queue; gives the places of its pages, and how many requests it found. */
async function walk(get: Get): Promise<{ readonly places: readonly string[]; readonly found: number }> {
  const places: string[] = []
  let found = 0
  for (let after: string | null = null; ; ) {
    const answer = await get(`/v1/requests${after === null ? '' : `?after=${after}`}`)
    const page = (await answer.json()) as QueuePage
    found += page.requests.length
    if (page.next === null) return { places, found }
    places.push(page.next)
    after = page.next
  }
}

/** The 95th percentile of every sort of page, in milliseconds, printed as it is measured. */
async function measurePages(get: Get): Promise<ReadonlyMap<string, number>> {
  let whole: Awaited<ReturnType<typeof walk>> = { places: [], found: 0 }
  const walked = await timed(async () => {
    whole = await walk(get)
  })
  const { places, found } = whole
  say(`  ${found} open in ${places.length + 1} pages, gone through in ${(walked / 1000).toFixed(1)} s`)
  const sorts: readonly (readonly [string, (number: number) => string])[] = [
    ['first', () => '/v1/requests'],
    ['further', (number) => `/v1/requests?after=${places[(number * 7919) % places.length] ?? ''}`],
    ['overdue', () => '/v1/requests?overdue=true'],
    ['by kind', (number) => `/v1/requests?kind=${kindAt(number)}`],
    ['by owner', (number) => `/v1/requests?owner=${ownerAt(number)}`],
    ['by kind and owner', (number) => `/v1/requests?kind=${kindAt(number)}&owner=${ownerAt(Math.floor(number / 15))}`],
    ['console', () => '/console/requests'],
  ]
  const slow = new Map<string, number>()
  for (const [name, pathOf] of sorts) {
    for (const at of [1, 8]) {
      const sorted = await times(pages, at, async (number) => (await get(pathOf(number))).text())
      if (at === 1) slow.set(name, Number(percentile(sorted, 0.95)))
      say(`  ${name}, ${at} at a time: ${spread(sorted)}`)
    }
  }
  return slow
}

function kindAt(number: number): string {
  return REQUEST_KINDS[number % REQUEST_KINDS.length] ?? ''
}

function ownerAt(number: number): string {
  return OWNERS[number % OWNERS.length] ?? ''
}

async function start(installation: BenchInstallation): Promise<ChildProcess> {
  const { dataUrl, keystoreUrl, keysDir } = installation
  const server = spawn(process.execPath, [join(HERE, 'servers/doverie.ts'), String(PORT), keysDir, POLICY], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, BENCH_URL: dataUrl, BENCH_KEYSTORE_URL: keystoreUrl },
  })
  for (let tries = 0; tries < 300; tries++) {
    const up = await fetch(`http://127.0.0.1:${PORT}/healthz`).then(
      () => true,
      () => false,
    )
    if (up) return server
    await delay(100)
  }
  throw new Error('the server does not answer')
}

async function main(): Promise<void> {
  const installation = await openBench(options.data)
  try {
    const { subjects } = await seed(installation, options.data, people, POLICY)
    await clearCopies(installation.dataUrl)
    const vault = await openOffline(installation, POLICY, 'bench.example/log')
    const server = await start(installation)
    try {
      const get = await signIn(vault, `http://127.0.0.1:${PORT}`)
      say('few open')
      await measureIntake(vault, subjects)
      const few = await measurePages(get)
      await fillRegister(installation.dataUrl, open)
      say(`${open} more open`)
      await measureIntake(vault, subjects)
      const many = await measurePages(get)
      for (const [name, before] of few) {
        const now = many.get(name) ?? NaN
        say(`${name}: p95 ${(now / before).toFixed(2)} × that of few, ${now < 50 ? 'met' : 'not met'} (goal < 50 ms)`)
      }
    } finally {
      server.kill('SIGTERM')
      await new Promise((gone) => server.once('exit', gone))
      await vault.close()
    }
  } finally {
    await installation.close()
  }
}

await main()
