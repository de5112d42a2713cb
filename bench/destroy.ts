// What a destruction costs, alone and in a batch, what an epoch's end costs, and how many reads go on during a rotation.
// Started by `node scripts/run.mjs destroy`.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { openOffline } from '@doverie/server/offline'
import {
  authenticateCredential,
  type Caller,
  destroyAll,
  destroyData,
  endEpoch,
  openFields,
  rotateCells,
  rotatePeople,
  type Vault,
} from '@doverie/vault'
import { openBench, seed } from './seed.ts'

const HERE = fileURLToPath(new URL('.', import.meta.url))
const POLICY = join(HERE, '../policies/netrack')
const DPO = { kind: 'staff', name: 'dpo', staff: '00000000-0000-4000-8000-000000000001', pseudonym: 'bench' } as const
const { values: options } = parseArgs({
  options: {
    people: { type: 'string', default: '10000' },
    single: { type: 'string', default: '200' },
    batch: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '5' },
    data: { type: 'string', default: join(HERE, '.data/destroy') },
  },
})
const [people, single, batch] = [Number(options.people), Number(options.single), Number(options.batch)]

const requestFor = (subject: string) => ({ subject, entity: 'start', ticket: 'T-1', compartments: null })

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await work()
  return performance.now() - begun
}

/** Reads a second by eight readers while something goes on, or for some seconds. */
async function readsDuring(
  vault: Vault,
  caller: Caller,
  subjects: readonly string[],
  work: (() => Promise<unknown>) | null,
): Promise<{ readonly perSecond: number; readonly failed: number }> {
  let stopped = false
  let [reads, failed] = [0, 0]
  const reader = async (from: number): Promise<void> => {
    for (let i = from; !stopped; i += 8) {
      const subject = subjects[i % subjects.length] ?? ''
      const request = { subject, purpose: 'identification', entity: 'start', fields: ['email'] }
      await openFields(vault, caller, request).then(
        ({ decision }) => {
          if (decision.effect === 'permit') reads += 1
          else failed += 1
        },
        () => {
          failed += 1
        },
      )
    }
  }
  const begun = performance.now()
  const readers = Array.from({ length: 8 }, (_, i) => reader(i))
  if (work === null) await new Promise((done) => setTimeout(done, Number(options.seconds) * 1000))
  else await work()
  stopped = true
  await Promise.all(readers)
  return { perSecond: Math.round((reads * 1000) / (performance.now() - begun)), failed }
}

function percentile(sorted: readonly number[], share: number): string {
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN).toFixed(1)
}

async function main(): Promise<void> {
  const installation = await openBench(options.data)
  const folder = options.data
  try {
    const { subjects, token } = await seed(installation, folder, people, POLICY)
    const vault = await openOffline(installation, POLICY, 'bench.example/log')
    const say = (line: string): void => void process.stdout.write(`${line}\n`)
    try {
      const caller = await authenticateCredential(vault, token)
      if (caller === null) throw new Error('the credential of the bench is not known')
      const staying = subjects.slice(0, subjects.length - single - batch)
      const times: number[] = []
      for (const subject of subjects.slice(staying.length, staying.length + single)) {
        times.push(await timed(() => destroyData(vault, DPO, requestFor(subject))))
      }
      times.sort((a, b) => a - b)
      say(
        `${people} people; one destroyed: p50 ${percentile(times, 0.5)} ms, p99 ${percentile(times, 0.99)} ms (${single})`,
      )
      const together = await timed(() => destroyAll(vault, DPO, subjects.slice(-batch).map(requestFor)))
      say(`${batch} destroyed together: ${(together / batch).toFixed(1)} ms each, ${(together / 1000).toFixed(1)} s`)
      say(`the epoch's end: ${((await timed(() => endEpoch(vault))) / 1000).toFixed(1)} s`)
      const rotations: readonly (readonly [string, () => Promise<unknown>])[] = [
        ['cells', () => rotateCells(vault, Date.now() + 1)],
        ['people', () => rotatePeople(vault, Date.now() + 1)],
        ['root and index', () => endEpoch(vault)],
      ]
      for (const [name, work] of rotations) {
        const before = await readsDuring(vault, caller, staying, null)
        const during = await readsDuring(vault, caller, staying, work)
        const ratio = (during.perSecond / before.perSecond).toFixed(2)
        say(
          `reads while rotating ${name}: ${ratio} × (${during.perSecond}/s of ${before.perSecond}/s), ${during.failed} failed`,
        )
      }
    } finally {
      await vault.close()
    }
  } finally {
    await installation.close()
  }
}

await main()
