// How long `doverie policy simulate` takes over a million recorded decisions. Started by `node scripts/run.mjs simulate`.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { parseBundle, type Policy, showSimulation } from '@doverie/core/policy'
import { readBundle } from '@doverie/server/bundle-files'
import { openOffline } from '@doverie/server/offline'
import { countClauses, currentPolicy, policyMatrix, simulatePolicy } from '@doverie/vault'
import { openBench } from './seed.ts'
import { generateLedger } from './testing/generated-ledger.ts'

const HERE = fileURLToPath(new URL('.', import.meta.url))
const POLICY = join(HERE, '../policies/netrack')
const GOAL = 30
const { values: options } = parseArgs({
  options: {
    people: { type: 'string', default: '10000' },
    entries: { type: 'string', default: '1000000' },
    days: { type: 'string', default: '30' },
    data: { type: 'string', default: join(HERE, '.data/simulate') },
  },
})
const shape = { people: Number(options.people), entries: Number(options.entries), days: Number(options.days) }

/** The shipped policy without billing in any list of actors, and with other words in every document of a consent. */
async function otherPolicy(): Promise<Policy> {
  const files = new Map(await readBundle(POLICY))
  const rules = files.get('rules.yaml') ?? ''
  const parsed = parseBundle(files.set('rules.yaml', rules.replaceAll(/(actors: \[[^\]]*)\bbilling, /g, '$1')))
  if (!parsed.ok) throw new Error('the changed policy does not parse')
  const forms = [...parsed.value.forms].map(([id, form]) => {
    const consents = form.consents.map((one) => ({ ...one, document: { ru: `${id} иначе`, en: `${id} otherwise` } }))
    return [id, { ...form, consents }] as const
  })
  return { ...parsed.value, forms: new Map(forms) }
}

/** Seconds of the clock, and of this process's processor time. */
async function timed<T>(
  work: () => Promise<T>,
): Promise<{ readonly value: T; readonly wall: number; readonly cpu: number }> {
  const begun = performance.now()
  const before = process.cpuUsage()
  const value = await work()
  const { user, system } = process.cpuUsage(before)
  return { value, wall: (performance.now() - begun) / 1000, cpu: (user + system) / 1e6 }
}

async function main(): Promise<number> {
  await rm(options.data, { recursive: true, force: true })
  const installation = await openBench(options.data)
  try {
    const vault = await openOffline(installation, POLICY, 'bench.example/log')
    const policy = currentPolicy(vault)
    if (policy === null) throw new Error('no policy')
    try {
      await generateLedger(vault, policy, shape)
      const now = vault.now()
      const request = { caller: null, policy: await otherPolicy(), from: now - (shape.days + 1) * 86_400_000, to: now }
      const simulated = await timed(() => simulatePolicy(vault, request))
      const counted = await timed(async () => {
        while (await countClauses(vault));
        return policyMatrix(vault, policy, null)
      })
      const { replayed, entries } = simulated.value
      process.stdout.write(`${showSimulation(simulated.value, 'en')}\n`)
      const line = (what: string, { wall, cpu }: { readonly wall: number; readonly cpu: number }): string =>
        `${what}: ${wall.toFixed(1)} s, of which this process worked ${cpu.toFixed(1)} s\n`
      process.stdout.write(
        line(`${entries} entries of ${shape.people} people in ${shape.days} days simulated`, simulated),
      )
      process.stdout.write(line(`${counted.value.counted} entries counted for the matrix`, counted))
      // A smaller ledger says nothing of the goal.
      const met = entries < 1_000_000 || simulated.wall < GOAL
      if (entries >= 1_000_000) process.stdout.write(`goal: 1,000,000 in under ${GOAL} s: ${met ? 'met' : 'not met'}\n`)
      const sound = entries === shape.entries && replayed.compared === entries
      return met && sound ? 0 : 1
    } finally {
      await vault.close()
    }
  } finally {
    await installation.close()
  }
}

process.exitCode = await main()
