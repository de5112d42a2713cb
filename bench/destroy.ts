// What a destruction costs, alone and in a batch, what a look through everybody, a backup and a restore cost, what an epoch's end
// costs, and how many reads go on during a rotation.
// Started by `node scripts/run.mjs destroy`.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { openOffline } from '@doverie/server/offline'
import {
  authenticateCredential,
  type Caller,
  destroyAll,
  destroyData,
  endEpoch,
  GENTLY,
  integrateLedger,
  openFields,
  type Pace,
  planDestructions,
  resting,
  rotateCells,
  rotatePeople,
  type Vault,
} from '@doverie/vault'
import { measureCopies } from './copies.ts'
import { fill } from './filler.ts'
import { openBench, seed } from './seed.ts'
import { percentile, timed } from './timing.ts'

const HERE = fileURLToPath(new URL('.', import.meta.url))
const POLICY = join(HERE, '../policies/netrack')
const DPO = { kind: 'staff', name: 'dpo', staff: '00000000-0000-4000-8000-000000000001', pseudonym: 'bench' } as const
const { values: options } = parseArgs({
  options: {
    people: { type: 'string', default: '10000' },
    single: { type: 'string', default: '200' },
    batch: { type: 'string', default: '1000' },
    filler: { type: 'string', default: '0' },
    data: { type: 'string', default: join(HERE, '.data/destroy') },
  },
})
const [people, single, batch] = [Number(options.people), Number(options.single), Number(options.batch)]
/** People beyond those collected, put in as rows: an epoch's end and a rotation, which would open their keys, are left out then. */
const filler = Number(options.filler)

/** Milliseconds that readers read alone, or beside a rotation, before it changes. */
const SLICE = 1_000

const requestFor = (subject: string) => ({ subject, entity: 'start', ticket: 'T-1', compartments: null })

/**
 * Reads a second by eight readers while a rotation goes on, and in the slices in between for which it is held: so both are
 * measured in the same minutes of the machine. A held rotation ends the step that it is at; its slice begins after that.
 */
async function readsAlong(
  vault: Vault,
  caller: Caller,
  subjects: readonly string[],
  rotate: (pace: Pace) => Promise<unknown>,
): Promise<{ readonly alone: number; readonly beside: number; readonly failed: number }> {
  const slices = { alone: { reads: 0, ms: 0 }, beside: { reads: 0, ms: 0 } }
  let slice: keyof typeof slices = 'alone'
  let [failed, ended] = [0, false]
  const reader = async (from: number): Promise<void> => {
    for (let i = from; !ended; i += 8) {
      const subject = subjects[i % subjects.length] ?? ''
      const request = { subject, purpose: 'identification', entity: 'start', fields: ['email'] }
      const permitted = await openFields(vault, caller, request).then(
        ({ decision }) => decision.effect === 'permit',
        () => false,
      )
      if (permitted) slices[slice].reads += 1
      else failed += 1
    }
  }
  const readers = Array.from({ length: 8 }, (_, i) => reader(i))
  let begun = performance.now()
  const next = (to: keyof typeof slices): void => {
    const now = performance.now()
    slices[slice].ms += now - begun
    begun = now
    slice = to
  }
  const gently = resting(GENTLY)
  await delay(SLICE)
  next('beside')
  await rotate(async (step) => {
    if (performance.now() - begun >= SLICE) {
      next('alone')
      await delay(SLICE)
      next('beside')
    }
    return gently(step)
  })
  next('alone')
  ended = true
  await Promise.all(readers)
  const rate = ({ reads, ms }: { reads: number; ms: number }): number => Math.round((reads * 1000) / ms)
  return { alone: rate(slices.alone), beside: rate(slices.beside), failed }
}

type Say = (line: string) => void

async function measureDestruction(vault: Vault, subjects: readonly string[], staying: number, say: Say): Promise<void> {
  const times: number[] = []
  for (const subject of subjects.slice(staying, staying + single)) {
    times.push(await timed(() => destroyData(vault, DPO, requestFor(subject))))
  }
  times.sort((a, b) => a - b)
  const all = people + filler
  say(`${all} people; one destroyed: p50 ${percentile(times, 0.5)} ms, p99 ${percentile(times, 0.99)} ms (${single})`)
  const together = await timed(() => destroyAll(vault, DPO, subjects.slice(-batch).map(requestFor)))
  say(`${batch} destroyed together: ${(together / batch).toFixed(1)} ms each, ${(together / 1000).toFixed(1)} s`)
  say(`everybody looked through for what nothing keeps: ${await seconds(() => planDestructions(vault, 14))} s`)
}

async function measureRotations(vault: Vault, token: string, staying: readonly string[], say: Say): Promise<void> {
  const caller = await authenticateCredential(vault, token)
  if (caller === null) throw new Error('the credential of the bench is not known')
  say(`the epoch's end: ${await seconds(() => endEpoch(vault))} s`)
  const before = Date.now() + 1
  const rotations: readonly (readonly [string, (pace: Pace) => Promise<unknown>])[] = [
    ['cells', (pace) => rotateCells(vault, before, { pace })],
    ['people', (pace) => rotatePeople(vault, before, { pace })],
    ['root and index', (pace) => endEpoch(vault, { pace })],
  ]
  for (const [name, rotate] of rotations) {
    const { alone, beside, failed } = await readsAlong(vault, caller, staying, rotate)
    say(`reads while rotating ${name}: ${(beside / alone).toFixed(2)} × (${beside}/s of ${alone}/s), ${failed} failed`)
  }
}

async function seconds(work: () => Promise<unknown>): Promise<string> {
  return ((await timed(work)) / 1000).toFixed(1)
}

async function main(): Promise<void> {
  const installation = await openBench(options.data)
  const folder = options.data
  const say = (line: string): void => void process.stdout.write(`${line}\n`)
  try {
    const { subjects, token } = await seed(installation, folder, people, POLICY)
    const staying = subjects.slice(0, subjects.length - single - batch)
    const [first] = staying
    if (first === undefined) throw new Error('more people are needed than are destroyed')
    if (filler > 0) await fill(installation, first, filler)
    const vault = await openOffline(installation, POLICY, 'bench.example/log', {})
    try {
      while ((await integrateLedger(vault)).more);
      await measureDestruction(vault, subjects, staying.length, say)
      if (filler === 0) await measureRotations(vault, token, staying, say)
    } finally {
      await vault.close()
    }
    for (const { kind, bytes, backup, restore } of await measureCopies(folder)) {
      const size = `${(bytes / 1_048_576).toFixed(0)} MB`
      say(
        `${kind === 'keys' ? 'key store' : 'data'}: backup ${backup.toFixed(0)} s, ${size}; restore ${restore.toFixed(0)} s`,
      )
    }
  } finally {
    await installation.close()
  }
}

await main()
